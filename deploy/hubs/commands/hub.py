"""`hubs hub …`: a hub's system is let in, and its keys are kept."""

from typing import Annotated

import typer

from hubs.commands import keys
from hubs.commands.speaking import say, speaking
from hubs.home import Home
from hubs.hub import NewHub, add_hubs
from hubs.topics import principal

app = typer.Typer(help="The hubs whose systems may report.", no_args_is_help=True)


app.add_typer(keys.app, name="key")


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="Short name for topics and addresses, such as river-vale.")],
    name: Annotated[str, typer.Option(help="The hub's public name.")],
    region: Annotated[str | None, typer.Option(help="The region of England it works in.")] = None,
    local_authority: Annotated[
        list[str] | None,
        typer.Option(
            help="Code of a local authority that it covers, from today; give it once for each.", metavar="CODE"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the login as JSON.")] = False,
) -> None:
    """Let a hub's system in: its topics, its login at Kafka, its API key.

    The login and the key are in credentials.json when this ends. Adding a hub twice changes nothing. What schools of
    its local authorities would like to join goes to the hub, whichever hub heard of it.

    Examples:
        hubs hub add river-vale --name "River Vale Maths Hub" --local-authority 850 --local-authority 851

        hubs hub add river-vale --name "River Vale Maths Hub" --json
    """
    home = Home.at()
    with speaking(as_json):
        add_hubs(home, [NewHub(code, name, region, tuple(local_authority or ()))])
    said = {
        "code": code,
        "principal": principal(code),
        "writes": f"hubs.{code}.events",
        "reads": f"hubs.{code}.receipts",
        "groups": f"hubs.{code}.",
        "credentials": str(home.credentials),
    }
    if as_json:
        say(said)
        return
    print(f"{name} may report, as {said['principal']}:")
    print(f"  writes  {said['writes']}\n  reads   {said['reads']}, in groups that begin with {said['groups']}")
    print(f"  login and API key are in {home.credentials}")
