"""What hubs ask of scheduling by reporting it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, get_args

from mathshubs.events.hub import meetings as reports
from mathshubs.events.hub.meetings import Mark
from mathshubs.events.scheduling.meetings import Cancelled, Moved
from mathshubs.events.scheduling.registers import Corrected
from mathshubs.events.spoken import AttendanceStatus, MeetingId, Mode, PersonId, WorkGroupId
from mathshubs.reports import About

MOVED: Final[Mapping[str, Moved]] = {code: code for code in get_args(Moved)}
CANCELLED: Final[Mapping[str, Cancelled]] = {code: code for code in get_args(Cancelled)}
CORRECTED: Final[Mapping[str, Corrected]] = {code: code for code in get_args(Corrected)}
"""The codes that hubs may send; what people wrote in place of one stays behind and counts as `other`."""


@dataclass(frozen=True, slots=True)
class ScheduleMeeting:
    """Plan a meeting of a Work Group."""

    hub: str
    meeting_id: MeetingId
    work_group_id: WorkGroupId
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    effective_at: datetime
    place: str | None = None
    join_url: str | None = field(default=None, repr=False)
    extra: bool = False

    @classmethod
    def reported(cls, report: reports.MeetingScheduled, about: About) -> "ScheduleMeeting":
        """Return what a hub's report asks for."""
        return cls(
            hub=about.hub,
            meeting_id=about.id("meeting", report.meeting),
            work_group_id=about.id("work_group", report.work_group),
            starts_at=report.starts_at,
            ends_at=report.ends_at,
            mode=report.mode,
            effective_at=about.since(report.effective_at),
            place=report.place,
            join_url=str(report.join_url) if report.join_url else None,
            extra=report.extra,
        )

    @property
    def key(self) -> str:
        """Keep it in order with the other reports of its meeting."""
        return _meeting(self.meeting_id)

    @property
    def makes(self) -> str:
        """Bring the meeting that others may be waiting for."""
        return _meeting(self.meeting_id)


@dataclass(frozen=True, slots=True)
class RescheduleMeeting:
    """Move a meeting to other times."""

    hub: str
    meeting_id: MeetingId
    starts_at: datetime
    ends_at: datetime
    effective_at: datetime
    reason: Moved | None = None

    @classmethod
    def reported(cls, report: reports.MeetingRescheduled, about: About) -> "RescheduleMeeting":
        """Return what a hub's report asks for."""
        return cls(
            hub=about.hub,
            meeting_id=about.id("meeting", report.meeting),
            starts_at=report.starts_at,
            ends_at=report.ends_at,
            effective_at=about.since(report.effective_at),
            reason=MOVED.get(report.reason, "other") if report.reason else None,
        )

    @property
    def key(self) -> str:
        """Keep it in order with the other reports of its meeting."""
        return _meeting(self.meeting_id)

    @property
    def makes(self) -> None:
        """Bring nothing that others may be waiting for."""


@dataclass(frozen=True, slots=True)
class CancelMeeting:
    """Call a meeting off."""

    hub: str
    meeting_id: MeetingId
    effective_at: datetime
    reason: Cancelled

    @classmethod
    def reported(cls, report: reports.MeetingCancelled, about: About) -> "CancelMeeting":
        """Return what a hub's report asks for."""
        return cls(
            hub=about.hub,
            meeting_id=about.id("meeting", report.meeting),
            effective_at=about.since(report.effective_at),
            reason=CANCELLED.get(report.reason, "other"),
        )

    @property
    def key(self) -> str:
        """Keep it in order with the other reports of its meeting."""
        return _meeting(self.meeting_id)

    @property
    def makes(self) -> None:
        """Bring nothing that others may be waiting for."""


@dataclass(frozen=True, slots=True)
class CorrectAttendance:
    """Put right what the register of a held meeting says of one person."""

    hub: str
    meeting_id: MeetingId
    person_id: PersonId
    status: AttendanceStatus
    effective_at: datetime
    reason: Corrected

    @classmethod
    def reported(cls, report: reports.AttendanceCorrected, about: About) -> "CorrectAttendance":
        """Return what a hub's report asks for."""
        return cls(
            hub=about.hub,
            meeting_id=about.id("meeting", report.meeting),
            person_id=about.id("person", report.person),
            status=report.status,
            effective_at=about.since(report.effective_at),
            reason=CORRECTED.get(report.reason, "other"),
        )

    @property
    def key(self) -> str:
        """Keep it in order with the other reports of its meeting."""
        return _meeting(self.meeting_id)

    @property
    def makes(self) -> None:
        """Bring nothing that others may be waiting for."""


@dataclass(frozen=True, slots=True)
class HoldMeeting:
    """Record that a meeting was held, and its register."""

    hub: str
    meeting_id: MeetingId
    work_group_id: WorkGroupId
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    heard_at: datetime
    led_by_id: PersonId | None = None
    guests: int | None = None
    marks: Mapping[PersonId, Mark] = field(default_factory=dict)

    @classmethod
    def reported(cls, report: reports.MeetingHeld, about: About) -> "HoldMeeting":
        """Return what a hub's report asks for; of two marks of one person the later stands."""
        return cls(
            hub=about.hub,
            meeting_id=about.id("meeting", report.meeting),
            work_group_id=about.id("work_group", report.work_group),
            starts_at=report.starts_at,
            ends_at=report.ends_at,
            mode=report.mode,
            heard_at=about.heard_at,
            led_by_id=about.id("person", report.led_by) if report.led_by else None,
            guests=report.guests,
            marks={about.id("person", mark.person): mark for mark in report.attendance},
        )

    @property
    def effective_at(self) -> datetime:
        """Return when it was true: at the start of the meeting."""
        return self.starts_at

    @property
    def key(self) -> str:
        """Keep it in order with the other reports of its meeting."""
        return _meeting(self.meeting_id)

    @property
    def makes(self) -> str:
        """Bring the meeting that others may be waiting for."""
        return _meeting(self.meeting_id)


OfKnown = RescheduleMeeting | CancelMeeting | CorrectAttendance
"""What names a meeting alone, and waits for it."""
OfAny = ScheduleMeeting | HoldMeeting | OfKnown


def _meeting(meeting_id: MeetingId) -> str:
    return f"meeting:{meeting_id}"
