"""What hubs report of meetings: planned, moved, cancelled, held with their registers, and put right."""

from collections.abc import Iterator

from hubs.demo.acts import Line, report
from hubs.demo.network import Correction, Group, Meeting, Network, Register, Teacher
from hubs.demo.script.joining import named_by
from hubs.demo.terms import times


def meetings(network: Network) -> Iterator[Line]:
    """Yield every report of every meeting."""
    for group in network.groups:
        for meeting in group.meetings:
            yield _scheduled(group, meeting)
            if meeting.moved_on:
                yield _moved(group, meeting)
            if meeting.cancelled_at:
                yield _cancelled(group, meeting)
        for meeting, register in group.held():
            yield _held(group, meeting, register)
            for number, correction in enumerate(register.corrections):
                yield _corrected(group, meeting, correction, number)


def _scheduled(group: Group, meeting: Meeting) -> Line:
    place = None if group.mode == "online" else group.places[0].school.name
    link = None if group.mode == "face-to-face" else f"https://meet.{group.hub}.example/{meeting.reference}"
    return meeting.said_at, report(
        group.hub,
        "scheduling.MeetingScheduled",
        meeting.said_at,
        meeting.reference,
        meeting=meeting.reference,
        work_group=group.reference,
        **times(meeting.planned_on, meeting.slot),
        mode=meeting.mode,
        place=place,
        join_url=link,
    )


def _moved(group: Group, meeting: Meeting) -> Line:
    assert meeting.moved_at is not None  # noqa: S101 -- what moves is said to
    return meeting.moved_at, report(
        group.hub,
        "scheduling.MeetingRescheduled",
        meeting.moved_at,
        f"{meeting.reference}/moved",
        meeting=meeting.reference,
        **times(meeting.day, meeting.slot),
        reason=meeting.why_moved,
    )


def _cancelled(group: Group, meeting: Meeting) -> Line:
    assert meeting.cancelled_at is not None  # noqa: S101 -- the caller looked
    return meeting.cancelled_at, report(
        group.hub,
        "scheduling.MeetingCancelled",
        meeting.cancelled_at,
        f"{meeting.reference}/cancelled",
        meeting=meeting.reference,
        reason=meeting.why_cancelled,
    )


def _held(group: Group, meeting: Meeting, register: Register) -> Line:
    return register.said_at, report(
        group.hub,
        "scheduling.MeetingHeld",
        register.said_at,
        f"{meeting.reference}/held",
        meeting=meeting.reference,
        work_group=group.reference,
        **times(meeting.day, meeting.slot),
        mode=meeting.mode,
        led_by=named_by(group.hub, group.lead(meeting.day)),
        attendance=[_mark(group, who, mark) for who, mark in register.marks.items() if mark != "absent"],
        guests=register.guests,
    )


def _mark(group: Group, who: Teacher, status: str) -> dict[str, object]:
    """Return one line of a register; where a Work Group meets both ways, with how they came."""
    if group.mode != "hybrid" or status == "apologies":
        return {"person": who.reference, "status": status}
    by = "online" if who.reference.endswith("b") else "face-to-face"
    return {"person": who.reference, "status": status, "mode": by, "minutes": 60 if status == "partial" else 150}


def _corrected(group: Group, meeting: Meeting, correction: Correction, number: int) -> Line:
    return correction.said_at, report(
        group.hub,
        "scheduling.AttendanceCorrected",
        correction.said_at,
        f"{meeting.reference}/corrected-{number + 1}",
        meeting=meeting.reference,
        person=correction.teacher.reference,
        status=correction.status,
        reason=correction.reason,
    )
