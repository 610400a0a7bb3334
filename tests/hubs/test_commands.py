"""The operator's commands on a running system: in its home, and from elsewhere, told by settings alone."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubs.home import Home
from hubs.launched import Launched
from hubs.wiring import Reach
from mathshubs.envelope import STRUCTURED
from mathshubs.settings import Settings
from mathshubs.testing import until
from sent import a_group, reported

EXTRACT = Path(__file__).parents[1] / "data/gias/edubasealldata20170701-extract.csv"
AMINA = {"person": "T-204", "name": "Amina Khan", "email": "amina.khan@oakpark.example"}


@dataclass(frozen=True)
class Elsewhere:
    """A system, and somebody who reaches it from an empty home with nothing but settings."""

    url: str
    told: dict[str, str]

    def run(self, *words: str, **told: str) -> "subprocess.CompletedProcess[str]":
        """Run `hubs` with these words."""
        command = [sys.executable, "-m", "hubs.cli", *words]
        env = {"PATH": os.environ["PATH"], **self.told, **told}
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=150, check=False)

    def reads(self, *words: str) -> dict[str, Any]:
        """Run `hubs` with these words and `--json`; return what it printed once all was well."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def report(self, report: dict[str, Any]) -> int:
        """Report as elm-ridge does, with the key in credentials.json; return the status."""
        keys = json.loads((Path(self.told["HUBS_HOME"]) / "credentials.json").read_text())["api_keys"]
        return _post(self.url, keys["elm-ridge"], report)


@pytest.fixture(scope="module")
def system(home: Home) -> Iterator[Launched]:
    """A whole system."""
    own = Home(home.root / "keys")
    with Launched(own) as running:
        yield running
    own.remove()


@pytest.fixture(scope="module")
def elsewhere(system: Launched, tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    """The same system, with commands that run in another home, as in a container of tools."""
    told = {
        "HUBS_HOME": str(tmp_path_factory.mktemp("tools")),
        "HUBS_KAFKA": str(Reach.of(system.home).kafka),
        "HUBS_SECRET": system.home.secrets["secret"],
        **{f"HUBS_{name.upper()}_POSTGRES": url for name, url in system.ready["postgres"].items()},
        **{f"HUBS_{name.upper()}_URL": url for name, url in system.ready["http"].items()},
    }
    return Elsewhere(system.ready["url"], told)


def test_a_hub_reports_with_its_key_until_it_is_revoked(system: Launched) -> None:
    """From nothing to a report in one command; the key is in credentials.json, and a second one can replace it."""
    assert _keys(system).keys() == {"national"}

    _hubs(system, "hub", "add", "river-vale", "--name", "River Vale Maths Hub")
    first = _keys(system)["river-vale"]
    _hubs(system, "hub", "add", "river-vale", "--name", "River Vale Maths Hub")
    assert _keys(system)["river-vale"] == first
    assert _report(system, first) == 202
    assert _report(system, _keys(system)["national"]) == 403

    [listed] = [key for key in _hubs(system, "hub", "key", "list") if key["hub"] == "river-vale"]
    second = _hubs(system, "hub", "key", "issue", "river-vale")["key"]
    assert _hubs(system, "hub", "key", "revoke", listed["key_id"]) == {"key_id": listed["key_id"], "revoked": True}
    assert (_report(system, first), _report(system, second)) == (401, 202)

    unknown = _run(system, "hub", "key", "issue", "oak-rigde", "--json")
    assert (unknown.returncode, json.loads(unknown.stdout)["error"]["code"]) == (1, "unknown-hub")
    mistyped = _run(system, "hub", "key", "revoke", "river-vale")
    assert mistyped.returncode == 2
    shown = _run(system, "hub", "key", "list").stdout
    assert listed["key_id"] in shown
    assert first not in shown


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["hub", "add", "River Vale", "--name", "River Vale Maths Hub"], "bad-code"),
        (["hub", "add", "river-vale", "--name", "River Vale Maths Hub", "--region", "Wales"], "unknown-region"),
        (["hub", "add", "river-vale", "--name", "River Vale", "--local-authority", "Kent"], "bad-local-authority"),
    ],
)
def test_what_can_never_be_is_misuse_for_programs_too(system: Launched, words: list[str], code: str) -> None:
    """A program reads JSON, whatever comes of it; a region that no figure knows is refused like a bad code."""
    refused = _run(system, *words, "--json")

    assert (refused.returncode, refused.stderr, json.loads(refused.stdout)["error"]["code"]) == (2, "", code)


