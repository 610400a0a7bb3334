"""The table of what enrolment is asked: who holds the state, which rule decides; and what is done beside it."""

from collections.abc import Collection, Mapping
from uuid import UUID

from enrolment.participation import domain as participation
from enrolment.participation.domain import Candidate, FormWorkGroup, JoinWorkGroup, NominateAdvocate
from enrolment.participation.store import holding
from enrolment.people import domain as people
from enrolment.people import store as people_store
from enrolment.people.domain import ErasePerson, ReportPerson
from enrolment.schools import store as schools
from enrolment.schools.domain import eligibility
from mathshubs import clock, journal
from mathshubs.answering import Answer, Answers
from mathshubs.events.enrolment.people import PersonForgotten
from mathshubs.ids import References
from mathshubs.journal import Cause, Entry
from mathshubs.postgres import Db, Pool


async def judge(
    db: Db, urns: Collection[str], candidates: Collection[Candidate]
) -> tuple[frozenset[str], Mapping[Candidate, tuple[str, ...]]]:
    """Say which of `urns` the register has, and why each candidate may not take part; held until the decision."""
    known = await schools.hold(db, urns)
    years = {(candidate.programme, candidate.school_year) for candidate in candidates}
    policies = {year: await schools.policy(db, *year) for year in sorted(years)}
    reasons = {
        c: eligibility(known[c.school_urn], c.day, policies[c.programme, c.school_year])
        for c in candidates
        if c.school_urn in known
    }
    return frozenset(known), reasons


work_groups = holding(trace=schools.lineages, judge=judge)

ANSWERS = Answers(
    "enrolment",
    {
        FormWorkGroup: Answer(holds=work_groups, by=participation.form_work_group),
        JoinWorkGroup: Answer(holds=work_groups, by=participation.join_work_group),
        NominateAdvocate: Answer(holds=work_groups, by=participation.nominate_advocate),
        ReportPerson: Answer(people_store.hold, people.report_person, people_store.published),
        ErasePerson: Answer(people_store.hold, people.erase_person, people_store.published),
    },
)


async def erase(pool: Pool, person_id: UUID, *, by: str, why: str, references: References) -> dict[str, int]:
    """Forget a person, here and, by what is said of it, in every other service; return counts by store.

    Their row becomes a stone; what waits, died or is still to be published loses their name, address and
    number; a tombstone follows on `people.current`. All of it or, on any error, nothing. Done again, it
    looks through the records again and says nothing new.

    Raises:
        UnknownPerson: if nobody was reported under this id.
    """
    async with pool.acquire() as db, db.transaction():
        at, cause = clock.now(), Cause(actor=f"operator:{by}", reason=why)
        words = await people_store.words_for(db, person_id)
        erased = await ANSWERS.ask(db, ErasePerson(person_id, at), cause)
        counts = {"people": len(erased), **await people_store.scrub(db, person_id, words, references)}
        forgotten = [
            PersonForgotten(effective_at=at, hub=fact.hub, person_id=person_id, scrubbed=counts) for fact in erased
        ]
        await journal.record(db, [Entry.of_fact("enrolment", fact, cause) for fact in forgotten])
    return counts
