"""The table of what enrolment is asked: who holds the state, which rule decides; and what is done beside it."""

import asyncio
import contextlib
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from enrolment.intake import domain as intake
from enrolment.intake import store as intake_store
from enrolment.intake.domain import ExpressInterest
from enrolment.participation import domain as participation
from enrolment.participation.domain import (
    AssignLead,
    Candidate,
    FormWorkGroup,
    JoinWorkGroup,
    LookAgain,
    NominateAdvocate,
    ReplaceAdvocate,
    WithdrawSchool,
    and_what_follows,
)
from enrolment.participation.store import holding
from enrolment.people import domain as people
from enrolment.people import store as people_store
from enrolment.people.domain import Acquaintance, ErasePerson, ReportPerson
from enrolment.people.store import Traces
from enrolment.schools import store as schools
from enrolment.schools.domain import eligibility
from enrolment.specialists import domain as specialists
from enrolment.specialists import store as specialists_store
from enrolment.specialists.domain import Known, LetLapse, TakeAccreditationStep, TakeProgrammeStep
from mathshubs import clock, journal, stones
from mathshubs.answering import Answer, Answers
from mathshubs.events import Event
from mathshubs.events.enrolment.people import PersonForgotten
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.ids import References
from mathshubs.journal import Cause, Entry
from mathshubs.postgres import Db, Pool

PAUSES: Final = (0.1, 0.3, 1, 3)
"""Seconds between two tries of an erasure."""


async def judge(
    db: Db, urns: Collection[str], candidates: Collection[Candidate]
) -> tuple[Mapping[str, str], Mapping[Candidate, tuple[str, ...]]]:
    """Say which of `urns` the register has, each with its local authority's code, and why candidates may not take part.

    All are held until the decision.
    """
    known = await schools.hold(db, urns)
    years = {(candidate.programme, candidate.school_year) for candidate in candidates}
    policies = {year: await schools.policy(db, *year) for year in sorted(years)}
    reasons = {
        c: eligibility(known[c.school_urn], c.day, policies[c.programme, c.school_year])
        for c in candidates
        if c.school_urn in known
    }
    return {urn: school.local_authority_code for urn, school in known.items()}, reasons


async def judge_interest(
    db: Db, urns: Collection[str], wanted: Collection[intake_store.Judged]
) -> Mapping[intake_store.Judged, tuple[str, ...]]:
    """Say why each school that would take part may not."""
    _, reasons = await judge(db, urns, [Candidate._make(one) for one in wanted])
    return {(one.school_urn, one.day, one.programme, one.school_year): why for one, why in reasons.items()}


Personal = ReportPerson | ErasePerson | specialists.Request
"""What is asked about one person."""


@dataclass(frozen=True, slots=True)
class HeldPeople:
    """The people and the specialists whom a batch names; a person's id is the key of both."""

    people: people_store.Held
    specialists: specialists_store.Held

    def state(self, ask: Personal) -> Acquaintance | Known:
        """Return what the rule must know."""
        if isinstance(ask, ReportPerson | ErasePerson):
            return self.people.state(ask)
        return self.specialists.state(ask)

    def evolve(self, fact: Event) -> None:
        """Take up `fact`."""
        self.people.evolve(fact)
        self.specialists.evolve(fact)

    async def keep(self, db: Db) -> None:
        """Write what has changed."""
        await self.people.keep(db)
        await self.specialists.keep(db)


async def hold_people(db: Db, asked: Sequence[Personal]) -> HeldPeople:
    """Hold everybody whom `asked` names in one sweep, so that two batches never wait for each other."""
    await journal.hold(db, {str(ask.person_id) for ask in asked})
    of_people = [ask for ask in asked if isinstance(ask, ReportPerson | ErasePerson)]
    of_specialists = [ask for ask in asked if not isinstance(ask, ReportPerson | ErasePerson)]
    return HeldPeople(await people_store.hold(db, of_people), await specialists_store.hold(db, of_specialists))


work_groups = holding(trace=schools.lineages, judge=judge)

