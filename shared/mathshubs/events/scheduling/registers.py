"""What scheduling says of attendance."""

from typing import ClassVar, Literal

from mathshubs.events.spoken import AttendanceStatus, Event, MeetingId, Mode, PersonId, Urn, WorkGroupId, date

Corrected = Literal["register-mistake", "arrived-late", "left-early", "wrong-person", "apologies-received", "other"]
"""Why a register was put right."""


class AttendanceRecorded(Event):
    """How one person attended a held meeting; `revision` rises when the register is put right."""

    type: ClassVar = "uk.mathshubs.scheduling.AttendanceRecorded.v1"
    key: ClassVar = "meeting_id"

    meeting_id: MeetingId
    work_group_id: WorkGroupId
    person_id: PersonId
    status: AttendanceStatus
    mode: Mode | None = None
    minutes: int | None = None
    expected: bool
    """Whether the person held an advocate slot when the meeting was held."""
    revision: int = 1
    reason: Corrected | None = None
    """Why it supersedes what was recorded; None where nothing was, or where a register came late."""
    flags: tuple[str, ...] = ()


class AbsencesRunning(Event):
    """An advocate, or a school by all of its advocates, was away from `meetings` held meetings running.

    Said once when the run reaches what the policy bears, and with `meetings` 0 when somebody came again or a
    correction shows that there was no such run. Cancelled meetings neither lengthen nor end it.
    """

    type: ClassVar = "uk.mathshubs.scheduling.AbsencesRunning.v1"
    key: ClassVar = "work_group_id"

    work_group_id: WorkGroupId
    school_urn: Urn
    person_id: PersonId | None = None
    """None where it is the school."""
    meetings: int
    since: date
    """Day of the first meeting of the run."""
