"""Histories of a school year drawn at random, the orders in which they may be heard, and a plain recount of them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from mathshubs.clock import london_day, start_of
from mathshubs.events.enrolment.schools import SchoolDetailsChanged
from mathshubs.postgres import Pool
from reporting.measures.domain import Asked, Level, instant_of
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

GROUPS = {named("g1"): RIVER_VALE, named("g2"): RIVER_VALE, named("g3"): HIGH_FELLS}
STAGES = dict(zip(GROUPS, ("development", "embedding", "development"), strict=True))
URNS = ("900001", "900002", "900003", "900004")
ACADEMIES = ("900008", "900009")
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
    match draw(
        st.sampled_from(
            ["join", "join", "join", "meeting", "meeting", "correction", "correction", "link", "details", "details"]
        )
    ):
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
        case "details":
            authority = draw(st.sampled_from(["502", "503"]))
            moved = school(urn, f"School {urn}", region="South West", authority=authority, effective_at=start_of(day))
            story.tell(SchoolDetailsChanged(**moved.model_dump()), at=at)


def _tell_meeting(draw: st.DrawFn, story: Story, at: datetime, day: date) -> None:
    group = draw(groups)
    meeting = named(f"meeting {len(story.said)}")
    starts = datetime(day.year, day.month, day.day, draw(st.sampled_from([0, 13, 23])), 30, tzinfo=UTC)
    story.tell(scheduled(meeting, group, GROUPS[group], starts), at=at)
    if draw(st.sampled_from([True, True, False])):
        story.tell(held(meeting, group, GROUPS[group], starts), at=at)
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


async def recounted(pool: Pool, asked: Asked) -> dict[Level, dict[str, tuple[int, int, int, int]]]:
    """Count again, fact by fact, out of the log: by level and code, schools registered, engaged, present, expected."""
    rows = await pool.fetch(
        "SELECT type, version, effective_at, recorded_at, data FROM event_log WHERE recorded_at <= $1 ORDER BY version",
        asked.known_at,
    )
    facts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        about = {"effective": row["effective_at"], "version": row["version"]}
        facts[row["type"].split(".")[3]].append(json.loads(row["data"]) | about)
    return _Recount(facts, asked).by_level()


class _Recount:
    """Dictionaries and loops, nothing shared with what it is held against."""

    def __init__(self, facts: dict[str, list[dict[str, Any]]], asked: Asked) -> None:
        self.asked, self.day = asked, london_day(asked.as_at)
        self.groups = {f["work_group_id"]: f for f in facts["WorkGroupFormed"] if asked.stage in (None, f["stage"])}
        self.joins = {
            (f["work_group_id"], f["school_urn"])
            for f in facts["SchoolJoinedWorkGroup"]
            if f["work_group_id"] in self.groups and date.fromisoformat(f["effective_on"]) <= self.day
        }
        self.slots: dict[tuple[str, str, str], date] = {}
        for f in facts["MasteryAdvocateNominated"]:
            slot = (f["work_group_id"], f["school_urn"], f["person_id"])
            on = date.fromisoformat(f["effective_on"])
            self.slots[slot] = min(on, self.slots.get(slot, on))
        self.held = [f for f in facts["MeetingHeld"] if f["effective"] <= asked.as_at]
        self.marks: dict[tuple[str, str], dict[str, Any]] = {}
        for f in sorted(facts["AttendanceRecorded"], key=lambda mark: mark["revision"]):
            if f["effective"] <= asked.as_at:
                self.marks[f["meeting_id"], f["person_id"]] = f
        self.all_links = facts["SchoolReplacedBy"]
        self.entries = facts["SchoolRegistered"] + facts["SchoolDetailsChanged"]

    def lineage(self, urn: str) -> str:
        """Follow the links that are dated by the day: the oldest first, then the lower URN."""
        latest = {(f["predecessor_urn"], f["successor_urn"]): f["on"] for f in self.all_links}
        dated = [
            ((on and date.fromisoformat(on)) or date.min, successor)
            for (predecessor, successor), on in latest.items()
            if predecessor == urn
        ]
        reached = sorted(link for link in dated if link[0] <= self.day)
        return reached[0][1] if reached else urn

    def places(self, urn: str, code: str) -> dict[Level, str]:
        """Return where a school counts: by what the register says of its lineage on the day."""
        root = self.lineage(urn)
        entry = [f for f in self.entries if f["urn"] == root and f["effective"] <= self.asked.as_at]
        [at] = [max(entry, key=lambda f: f["version"])]
        region = {"London": "E12000007", "North East": "E12000001", "South West": "E12000009"}[at["region"]]
        return {
            Level.NATIONAL: "E92000001",
            Level.HUB: code,
            Level.REGION: region,
            Level.LOCAL_AUTHORITY: at["local_authority_code"],
        }

    def by_level(self) -> dict[Level, dict[str, tuple[int, int, int, int]]]:
        """Count for every place of every level."""
        registered: defaultdict[tuple[Level, str], set[str]] = defaultdict(set)
        engaged: defaultdict[tuple[Level, str], set[str]] = defaultdict(set)
        came: defaultdict[tuple[Level, str], int] = defaultdict(int)
        expected: defaultdict[tuple[Level, str], int] = defaultdict(int)
        for group, urn in self.joins:
            for where in self.places(urn, self.groups[group]["hub"]).items():
                registered[where].add(self.lineage(urn))
        for meeting in self.held:
            group = meeting["work_group_id"]
            on = london_day(datetime.fromisoformat(meeting["starts_at"]))
            for (slot_group, urn, person), since in self.slots.items():
                if slot_group != group or group not in self.groups or since > on:
                    continue
                mark = self.marks.get((meeting["meeting_id"], person))
                present = mark is not None and mark["status"] in ("present", "late", "partial")
                for where in self.places(urn, self.groups[group]["hub"]).items():
                    expected[where] += 1
                    came[where] += present
                    if present and any(
                        (g, urn) in self.joins
                        for g in self.groups
                        if self.groups[g]["hub"] == self.groups[group]["hub"]
                    ):
                        engaged[where].add(self.lineage(urn))
        found: defaultdict[Level, dict[str, tuple[int, int, int, int]]] = defaultdict(dict)
        for where in registered.keys() | expected.keys():
            level, code = where
            found[level][code] = (len(registered[where]), len(engaged[where]), came[where], expected[where])
        return found
