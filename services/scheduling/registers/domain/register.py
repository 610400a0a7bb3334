"""The register of one held meeting: who is on it and how they attended; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from mathshubs.events import Event
from mathshubs.events.hub.meetings import Mark
from mathshubs.events.scheduling.meetings import MeetingReportRefused
from mathshubs.events.scheduling.registers import AttendanceRecorded, Corrected
from mathshubs.events.spoken import AttendanceStatus, MeetingId, Mode, PersonId, WorkGroupId


@dataclass(frozen=True, slots=True)
class Sitting:
    """What a register must know of its meeting."""

    meeting_id: MeetingId
    work_group_id: WorkGroupId
    hub: str
    school_year: str
    starts_at: datetime
    expected: frozenset[PersonId]
    """The advocates who held a slot on the day of the meeting."""
    led_by: PersonId | None = None
    same: Mapping[PersonId, PersonId] = field(default_factory=dict)
    """The one that stays, by each record of somebody that was merged into it."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one person attended, as it is held to be true now."""

    status: AttendanceStatus
    mode: Mode | None = None
    minutes: int | None = None
    expected: bool = True
    revision: int = 1

    @classmethod
    def of(cls, fact: AttendanceRecorded) -> "Row":
        """Return the row that `fact` puts on the register."""
        return cls(fact.status, fact.mode, fact.minutes, fact.expected, fact.revision)


AWAY: Final = frozenset[AttendanceStatus]({"apologies", "absent"})
Register = Mapping[PersonId, Row]


def keep_register(sitting: Sitting, register: Register | None, marks: Mapping[PersonId, Mark]) -> list[Event]:
    """Open the register with the marks that were sent, an expected advocate left out being absent.

    One that is open already takes the same marks again and refuses others, since what puts a register right
    names its reason. Whoever held no slot is recorded and flagged, save the one who led.
    """
    rows = {person: Row("absent") for person in sitting.expected}
    rows |= {person: _marked(mark, person in sitting.expected) for person, mark in marks.items()}
    if register is None:
        return [_recorded(sitting, person, row) for person, row in sorted(rows.items())]
    return [] if _attendances(rows) == _attendances(register) else [_refused(sitting)]


def expect_advocates(sitting: Sitting, register: Register | None) -> list[Event]:
    """Bring who was expected into line with the slots, where these became known after the register.

    Somebody who held a slot after all counts as marked, else as absent; somebody who held none keeps their mark
    and is not counted, unless the slot was passed on to another record of theirs: then the mark goes with it. A
    meeting that was not held has no register yet.
    """
    if register is None:
        return []
    rows = dict(register)
    for person in sitting.expected ^ {person for person, row in register.items() if row.expected}:
        rows[person] = _expecting(register.get(person), person in sitting.expected)
    for person in sorted(sitting.expected):
        _pass_on(sitting, rows, person)
    return [
        _recorded(sitting, person, replace(row, revision=_next_revision(register.get(person))))
        for person, row in sorted(rows.items())
        if row != register.get(person)
    ]


def put_right(
    sitting: Sitting, register: Register, person: PersonId, status: AttendanceStatus, reason: Corrected
) -> list[AttendanceRecorded]:
    """Record what is true of one person in place of what stood there; what says so already is left alone.

    How somebody attended who came otherwise stays; for how long is not known any more. Whoever is not on the
    register is added to it.
    """
    stood = register.get(person)
    if stood is None:
        return [_recorded(sitting, person, Row(status, expected=person in sitting.expected), reason)]
    if stood.status == status:
        return []
    mode = None if status in AWAY else stood.mode
    revised = replace(stood, status=status, mode=mode, minutes=None, revision=stood.revision + 1)
    return [_recorded(sitting, person, revised, reason)]


def _marked(mark: Mark, expected: bool) -> Row:  # noqa: FBT001 -- it is a column
    return Row(mark.status, mark.mode, mark.minutes, expected)


def _expecting(row: Row | None, expected: bool) -> Row:  # noqa: FBT001 -- it is a column
    return replace(row, expected=expected) if row else Row("absent", expected=expected)


def _pass_on(sitting: Sitting, rows: dict[PersonId, Row], person: PersonId) -> None:
    """Have an advocate who counts as absent attend as another record of theirs is marked, and that one not at all."""
    stays = sitting.same.get(person, person)
    for other, row in sorted(rows.items()):
        is_same = other not in sitting.expected and sitting.same.get(other, other) == stays
        if is_same and row.status != "absent" and rows[person].status == "absent":
            rows[person], rows[other] = replace(row, expected=True), Row("absent", expected=False)


def _next_revision(row: Row | None) -> int:
    return row.revision + 1 if row else 1


def _attendances(rows: Register) -> dict[PersonId, tuple[AttendanceStatus, Mode | None, int | None]]:
    """Return how people attended, less whoever neither came nor was expected: they need not stand there at all."""
    return {
        person: (row.status, row.mode, row.minutes)
        for person, row in rows.items()
        if row.expected or row.status != "absent"
    }


def _recorded(sitting: Sitting, person: PersonId, row: Row, reason: Corrected | None = None) -> AttendanceRecorded:
    return AttendanceRecorded(
        effective_at=sitting.starts_at,
        hub=sitting.hub,
        school_year=sitting.school_year,
        meeting_id=sitting.meeting_id,
        work_group_id=sitting.work_group_id,
        person_id=person,
        status=row.status,
        mode=row.mode,
        minutes=row.minutes,
        expected=row.expected,
        revision=row.revision,
        reason=reason,
        flags=() if row.expected or person == sitting.led_by else ("not-expected",),
    )


def _refused(sitting: Sitting) -> MeetingReportRefused:
    return MeetingReportRefused(
        effective_at=sitting.starts_at,
        hub=sitting.hub,
        meeting_id=sitting.meeting_id,
        reasons=("meeting-already-held",),
    )
