"""The operator's command line: `hubs`."""

import sys

import typer

from hubs.commands import calendar, check, clock, demo, dlq, forget, hub, parked, rebuild, register, up
from hubs.home import HomeTaken, NotRunning
from hubs.parts.jars import JarsUnavailable
from hubs.problems import Problem
from hubs.supervisor import GaveUp

app = typer.Typer(
    name="hubs",
    help="Work Groups, meetings, invitations and national figures for England's Maths Hubs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("up")(up.up)
app.command("demo")(demo.demo)
app.command("check")(check.check)
app.command("forget")(forget.forget_person)
GROUPS = {
    "calendar": calendar.app,
    "clock": clock.app,
    "dlq": dlq.app,
    "hub": hub.app,
    "parked": parked.app,
    "rebuild": rebuild.app,
    "register": register.register,
}
for name, group in GROUPS.items():
    app.add_typer(group, name=name)

EXPECTED = (Problem, HomeTaken, NotRunning, JarsUnavailable, GaveUp)  # their messages say what to do


def main() -> None:
    """Run one command: exit 0 when done, 1 when there was a problem, 2 on misuse."""
    try:
        app()
    except EXPECTED as problem:
        print(problem, file=sys.stderr)
        sys.exit(problem.status if isinstance(problem, Problem) else 1)


if __name__ == "__main__":
    main()
