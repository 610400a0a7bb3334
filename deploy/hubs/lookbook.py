"""Looks at every page there is, on a system that has a story: `make pages`.

    python -m hubs.lookbook --out build/pages

Plays the demonstration's scene and looks at the pages before it, when there is nothing to show, and after it. Pictures
go to `build/pages`; exits with 1 where a page has a fault, each printed with its mend.
"""

import asyncio
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Annotated, Final
from urllib.parse import urlencode

import httpx
import typer

from hubs.commands.demo import obey_no_settings
from hubs.demo.papers import Group, Teacher
from hubs.demo.playing import play
from hubs.demo.running import NotSo, Running
from hubs.demo.scene import SCHOOL_YEAR, Scene, scene
from hubs.demo.stage import started
from hubs.demo.telling import Plain
from hubs.home import Home
from hubs.launched import WentWrong
from hubs.mailbox.views import Show
from hubs.parts.http import trust
from hubs.parts.jars import JarsUnavailable
from hubs.screenshots import CHROMIUM, LOOKS, Fault, NoBrowser, faults_of
from mathshubs.ids import References
from mathshubs.links import join_token, preferences_token

SEED: Final = 7
BEFORE: Final[Mapping[str, int]] = {"/": 200, "/inbox": 200}
"""What can be looked at before anything has happened."""
AFTER: Final[Mapping[str, int]] = {
    "/": 200,
    f"/?{urlencode({'year': SCHOOL_YEAR, 'level': 'region'})}": 200,
    "/?level=local_authority": 200,
    "/?year=1999/00&level=moon": 422,
    "/inbox": 200,
    "/inbox?find=nobody": 200,
    "/inbox?to=nobody@nowhere.example": 404,
    "/inbox?message=99999": 404,
    "/j/unknown": 404,
    "/u/unknown": 404,
    "/no-such-page": 404,
}
"""What anybody can ask for once the scene is over, and how it is answered."""


def main(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("build/pages"),
    chromium: Annotated[Path, typer.Option(help="The browser.")] = CHROMIUM,
) -> None:
    """Take pictures of every page and say what bars people from using them."""
    obey_no_settings()
    signal.signal(signal.SIGTERM, _as_if_by_hand)
    home = Home(Path(tempfile.mkdtemp(prefix="hubs-pages-")))
    try:
        faults, pages = look(home, scene(SEED), out, chromium)
    except (NoBrowser, NotSo, WentWrong, JarsUnavailable) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(1) from None
    finally:
        home.remove()
    for fault in faults:
        typer.echo(f"✗ {fault.path} ({fault.seen}): {fault.said}\n    mend: {fault.mend}", err=True)
    typer.echo(f"{pages} pages, {pages * len(LOOKS)} pictures in {out}, {len(faults)} faults")
    raise typer.Exit(1 if faults else 0)


def look(home: Home, played: Scene, out: Path, chromium: Path = CHROMIUM) -> tuple[list[Fault], int]:
    """Start a system, look, play, look again; return the faults, and at how many pages they were sought.

    Raises:
        NoBrowser: if the browser is not there.
        NotSo: if the scene does not play.
    """
    if not chromium.exists():
        raise NoBrowser(f"There is no browser at {chromium}. Mend: apt-get install chromium")
    telling = Plain()
    with started(home, telling) as running:
        url = running.ready["url"]
        faults = faults_of(url, BEFORE, out / "before", chromium)
        asyncio.run(play(played, running, telling))
        after = {**AFTER, **asyncio.run(_of_invitations(played, running))}
        return faults + faults_of(url, after, out, chromium), len(BEFORE) + len(after)


async def _of_invitations(played: Scene, running: Running) -> dict[str, int]:
    """Return the pages that people come upon: a mail from every side, links to meetings, one that opens nothing more.

    The mail is of the meeting that was moved; the links are to the next meetings, one online and one in a school.
    """
    reader, inbox = played.mover.lead, running.ready["inbox"]
    async with httpx.AsyncClient(verify=trust(), timeout=10) as client:
        as_json = {"Accept": "application/json"}
        listed = await client.get(f"{inbox}/messages", params={"to": reader.email}, headers=as_json)
    moved = listed.raise_for_status().json()[1]
    shown = [{"message": moved["id"], "show": side} for side in Show]
    pages = {f"/inbox?{urlencode(one)}": 200 for one in ({"to": reader.email}, *shown)}
    links = {_link(running, group, group.lead): 200 for group in played.papers.groups[:2]}
    hub, gone = played.forgotten
    closed = {_link(running, played.papers.of(hub)[0], gone): 410, _preferences(running, hub, gone): 410}
    own = _preferences(running, played.mover.hub, reader)
    return pages | links | closed | {own: 200, f"{own}?saved": 200}


def _link(running: Running, group: Group, who: Teacher) -> str:
    """Return where somebody joins a Work Group's next meeting, as their mail has it."""
    secret = running.home.secrets["secret"]
    ids = References(secret)
    meeting, person = (
        ids.resolve(group.hub, "meeting", group.next_meeting),
        ids.resolve(group.hub, "person", who.reference),
    )
    return f"/j/{join_token(secret, meeting, person)}"


def _preferences(running: Running, hub: str, who: Teacher) -> str:
    """Return where somebody says which mail they want, as their reminders have it."""
    secret = running.home.secrets["secret"]
    return f"/u/{preferences_token(secret, References(secret).resolve(hub, 'person', who.reference))}"


def _as_if_by_hand(_number: int, _frame: FrameType | None) -> None:
    """Stop as Ctrl-C does."""
    signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    typer.run(main)
