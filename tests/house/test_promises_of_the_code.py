"""House rules that a reader would otherwise have to check by eye."""

import ast
import importlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from hubs.parts.services import ServicePart
from hubs.topics import HEARS
from mathshubs.events import Spoken, catalogue, reasons
from mathshubs.events.enrolment.intake import RoutedBy
from mathshubs.events.enrolment.participation import Vacated
from mathshubs.events.spoken import Mode

ROOT = Path(__file__).parents[2]
CODE = [path for room in ("services", "shared", "deploy") for path in sorted((ROOT / room).rglob("*.py"))]
TRACKED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split()
SERVICES = ("enrolment", "scheduling", "notification", "reporting")
LONGEST_MODULE, LONGEST_FUNCTION = 300, 50


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Return each module of ours as a tree."""
    for path in CODE:
        yield path.relative_to(ROOT), ast.parse(path.read_text())


def calls(name: str) -> list[str]:
    """Return where a method called `name` is called."""
    return [
        f"{path}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    ]


def made(name: re.Pattern[str]) -> set[str]:
    """Return where anything is called whose name fits, such as a class of which one is made."""
    return {
        f"{path}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name.search(ast.unparse(node.func))
    }


CLIENTS = re.compile(r"(Consumer|KafkaBroker|KafkaRouter)$")


def test_nothing_is_heard_but_through_the_inbox() -> None:
    """FastStream's own defaults, and any consumer beside it, lose what is being handled when a process dies."""
    assert calls("subscriber") == ["shared/mathshubs/inbox.py"]
    assert {place for place in made(CLIENTS) if place.startswith(("services", "shared"))} == {"shared/mathshubs/bus.py"}
    listening = {place for method in ("subscribe", "assign") for place in calls(method)}
    assert {place for place in listening if place.startswith(("services", "shared"))} == {
        f"services/{service}/listen.py" for service in SERVICES
    }
    assert {
        text
        for path in CODE
        if path.name == "listen.py"
        for text in re.findall(r"\w+(?=\.subscribe\()", path.read_text())
    } == {"inbox"}


def test_nothing_is_published_but_by_the_relay() -> None:
    """What is published beside the outbox is lost, or said of something that never happened."""
    publishing = {place for name in ("send", "send_and_wait", "send_batch", "publish") for place in calls(name)}

    assert {place for place in publishing if place.startswith(("services", "shared"))} == {
        "shared/mathshubs/sending.py",
        "shared/mathshubs/offsets.py",  # asks a broker which cluster it is of; no record
        "services/enrolment/duties/tick.py",  # keeps compaction going on people.current; no fact
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_listener_knows_only_what_stands_in_its_table(service: str) -> None:
    """What a service depends on of others can be read off one table."""
    listener = importlib.import_module(f"{service}.listen")
    source = ast.parse(Path(str(listener.__file__)).read_text())
    spoken = {kind.__name__: kind for kind in catalogue().values()}
    named = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(source)
        if isinstance(node, ast.Attribute | ast.Name)
    }
    in_table = {kind.__name__ for kind in listener.HEARD}

    assert (named & set(spoken)) - in_table - {"Event", "Person"} == set()


def test_each_service_may_read_just_what_it_hears() -> None:
    """The access lists on Kafka and the listeners' topics are two sides of one table."""
    for service, allowed in HEARS.items():
        listener = importlib.import_module(f"{service}.listen")
        assert set(listener.TOPICS) == set(allowed), service


def test_no_service_reads_the_machines_clock() -> None:
    """A demo drives the clock; whoever reads another one is late, or early, by a year."""
    wall = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|\btime\.time\(\)")
    found = [
        str(path.relative_to(ROOT))
        for path in CODE
        if wall.search(path.read_text()) and not path.is_relative_to(ROOT / "deploy")
    ]

    assert found == ["shared/mathshubs/clock.py"]


def test_services_run_on_pythons_own_loop() -> None:
    """Where a connection broke, uvloop raises what aiokafka does not expect, and a service never hears again."""
    argv = ServicePart("enrolment", 1, {}).prepare().argv

    assert argv[argv.index("--loop") + 1] == "asyncio"
    assert "--loop asyncio" in (ROOT / "deploy/docker/Dockerfile").read_text()
    assert "uvloop" not in (ROOT / "requirements.lock").read_text()