ANSWERS = Answers(
    "enrolment",
    {
        FormWorkGroup: Answer(holds=work_groups, by=and_what_follows(participation.form_work_group)),
        JoinWorkGroup: Answer(holds=work_groups, by=and_what_follows(participation.join_work_group)),
        NominateAdvocate: Answer(holds=work_groups, by=and_what_follows(participation.nominate_advocate)),
        ReplaceAdvocate: Answer(holds=work_groups, by=and_what_follows(participation.replace_advocate)),
        WithdrawSchool: Answer(holds=work_groups, by=and_what_follows(participation.withdraw_school)),
        LookAgain: Answer(holds=work_groups, by=participation.look_again),
        MeetingHeld: Answer(holds=work_groups, by=participation.take_evidence),
        AttendanceRecorded: Answer(holds=work_groups, by=participation.take_evidence),
        AssignLead: Answer(holds=work_groups, by=and_what_follows(participation.assign_lead)),
        ReportPerson: Answer(hold_people, people.report_person, people_store.published),
        ErasePerson: Answer(hold_people, people.erase_person, people_store.published),
        TakeProgrammeStep: Answer(holds=hold_people, by=specialists.take_programme_step),
        TakeAccreditationStep: Answer(holds=hold_people, by=specialists.take_accreditation_step),
        LetLapse: Answer(holds=hold_people, by=specialists.let_lapse),
        ExpressInterest: Answer(holds=intake_store.holding(judge_interest), by=intake.express_interest),
    },
)


async def say_what_lapsed(db: Db, now: datetime) -> None:
    """Say of every accreditation that has run out by `now` that it has lapsed, each once."""
    today = clock.london_day(now)
    for person_id in await specialists_store.due_to_lapse(db, today):
        await ANSWERS.ask(db, LetLapse(person_id, today), Cause(actor="service:enrolment", reason="run out"))


async def traces(pool: Pool, person_id: UUID, references: References) -> Traces:
    """Return which hubs named a person and what the person is called, here and in what was never accepted."""
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        return await people_store.traces(db, person_id, references)


async def erase(
    pool: Pool,
    person_id: UUID,
    *,
    by: str,
    why: str,
    references: References,
    named_by: str | None = None,
    known: Collection[str] = (),
) -> dict[str, int]:
    """Forget a person, here and, by what is said of it, in every other service; return counts by store.

    Their row becomes a stone; what waits, died or is still to be published loses their name, address and
    number; a tombstone follows on `people.current`. All of it or, on any error, nothing: where a busy service
    and this one hold what the other wants, it is done again. Done once more, it looks through the records again
    and says nothing new.

    Args:
        named_by: the hub that named the person, where nothing that did so was ever accepted.
        known: words that name the person, as somebody remembers them who began this before.

    Raises:
        UnknownPerson: if nobody was reported under this id, and `named_by` names no hub.
    """
    order = ErasePerson(person_id, clock.now(), named_by)
    cause = Cause(actor=f"operator:{by}", reason=why)
    for pause in PAUSES:
        with contextlib.suppress(asyncpg.TransactionRollbackError):  # deadlocks, above all
            return await _erase(pool, order, cause, references, known)
        await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311
    return await _erase(pool, order, cause, references, known)


async def _erase(
    pool: Pool, order: ErasePerson, cause: Cause, references: References, known: Collection[str]
) -> dict[str, int]:
    person_id = order.person_id
    async with pool.acquire() as db, db.transaction():
        words = await people_store.words_for(db, person_id, references, known)
        erased = await ANSWERS.ask(db, order, cause)
        await stones.lay(db, {person_id: order.at})
        notes = await intake_store.forget_notes(db, person_id, words)
        counts = {"people": len(erased), "notes": notes}
        counts |= await people_store.scrub(db, person_id, words, references)
        forgotten = [
            PersonForgotten(effective_at=order.at, hub=fact.hub, person_id=person_id, scrubbed=counts)
            for fact in erased
        ]
        await journal.record(db, [Entry.of_fact("enrolment", fact, cause) for fact in forgotten])
    return counts
