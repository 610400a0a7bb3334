"""What each person's calendar holds of each meeting, and the mail that brings it to the present state."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Literal
from uuid import UUID

from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import (
    MeetingCancelled,
    MeetingHeld,
    MeetingRescheduled,
    MeetingScheduled,
    PersonInvited,
    PersonUninvited,
)
from mathshubs.ids import derived

Kind = Literal["invitation", "change", "withdrawal", "cancellation"]
State = Literal["queued", "waiting-for-address", "superseded"]
Key = tuple[UUID, UUID]
"""A meeting and a person."""

UID_DOMAIN = "mathshubs.example"


@dataclass(frozen=True, slots=True)
class Slot:
    """What a calendar shows of a meeting: a change of any of it is told."""

    starts_at: datetime
    ends_at: datetime
    mode: str
    name: str
    """The Work Group's."""
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as scheduling last told of it."""

    slot: Slot
    is_held: bool = False
    cancelled: str | None = None
    """The code of why it does not take place; None while it is to."""

    def is_over(self, now: datetime) -> bool:
        """Say whether it was reported as held, or has ended by `now`: nobody is written to about it any more."""
        return self.is_held or self.slot.ends_at <= now


@dataclass(frozen=True, slots=True)
class Entry:
    """One meeting in one person's calendar."""

    uid: str
    is_invited: bool = False
    sequence: int = -1
    """SEQUENCE of the last mail that was queued; -1 while there was none."""
    told: Slot | None = None
    """What the last mail that was queued would put into the calendar; None if nothing, or if it took the entry out."""


class Reach(Enum):
    """Whether mail can reach a person."""

    NOT_YET = "no address yet"
    REACHABLE = "reachable"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Notice:
    """What one mail tells: revision `revision` of an entry, which is also its SEQUENCE."""

    meeting_id: UUID
    person_id: UUID
    uid: str
    kind: Kind
    revision: int
    slot: Slot
    was: Slot | None = None
    state: State = "queued"
    why: str | None = None
    """The code of why the meeting is cancelled, where the mail says that it is."""


def uid_of(meeting_id: UUID, person_id: UUID) -> str:
    """Return the UID of this meeting in this person's calendar, the same for ever."""
    return f"{derived('invitation', str(meeting_id), str(person_id))}@{UID_DOMAIN}"


def tell(key: Key, entry: Entry, meeting: Meeting, reach: Reach, now: datetime) -> tuple[Entry, Notice | None]:
    """Return the mail that brings a calendar to the present state, if one is due, and the entry after it.

    Nothing is told of a meeting that is over, or to somebody who was erased. What was queued of it is given
    up, so the entry stands as if it had moved along: if the meeting comes back, where it is then is told.
    Where there is no address yet, one invitation waits for it and always says the present state, so that it
    is the only mail.
    """
    if meeting.is_over(now):
        return replace(entry, told=entry.told and meeting.slot), None
    if reach is Reach.ERASED:
        return entry, None
    wanted = meeting.slot if entry.is_invited and meeting.cancelled is None else None
    if reach is Reach.NOT_YET:
        state: Literal["waiting-for-address", "superseded"] = "waiting-for-address" if wanted else "superseded"
        return entry, Notice(*key, entry.uid, "invitation", 0, meeting.slot, state=state)
    if wanted == entry.told:
        return entry, None
    kind = _kind(entry, meeting, wanted)
    why = meeting.cancelled if kind == "cancellation" else None
    revised = replace(entry, sequence=entry.sequence + 1, told=wanted)
    return revised, Notice(*key, entry.uid, kind, revised.sequence, meeting.slot, entry.told, why=why)


def _kind(entry: Entry, meeting: Meeting, wanted: Slot | None) -> Kind:
    if wanted is not None:
        return "invitation" if entry.told is None else "change"
    return "cancellation" if meeting.cancelled else "withdrawal"


