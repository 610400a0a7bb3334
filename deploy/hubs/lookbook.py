"""Looks at every page there is, on a system that has a story: `make pages`.

    python -m hubs.lookbook --out build/pages

Plays the demonstration's year as far as November and looks at the pages before it, when there is nothing to show, and
then. Pictures go to `build/pages`; exits with 1 where a page has a fault, each printed with its mend.
"""

import asyncio
import signal
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import FrameType
from typing import Annotated, Final
from urllib.parse import quote, urlencode

import typer

from hubs.commands.demo import obey_no_settings
from hubs.demo.acts import Forget, Sent
from hubs.demo.inventing import FEWEST_HUBS
from hubs.demo.network import Group, Teacher
from hubs.demo.playing import play
from hubs.demo.running import NotSo, Running
from hubs.demo.script import Script, Stop, year
from hubs.demo.spoken import Plain
from hubs.demo.stage import started
from hubs.demo.stops import evening
from hubs.demo.terms import SCHOOL_YEAR
from hubs.home import SERVICES, Home
from hubs.launched import WentWrong
from hubs.mailbox.views import Show
from hubs.parts.jars import JarsUnavailable
from hubs.proof.mail import fetch
from hubs.screenshots import CHROMIUM, LOOKS, Fault, NoBrowser, faults_of
from mathshubs.ids import References
from mathshubs.links import join_token, preferences_token

SEED: Final = 7
UP_TO: Final = evening(date(2026, 11, 16))
"""The eve of November's meetings: they are ahead, October's were held."""
AHEAD: Final = 1
"""The place in each Work Group's year of the meetings that are ahead."""
OPERATIONS: Final = ("/ops", *(f"/ops/{service}" for service in SERVICES))
BEFORE: Final[Mapping[str, int]] = dict.fromkeys(("/", "/live", "/live?view=table", "/inbox", *OPERATIONS), 200)
"""What can be looked at before anything has happened."""
AFTER: Final[Mapping[str, int]] = {
    "/": 200,
    f"/?{urlencode({'year': SCHOOL_YEAR, 'level': 'region'})}": 200,
    "/?level=local_authority": 200,
    "/?year=1999/00&level=moon": 422,
    "/live": 200,
    "/live?view=table": 200,
    "/hub/nowhere": 404,
    "/v1/timelines/0198c1c2-5f0e-7d6a-9d7e-3b8f5a1c2d3e": 404,
    **dict.fromkeys(OPERATIONS, 200),
    "/ops/enrolment/letters/1": 200,
    "/ops/enrolment/letters/99999": 404,
    "/inbox": 200,
    "/inbox?find=nobody": 200,
    "/inbox?to=nobody@nowhere.example": 404,
    "/inbox?message=99999": 404,
    "/j/unknown": 404,
    "/u/unknown": 404,
    "/no-such-page": 404,
}
"""What anybody can ask for then, and how it is answered."""


def main(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("build/pages"),
    chromium: Annotated[Path, typer.Option(help="The browser.")] = CHROMIUM,
) -> None:
    """Take pictures of every page and say what bars people from using them."""
    obey_no_settings()
    signal.signal(signal.SIGTERM, _as_if_by_hand)
    home = Home(Path(tempfile.mkdtemp(prefix="hubs-pages-")))
    try:
        faults, pages = look(home, until_november(), out, chromium)
    except (NoBrowser, NotSo, WentWrong, JarsUnavailable) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(1) from None
    finally:
        home.remove()
    for fault in faults:
        typer.echo(f"✗ {fault.path} ({fault.seen}): {fault.said}\n    mend: {fault.mend}", err=True)
    typer.echo(f"{pages} pages, {pages * len(LOOKS)} pictures in {out}, {len(faults)} faults")
    raise typer.Exit(1 if faults else 0)


def look(home: Home, played: Script, out: Path, chromium: Path = CHROMIUM) -> tuple[list[Fault], int]:
    """Start a system, look, play, look again; return the faults, and at how many pages they were sought.

    Raises:
        NoBrowser: if the browser is not there.
        NotSo: if the year does not play.
    """
    if not chromium.exists():
        raise NoBrowser(f"There is no browser at {chromium}. Mend: apt-get install chromium")
    telling = Plain()
    with started(home, telling) as running:
        url = running.ready["url"]
        faults = faults_of(url, BEFORE, out / "before", chromium)
        asyncio.run(play(played, running, telling))
        after = {**AFTER, **_of_the_desk(played), **asyncio.run(_of_invitations(played, running))}
        return faults + faults_of(url, after, out, chromium), len(BEFORE) + len(after)


def until_november() -> Script:
    """Return the year up to the eve of November's meetings, when somebody is forgotten who was to come."""
    whole = year(SEED, FEWEST_HUBS)
    gone = _gone(whole)
    last = Stop(UP_TO + timedelta(hours=1), "somebody is forgotten", (Forget(gone.hub, gone.reference),))
    return replace(whole, stops=(*(stop for stop in whole.stops if stop.at <= UP_TO), last))


def _gone(played: Script) -> Teacher:
    return played.network.groups[-1].places[0].slots[0].teacher


def _of_the_desk(played: Script) -> dict[str, int]:
    """Return each hub's page, and what came of a meeting that was planned and of a report that was refused."""
    sent = [act for stop in played.stops for act in stop.acts if isinstance(act, Sent)]
    planned = next(one for one in sent if one.kind == "MeetingScheduled")
    refused = next(one for one in sent if one.outcome == "refused")
    told = [f"/v1/timelines/{quote(one.event['id'], safe='')}?hub={one.hub}" for one in (planned, refused)]
    return dict.fromkeys([*(f"/hub/{hub.code}" for hub in played.network.hubs[:3]), *told], 200)


async def _of_invitations(played: Script, running: Running) -> dict[str, int]:
    """Return the pages that people come upon: a mail from every side, links to meetings, one that opens nothing more.

    The mail is of the meeting that was moved; the links are to the next meetings, one online and one in a school.
    """
    groups = played.network.groups
    reader, inbox = groups[0].lead(UP_TO.date()), running.ready["inbox"]
    listed, mails = await fetch(inbox)
    moved = {mail.message_id for mail in mails if mail.to == reader.email and mail.sequence == 1}
    [number, *_] = [one["id"] for one in listed if one["message_id"] in moved]
    shown = [{"message": number, "show": side} for side in Show]
    pages = {f"/inbox?{urlencode(one)}": 200 for one in ({"to": reader.email}, *shown)}
    links = {_link(running, group, group.lead(UP_TO.date())): 200 for group in groups[:2]}
    gone, own = _gone(played), _preferences(running, reader)
    closed = {_link(running, groups[-1], gone): 410, _preferences(running, gone): 410}
    return pages | links | closed | {own: 200, f"{own}?saved": 200}


def _link(running: Running, group: Group, who: Teacher) -> str:
    """Return where somebody joins a Work Group's next meeting, as their mail has it."""
    secret = running.home.secrets["secret"]
    ids = References(secret)
    meeting = ids.resolve(group.hub, "meeting", group.meetings[AHEAD].reference)
    return f"/j/{join_token(secret, meeting, ids.resolve(who.hub, 'person', who.reference))}"


def _preferences(running: Running, who: Teacher) -> str:
    """Return where somebody says which mail they want, as their reminders have it."""
    secret = running.home.secrets["secret"]
    return f"/u/{preferences_token(secret, References(secret).resolve(who.hub, 'person', who.reference))}"


def _as_if_by_hand(_number: int, _frame: FrameType | None) -> None:
    """Stop as Ctrl-C does."""
    signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    typer.run(main)
