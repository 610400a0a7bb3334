"""The rules of meetings that took place: recorded once, and their registers put right."""

from datetime import date

from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import MeetingHeld
from scheduling.meetings.domain.judging import judge
from scheduling.meetings.domain.plan import CAME, Meeting, Plan, busy, expected
from scheduling.meetings.domain.requests import CorrectAttendance, HoldMeeting
from scheduling.meetings.domain.saying import about, not_known, not_theirs, refused


def hold_meeting(plan: Plan, ask: HoldMeeting, _today: date) -> list[Event]:
    """Record that a meeting was held, known or not: once, so that another report of it must be the same."""
    if reason := not_theirs(plan, ask):
        return [refused(ask, reason)]
    known = plan.meetings.get(ask.meeting_id)
    if known and known.held:
        return [] if _is_same(known, ask) else [refused(ask, "meeting-already-held")]
    if ask.starts_at > ask.heard_at:
        return [refused(ask, "not-held-yet")]
    attended = frozenset(person for person, mark in ask.marks.items() if mark.status in CAME)
    held = Meeting(
        ask.meeting_id,
        ask.starts_at,
        ask.ends_at,
        ask.mode,
        held=True,
        led_by_id=ask.led_by_id,
        extra=known.extra if known else False,
        attended=attended,
    )
    judged = judge(plan, held)
    return [
        MeetingHeld(
            **about(plan, ask.meeting_id, ask.starts_at),
            work_group_id=plan.group.id,
            starts_at=ask.starts_at,
            ends_at=ask.ends_at,
            mode=ask.mode,
            led_by_id=ask.led_by_id,
            guests=ask.guests,
            half_term=judged.half_term,
            flags=_unexpected(known) + judged.of_people + judged.of_half_term,
        )
    ]


def correct_attendance(plan: Plan, ask: CorrectAttendance, _today: date) -> list[Event]:
    """Refuse to put right what has no register; where nothing is refused the register itself decides."""
    if reason := not_known(plan, ask):
        return [refused(ask, reason)]
    meeting = plan.meetings[ask.meeting_id]
    if meeting.held:
        return []
    return [refused(ask, "meeting-cancelled" if meeting.cancelled else "not-held-yet")]


def clash_of(plan: Plan, ask: CorrectAttendance) -> tuple[str, ...]:
    """Return the flag of an advocate who, as is said now, was in this meeting and in another one at its time."""
    meeting = plan.meetings[ask.meeting_id]
    came = ask.status in CAME and ask.person_id in expected(plan.group, meeting)
    return ("advocate-clash",) if came and busy(plan, meeting, [ask.person_id]) else ()


def _unexpected(known: Meeting | None) -> tuple[str, ...]:
    if known is None:
        return ("never-scheduled",)
    return ("was-cancelled",) if known.cancelled else ()


def _is_same(held: Meeting, ask: HoldMeeting) -> bool:
    """Say whether a report tells of the meeting itself what is known; its register is judged apart."""
    known = (held.starts_at, held.ends_at, held.mode, held.led_by_id, held.guests)
    return known == (ask.starts_at, ask.ends_at, ask.mode, ask.led_by_id, ask.guests)
