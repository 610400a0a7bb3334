"""Histories of a school year drawn at random, the orders in which they may be heard, and a plain recount of them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from mathshubs.clock import start_of
from mathshubs.events.enrolment.participation import CompletionQuestioned
from mathshubs.events.enrolment.people import PersonMerged
from mathshubs.events.enrolment.schools import SchoolDetailsChanged
from mathshubs.events.scheduling.lessons import Observer
from mathshubs.postgres import Pool
from reporting.measures.domain import Asked, instant_of
from reporting.projections.store import COLUMNS
from reporting_story import (
    HIGH_FELLS,
    RIVER_VALE,
    YEAR,
    Said,
    Story,
    attended,
    became,
    formed,
    held,
    hub,
    joined,
    named,
    nominated,
    scheduled,
    school,
)
from reporting_year import completed, lesson, vacated, visited, withdrew

GROUPS = {named("g1"): RIVER_VALE, named("g2"): RIVER_VALE, named("g3"): HIGH_FELLS}
STAGES = dict(zip(GROUPS, ("development", "embedding", "development"), strict=True))
URNS = ("900001", "900002", "900003", "900004")
ACADEMIES = ("900008", "900009")
LEADERS = (None, named("900001 1"), named("900001 2"))
"""Two of them may be one person."""
STATUSES = ("present", "late", "partial", "apologies", "absent")
FIRST = date(2026, 9, 1)

days = st.integers(0, 6).map(lambda number: FIRST + timedelta(days=number))
"""So few that things meet on one day."""
groups = st.sampled_from(sorted(GROUPS, key=str))


@st.composite
def histories(draw: st.DrawFn) -> list[Said]:
    """Draw what services said in one year, in the order in which they recorded it."""
    story, at = Story(), [start_of(FIRST)]

    def later() -> datetime:
        at[0] += timedelta(hours=draw(st.integers(0, 16)), seconds=1)
        return at[0]

    story.tell(hub(RIVER_VALE, "River Vale"), hub(HIGH_FELLS, "High Fells"))
    for urn in URNS + ACADEMIES:
        region, authority = draw(st.sampled_from([("London", "500"), ("North East", "501")]))
        story.tell(school(urn, f"School {urn}", region=region, authority=authority))
    for group, code in GROUPS.items():
        story.tell(formed(group, "A Work Group", code, stage=STAGES[group]), at=at[0])
    for _ in range(draw(st.integers(8, 24))):
        _tell_something(draw, story, later())
    return story.said


def _tell_something(draw: st.DrawFn, story: Story, at: datetime) -> None:
    group, urn, day = draw(groups), draw(st.sampled_from(URNS)), draw(days)
    code, about = GROUPS[group], draw(st.integers(1, 2))
    match draw(st.sampled_from([*["join"] * 3, *["meeting", "correction", "details", "more"] * 2, "link"])):
        case "join":
            story.tell(joined(group, urn, code, on=day, stage=STAGES[group]), at=at)
            for number in range(about):
                story.tell(nominated(group, urn, named(f"{urn} {number}"), code, on=day), at=at)
        case "meeting":
            _tell_meeting(draw, story, at, day)
        case "correction":
            _tell_correction(draw, story, at)
        case "link":
            story.tell(became(urn, draw(st.sampled_from(ACADEMIES)), draw(st.one_of(st.none(), days))), at=at)
        case "more":
            _tell_more(draw, story, at, day)
        case "details":
            authority = draw(st.sampled_from(["502", "503"]))
            moved = school(urn, f"School {urn}", region="South West", authority=authority, effective_at=start_of(day))
            story.tell(SchoolDetailsChanged(**moved.model_dump()), at=at)


def _tell_more(draw: st.DrawFn, story: Story, at: datetime, day: date) -> None:
    """Tell of a departure, a visit, a completion, or of two records that were one person."""
    group, urn = draw(groups), draw(st.sampled_from(URNS))
    match draw(st.sampled_from(["departure", "visit", "lesson", "completed", "questioned", "merger"])):
        case "departure":
            _tell_departure(draw, story, at, day)
        case "visit":
            story.tell(visited(urn, len(story.said), 2.5).model_copy(update=_about(group, day)), at=at)
        case "lesson":
            watched = tuple(Observer(person_id=named(f"{urn} {number}"), school_urn=urn) for number in (1, 2))
            update = _about(group, day) | {"observers": (*watched, Observer(school_urn=urn))}
            story.tell(lesson(len(story.said)).model_copy(update=update), at=at)
        case "completed":
            about = _about(group, day) | {"stage": STAGES[group]}
            story.tell(completed(urn, day).model_copy(update=about), at=at)
        case "questioned":
            about = _about(group, day) | {"stage": STAGES[group]}
            story.tell(completed(urn, day, CompletionQuestioned).model_copy(update=about), at=at)
        case "merger":
            one, other = (named(f"{urn} {number}") for number in (1, 2))
            story.tell(PersonMerged(effective_at=start_of(day), person_id=one, into_id=other), at=at)


def _about(group: UUID, day: date) -> dict[str, Any]:
    return {"work_group_id": group, "hub": GROUPS[group], "held_on": day, "effective_at": start_of(day)}


def _tell_departure(draw: st.DrawFn, story: Story, at: datetime, day: date) -> None:
    """Have a school leave a Work Group that it had joined, with its advocates or but for one of them."""
    joins = [said.event.data for said in story.said if said.event.type.endswith("SchoolJoinedWorkGroup.v1")]
    if joins:
        place = draw(st.sampled_from(joins))
        about = _about(UUID(place["work_group_id"]), day)
        about.pop("held_on")
        urn = place["school_urn"]
        if draw(st.booleans()):
            story.tell(withdrew(urn, day).model_copy(update=about), at=at)
        else:
            story.tell(vacated(urn, named(f"{urn} 1"), day).model_copy(update=about), at=at)


def _tell_meeting(draw: st.DrawFn, story: Story, at: datetime, day: date) -> None:
    group = draw(groups)
    meeting = named(f"meeting {len(story.said)}")
    starts = datetime(day.year, day.month, day.day, draw(st.sampled_from([0, 13, 23])), 30, tzinfo=UTC)
    story.tell(scheduled(meeting, group, GROUPS[group], starts), at=at)
    if draw(st.sampled_from([True, True, False])):
        said = {"half_term": draw(st.sampled_from([None, 1, 2])), "led_by_id": draw(st.sampled_from(LEADERS))}
        story.tell(held(meeting, group, GROUPS[group], starts).model_copy(update=said), at=at)
    named_there = {
        said.event.data["person_id"]
        for said in story.said
        if said.event.type.endswith("MasteryAdvocateNominated.v1") and said.key == str(group)
    }
    for person in [*sorted(named_there), named("a guest")]:
        if draw(st.sampled_from([True, True, True, False])):
            story.tell(attended(meeting, group, UUID(str(person)), draw(st.sampled_from(STATUSES)), starts), at=at)


def _tell_correction(draw: st.DrawFn, story: Story, at: datetime) -> None:
    """Put one mark of a register right, if there is any."""
    marks = [said.event.data for said in story.said if said.event.type.endswith("AttendanceRecorded.v1")]
    if marks:
        mark = draw(st.sampled_from(marks))
        latest = max(m["revision"] for m in marks if all(m[k] == mark[k] for k in ("meeting_id", "person_id")))
        corrected = {**mark, "status": draw(st.sampled_from(STATUSES)), "revision": latest + 1}
        corrected["reason"] = draw(st.sampled_from(["arrived-late", None]))
        story.say("uk.mathshubs.scheduling.AttendanceRecorded.v1", mark["meeting_id"], corrected, at)


@st.composite
def orders(draw: st.DrawFn, history: Sequence[Said]) -> list[Said]:
    """Draw an order in which `history` may be heard: facts of one aggregate in theirs, some of them again and again."""
    waiting: defaultdict[str, list[Said]] = defaultdict(list)
    for said in history:
        waiting[said.key].append(said)
    heard: list[Said] = []
    random = draw(st.randoms(use_true_random=False))
    while waiting:
        key = random.choice(sorted(waiting))
        heard.append(waiting[key].pop(0))
        if not waiting[key]:
            del waiting[key]
        if random.random() < 0.2:
            heard.append(random.choice(heard))
    return heard


questions = st.builds(
    Asked,
    st.just(YEAR),
    days.map(instant_of),
    days.map(lambda day: instant_of(day + timedelta(days=3))),
    st.sampled_from([None, "development", "embedding"]),
)


async def forget_everything(pool: Pool) -> None:
    """Leave the database as it was before anything was heard; takes a superuser's rights."""
    for table in COLUMNS:
        await pool.execute(f"DELETE FROM report.{table}")
    for table in ("event_log", "inbox", "dead_letters", "parked"):
        await pool.execute(f"DELETE FROM {table}")
    await pool.execute("UPDATE event_log_head SET position = 0")
