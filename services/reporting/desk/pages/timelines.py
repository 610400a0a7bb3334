"""What came of one report: JSON for programs and a page for people, at one address."""

from datetime import datetime
from itertools import groupby
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from mathshubs.http import Problem
from mathshubs.web.words import counted, listed, moment
from reporting.desk.domain import freshness
from reporting.desk.domain.groups import Standings
from reporting.desk.domain.timelines import NOT_SENT, Decided, Mail, Outcome, Timeline
from reporting.desk.pages.sources import Desk
from reporting.desk.views.timelines import timeline_of

EventId = Annotated[str, Path(max_length=128, description="The id under which the hub sent the event.")]
Hub = Annotated[
    str | None, Query(max_length=40, description="Code of the hub that sent it. Needed where the id is no UUID.")
]
Source = Annotated[
    str | None, Query(max_length=2_000, description="Source of the event; a hub's ids are told apart by themselves.")
]


class Heard(BaseModel):
    """How many of the facts one service has heard, by consumer group."""

    group: str
    facts: int
    heard: int


class TimelineAnswer(BaseModel):
    """What came of one report, as far as reporting has heard it."""

    event_id: str
    hub: str | None
    source: str | None
    state: Outcome | None = Field(description="`applied`, `flagged` or `refused`; null while nothing is decided.")
    said: str = Field(description="Where it stands, in words.")
    recorded_at: datetime | None = Field(description="When the first fact of it was recorded.")
    decided: list[Decided] = Field(description="The facts that came of it, in the order in which they were recorded.")
    heard: list[Heard] = Field(description="What each service has heard of them.")
    mails: list[Mail] = Field(description="Mails that were queued because of it, and what became of each.")
    freshness: dict[str, float | None] = Field(description="Seconds that reporting is behind in hearing each service.")


HINT: Final = (
    "No fact that was heard names it. Check the id and the hub (?hub=), and look at the hub's receipts: a report that "
    "waits for what it names, or that was set aside, has led to no fact yet. One sent with a correlationid is found "
    "under that, and one that repeats what is known leads to none."
)


def router(desk: Desk) -> APIRouter:
    """Return the address of timelines."""
    routes = APIRouter(tags=["timelines"])

    @routes.get("/v1/timelines/{event_id:path}", response_model=TimelineAnswer)
    async def timeline(request: Request, event_id: EventId, hub: Hub = None, source: Source = None) -> Response:
        """What came of one report: recorded, decided, heard by each service, mails queued and sent."""
        wants_page = "text/html" in request.headers.get("accept", "")
        try:
            found = await _found(desk, event_id, hub, source)
        except Problem as problem:
            if not wants_page:
                raise
            return desk.pages.render(request, "no_timeline.html", status=problem.status, problem=problem)
        answer = (
            desk.pages.render(request, "timeline.html", timeline=found, lines=_lines(found), mails=_mails(found))
            if wants_page
            else _as_json(found)
        )
        answer.headers["vary"] = "Accept"
        return answer

    return routes


def _lines(found: TimelineAnswer) -> list[tuple[Decided, int]]:
    """Return each fact with how many follow on it that read alike, such as the eight people who are invited."""
    alike = (list(some) for _, some in groupby(found.decided, lambda one: (one.said, one.outcome, one.reasons)))
    return [(some[0], len(some)) for some in alike]


def _mails(found: TimelineAnswer) -> list[tuple[Mail, int]]:
    """Return each mail with how many follow on it that read alike."""
    alike = (list(some) for _, some in groupby(found.mails, _reads))
    return [(some[0], len(some)) for some in alike]


def _reads(mail: Mail) -> tuple[str, ...]:
    """Return all that the page says of a mail."""
    settled = moment(mail.settled_at) if mail.settled_at else ""
    return mail.kind, mail.status or "", mail.why or "", moment(mail.queued_at), settled


def _as_json(found: TimelineAnswer) -> Response:
    return JSONResponse(found.model_dump(mode="json"))


async def _found(desk: Desk, event_id: str, hub: str | None, source: str | None) -> TimelineAnswer:
    if hub is None and not _is_uuid(event_id):
        raise Problem(422, "hub-needed", "Say which hub sent it: ?hub=<code>.", "Another hub may use the id too.")
    standings = desk.watch.now
    found = await timeline_of(desk.pool(), desk.references.unnamed(hub or "", event_id), hub, standings)
    waiting = "" if found else _may_come(desk, standings, hub)
    if found is None and not waiting:
        raise Problem(404, "timeline-unknown", "Nothing is known of this report.", HINT, "path.event_id")
    return TimelineAnswer(
        event_id=event_id,
        hub=hub,
        source=source,
        state=found and found.outcome,
        said=_said(found) if found else waiting,
        recorded_at=found and found.recorded_at,
        decided=list(found.decided) if found else [],
        heard=[Heard(group=group, facts=of, heard=done) for group, (done, of) in found.heard.items()] if found else [],
        mails=list(found.mails) if found else [],
        freshness=freshness(desk.behind()),
    )


def _is_uuid(word: str) -> bool:
    try:
        UUID(word)
    except ValueError:
        return False
    return True


def _may_come(desk: Desk, standings: Standings, hub: str | None) -> str:
    """Say what may still bring something of a report of which nothing is known; empty if nothing can."""
    topic = f"hubs.{hub}.events"
    left = max(standings.left(group, topic) for group in ("enrolment.hubs", "scheduling.hubs")) if hub else 0
    if left:
        return f"Not decided yet. {counted(left, 'report')} of this hub may stand before it."
    late = [service for service, seconds in freshness(desk.behind()).items() if seconds is None or seconds >= 1]
    if late:
        return f"Nothing is known of it yet, and not all that {listed(late)} said was heard."
    return ""


_OUTCOMES: Final = {
    "applied": "It took effect.",
    "flagged": "It took effect, with something to look at.",
    "refused": "It was refused.",
}


def _said(found: Timeline) -> str:
    """Return where a report stands, in words."""
    said = [_OUTCOMES[found.outcome] if found.decided else "It led to mails."]
    deaf = [group.partition(".")[0] for group, (done, of) in found.heard.items() if done < of]
    if deaf:
        said.append(f"Not heard yet by {listed(list(dict.fromkeys(deaf)))}.")
    if found.mails:
        wanted = [mail for mail in found.mails if mail.status != NOT_SENT]
        sent = sum(mail.status == "delivered" for mail in wanted)
        said += [f"{sent} of {counted(len(wanted), 'mail')} sent."] if wanted else []
        spared = [mail.why or "" for mail in found.mails if mail.status == NOT_SENT]
        said += [f"{counted(len(spared), 'mail')} left unsent: {listed(sorted(set(spared)))}."] if spared else []
    return " ".join(said)
