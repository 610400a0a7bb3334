"""What scheduling said of a Work Group's meetings, as far as it shows who took part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, NamedTuple

from enrolment.participation.domain.places import Place
from enrolment.participation.domain.spans import is_on
from mathshubs.clock import london_day
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.events.spoken import AttendanceStatus, MeetingId, PersonId

CAME: Final = frozenset({"present", "late", "partial"})
"""Who came, for all of a meeting or a part of it (source: domain.md, M2 and M9)."""


class Mark(NamedTuple):
    """How somebody attended, by the latest revision heard."""

    status: AttendanceStatus
    revision: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """The held meetings of one Work Group by their days in London, and who attended how; heard in any order."""

    meetings: Mapping[MeetingId, date] = field(default_factory=dict)
    marks: Mapping[tuple[MeetingId, PersonId], Mark] = field(default_factory=dict)

    def with_meeting(self, fact: MeetingHeld) -> "Evidence":
        """Return it with a held meeting."""
        return replace(self, meetings={**self.meetings, fact.meeting_id: london_day(fact.starts_at)})

    def with_mark(self, fact: AttendanceRecorded) -> "Evidence":
        """Return it with how somebody attended, unless a later revision was heard before."""
        key, known = (fact.meeting_id, fact.person_id), self.marks.get((fact.meeting_id, fact.person_id))
        if known and known.revision >= fact.revision:
            return self
        return replace(self, marks={**self.marks, key: Mark(fact.status, fact.revision)})

    def came_to(self, places: Iterable[Place]) -> int:
        """Return to how many held meetings somebody came who then held a slot in one of `places`."""
        slots = [one for place in places for one in place.advocates]
        came = {
            meeting
            for (meeting, person), mark in self.marks.items()
            if mark.status in CAME and meeting in self.meetings
            for one in slots
            if one.person_id == person and is_on(one, self.meetings[meeting])
        }
        return len(came)
