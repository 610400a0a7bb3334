"""The rules: what follows from what hubs report of meetings, and from what enrolment says of their Work Group."""

from dataclasses import replace
from datetime import date, datetime
from typing import TypedDict

from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import (
    MeetingHeld,
    MeetingReportRefused,
    MeetingRescheduled,
    MeetingScheduled,
    PersonInvited,
    PersonUninvited,
)
from mathshubs.events.spoken import MeetingId
from scheduling.meetings.domain.groups import OfGroup
from scheduling.meetings.domain.plan import CAME, Meeting, Plan, belonging, busy, committed, lead, timed
from scheduling.meetings.domain.requests import HoldMeeting, RescheduleMeeting, ScheduleMeeting


def schedule_meeting(plan: Plan, ask: ScheduleMeeting, _today: date) -> list[Event]:
    """Plan a meeting and invite whom it is for.

    One that is known stays where nothing differs, moves where its times alone do, and else is planned anew.
    Once it was held nothing but other times would matter, and they are refused.
    """
    if reason := _not_theirs(plan, ask):
        return [_refused(ask, reason)]
    known = plan.meetings.get(ask.meeting_id)
    wanted = _wanted(known, ask)
    if known and (known.held or wanted == replace(known, starts_at=ask.starts_at, ends_at=ask.ends_at)):
        return _move(plan, RescheduleMeeting(ask.hub, ask.meeting_id, ask.starts_at, ask.ends_at, ask.effective_at))
    scheduled = MeetingScheduled(
        **_about(plan, ask.meeting_id, ask.effective_at),
        work_group_id=plan.group.id,
        work_group_name=plan.group.name,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        mode=wanted.mode,
        place=wanted.place,
        can_be_joined_online=wanted.join_url is not None,
        extra=wanted.extra,
        flags=_clashes(plan, wanted),
    )
    return [scheduled, *_invitations(plan, wanted, ask.effective_at)]


def _wanted(known: Meeting | None, ask: ScheduleMeeting) -> Meeting:
    """Return the meeting as it is to be: a place or link that is left out stays; face to face there is no link."""
    meeting = timed(known, ask)
    link = ask.join_url or (None if ask.mode == "face-to-face" else meeting.join_url)
    return replace(meeting, place=ask.place or meeting.place, extra=ask.extra, join_url=link)


def reschedule_meeting(plan: Plan, ask: RescheduleMeeting, _today: date) -> list[Event]:
    """Move a meeting, and bring who is invited into line with its new day; what was refused cannot move."""
    if ask.meeting_id not in plan.meetings:
        return [_refused(ask, "meeting-refused")]
    if plan.group.hub != ask.hub:
        return [_refused(ask, "not-your-meeting")]
    return _move(plan, ask)


def _move(plan: Plan, ask: RescheduleMeeting) -> list[Event]:
    known = plan.meetings[ask.meeting_id]
    if (known.starts_at, known.ends_at) == (ask.starts_at, ask.ends_at):
        return []
    if known.held:
        return [_refused(ask, "meeting-already-held")]
    moved = replace(known, starts_at=ask.starts_at, ends_at=ask.ends_at)
    rescheduled = MeetingRescheduled(
        **_about(plan, ask.meeting_id, ask.effective_at),
        work_group_id=plan.group.id,
        starts_at=ask.starts_at,
        ends_at=ask.ends_at,
        reason=ask.reason,
        flags=_clashes(plan, moved),
    )
    return [rescheduled, *_invitations(plan, moved, ask.effective_at)]


def hold_meeting(plan: Plan, ask: HoldMeeting, _today: date) -> list[Event]:
    """Record that a meeting was held, known or not: once, so that another report of it must be the same."""
    if reason := _not_theirs(plan, ask):
        return [_refused(ask, reason)]
    known = plan.meetings.get(ask.meeting_id)
    if known and known.held:
        return [] if _is_same(known, ask) else [_refused(ask, "meeting-already-held")]
    if ask.starts_at > ask.heard_at:
        return [_refused(ask, "not-held-yet")]
    attended = frozenset(person for person, mark in ask.marks.items() if mark.status in CAME)
    held = Meeting(
        ask.meeting_id,
        ask.starts_at,
        ask.ends_at,
        ask.mode,
        held=True,
        led_by_id=ask.led_by_id,
        attended=attended,
    )
    return [
        MeetingHeld(
            **_about(plan, ask.meeting_id, ask.starts_at),
            work_group_id=plan.group.id,
            starts_at=ask.starts_at,
            ends_at=ask.ends_at,
            mode=ask.mode,
            led_by_id=ask.led_by_id,
            guests=ask.guests,
            flags=(() if known else ("never-scheduled",)) + _clashes(plan, held),
        )
    ]


def follow_work_group(plan: Plan, fact: OfGroup, _today: date) -> list[Event]:
    """Bring who is invited to the group's meetings that are ahead into line with what enrolment has said.

    `plan` is as it stands with the fact. A meeting is ahead until it is reported as held, whatever the
    clock says: whether it is too late to write to somebody is for notification to judge.
    """
    return [
        said
        for meeting in plan.meetings.values()
        if not meeting.held
        for said in _invitations(plan, meeting, fact.effective_at)
    ]


def _invitations(plan: Plan, meeting: Meeting, since: datetime) -> list[Event]:
    """Return what it takes for exactly those to be invited who belong to the meeting."""
    about, wanted = _about(plan, meeting.id, since), belonging(plan.group, meeting)
    taken = busy(plan, meeting, wanted)
    leaving = [PersonUninvited(**about, person_id=person) for person in meeting.invited if person not in wanted]
    joining = [
        PersonInvited(**about, person_id=person, role=part, flags=(f"{part}-clash",) if person in taken else ())
        for person, part in wanted.items()
        if meeting.invited.get(person) != part
    ]
    return [*leaving, *joining]


def _clashes(plan: Plan, meeting: Meeting) -> tuple[str, ...]:
    """Return the flags of a meeting whose lead or advocates are in another one at its time."""
    taken = busy(plan, meeting, committed(plan.group, meeting))
    leads = frozenset({lead(plan.group, meeting)})
    return tuple(flag for flag, who in (("lead-clash", taken & leads), ("advocate-clash", taken - leads)) if who)


def _not_theirs(plan: Plan, ask: ScheduleMeeting | HoldMeeting) -> str | None:
    if plan.group.hub != ask.hub:
        return "not-your-work-group"
    return "meeting-of-another-group" if ask.meeting_id in plan.elsewhere else None


def _is_same(held: Meeting, ask: HoldMeeting) -> bool:
    """Say whether a report tells of the meeting itself what is known; its register is judged apart."""
    known = (held.starts_at, held.ends_at, held.mode, held.led_by_id, held.guests)
    return known == (ask.starts_at, ask.ends_at, ask.mode, ask.led_by_id, ask.guests)


class _About(TypedDict):
    meeting_id: MeetingId
    effective_at: datetime
    hub: str
    school_year: str


def _about(plan: Plan, meeting_id: MeetingId, since: datetime) -> _About:
    return {
        "meeting_id": meeting_id,
        "effective_at": since,
        "hub": plan.group.hub,
        "school_year": plan.group.school_year,
    }


def _refused(ask: ScheduleMeeting | RescheduleMeeting | HoldMeeting, reason: str) -> MeetingReportRefused:
    return MeetingReportRefused(
        effective_at=ask.effective_at, hub=ask.hub, meeting_id=ask.meeting_id, reasons=(reason,)
    )
