"""What is done with each thing heard: addresses and the ledger are kept, and the mail that follows is queued."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from mathshubs import clock, journal
from mathshubs.events import Event
from mathshubs.events.enrolment.hubs import ApiKeyRevoked
from mathshubs.events.enrolment.people import Person, PersonMerged
from mathshubs.events.notification.people import PersonForgotten
from mathshubs.events.scheduling.meetings import (
    MeetingCancelled,
    MeetingHeld,
    MeetingRescheduled,
    MeetingScheduled,
    PersonInvited,
    PersonUninvited,
)
from mathshubs.hearing import Applied, Behind, Blocked, Heard, Outcome, is_blocked
from mathshubs.journal import Cause, Entry
from mathshubs.postgres import Db
from notification.deliveries.domain.delivery import Delivery
from notification.deliveries.store import queued as deliveries
from notification.invitations import store as invitations
from notification.invitations.domain.ledger import Ledger, Notice, Reach
from notification.keys import store as keys
from notification.people import store as people
from notification.people.domain import STONE, Addressee, Change, Erasure, after
from notification.people.store import reach
from notification.preferences import store as preferences

OF_MEETINGS = (MeetingScheduled, MeetingRescheduled, MeetingCancelled, MeetingHeld, PersonInvited, PersonUninvited)
OF_PEOPLE = (Person, Erasure)


class Answers:
    """Takes what is heard in order; a batch is one transaction, a handful of statements whatever its size.

    Meetings are held first, then everybody whom they or the batch name, each kind in one sorted sweep:
    so an address and an invitation that arrive at the same moment in two processes always meet.
    """

    async def take(self, db: Db, heard: Sequence[Heard], blocked: Blocked) -> list[Outcome]:
        """Apply a batch in the caller's transaction."""
        outcomes: list[Outcome] = [Behind(h) if is_blocked(h, blocked) else Applied(h) for h in heard]
        going = [o.heard for o in outcomes if isinstance(o, Applied)]
        state = await _hold(db, [h.request for h in going])
        for one in going:
            state.hear(one.request, one.cause)
        await _keep(db, state)
        return outcomes


@dataclass
class State:
    """The ledger and the people of one batch."""

    ledger: Ledger
    people: dict[UUID, Addressee]
    changed: set[UUID] = field(default_factory=set)
    erased: dict[UUID, Cause] = field(default_factory=dict)
    moved: dict[UUID, Cause] = field(default_factory=dict)
    """Who has another address than before."""
    merged: dict[UUID, tuple[UUID, Cause]] = field(default_factory=dict)
    """The record that stays, by the one that means the same person."""
    revoked: set[UUID] = field(default_factory=set)
    """API keys."""
    deliveries: list[Delivery] = field(default_factory=list)

    def hear(self, request: Event | Person | Erasure, cause: Cause) -> None:
        """Take up one thing heard, and note the mails that follow from it."""
        before = len(self.ledger.notices)
        self._take_up(request, cause)
        self.deliveries += [delivery_of(notice, self.ledger, cause) for notice in self.ledger.notices[before:]]

    def _take_up(self, request: Event | Person | Erasure, cause: Cause) -> None:
        match request:
            case Person(person_id=who):
                self._hear_person(request, who, cause)
            case Erasure(person_id=who):
                self.people[who] = STONE
                self.changed.add(who)
                self.erased.setdefault(who, cause)
                self.ledger.forget(who)
            case PersonMerged(person_id=duplicate, into_id=stays):
                self.merged[duplicate] = (stays, cause)
            case ApiKeyRevoked(key_id=key):
                self.revoked.add(key)
            case _:
                self.ledger.hear(request)

    def _hear_person(self, person: Person, who: UUID, cause: Cause) -> None:
        known = self.people.get(who)
        self.people[who], change = after(known, person)
        if self.people[who] is not known:
            self.changed.add(who)
        if change is Change.FIRST_ADDRESS:
            self.ledger.reach_at_last(who)
        elif change is Change.ANOTHER_ADDRESS:
            self.moved[who] = cause
            self.ledger.reach_elsewhere(who)


async def _hold(db: Db, requests: Sequence[Event | Person | Erasure]) -> State:
    meeting_ids = {r.meeting_id for r in requests if isinstance(r, OF_MEETINGS)}
    heard_of = {r.person_id for r in requests if isinstance(r, OF_PEOPLE)}
    named = {r.person_id for r in requests if isinstance(r, PersonInvited | PersonUninvited)}
    named |= {who for r in requests if isinstance(r, PersonMerged) for who in (r.person_id, r.into_id)}
    await journal.hold(db, sorted(map(str, meeting_ids)))
    everybody = heard_of | named | await invitations.invited(db, meeting_ids)
    await journal.hold(db, sorted(map(str, everybody)))
    known = await people.load(db, everybody)
    ledger = await invitations.load(db, meeting_ids, heard_of, clock.now())
    ledger.reach = {who: Reach.ERASED if person.is_erased else Reach.REACHABLE for who, person in known.items()}
    return State(ledger, known)


async def _keep(db: Db, state: State) -> None:
    ledger = state.ledger
    await people.keep(db, {who: state.people[who] for who in state.changed})
    await invitations.keep(db, ledger)
    await reach.replace(db, {who: cause for who, cause in state.moved.items() if who not in state.erased})
    await deliveries.queue(db, state.deliveries)
    await deliveries.expire_meetings(db, [m for m in ledger.changed_meetings if ledger.meetings[m].is_over(ledger.now)])
    await keys.revoke(db, state.revoked)
    await preferences.merge(db, state.merged)
    if state.erased:
        await _forget(db, state.erased)


def delivery_of(notice: Notice, ledger: Ledger, cause: Cause) -> Delivery:
    """Return the mail that tells what the ledger wants told, stamped with the instant at which it was decided."""
    slot, was = notice.slot, notice.was
    return Delivery(
        notice.meeting_id,
        notice.person_id,
        notice.uid,
        notice.kind,
        notice.revision,
        slot.starts_at,
        slot.ends_at,
        slot.mode,
        slot.name,
        slot.place,
        was.starts_at if was else None,
        was.ends_at if was else None,
        ledger.now,
        notice.state,
        notice.why,
        cause=cause,
    )


async def _forget(db: Db, erased: dict[UUID, Cause]) -> None:
    """Scrub what other tables hold of these people, and say so with the counts."""
    written_to = await deliveries.scrub(db, erased)
    unread = await people.scrub_records(db, erased)
    await reach.scrub(db, erased)
    had_said = await preferences.scrub(db, erased)
    lines = []
    for who, cause in sorted(erased.items()):
        scrubbed = {"people": 1, "deliveries": written_to.get(who, 0), "records": unread.get(who, 0)}
        scrubbed["preferences"] = int(who in had_said)
        fact = PersonForgotten(effective_at=clock.now(), person_id=who, scrubbed=scrubbed)
        lines.append(Entry.of_fact("notification", fact, cause))
    await journal.record(db, lines)
