"""Scheduling heard on a real Postgres by its real hearings: what Kafka would bring, brought by hand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

from mathshubs import inbox, settling
from mathshubs.envelope import CloudEvent, encode
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import (
    AdvocateSlotVacated,
    LeadSpecialistAssigned,
    MasteryAdvocateNominated,
    SchoolJoinedWorkGroup,
    SchoolWithdrewFromWorkGroup,
    WorkGroupFormed,
)
from mathshubs.events.enrolment.people import PersonMerged
from mathshubs.hearing import Hearing, Record
from mathshubs.ids import References
from mathshubs.parking import due_keys
from mathshubs.postgres import TRANSIENT, Pool
from scheduling.listen import hearings

SECRET = "a-secret-of-these-tests"
RIVER_VALE, MOORSIDE = "river-vale", "moorside"
NAMES = References(SECRET)
REPORTS, FACTS = hearings(SECRET)
ELM_PARK = "136771"
SAID = datetime(2024, 9, 13, 9, tzinfo=UTC)


def person(reference: str, hub: str = RIVER_VALE) -> UUID:
    """The id of whom this hub calls so."""
    return NAMES.resolve(hub, "person", reference)


def work_group(reference: str, hub: str = RIVER_VALE) -> UUID:
    """The id of the Work Group that this hub calls so."""
    return NAMES.resolve(hub, "work_group", reference)


def meeting(reference: str, hub: str = RIVER_VALE) -> UUID:
    """The id of the meeting that this hub calls so."""
    return NAMES.resolve(hub, "meeting", reference)


def formed(reference: str, lead: UUID | None = None, hub: str = RIVER_VALE) -> WorkGroupFormed:
    """Enrolment says that there is this Work Group."""
    return WorkGroupFormed(
        effective_at=SAID,
        hub=hub,
        school_year="2024/25",
        work_group_id=work_group(reference, hub),
        name=f"Group {reference}",
        programme="secondary-teaching-for-mastery",
        stage="development",
        lead_id=lead,
    )


def nominated(reference: str, advocate: UUID, day: date, hub: str = RIVER_VALE) -> MasteryAdvocateNominated:
    """Enrolment says that this person holds a slot in the Work Group from this day on."""
    return MasteryAdvocateNominated(
        effective_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
        hub=hub,
        school_year="2024/25",
        work_group_id=work_group(reference, hub),
        school_urn=ELM_PARK,
        person_id=advocate,
        effective_on=day,
    )


def of_group(reference: str, day: date, hub: str = RIVER_VALE) -> dict[str, Any]:
    """What each fact of enrolment about this Work Group has, that is true from this day on."""
    since = datetime(day.year, day.month, day.day, tzinfo=UTC)
    named = {"hub": hub, "school_year": "2024/25", "work_group_id": work_group(reference, hub)}
    return {**named, "effective_at": since, "effective_on": day, "school_urn": ELM_PARK}


def vacated(reference: str, advocate: UUID, day: date, hub: str = RIVER_VALE) -> AdvocateSlotVacated:
    """Enrolment says that this person gives up their slot."""
    return AdvocateSlotVacated(**of_group(reference, day, hub), person_id=advocate, reason="workload")


def assigned(reference: str, lead: UUID, day: date, hub: str = RIVER_VALE) -> LeadSpecialistAssigned:
    """Enrolment says that this person leads from this day on."""
    return LeadSpecialistAssigned(**of_group(reference, day, hub), lead_id=lead)


TAKES_PART: Mapping[str, Any] = {"lineage": "136771", "programme": "secondary-teaching-for-mastery"}


def joined(reference: str, day: date, hub: str = RIVER_VALE, **more: Any) -> SchoolJoinedWorkGroup:  # noqa: ANN401
    """Enrolment says that Elm Park takes part from this day on."""
    said = {**of_group(reference, day, hub), **TAKES_PART, "stage": "development", "local_authority_code": "330"}
    return SchoolJoinedWorkGroup(**{**said, **more})


def withdrew(reference: str, day: date, hub: str = RIVER_VALE) -> SchoolWithdrewFromWorkGroup:
    """Enrolment says that Elm Park takes part no more."""
    said = {**of_group(reference, day, hub), **TAKES_PART, "stage": "development", "reason": "staffing"}
    return SchoolWithdrewFromWorkGroup(**said)


def merged(duplicate: UUID, into: UUID, hub: str = RIVER_VALE) -> PersonMerged:
    """Enrolment says that these are one person."""
    return PersonMerged(effective_at=SAID, hub=hub, person_id=duplicate, into_id=into)


@dataclass(frozen=True)
class Report:
    """One report of a hub: its kind, such as `MeetingHeld`, its data and the hub that sends it."""

    kind: str
    data: Mapping[str, Any] = field(hash=False)
    hub: str = RIVER_VALE


def scheduled(reference: str, group: str, starts_at: str, ends_at: str, hub: str = RIVER_VALE, **more: Any) -> Report:  # noqa: ANN401
    """A hub reports that this meeting is planned."""
    data = {"meeting": reference, "work_group": group, "starts_at": starts_at, "ends_at": ends_at, "mode": "online"}
    return Report("MeetingScheduled", data | more, hub)


def rescheduled(reference: str, starts_at: str, ends_at: str, hub: str = RIVER_VALE) -> Report:
    """A hub reports that this meeting has moved."""
    return Report("MeetingRescheduled", {"meeting": reference, "starts_at": starts_at, "ends_at": ends_at}, hub)


def held(
    reference: str, group: str, starts_at: str, ends_at: str, marks: Mapping[str, str], *, hub: str = RIVER_VALE
) -> Report:
    """A hub reports that this meeting was held, and how each marked person attended."""
    attendance = [{"person": who, "status": status} for who, status in marks.items()]
    data = {"meeting": reference, "work_group": group, "starts_at": starts_at, "ends_at": ends_at, "mode": "online"}
    return Report("MeetingHeld", {**data, "attendance": attendance}, hub)


def cancelled(reference: str, reason: str = "snow", hub: str = RIVER_VALE) -> Report:
    """A hub reports that this meeting does not take place."""
    return Report("MeetingCancelled", {"meeting": reference, "reason": reason}, hub)


def corrected(reference: str, who: str, status: str, reason: str = "register-mistake", hub: str = RIVER_VALE) -> Report:
    """A hub puts right how this person attended."""
    return Report("AttendanceCorrected", {"meeting": reference, "person": who, "status": status, "reason": reason}, hub)


class Wire:
    """The topics as far as scheduling hears them; each record has its own offset and, unless told, its own id."""

    def __init__(self, pool: Pool) -> None:
        """Take the pool of scheduling's database."""
        self.pool = pool
        self._places = count()

    def record(self, said: Report | Event, event_id: str | None = None) -> Record:
        """Return the record that Kafka would bring."""
        place = next(self._places)
        name = event_id or f"event-{place}"
        if isinstance(said, Report):
            kind, source, topic = f"uk.mathshubs.hub.scheduling.{said.kind}.v1", "/mis", f"hubs.{said.hub}.events"
            data: Mapping[str, Any] = said.data
        else:
            kind, source, topic, data = said.type, "/enrolment", "enrolment.facts", said.model_dump(mode="json")
        headers, value = encode(CloudEvent(name, source, kind, SAID, data))
        return Record(topic, 0, place, None, value, headers)

    async def hears(self, *said: Report | Event) -> None:
        """Have scheduling hear these, each alone, in this order."""
        for one in said:
            await self.takes([self.record(one)])

    async def takes(self, records: Sequence[Record]) -> None:
        """Have scheduling hear one batch, as its inbox does: again when another transaction won a race."""
        hearing = REPORTS if records[0].topic.startswith("hubs.") else FACTS
        for attempt in range(10):
            try:
                async with self.pool.acquire() as db, db.transaction():
                    await inbox.hear(db, hearing, records, firm=attempt >= inbox.FIRM_AFTER)
            except (*TRANSIENT, *settling.RACES):
                continue
            return
        raise AssertionError("ten tries were not enough")

    async def lets_go_on(self) -> None:
        """Look at what is parked until nothing more goes on, as its duty does; no time passes."""
        again = True
        while again:
            again = False
            for hearing in (REPORTS, FACTS):
                again |= await self._looks_again(hearing)

    async def _looks_again(self, hearing: Hearing) -> bool:
        again = False
        async with self.pool.acquire() as db, db.transaction():
            await db.execute("UPDATE parked SET due_at = clock_timestamp()")
            for key in await due_keys(db, hearing.consumer):
                before = await db.fetchval("SELECT count(*) FROM parked")
                again |= await settling.look_again(db, hearing, key)
                again |= before != await db.fetchval("SELECT count(*) FROM parked")
        return again

    async def rows(self, statement: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Return what is written, as tuples."""
        found: list[asyncpg.Record] = await self.pool.fetch(statement, *arguments)
        return [tuple(row) for row in found]

    async def facts(self, kind: str) -> list[dict[str, Any]]:
        """Return the facts of this kind that were said, in their order."""
        pattern = f"uk.mathshubs.scheduling.{kind}.v1"
        rows = await self.pool.fetch("SELECT data FROM journal WHERE type = $1 ORDER BY seq", pattern)
        return [json.loads(row["data"]) for row in rows]

    async def receipts(self) -> list[tuple[str, list[str]]]:
        """Return outcome and codes of each receipt, in their order."""
        found = await self.facts("EventAnswered")
        return [(one["outcome"], [reason["code"] for reason in one["reasons"]]) for one in found]
