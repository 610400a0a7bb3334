"""Who led and leads a Work Group: without a gap and without an overlap, from the first who was assigned."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from enrolment.participation.domain.spans import DAY, is_on, meets
from mathshubs.events.spoken import PersonId


@dataclass(frozen=True, slots=True)
class Lead:
    """Somebody who leads from a day on, to the day before the next one begins."""

    lead_id: PersonId
    from_on: date
    until_on: date | None = None


History = tuple[Lead, ...]
"""In order of days, then of ids; whoever was replaced on their very first day stands there too, and leads on no day."""


def assign(history: History, lead_id: PersonId, day: date) -> History:
    """Return the history in which this person leads from `day` on, until whoever was assigned for a later day."""
    if any((one.lead_id, one.from_on) == (lead_id, day) for one in history):
        return history
    before = [replace(one, until_on=day - DAY) if is_on(one, day) else one for one in history if one.from_on <= day]
    before.sort(key=lambda one: (one.from_on, one.until_on or date.max, one.lead_id))
    later = [one for one in history if one.from_on > day]
    return (*before, Lead(lead_id, day, later[0].from_on - DAY if later else None), *later)


def leading(history: Sequence[Lead], day: date) -> PersonId | None:
    """Return who leads on `day`; None before anybody does."""
    return next((one.lead_id for one in history if is_on(one, day)), None)


def following(history: Sequence[Lead], day: date) -> list[Lead]:
    """Return those who lead from days after `day`."""
    return [one for one in history if one.from_on > day and meets(one, day)]
