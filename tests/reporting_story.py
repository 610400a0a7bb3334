"""Hubs, schools, advocates and a story of what they did, said as their services say it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from mathshubs.clock import start_of
from mathshubs.envelope import CloudEvent, encode
from mathshubs.events import Event
from mathshubs.events.enrolment.hubs import HubRegistered
from mathshubs.events.enrolment.participation import (
    MasteryAdvocateNominated,
    SchoolJoinedWorkGroup,
    WorkGroupFormed,
)
from mathshubs.events.enrolment.schools import SchoolRecord, SchoolRegistered, SchoolReplacedBy
from mathshubs.events.scheduling.meetings import MeetingHeld, MeetingScheduled
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.hearing import Record
from mathshubs.ids import References
from mathshubs.inbox import hear
from mathshubs.postgres import Pool
from reporting.listen import hearing

YEAR = "2026/27"
RIVER_VALE, HIGH_FELLS = "river-vale", "high-fells"
ELM_PARK, OAK_PARK, ASH_GROVE = "900001", "900002", "900003"
ELM_ACADEMY = "900009"
SEPTEMBER = datetime(2026, 9, 14, 15, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 8, 13, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 12, 14, tzinfo=UTC)
JOINING_DAY = SEPTEMBER.date()
LATER = datetime(2027, 7, 31, tzinfo=UTC)
REFERENCES = References("of these tests alone")
_SPACE = UUID("5b0a6cf5-6a39-4e21-8f0b-2f7a3a0e8c11")


def named(name: str) -> UUID:
    """Return the id that always stands for `name`."""
    return uuid5(_SPACE, name)


AMINA, BEN, CHLOE, DEV = (named(name) for name in ("amina", "ben", "chloe", "dev"))
GROUP_3, GROUP_5, FELLS_1 = (named(name) for name in ("group 3", "group 5", "fells 1"))


@dataclass(frozen=True, slots=True)
class Said:
    """A fact on its way: the topic it goes to, when its owner recorded it, its version and its id."""

    topic: str
    event: CloudEvent

    @property
    def key(self) -> str:
        """The aggregate whose facts keep their order."""
        return self.event.extensions["partitionkey"]

    def at(self, offset: int) -> Record:
        """Return it as Kafka gives it at `offset`."""
        headers, value = encode(self.event)
        return Record(self.topic, 0, offset, self.key.encode(), value, headers)


@dataclass
class Story:
    """What services say, in the order in which they say it."""

    said: list[Said] = field(default_factory=list)
    _versions: dict[str, int] = field(default_factory=dict)
    correlation: str = "c-1"
    """What all that is said next came of."""

    def came_of(self, correlation: str) -> "Story":
        """Have what is told next come of another report."""
        self.correlation = correlation
        return self

    def tell(self, *facts: Event, at: datetime | None = None) -> "Story":
        """Say `facts`, recorded at `at`, else when they were true."""
        for fact in facts:
            self.say(fact.type, fact.about, fact.model_dump(mode="json"), at or fact.effective_at)
        return self

    def say(self, kind: str, key: str, data: dict[str, Any], at: datetime) -> None:
        """Say a fact of any type, known or not."""
        self._versions[key] = version = self._versions.get(key, 0) + 1
        service = kind.split(".")[2]
        extensions = {"partitionkey": key, "sequence": str(version), "correlationid": self.correlation}
        identity = str(named(f"{kind} {key} {version}"))
        event = CloudEvent(identity, f"/{service}", kind, at, data, extensions)
        self.said.append(Said(f"{service}.facts", event))


async def deliver(pool: Pool, said: Iterable[Said], *, first_offset: int = 0, most: int = 2_000) -> None:
    """Have reporting hear `said` in this order, `most` to a transaction."""
    records = [one.at(offset) for offset, one in enumerate(said, first_offset)]
    for start in range(0, len(records), most):
        await hear_records(pool, records[start : start + most])


async def hear_records(pool: Pool, records: Sequence[Record]) -> None:
    """Hear one batch in one transaction, as the inbox does."""
    async with pool.acquire() as db, db.transaction():
        await hear(db, hearing(), records, firm=False)


def hub(code: str, name: str) -> HubRegistered:
    """A hub that takes part since before the school year."""
    return HubRegistered(effective_at=start_of(date(2026, 7, 1)), hub=code, code=code, name=name, region="North East")


def school(
    urn: str,
    name: str,
    *,
    kind: type[SchoolRecord] = SchoolRegistered,
    region: str = "North East",
    authority: str = "500",
    **more: Any,  # noqa: ANN401 -- any field of a school
) -> SchoolRecord:
    """A school that the register has had for long."""
    entry: dict[str, Any] = {
        "effective_at": start_of(date(2010, 9, 1)),
        "urn": urn,
        "name": name,
        "local_authority_code": authority,
        "local_authority_name": f"Authority {authority}",
        "region": region,
        "type_code": 34,
        "phase_code": 4,
        "status_code": 1,
    }
    return kind(**entry | more)


def became(predecessor: str, successor: str, on: date | None) -> SchoolReplacedBy:
    """One school took the place of another."""
    return SchoolReplacedBy(
        effective_at=start_of(on or date(1900, 9, 1)), predecessor_urn=predecessor, successor_urn=successor, on=on
    )


def formed(group: UUID, name: str, code: str, *, stage: str = "development", year: str = YEAR) -> WorkGroupFormed:
    """A Work Group of a hub."""
    return WorkGroupFormed(
        effective_at=SEPTEMBER,
        hub=code,
        school_year=year,
        work_group_id=group,
        name=name,
        programme="secondary-teaching-for-mastery",
        stage=stage,
    )


def joined(group: UUID, urn: str, code: str, *, on: date = JOINING_DAY, **more: Any) -> SchoolJoinedWorkGroup:  # noqa: ANN401
    """A school takes part from `on`."""
    entry: dict[str, Any] = {
        "effective_at": start_of(on),
        "hub": code,
        "school_year": YEAR,
        "work_group_id": group,
        "school_urn": urn,
        "lineage": urn,
        "programme": "secondary-teaching-for-mastery",
        "stage": "development",
        "effective_on": on,
    }
    return SchoolJoinedWorkGroup(**entry | more)


def nominated(group: UUID, urn: str, person: UUID, code: str, *, on: date = JOINING_DAY) -> MasteryAdvocateNominated:
    """A school names an advocate."""
    return MasteryAdvocateNominated(
        effective_at=start_of(on),
        hub=code,
        school_year=YEAR,
        work_group_id=group,
        school_urn=urn,
        person_id=person,
        effective_on=on,
    )


def scheduled(meeting: UUID, group: UUID, code: str, at: datetime) -> MeetingScheduled:
    """A meeting is planned."""
    return MeetingScheduled(
        effective_at=SEPTEMBER,
        hub=code,
        school_year=YEAR,
        meeting_id=meeting,
        work_group_id=group,
        work_group_name="River Vale Work Group 3",
        starts_at=at,
        ends_at=at + timedelta(hours=2, minutes=30),
        mode="face-to-face",
    )


def held(meeting: UUID, group: UUID, code: str, at: datetime) -> MeetingHeld:
    """A meeting took place."""
    return MeetingHeld(
        effective_at=at,
        hub=code,
        school_year=YEAR,
        meeting_id=meeting,
        work_group_id=group,
        starts_at=at,
        ends_at=at + timedelta(hours=2, minutes=30),
        mode="face-to-face",
    )


def attended(
    meeting: UUID, group: UUID, person: UUID, status: str, at: datetime, *, revision: int = 1
) -> AttendanceRecorded:
    """How one person attended."""
    return AttendanceRecorded(
        effective_at=at,
        hub=RIVER_VALE,
        school_year=YEAR,
        meeting_id=meeting,
        work_group_id=group,
        person_id=person,
        status=status,
        expected=True,
        revision=revision,
    )


def october() -> Story:
    """Two schools of River Vale joined Work Group 3; three of their four advocates were there in October."""
    meeting = named("october meeting")
    return Story().tell(
        hub(RIVER_VALE, "River Vale Maths Hub"),
        hub(HIGH_FELLS, "High Fells Maths Hub"),
        school(ELM_PARK, "Elm Park School"),
        school(OAK_PARK, "Oak Park School", region="London", authority="501"),
        formed(GROUP_3, "River Vale Work Group 3", RIVER_VALE),
        joined(GROUP_3, ELM_PARK, RIVER_VALE),
        joined(GROUP_3, OAK_PARK, RIVER_VALE),
        nominated(GROUP_3, ELM_PARK, AMINA, RIVER_VALE),
        nominated(GROUP_3, ELM_PARK, BEN, RIVER_VALE),
        nominated(GROUP_3, OAK_PARK, CHLOE, RIVER_VALE),
        nominated(GROUP_3, OAK_PARK, DEV, RIVER_VALE),
        scheduled(meeting, GROUP_3, RIVER_VALE, OCTOBER),
        held(meeting, GROUP_3, RIVER_VALE, OCTOBER),
        attended(meeting, GROUP_3, AMINA, "present", OCTOBER),
        attended(meeting, GROUP_3, BEN, "late", OCTOBER),
        attended(meeting, GROUP_3, CHLOE, "apologies", OCTOBER),
        attended(meeting, GROUP_3, DEV, "absent", OCTOBER),
    )
