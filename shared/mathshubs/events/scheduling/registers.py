"""What scheduling says of attendance."""

from typing import ClassVar

from mathshubs.events.spoken import AttendanceStatus, Event, MeetingId, Mode, PersonId, WorkGroupId


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
    flags: tuple[str, ...] = ()
