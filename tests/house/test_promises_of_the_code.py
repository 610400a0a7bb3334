"""House rules that a reader would otherwise have to check by eye."""

import ast
import importlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from hubs.topics import HEARS
from mathshubs.events import Event, Spoken, catalogue
from mathshubs.events.enrolment.people import Person

ROOT = Path(__file__).parents[2]
CODE = [path for room in ("services", "shared", "deploy") for path in sorted((ROOT / room).rglob("*.py"))]
TRACKED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split()
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


def test_every_subscriber_is_made_by_the_inbox() -> None:
    """FastStream's own defaults lose what is being handled when a process dies."""
    assert calls("subscriber") == ["shared/mathshubs/inbox.py"]


def test_nothing_is_published_but_by_the_relay() -> None:
    """What is published beside the outbox is lost, or said of something that never happened."""
    publishing = set(calls("send")) | set(calls("send_and_wait")) | set(calls("publish"))

    assert {place for place in publishing if place.startswith(("services", "shared"))} <= {
        "shared/mathshubs/relay.py",
        "services/enrolment/duties/tick.py",  # keeps compaction going on people.current; no fact
    }


PUBLIC_WORDS = {
    "WorkGroupFormed.name": "a Work Group's public name",
    "MeetingScheduled.work_group_name": "a Work Group's public name",
    "MeetingScheduled.place": "where it is: a calendar entry needs it",
    "HubRegistered.name": "a hub's public name",
    "HubRegistered.code": "a hub's code",
    "HubRegistered.region": "a region of England",
    "ApiKeyIssued.code": "a hub's code",
    "ApiKeyRevoked.code": "a hub's code",
    "MeetingRescheduled.reason": "a code",
    "WorkGroupFormed.policy": "a policy's name",
}
CODES = {"flags", "reasons", "hub", "school_year", "scrubbed"}
PERSONAL = re.compile(
    r"(^|_)(e?mail|address|phone|trn|first|last|surname|forename|note|focus|actions|url|names?_of)(_|$)"
)


def words_in(kind: type[Spoken]) -> Iterator[str]:
    """Return the fields of a fact that can hold any words."""
    for name, field in kind.model_fields.items():
        if name not in CODES and "str" in str(field.annotation) and not field.metadata:
            yield f"{kind.__name__}.{name}"


def test_no_fact_has_room_for_personal_data() -> None:
    """The log of facts is kept for ever: each field that can hold words is public, with its reason."""
    facts = [kind for kind in catalogue().values() if issubclass(kind, Event)]
    schools = {word for kind in facts for word in words_in(kind) if "School" in kind.__name__}

    assert {word for kind in facts for word in words_in(kind)} - schools <= set(PUBLIC_WORDS)
    assert [f"{k.__name__}.{n}" for k in facts for n in k.model_fields if PERSONAL.search(n)] == []


def test_people_current_never_carries_a_trn() -> None:
    """Names and addresses travel there alone, and a teacher's number nowhere."""
    assert set(Person.model_fields) == {"person_id", "name", "email", "school_urn", "roles", "hub", "version"}


@pytest.mark.parametrize("service", ["enrolment", "scheduling", "notification", "reporting"])
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


def test_names_say_what_things_are() -> None:
    """These words fit anything, so they say nothing."""
    empty = re.compile(r"(^|_)(managers?|utils?|helpers?|services?_?base|base|common|misc|core)(_|$)", re.IGNORECASE)
    names = [str(path.relative_to(ROOT)) for path in CODE if empty.search(path.stem)]
    names += [
        f"{path}:{node.name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and re.search(r"Manager|Util|Helper|Base[A-Z]", node.name)
    ]

    assert names == []


def test_rules_are_pure() -> None:
    """A rule that waits, logs or reads a clock cannot be tried with plain values, or replayed."""
    impure = re.compile(r"\bawait\b|\basync\b|get_logger|clock\.(now|today)|new_id\(|asyncpg|random")
    rules = [p for p in CODE if p.name == "domain.py" or p.parent.name == "domain"]

    assert [str(p.relative_to(ROOT)) for p in rules if impure.search(p.read_text())] == []
    assert rules


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
