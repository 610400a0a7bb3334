"""`hubs hub add` and `hubs hub key …` on a running system: who is let in can report, until the key is revoked."""

import json
import subprocess
import sys
from typing import Any

import httpx

from hubs.home import Home
from hubs.launched import Launched
from mathshubs.envelope import STRUCTURED
from sent import a_group


def test_a_hub_reports_with_its_key_until_it_is_revoked(own_home: Home) -> None:
    """From nothing to a report in one command; the key is in credentials.json, and a second one can replace it."""
    with Launched(own_home) as system:
        assert system.home.credentials.exists()
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


def test_without_a_running_system_the_way_to_start_one_is_said(own_home: Home) -> None:
    """Not a trace of Python."""
    command = [sys.executable, "-m", "hubs.cli", "hub", "key", "list"]
    env = {"HUBS_HOME": str(own_home.root)}

    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Start it with `hubs up`" in done.stderr


def _keys(system: Launched) -> dict[str, str]:
    keys: dict[str, str] = json.loads(system.home.credentials.read_text())["api_keys"]
    return keys


def _report(system: Launched, key: str) -> int:
    """Report a Work Group through the one origin, and return the status."""
    headers = {"authorization": f"Bearer {key}", "content-type": STRUCTURED}
    url = f"{system.ready['url']}/v1/events"
    return httpx.post(url, content=json.dumps(a_group()), headers=headers, timeout=20).status_code


def _hubs(system: Launched, *words: str) -> Any:  # noqa: ANN401 -- what JSON holds
    done = _run(system, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _run(system: Launched, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "hubs.cli", *words]
    return subprocess.run(command, env=system.env, capture_output=True, text=True, timeout=60, check=False)