def test_without_a_running_system_the_way_to_start_one_is_said(own_home: Home) -> None:
    """Not a trace of Python."""
    command = [sys.executable, "-m", "hubs.cli", "hub", "key", "list"]
    env = {"HUBS_HOME": str(own_home.root)}

    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Start it with `hubs up`" in done.stderr


async def test_a_hub_is_let_in_and_a_person_forgotten_from_settings_alone(elsewhere: Elsewhere) -> None:
    """Under compose nobody has a home in which the system runs: every command of the operator still works."""
    assert elsewhere.reads("register", "import", str(EXTRACT))["added"] > 0
    elsewhere.reads("hub", "add", "elm-ridge", "--name", "Elm Ridge Maths Hub", "--region", "South East")
    assert elsewhere.report(a_group()) == 202
    assert elsewhere.report(reported("enrolment.PersonReported", AMINA)) == 202
    await until(lambda: _forgets(elsewhere), seconds=60)

    assert elsewhere.reads("dlq", "list") == {"letters": [], "left_off": 0}
    assert elsewhere.reads("parked", "list") == {"keys": []}
    assert elsewhere.reads("rebuild", "reporting")["equal"]
    assert elsewhere.reads("check")["ok"]


async def _forgets(elsewhere: Elsewhere) -> bool:
    """Have the person forgotten, once their report has been heard."""
    words = ("forget", f"elm-ridge:{AMINA['person']}", "--why", "asked us to", "--json")
    return elsewhere.run(*words).returncode == 0


def test_what_was_not_told_is_named(elsewhere: Elsewhere) -> None:
    """Half of the settings would work on half of the system."""
    refused = elsewhere.run("dlq", "list", HUBS_SECRET="", HUBS_REPORTING_POSTGRES="")

    assert refused.returncode == 2
    assert "Set HUBS_SECRET, HUBS_REPORTING_POSTGRES too" in refused.stderr


def test_a_service_reads_its_own_database_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """One file of settings may tell all four services alike."""
    monkeypatch.setenv("HUBS_ENROLMENT_POSTGRES", "postgresql://enrolment")
    monkeypatch.setenv("HUBS_REPORTING_POSTGRES", "postgresql://reporting")

    read = {service: Settings(service=service).postgres.get_secret_value() for service in ("enrolment", "reporting")}

    assert read == {service: f"postgresql://{service}" for service in read}
    assert (
        Settings(service="enrolment", postgres="postgresql://given").postgres.get_secret_value() == "postgresql://given"
    )


def _keys(system: Launched) -> dict[str, str]:
    keys: dict[str, str] = json.loads(system.home.credentials.read_text())["api_keys"]
    return keys


def _report(system: Launched, key: str) -> int:
    """Report a Work Group through the one origin, and return the status."""
    return _post(system.ready["url"], key, a_group())


def _post(origin: str, key: str, report: dict[str, Any]) -> int:
    headers = {"authorization": f"Bearer {key}", "content-type": STRUCTURED}
    return httpx.post(f"{origin}/v1/events", content=json.dumps(report), headers=headers, timeout=20).status_code


def _hubs(system: Launched, *words: str) -> Any:  # noqa: ANN401 -- what JSON holds
    done = _run(system, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _run(system: Launched, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "hubs.cli", *words]
    return subprocess.run(command, env=system.env, capture_output=True, text=True, timeout=60, check=False)
