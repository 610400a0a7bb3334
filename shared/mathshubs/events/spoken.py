"""What every fact and every report has, and the words they are made of."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from mathshubs.events.words import plain_digits, rfc_3339

_YEARS = range(2000, 2100)


def _written(instant: object) -> object:
    """Refuse other spellings than RFC 3339's, and numbers, which may count seconds or milliseconds since 1970."""
    return instant if isinstance(instant, datetime) else rfc_3339(str(instant))


def _written_day(day: object) -> object:
    """Refuse numbers, which may count seconds since 1970, and days of other centuries."""
    if not isinstance(day, date) and not re.fullmatch(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", str(day)):
        raise ValueError("a day is written as 2026-09-14, from 2000 to 2099")
    return day


def _of_our_time(instant: datetime) -> datetime:
    """Refuse what no clock here could show, and no calendar reckon with."""
    if instant.year not in _YEARS:
        raise ValueError("an instant is between the years 2000 and 2099")
    return instant


def _written_number(number: object) -> object:
    """Refuse what counts as a number elsewhere: `true`, and digits in quotation marks."""
    if not isinstance(number, bool | str):
        return number
    raise ValueError("a number is written as 3 or 1.5")


def _written_truth(truth: object) -> object:
    """Take what is absent for false, and refuse words and numbers."""
    if truth is None or isinstance(truth, bool):
        return truth or False
    raise ValueError("yes is written as true, no as false")


_SEPTEMBER = 9


def _following(year: str) -> str:
    if int(year[5:]) != (int(year[:4]) + 1) % 100:
        raise ValueError("a school year is written as 2026/27")
    return year


def _a_reference(reference: str) -> str:
    if "@" in reference:
        raise ValueError("a reference must not be an e-mail address")
    if "\x00" in reference:
        raise ValueError("a reference must not hold a NUL character")
    if not reference.strip():
        raise ValueError("a reference must not be blank")
    return reference


HubCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
Urn = Annotated[str, StringConstraints(pattern=r"^\d{6}$"), AfterValidator(plain_digits)]
SchoolYear = Annotated[
    str, StringConstraints(pattern=r"^20\d\d/\d\d$"), AfterValidator(plain_digits), AfterValidator(_following)
]
Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_of_our_time)]
"""An instant as a hub writes it: RFC 3339 with its offset, from 2000 to 2099."""
On = Annotated[date, BeforeValidator(_written_day)]
"""A day in London as a hub writes it: ISO 8601, from 2000 to 2099."""
WRITTEN_AS_NUMBER = BeforeValidator(_written_number)
"""Stands last of a number's annotations, so that its schema stays what it is without."""
Truth = Annotated[bool, BeforeValidator(_written_truth)]
WorkGroupId = UUID
PersonId = UUID
MeetingId = UUID
VisitId = UUID
LessonId = UUID
InterestId = UUID
DeliveryId = UUID

Programme = Literal["secondary-teaching-for-mastery"]
Stage = Literal["development", "embedding", "sustaining"]
Mode = Literal["face-to-face", "online", "hybrid"]
AttendanceStatus = Literal["present", "late", "partial", "apologies", "absent"]
Role = Literal["advocate", "specialist", "headteacher", "contact"]

Reference = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    AfterValidator(_a_reference),
]
"""A hub's own reference for a thing of its own, or one of our ids."""


def one_of(codes: object) -> str:
    """Return what a schema says of a reason that is one of these codes, a `Literal`."""
    return f"One of {', '.join(get_args(codes))}; anything else counts as other."


class Spoken(BaseModel):
    """Something said on the bus: immutable, and deaf to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    type: ClassVar[str]


class Event(Spoken):
    """A fact: past tense, ids and codes only, said by the service that decided it."""

    key: ClassVar[str]
    """Name of the field with the id of the aggregate: facts of one aggregate keep their order."""

    effective_at: AwareDatetime
    """When it became true in the world; the envelope's `time` says when it was recorded."""
    hub: HubCode | None = None
    school_year: SchoolYear | None = None

    @property
    def about(self) -> str:
        """Return the id of the aggregate, the key on the bus."""
        return str(getattr(self, self.key))

    @property
    def details(self) -> Mapping[str, str]:
        """Return whose and what a flag is about, by its code: a sentence to follow the code's own words."""
        return {}

    @property
    def makes(self) -> str | None:
        """Return what others may wait for that this brings: nothing, unless a fact says otherwise."""
        return None


class Refusal(Event):
    """A fact that says no: somebody must hear about it, with the reasons' codes."""

    reasons: tuple[str, ...] = Field(min_length=1)


class Report(Spoken):
    """What a hub system says has happened; the owner answers it."""

    waits_with: ClassVar[str]
    """Name of the field that names what it is kept in order with, while something is awaited."""


def starting_year(year: str) -> int:
    """Return the calendar year in which school year `year` begins: 2026 of `2026/27`."""
    return int(year[:4])


def school_year_of(day: date) -> str:
    """Return the school year, 1 September to 31 August, that `day` falls in."""
    first = day.year if day.month >= _SEPTEMBER else day.year - 1
    return f"{first}/{(first + 1) % 100:02}"


def first_and_last_day(year: str) -> tuple[date, date]:
    """Return 1 September and 31 August of school year `year`."""
    first = starting_year(year)
    return date(first, 9, 1), date(first + 1, 8, 31)


__all__ = [
    "WRITTEN_AS_NUMBER",
    "AttendanceStatus",
    "AwareDatetime",
    "DeliveryId",
    "Event",
    "HubCode",
    "Instant",
    "InterestId",
    "LessonId",
    "MeetingId",
    "Mode",
    "On",
    "PersonId",
    "Programme",
    "Reference",
    "Refusal",
    "Report",
    "Role",
    "SchoolYear",
    "Spoken",
    "Stage",
    "Truth",
    "Urn",
    "VisitId",
    "WorkGroupId",
    "date",
    "datetime",
    "first_and_last_day",
    "one_of",
    "school_year_of",
    "starting_year",
]
