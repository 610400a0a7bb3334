"""What the demonstration prints: for people in 80 columns, for programs one object a line."""

import io
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from hubs.commands.check import proof
from hubs.demo.acts import report
from hubs.demo.bar import Bar
from hubs.demo.script import Stop
from hubs.demo.spoken import Plain
from hubs.demo.stops import FORMING, SNOW
from hubs.demo.telling import Json, Telling
from hubs.proof.system import Check

HELD = report("river-vale", "scheduling.MeetingHeld", FORMING, "WG-1-1/held", meeting="WG-1-1")
READY = {"event": "ready", "url": "http://127.0.0.1:8000", "inbox": "http://127.0.0.1:8000/inbox"}
HOLDS = Check("quiet", ok=True, said="Nothing moves (after 0.6 s)")
FAILS = Check(
    "facts = log",
    ok=False,
    said="Of 561 facts reporting's log lacks 1, has 0 changed, and has 0 that nobody said",
    figures={"missing": ["0198c1c2-5f0e-7d6a-9d7e-3b8f5a1c2d3e"], "unsaid": []},
)
SPOKEN = """\
Maths Hubs demo · all people, schools and figures are invented · nothing is sent
to anyone

  ✓ Started: Kafka, Postgres, Caddy, a mailbox and four services           1.5 s
      free ports in place of those that are taken: 8000

  Open          http://127.0.0.1:8000
  Live year     http://127.0.0.1:8000/live
  Inbox         http://127.0.0.1:8000/inbox
  Operations    http://127.0.0.1:8000/ops

  ✓ One line of words that is longer than what there is room for beside    3.0 s
    its seconds
  ✓ Mon 7 Sep 2026 · schools join, and name their advocates · 1 report     4.5 s
  ✓ Thu 21 Jan 2027 · snow in the north                                    6.0 s

  ✗ A service said no
      Mend: see why
      Log:  .hubs/logs/enrolment.log

  The year is over. Checking that everything adds up:
  ✓ Nothing moves (after 0.6 s)
  ✗ Of 561 facts reporting's log lacks 1, has 0 changed, and has 0 that
    nobody said
      missing: 0198c1c2-5f0e-7d6a-9d7e-3b8f5a1c2d3e

  1 of 2 checks failed. (8 s)
  Nothing is left running.
"""


def told(telling: Telling) -> None:
    """Tell a bit of everything."""
    telling.begin()
    with telling.doing("Starting"):
        telling.step(
            "Started: Kafka, Postgres, Caddy, a mailbox and four services",
            ["free ports in place of those that are taken: 8000"],
            taken_ports=["8000"],
        )
    telling.serving(READY)
    telling.step("One line of words that is longer than what there is room for beside its seconds")
    for stop in (Stop(FORMING, "schools join, and name their advocates", (HELD,)), Stop(SNOW, "snow in the north", ())):
        with telling.stop(stop):
            pass
    telling.wrong("A service said no", "see why", ".hubs/logs/enrolment.log")
    telling.proving()
    telling.check(HOLDS)
    telling.check(FAILS)
    telling.end(proof([HOLDS, FAILS]), ["Nothing is left running."])


def ticking() -> Callable[[], float]:
    """Return a clock that goes on by a second and a half at each look."""
    counter = itertools.count()
    return lambda: next(counter) * 1.5


def printed(*, terminal: bool) -> str:
    """Return what a person is told."""
    file = io.StringIO()
    told(Plain(Console(file=file, width=80, force_terminal=terminal, highlight=False, soft_wrap=True), ticking()))
    return file.getvalue()


def test_plain_lines_of_80_columns() -> None:
    """Into a file or a pipe: one line a step, no colour, nothing that moves."""
    said = printed(terminal=False)

    assert said == SPOKEN
    assert max(map(len, said.splitlines())) <= 80


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal too (no-color.org)."""
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = printed(terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[32m" in coloured
    assert "\x1b[3" not in printed(terminal=True)


def test_the_year_goes_on_in_place_on_a_terminal() -> None:
    """Half-terms fill up, with the day, what was reported and what happens beneath, all within 80 columns."""
    lines = Bar(Console(file=io.StringIO(), width=80))
    lines.count(Stop(FORMING, "schools join", (HELD,)))

    assert lines.lines(Stop(SNOW, "snow in the north", ())) == [
        "  2026/27  Autumn 1 ▓▓▓▓▓▓  Spring 1 ▓▓▓░░░  Summer 1 ░░░░░░",
        "           Autumn 2 ▓▓▓▓▓▓  Spring 2 ░░░░░░  Summer 2 ░░░░░░",
        "  Thu 21 Jan 2027 · 1 report · 1 meeting held",
        "  snow in the north",
    ]


def test_a_program_reads_one_object_a_line_and_the_proof_last() -> None:
    """And never a line of anything else."""
    lines: list[str] = []
    told(Json(lines.append, ticking()))
    said: list[dict[str, Any]] = [json.loads(line) for line in lines]

    assert [one["event"] for one in said] == ["demo", "step", "ready", "step", "stop", "stop", "failed", "proof"]
    assert said[1]["figures"] == {"taken_ports": ["8000"]}
    assert said[2] == READY
    assert (said[4]["clock"], said[4]["reports"]) == ("2026-09-07T08:00:00+00:00", 1)
    assert (said[-1]["ok"], [check["ok"] for check in said[-1]["checks"]]) == (False, [True, False])