@dataclass
class Ledger:
    """The entries that a batch of facts may touch, while it is heard at the instant `now`."""

    now: datetime
    meetings: dict[UUID, Meeting] = field(default_factory=dict)
    entries: dict[Key, Entry] = field(default_factory=dict)
    reach: dict[UUID, Reach] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    changed_meetings: set[UUID] = field(default_factory=set)
    changed_entries: set[Key] = field(default_factory=set)

    def hear(self, fact: Event) -> None:
        """Take up what scheduling says and note the mails that follow from it.

        An invitation to a meeting of which nothing is known yet is remembered, and told once it is known.
        """
        match fact:
            case MeetingScheduled():
                slot = Slot(fact.starts_at, fact.ends_at, fact.mode, fact.work_group_name, fact.place)
                known = self.meetings.get(fact.meeting_id)
                self._meet(fact.meeting_id, Meeting(slot, is_held=known is not None and known.is_held))
            case MeetingRescheduled() if known := self.meetings.get(fact.meeting_id):
                moved = replace(known.slot, starts_at=fact.starts_at, ends_at=fact.ends_at)
                self._meet(fact.meeting_id, replace(known, slot=moved))
            case MeetingCancelled() if known := self.meetings.get(fact.meeting_id):
                self._cancel(fact.meeting_id, replace(known, cancelled=fact.reason))
            case MeetingHeld() if known := self.meetings.get(fact.meeting_id):
                self.meetings[fact.meeting_id] = replace(known, is_held=True)
                self.changed_meetings.add(fact.meeting_id)
            case PersonInvited():
                self._invite((fact.meeting_id, fact.person_id), is_invited=True)
            case PersonUninvited() if (fact.meeting_id, fact.person_id) in self.entries:
                self._invite((fact.meeting_id, fact.person_id), is_invited=False)

    def reach_at_last(self, person_id: UUID) -> None:
        """A first address has come: what waited for it goes out."""
        self.reach[person_id] = Reach.REACHABLE
        self._tell(self._of_person(person_id))

    def reach_elsewhere(self, person_id: UUID) -> None:
        """The address is another one: it gets the present state of each entry still to come.

        The old address hears nothing more, since it may never have been theirs; the UID stays, so a
        calendar that both addresses feed holds the meeting once.
        """
        for key in self._of_person(person_id):
            if self.entries[key].told is not None:
                self._tell([key], anew=True)

    def forget(self, person_id: UUID) -> None:
        """Nothing is told to this person any more."""
        self.reach[person_id] = Reach.ERASED

    def _meet(self, meeting_id: UUID, meeting: Meeting) -> None:
        self.meetings[meeting_id] = meeting
        self.changed_meetings.add(meeting_id)
        self._tell([key for key in self.entries if key[0] == meeting_id])

    def _cancel(self, meeting_id: UUID, meeting: Meeting) -> None:
        """Nobody is invited any more: whoever is, once it is planned anew, is said so then."""
        for key in [key for key, entry in self.entries.items() if key[0] == meeting_id and entry.is_invited]:
            self.entries[key] = replace(self.entries[key], is_invited=False)
            self.changed_entries.add(key)
        self._meet(meeting_id, meeting)

    def _invite(self, key: Key, *, is_invited: bool) -> None:
        entry = self.entries.get(key) or Entry(uid_of(*key))
        self.entries[key] = replace(entry, is_invited=is_invited)
        self.changed_entries.add(key)
        self._tell([key])

    def _of_person(self, person_id: UUID) -> list[Key]:
        return [key for key in self.entries if key[1] == person_id]

    def _tell(self, keys: Iterable[Key], *, anew: bool = False) -> None:
        for key in sorted(keys):
            meeting = self.meetings.get(key[0])
            if meeting is None or (anew and meeting.is_over(self.now)):
                continue
            before = self.entries[key]
            known = replace(before, told=None) if anew else before
            reach = self.reach.get(key[1], Reach.NOT_YET)
            self.entries[key], notice = tell(key, known, meeting, reach, self.now)
            if notice:
                self.notices.append(notice)
            if notice or self.entries[key] != before:
                self.changed_entries.add(key)
