"""How commands speak: one JSON object for programs, plain lines for people, and problems with their mend."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

import typer

from hubs.acting import operator
from hubs.home import Home, NotRunning
from hubs.problems import Problem, code_of, what_is_away

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


class Service(StrEnum):
    """The four services, by name."""

    ENROLMENT = "enrolment"
    SCHEDULING = "scheduling"
    NOTIFICATION = "notification"
    REPORTING = "reporting"


def _reason(given: str) -> str:
    if not given.strip():
        raise typer.BadParameter("say why in a few words; whoever reads the record will want to know")
    return given


By = Annotated[
    str, typer.Option(default_factory=operator, show_default="you", help="Who asks, for the record.", metavar="NAME")
]
Why = Annotated[
    str,
    typer.Option(
        callback=_reason,
        help="The reason, for the record: no names of people.",
        metavar="REASON",
    ),
]


@contextmanager
def speaking(as_json: bool, *expected: type[Exception]) -> Iterator[None]:
    """Say what stands in the way of the block, in the manner that was asked for, and leave with its status.

    A part that is away, or that goes away in the middle, is said so too, whatever its client raises.

    Args:
        as_json: as `{"error": {"code", "message"}}` on stdout; otherwise the message alone on stderr.
        expected: further exceptions whose messages say what to do.
    """
    try:
        yield
    except Exception as wrong:
        problem = wrong if isinstance(wrong, (NotRunning, *expected)) else what_is_away(wrong)
        if problem is None:
            raise
        if as_json:
            say({"error": {"code": code_of(problem), "message": str(problem)}})
        else:
            typer.echo(str(problem), err=True)
        raise typer.Exit(problem.status if isinstance(problem, Problem) else 1) from None


def databases(service: Service | None = None) -> dict[str, str]:
    """Return the URL of each database of the running system, or of one service's.

    Raises:
        NotRunning: if nothing runs in this home.
    """
    urls: dict[str, str] = Home.at().running()["postgres"]
    return urls if service is None else {service.value: urls[service.value]}


def say(said: Any) -> None:  # noqa: ANN401 -- whatever JSON can spell
    """Print one JSON object in one line."""
    typer.echo(json.dumps(said, default=str))


def printable(text: str) -> str:
    """Return text with which nobody's terminal can be steered: control characters are spelled out."""
    return "".join(letter if letter.isprintable() or letter == "\n" else _spelled(letter) for letter in text)


def _spelled(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