def test_rooms_stay_small() -> None:
    """A module of 300 lines, or a function of 50, wants to be two."""
    long_modules = [str(p.relative_to(ROOT)) for p in CODE if len(p.read_text().splitlines()) > LONGEST_MODULE]
    long_functions = [
        f"{path}:{node.name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]

    assert (long_modules, long_functions) == ([], [])


EMPTY = {"manager", "managers", "util", "utils", "helper", "helpers", "base", "data", "info", "process", "handle"}
EMPTY |= {"core", "common", "misc"}
OTHERS = {"handle_DATA", "handle_RCPT"}  # aiosmtpd asks for them by these names


def test_names_say_what_things_are() -> None:
    """These words fit anything, so they say nothing. A service is one of the four, and may be named so."""
    named = {f"{path}": path.stem for path, _ in trees()}
    named |= {f"{path}:{node.lineno} {name}": name for path, tree in trees() for node, name in names(tree)}

    assert [where for where, name in named.items() if EMPTY & words(name) and name not in OTHERS] == []


def names(tree: ast.Module) -> Iterator[tuple[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.arg, str]]:
    """Return each class, function and parameter with its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, node.name
        elif isinstance(node, ast.arg):
            yield node, node.arg


def words(name: str) -> set[str]:
    """Return the words that a name is made of."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


@pytest.mark.parametrize("name", ["data", "EventHandle", "process_rows", "DataBase", "core_topics", "HTTPHelpers"])
def test_an_empty_name_is_seen(name: str) -> None:
    """However it is spelled."""
    assert EMPTY & words(name)


def test_rules_are_pure() -> None:
    """A rule that waits, logs or reads a clock cannot be tried with plain values, or replayed."""
    impure = re.compile(r"\bawait\b|\basync\b|get_logger|clock\.(now|today)|new_id\(|asyncpg|random")
    rules = [p for p in CODE if "domain" in {p.stem, *p.parts}]

    assert [str(p.relative_to(ROOT)) for p in rules if impure.search(p.read_text())] == []
    assert rules


def test_every_code_that_a_rule_says_has_words() -> None:
    """A hub's integrator reads what to do about it; a code that was mistyped would be its own explanation."""
    nouns = ("participation", "people", "schools", "specialists", "intake")
    rules = [ROOT / "services/enrolment" / noun for noun in nouns]
    rules += [ROOT / "services/scheduling/meetings", ROOT / "services/scheduling/registers"]
    code = re.compile(r"[a-z]+(-[a-z]+)+")
    said = {
        node.value
        for path in CODE
        if any(path.is_relative_to(noun) for noun in rules) and "domain" in {path.stem, *path.parts}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and code.fullmatch(node.value)
    }

    codes_of_facts = {*get_args(Mode), *get_args(RoutedBy), *get_args(Vacated)}
    assert [one for one in said - codes_of_facts if reasons.words(one) == one] == []
    assert "already-taking-part" in said


def test_nothing_is_left_for_later() -> None:
    """A stub called done is worse than a missing feature."""
    later = re.compile(r"NotImplementedError|\bTODO\b|FIXME|\bXXX\b|for now|in a real (system|build|deployment)")

    assert [str(p.relative_to(ROOT)) for p in CODE if later.search(p.read_text())] == []


def test_tests_neither_sleep_nor_pretend() -> None:
    """A test that sleeps is slow or flaky; one that fakes our own code tests the fake."""
    bad = re.compile(
        r"(time|asyncio)\.sleep\(|MagicMock|AsyncMock|mock\.patch|monkeypatch\.setattr|mark\.(skip|xfail)|pytest\.skip\("
    )
    tests = [p for p in (ROOT / "tests").rglob("*.py") if p != Path(__file__)]

    assert [str(p.relative_to(ROOT)) for p in tests if bad.search(p.read_text())] == []


def test_the_project_speaks_only_of_itself() -> None:
    """No path of a machine it was built on, and no host that packages are fetched from."""
    foreign = re.compile(
        r"/work/(main|shared)|/root/|/tmp/brief|pypi\.org|registry\.npmjs|repo1?\.maven|files\.pythonhosted"
    )
    texts = [
        ROOT / name for name in TRACKED if (ROOT / name).is_file() and name != f"tests/house/{Path(__file__).name}"
    ]
    found = [str(p.relative_to(ROOT)) for p in texts if foreign.search(p.read_text(errors="replace"))]

    assert found == []


def test_every_link_in_the_documents_leads_somewhere() -> None:
    """A newcomer who follows one must arrive."""
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    broken = [
        f"{name}: {target}"
        for name in TRACKED
        if name.endswith(".md")
        for target in link.findall((ROOT / name).read_text())
        if not (ROOT / name).parent.joinpath(target).exists()
    ]

    assert broken == []


def test_every_public_thing_says_what_it_promises() -> None:
    """The linter asks for docstrings; a model's must also say something."""
    assert [kind.__name__ for kind in catalogue().values() if not (kind.__doc__ or "").strip()] == []
    assert issubclass(Spoken, BaseModel)
