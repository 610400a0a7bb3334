"""What scheduling says of meetings and of who is invited to them."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from mathshubs.events.spoken import AwareDatetime, Event, MeetingId, Mode, PersonId, Refusal, Urn, WorkGroupId, date

Moved = Literal["lead-unavailable", "advocates-unavailable", "school-closed", "venue-unavailable", "travel", "other"]
"""Why a meeting moved: a code, since hubs write people's names into free text."""


Cancelled = Literal["snow", "strike", "illness", "lead-unavailable", "venue-unavailable", "too-few", "travel", "other"]
"""Why a meeting does not take place."""
HalfTerm = Literal[1, 2, 3, 4, 5, 6]
"""Autumn 1 and 2, spring 1 and 2, summer 1 and 2, by the calendar of the Work Group."""


class Closed(BaseModel):
    """Why a meeting's day is none on which to meet: for one member school, or for all where no school is named."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    school_urn: Urn | None = None
    on: date
    why: Literal["bank-holiday", "weekend", "holiday", "inset"]

    @property
    def flag(self) -> str:
        """Return the code that a meeting on such a day is flagged with."""
        return {"holiday": "school-holiday", "inset": "inset-day"}.get(self.why, self.why)


def _whose(closed: tuple[Closed, ...], half_term: HalfTerm | None) -> Mapping[str, str]:
    """Return by flag whose days these are, in a sentence such as `136771 on 2026-10-27.`, and which half-term it is."""
    found: dict[str, list[str]] = {}
    for one in closed:
        found.setdefault(one.flag, []).append(f"{one.school_urn} on {one.on}" if one.school_urn else f"{one.on}")
    counted = {"second-in-half-term": f"It is half-term {half_term}."} if half_term else {}
    return {flag: f"{', '.join(days)}." for flag, days in found.items()} | counted


class MeetingScheduled(Event):
    """A meeting is planned, or planned anew: what this says of it holds instead of what was said before.

    Where it is rides along, since a calendar entry needs it; how to join never does.
    """

    type: ClassVar = "uk.mathshubs.scheduling.MeetingScheduled.v1"
    key: ClassVar = "meeting_id"

    meeting_id: MeetingId
    work_group_id: WorkGroupId
    work_group_name: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    mode: Mode
    place: str | None = None
    can_be_joined_online: bool = False
    extra: bool = False
    half_term: HalfTerm | None = None
    closed: tuple[Closed, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def details(self) -> Mapping[str, str]:
        """Return whose closures the meeting's day is flagged with, and which half-term it is second in."""
        return _whose(self.closed, self.half_term)


class MeetingRescheduled(Event):
    """A meeting has moved to another time."""

    type: ClassVar = "uk.mathshubs.scheduling.MeetingRescheduled.v1"
    key: ClassVar = "meeting_id"

    meeting_id: MeetingId
    work_group_id: WorkGroupId
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: Moved | None = None
    half_term: HalfTerm | None = None
    closed: tuple[Closed, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def details(self) -> Mapping[str, str]:
        """Return whose closures the meeting's day is flagged with, and which half-term it is second in."""
        return _whose(self.closed, self.half_term)


class MeetingCancelled(Event):
    """A meeting does not take place; nobody is invited to it any more."""

    type: ClassVar = "uk.mathshubs.scheduling.MeetingCancelled.v1"
    key: ClassVar = "meeting_id"

    meeting_id: MeetingId
    work_group_id: WorkGroupId
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: Cancelled
    flags: tuple[str, ...] = ()


class MeetingHeld(Event):
    """A meeting took place."""

    type: ClassVar = "uk.mathshubs.scheduling.MeetingHeld.v1"
    key: ClassVar = "meeting_id"

    meeting_id: MeetingId
    work_group_id: WorkGroupId
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    mode: Mode
    led_by_id: PersonId | None = None
    guests: int | None = None
    half_term: HalfTerm | None = None
    flags: tuple[str, ...] = ()

    @property
    def details(self) -> Mapping[str, str]:
        """Return which half-term the meeting is second in."""
        return _whose((), self.half_term)


class MeetingReportRefused(Refusal):
    """A report of a meeting was not accepted, such as of another hub's Work Group."""

    type: ClassVar = "uk.mathshubs.scheduling.MeetingReportRefused.v1"
    key: ClassVar = "meeting_id"

    meeting_id: MeetingId


class PersonInvited(Event):
    """This person is to be told of the meeting, as advocate or as lead; flagged if they are in another one then."""

    type: ClassVar = "uk.mathshubs.scheduling.PersonInvited.v1"
    key: ClassVar = "meeting_id"

    meeting_id: MeetingId
    person_id: PersonId
    role: Literal["advocate", "lead"]
    flags: tuple[str, ...] = ()


class PersonUninvited(Event):
    """This person no longer belongs to the meeting."""

    type: ClassVar = "uk.mathshubs.scheduling.PersonUninvited.v1"
    key: ClassVar = "meeting_id"

    meeting_id: MeetingId
    person_id: PersonId
