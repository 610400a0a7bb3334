"""The table of what enrolment is asked: which rule decides, on what is held; and what is done beside it."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

import asyncpg

from enrolment.holding import Ask, Resolved, hold
from enrolment.intake import domain as intake
from enrolment.intake import store as intake_store
from enrolment.intake.domain import ExpressInterest
from enrolment.merging import merge_people
from enrolment.participation import domain as participation
from enrolment.participation.domain import (
    AssignLead,
    FormWorkGroup,
    JoinWorkGroup,
    LookAgain,
    NominateAdvocate,
    ReplaceAdvocate,
    WithdrawSchool,
    and_what_follows,
)
from enrolment.people import domain as people
from enrolment.people import store as people_store
from enrolment.people.domain import ErasePerson, MergePeople, ReportPerson
from enrolment.people.store import Traces
from enrolment.specialists import domain as specialists
from enrolment.specialists import store as specialists_store
from enrolment.specialists.domain import LetLapse, TakeAccreditationStep, TakeProgrammeStep
from mathshubs import clock, journal, stones
from mathshubs.answering import Answer, Answers, Beside, Rule, nothing
from mathshubs.events import Event
from mathshubs.events.enrolment.people import PersonForgotten
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.ids import References
from mathshubs.journal import Cause, Entry
from mathshubs.postgres import Db, Pool

PAUSES: Final = (0.1, 0.3, 1, 3)
"""Seconds between two tries of an erasure."""


def resolved(rule: Rule) -> Rule:
    """Return `rule` of what is held, asked of whoever stays in place of whoever was merged.

    What is on record of a duplicate, and is sent once more, is not new of whoever stays.
    """

    def decide(known: Resolved, _ask: Ask, today: date) -> Sequence[Event]:
        named = known.as_named
        if named and not rule(named.state, named.ask, today):
            return []
        return rule(known.state, known.ask, today)

    return decide


def answer(rule: Rule, beside: Beside = nothing) -> Answer:
    """Return how a request is answered: everything that its batch names is held at once."""
    return Answer(holds=hold, by=resolved(rule), beside=beside)


ANSWERS = Answers(
    "enrolment",
    {
        FormWorkGroup: answer(and_what_follows(participation.form_work_group)),
        JoinWorkGroup: answer(and_what_follows(participation.join_work_group)),
        NominateAdvocate: answer(and_what_follows(participation.nominate_advocate)),
        ReplaceAdvocate: answer(and_what_follows(participation.replace_advocate)),
        WithdrawSchool: answer(and_what_follows(participation.withdraw_school)),
        AssignLead: answer(and_what_follows(participation.assign_lead)),
        LookAgain: answer(participation.look_again),
        MeetingHeld: answer(participation.take_evidence),
        AttendanceRecorded: answer(participation.take_evidence),
        ReportPerson: answer(people.report_person, people_store.published),
        ErasePerson: answer(people.erase_person, people_store.published),
        MergePeople: answer(merge_people),
        TakeProgrammeStep: answer(specialists.take_programme_step),
        TakeAccreditationStep: answer(specialists.take_accreditation_step),
        LetLapse: answer(specialists.let_lapse),
        ExpressInterest: answer(intake.express_interest),
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
        return await people_store.traces(db, await people_store.records_of(db, person_id), references)


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

    Every record that was merged with theirs is forgotten too.

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
    async with pool.acquire() as db, db.transaction():
        same = await people_store.records_of(db, order.person_id)
        words = await people_store.words_for(db, same, references, known)
        counts: Counter[str] = Counter()
        forgotten: list[Entry] = []
        for person_id in sorted(same):
            asked = replace(order, person_id=person_id)
            scrubbed, erased = await _erase_record(db, asked, cause, references, words)
            counts.update(scrubbed)
            forgotten += [
                Entry.of_fact(
                    "enrolment",
                    PersonForgotten(effective_at=order.at, hub=fact.hub, person_id=person_id, scrubbed=scrubbed),
                    cause,
                )
                for fact in erased
            ]
        await journal.record(db, forgotten)
    return dict(counts)


async def _erase_record(
    db: Db, order: ErasePerson, cause: Cause, references: References, words: Collection[str]
) -> tuple[dict[str, int], list[Event]]:
    """Erase one record of a person; return of how many rows by store, and what was said."""
    erased = await ANSWERS.ask(db, order, cause)
    await stones.lay(db, {order.person_id: order.at})
    notes = await intake_store.forget_notes(db, order.person_id, words)
    scrubbed = await people_store.scrub(db, order.person_id, words, references)
    return {"people": len(erased), "notes": notes, **scrubbed}, erased
