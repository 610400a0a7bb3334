"""The rules by which meetings are planned, moved and called off."""

from dataclasses import replace
from datetime import date

from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import MeetingCancelled, MeetingRescheduled, MeetingScheduled
from scheduling.meetings.domain.judging import judge
from scheduling.meetings.domain.plan import Meeting, Plan, timed
from scheduling.meetings.domain.requests import CancelMeeting, RescheduleMeeting, ScheduleMeeting
from scheduling.meetings.domain.saying import about, invitations, not_known, not_theirs, refused


def schedule_meeting(plan: Plan, ask: ScheduleMeeting, _today: date) -> list[Event]:
    """Plan a meeting and invite whom it is for.

    One that is known stays where nothing differs, moves where its times alone do, and else is planned anew, as one
    is that was cancelled.
    Once it was held nothing but other times would matter, and they are refused.
    """
    if reason := not_theirs(plan, ask):
        return [refused(ask, reason)]
    known = plan.meetings.get(ask.meeting_id)
    wanted = _wanted(known, ask)
    if (
        known
        and not known.cancelled
        and (known.held or wanted == replace(known, starts_at=ask.starts_at, ends_at=ask.ends_at))
    ):
        return _move(plan, RescheduleMeeting(ask.hub, ask.meeting_id, ask.starts_at, ask.ends_at, ask.effective_at))
    judged = judge(plan, wanted)
    scheduled = MeetingScheduled(
        **about(plan, ask.meeting_id, ask.effective_at),
        work_group_id=plan.group.id,
        work_group_name=plan.group.name,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        mode=wanted.mode,
        place=wanted.place,
        can_be_joined_online=wanted.join_url is not None,
        extra=wanted.extra,
        half_term=judged.half_term,
        closed=judged.closed,
        flags=judged.flags,
    )
    return [scheduled, *invitations(plan, wanted, ask.effective_at)]


def _wanted(known: Meeting | None, ask: ScheduleMeeting) -> Meeting:
    """Return the meeting as it is to be: a place or link that is left out stays; face to face there is no link."""
    meeting = timed(known, ask)
    link = ask.join_url or (None if ask.mode == "face-to-face" else meeting.join_url)
    return replace(meeting, place=ask.place or meeting.place, extra=ask.extra, join_url=link, cancelled=None)


def reschedule_meeting(plan: Plan, ask: RescheduleMeeting, _today: date) -> list[Event]:
    """Move a meeting, and bring who is invited into line with its new day; what was refused cannot move.

    Nor can what was cancelled: it is planned anew or not at all.
    """
    if reason := not_known(plan, ask):
        return [refused(ask, reason)]
    if plan.meetings[ask.meeting_id].cancelled:
        return [refused(ask, "meeting-cancelled")]
    return _move(plan, ask)


def cancel_meeting(plan: Plan, ask: CancelMeeting, _today: date) -> list[Event]:
    """Call a meeting off, once; one that was held took place, whatever was meant."""
    if reason := not_known(plan, ask):
        return [refused(ask, reason)]
    known = plan.meetings[ask.meeting_id]
    if known.held:
        return [refused(ask, "meeting-already-held")]
    if known.cancelled:
        return []
    return [
        MeetingCancelled(
            **about(plan, ask.meeting_id, ask.effective_at),
            work_group_id=plan.group.id,
            starts_at=known.starts_at,
            ends_at=known.ends_at,
            reason=ask.reason,
        )
    ]


def _move(plan: Plan, ask: RescheduleMeeting) -> list[Event]:
    known = plan.meetings[ask.meeting_id]
    if (known.starts_at, known.ends_at) == (ask.starts_at, ask.ends_at):
        return []
    if known.held:
        return [refused(ask, "meeting-already-held")]
    moved = replace(known, starts_at=ask.starts_at, ends_at=ask.ends_at)
    judged = judge(plan, moved)
    rescheduled = MeetingRescheduled(
        **about(plan, ask.meeting_id, ask.effective_at),
        work_group_id=plan.group.id,
        starts_at=ask.starts_at,
        ends_at=ask.ends_at,
        reason=ask.reason,
        half_term=judged.half_term,
        closed=judged.closed,
        flags=judged.flags,
    )
    return [rescheduled, *invitations(plan, moved, ask.effective_at)]
