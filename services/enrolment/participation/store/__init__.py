"""Holds the Work Groups that a batch names, with the schools in them, their advocates and their leads."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from enrolment.participation.domain import (
    AssignLead,
    Candidate,
    FormWorkGroup,
    LookAgain,
    NominateAdvocate,
    OfSchool,
    Register,
    ReplaceAdvocate,
    Request,
    Standing,
    awaited,
    candidates,
    evolve,
)
from enrolment.participation.store.following import due, keep_followed, load_followed
from enrolment.participation.store.keeping import keep
from enrolment.participation.store.loading import load
from enrolment.participation.store.naming import named_in
from mathshubs import clock, journal
from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.hearing import NotHeardOf
from mathshubs.lineage import Lineages
from mathshubs.postgres import Db

__all__ = ["Asked", "Held", "Judge", "Trace", "due", "holding", "load", "load_followed", "look_up", "named_in"]

Trace = Callable[[Db, Collection[str]], Awaitable[tuple[Lineages, frozenset[str]]]]
"""Gives the lineages of the schools with these numbers, and every number that they have had or will have."""
Judge = Callable[
    [Db, Collection[str], Collection[Candidate]],
    Awaitable[tuple[Mapping[str, str], Mapping[Candidate, tuple[str, ...]]]],
]
"""Says which of these numbers the register has, in which local authority, and why candidates may not take part."""


Asked = Request | MeetingHeld | AttendanceRecorded
"""What is asked of Work Groups, and what is heard of their meetings."""


class Held:
    """The groups and places that a batch names, as they stand after each of its facts; `day` is when it began."""

    def __init__(self, standing: Standing, day: date) -> None:
        self._loaded = self._now = standing
        self._day = day

    def state(self, ask: Asked) -> Standing:
        """Return what is known; evidence is known from now on.

        Raises:
            NotHeardOf: if the group of `ask`, or its school's place there, has not been reported yet.
        """
        if isinstance(ask, MeetingHeld | AttendanceRecorded):
            self._now = evolve(self._now, ask)
            return self._now
        if isinstance(ask, LookAgain):
            self._day = ask.on
        if missing := awaited(self._now, ask):
            raise NotHeardOf(missing)
        return self._now

    def evolve(self, fact: Event) -> None:
        """Take up what was decided."""
        self._now = evolve(self._now, fact)

    @property
    def standing(self) -> Standing:
        """Return what is known, to decide on what names no one group."""
        return self._now

    async def keep(self, db: Db) -> None:
        """Write what is known now and was not when the batch began."""
        await keep(db, self._loaded, self._now)
        await keep_followed(db, self._loaded, self._now, self._day)


def holding(trace: Trace, judge: Judge) -> Callable[[Db, Sequence[Asked]], Awaitable[Held]]:
    """Return the hold of Work Groups; what the register says comes by `trace` and `judge`.

    Lineages are held beside the groups, since two groups may want the same school at the same time.
    """

    async def hold(db: Db, requests: Sequence[Asked]) -> Held:
        day = clock.today()
        urns = {ask.school_urn for ask in requests if isinstance(ask, OfSchool)}
        lineages, relatives = await trace(db, urns)
        groups = {ask.work_group_id for ask in requests}
        await journal.hold(db, {*map(str, groups), *(f"lineage:{urn}" for urn in relatives)})
        standing = await load(db, groups, relatives, set(_people(requests)), lineages)
        followed = await load_followed(db, groups)
        if any(place.until_on for place in standing.places.values()):  # its school may be there by another number
            lineages, _ = await trace(db, urns.union(place.school_urn for place in standing.places.values()))
        known, reasons = await judge(db, urns, candidates(standing, requests))
        return Held(replace(standing, register=Register(known, lineages, reasons), **followed), day)

    return hold


def _people(requests: Iterable[Asked]) -> Iterator[UUID]:
    for ask in requests:
        match ask:
            case NominateAdvocate():
                yield ask.person_id
            case ReplaceAdvocate():
                yield from (one for one in (ask.leaving_id, ask.joining_id) if one)
            case FormWorkGroup() | AssignLead() if ask.lead_id:
                yield ask.lead_id


async def look_up(db: Db, groups: Collection[UUID]) -> Standing:
    """Return what is known of these groups, for whoever only looks; nobody waits for that."""
    return replace(await load(db, groups, (), (), Lineages((), {}, {})), **await load_followed(db, groups))
