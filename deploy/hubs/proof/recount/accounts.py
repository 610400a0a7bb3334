"""What schools did in each school year: joins, completions, visits, and advocates' places at held meetings."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from hubs.proof.recount.facts import Book, Fact, year_of
from hubs.proof.recount.register import Register
from mathshubs.clock import london_day

PRESENT: Final = frozenset({"present", "late", "partial"})
Where = tuple[str, str]
"""Hub and URN."""
Seat = tuple[str, str, str]
"""Work Group, URN and the hub."""


@dataclass
class Account:
    """One school year: joins, those who completed, visits, and advocates' places at held meetings."""

    joins: list[tuple[Fact, date | None, str | None]] = field(default_factory=list)
    """Each with the first day without the school, and why it left."""
    completed: set[Seat] = field(default_factory=set)
    visited: set[Seat] = field(default_factory=set)
    places: list[tuple[Seat, str, bool, Fact, Fact | None]] = field(default_factory=list)
    """At one meeting: the seat, the person, whether they were there, the meeting and the mark."""


@dataclass
class Accounts:
    """The account of every school year, made by going through the facts once."""

    book: Book
    register: Register
    policy: Mapping[str, Any]
    half_terms: Sequence[tuple[int, int, int]]
    population: Sequence[str]
    census: Register
    year: str

    def __post_init__(self) -> None:
        """Go through the facts once."""
        self.groups = self.book.last("WorkGroupFormed", until=False)
        self.ids = {fact["person_id"] for fact in self.book.of("PersonMerged")}
        self.years: defaultdict[str, Account] = defaultdict(Account)
        self.gone: defaultdict[tuple[str, str], list[Fact]] = defaultdict(list)
        for fact in self.book.of("SchoolWithdrewFromWorkGroup"):
            self.gone[fact.key, fact["school_urn"]].append(fact)
        self.left: defaultdict[tuple[str, str, str], list[Fact]] = defaultdict(list)
        for fact in self.book.of("AdvocateSlotVacated"):
            self.left[fact.key, fact["school_urn"], fact["person_id"]].append(fact)
        self.held = self.book.last("MeetingHeld")
        self._enter_joins()
        self._enter_meetings()

    def hub(self, group: str | None, said: str | None) -> str:
        """Return the hub of a Work Group."""
        formed = self.groups.get(group or "")
        return (formed and formed["hub"]) or said or "not-known"

    def who(self, name: str) -> str:
        """Return by which id a person goes."""
        return str(self.book.person(name)) if name in self.ids else name

    def stage(self, group: str, joined: Fact) -> str:
        """Return the stage of a Work Group."""
        return str((self.groups.get(group) or joined)["stage"])

    def seat(self, fact: Fact) -> Seat:
        """Return of which school in which Work Group a fact tells."""
        group = fact["work_group_id"]
        return group, fact["school_urn"], self.hub(group, fact["hub"])

    def _enter_joins(self) -> None:
        for fact in self.book.of("SchoolJoinedWorkGroup"):
            ends = [gone for gone in self.gone[fact.key, fact["school_urn"]] if gone.version > fact.version]
            end = min(ends, key=lambda gone: (gone.day(), -gone.version), default=None)
            if fact.day() <= self.book.day and (end is None or end.day() > fact.day()):
                until, why = (end.day(), end["reason"]) if end else (None, None)
                self.years[year_of(fact, fact.day())].joins.append((fact, until, why))
        last = {}
        for fact in self.book.of("SchoolCompletedStage", "CompletionQuestioned"):
            if fact.day() <= self.book.day:
                last[fact.key, fact["school_urn"]] = fact
        for fact in last.values():
            if fact.kind == "SchoolCompletedStage":
                self.years[year_of(fact, fact.day())].completed.add(self.seat(fact))
        for fact in self.book.last("SupportVisitCompleted", until=False).values():
            if fact.day("held_on") <= self.book.day:
                self.years[fact["school_year"]].visited.add(self.seat(fact))

    def _enter_meetings(self) -> None:
        marks: dict[tuple[str, str], Fact] = {}
        for fact in self.book.of("AttendanceRecorded"):
            if fact.effective_at <= self.book.as_at:
                marks[fact.key, self.who(fact["person_id"])] = fact
        slots: defaultdict[str, list[Fact]] = defaultdict(list)
        for fact in self.book.of("MasteryAdvocateNominated"):
            slots[fact.key].append(fact)
        for meeting in self.held.values():
            day = london_day(meeting.instant("starts_at"))
            seated = {
                (self.seat(slot), self.who(slot["person_id"]))
                for slot in slots[meeting["work_group_id"]]
                if slot.day() <= day and not self._is_over(slot, day)
            }
            for seat, person in seated:
                mark = marks.get((meeting.key, person))
                came = mark is not None and mark["status"] in PRESENT
                self.years[year_of(meeting, day)].places.append((seat, person, came, meeting, mark))

    def ends(self, slot: Fact) -> list[date]:
        """Return the days from which a slot was said to be held no more."""
        told = [*self.left[slot.key, slot["school_urn"], slot["person_id"]], *self.gone[slot.key, slot["school_urn"]]]
        return [fact.day() for fact in told if fact.version > slot.version]

    def _is_over(self, slot: Fact, day: date) -> bool:
        return any(end <= day for end in self.ends(slot))
