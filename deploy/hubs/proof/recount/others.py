"""M10 to M15, M20 and M21 counted anew: meetings, support, specialists, reports and mails."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from hubs.proof.recount.facts import STEPS, Book, Fact, year_of
from hubs.proof.recount.schools import Schools
from hubs.proof.recount.tallies import Tally, amount, gathered, listed, median_of, number, part_of, summed
from mathshubs.clock import london_day

Pair = tuple[str, Any]
DELAYED: Final = (
    "SchoolJoinedWorkGroup",
    "MasteryAdvocateNominated",
    "SchoolWithdrewFromWorkGroup",
    "MeetingHeld",
    "SupportVisitCompleted",
    "OpenLessonHeld",
)
MEETING: Final = ("MeetingScheduled", "MeetingRescheduled", "MeetingCancelled", "MeetingHeld")


@dataclass
class Person:
    """A specialist as the facts leave them."""

    hub: str = "not-known"
    cohort: int = 0
    year: int = 0
    accepted: bool = False
    designated: bool = False
    left: bool = False
    enrolled: date | None = None
    days: int | None = None
    awarded: bool = False
    until: date | None = None
    """To which day they are accredited; None where they are not."""
    lapsed: bool = False


@dataclass
class Others:
    """Everything that is counted of other things than schools."""

    schools: Schools
    level: str

    @property
    def book(self) -> Book:
        """The facts."""
        return self.schools.book

    @property
    def day(self) -> date:
        """The day on which specialists stand as they are counted: that asked about, none after the school year."""
        return min(self.book.day, date(int(self.schools.year[:4]) + 1, 8, 31))

    def place(self, group: str | None, said: str | None) -> str:
        """Return where something of a Work Group counts."""
        return "England" if self.level == "national" else self.schools.hub(group, said)

    def _held(self) -> list[Fact]:
        held = self.schools.held.values()
        return [one for one in held if year_of(one, london_day(one.instant("starts_at"))) == self.schools.year]

    def _at(self, fact: Fact) -> str:
        return self.place(fact["work_group_id"], fact["hub"])

    def m10(self) -> Tally:
        """Cadence."""
        met: defaultdict[str, list[int]] = defaultdict(list)
        at: dict[str, str] = {}
        for meeting in self._held():
            met[meeting["work_group_id"]].append(meeting["half_term"])
            at[meeting["work_group_id"]] = self._at(meeting)
        standing = {
            fact.key: fact["state"] for fact in self.book.of("WorkGroupStandingChanged") if fact.day() <= self.book.day
        }
        ours = {key for key, formed in self.schools.groups.items() if formed["school_year"] == self.schools.year}
        ran = [
            group
            for group in ours | met.keys()
            if standing.get(group, "running" if group in met else "") in {"running", "completed"}
        ]
        places = [(at.get(group) or self.place(group, None), group) for group in ran]
        wanted = self.schools.half_terms_over()
        full = summed((place, wanted <= set(met.get(group, ()))) for place, group in places)
        all_held = summed((place, len(met.get(group, ()))) for place, group in places)
        groups = summed((place, 1) for place, _ in places)
        return (part_of("met", full, groups) if wanted else {}) | part_of("mean", all_held, groups)

    def m11(self) -> Tally:
        """Delivery mix."""
        found: Tally = {}
        for mode in ("face-to-face", "online", "hybrid"):
            pairs = ((self._at(one), one.key) for one in self._held() if one["mode"] == mode)
            found |= number(f"meetings-{mode}", pairs)
        return found | self.schools.modes(lambda hub: "England" if self.level == "national" else hub)

    def _school_place(self, fact: Fact) -> str:
        hub = self.schools.hub(fact["work_group_id"], fact["hub"])
        return self.schools.register.place(self.level, hub, fact["school_urn"])

    def _of_year(self, kind: str) -> list[Fact]:
        found = self.book.last(kind, until=False).values()
        return [one for one in found if one["school_year"] == self.schools.year and one.day("held_on") <= self.book.day]

    def m12(self) -> Tally:
        """Support visits."""
        root = self.schools.register.root
        visits = [(self._school_place(one), root(one["school_urn"]), one) for one in self._of_year(VISIT)]
        by_school: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
        right: dict[tuple[str, str, str], tuple[str, str, float]] = {}
        for place, lineage, visit in visits:
            by_school[place, lineage].append(visit["hours"])
            due, key = visit["entitled_hours"], (place, lineage, visit["work_group_id"])
            if due is not None and (key not in right or right[key][:2] < (visit["held_on"], visit.key)):
                right[key] = (visit["held_on"], visit.key, due)
        used = [
            (place, one["hours"]) for place, lineage, one in visits if (place, lineage, one["work_group_id"]) in right
        ]
        return (
            number("visits", ((place, one.key) for place, _, one in visits))
            | amount("hours", ((place, one["hours"]) for place, _, one in visits))
            | median_of("median-visits", ((place, len(hours)) for (place, _), hours in by_school.items()))
            | median_of("median-hours", ((place, sum(hours)) for (place, _), hours in by_school.items()))
            | part_of("entitlement", summed(used), summed((key[0], due) for key, (_, _, due) in right.items()))
        )

    def m13(self) -> Tally:
        """Open lessons."""
        lessons = [(self._school_place(one), one) for one in self._of_year("OpenLessonHeld")]
        watched = [(place, one.key, seen) for place, one in lessons for seen in one["observers"]]
        root, who = self.schools.register.root, self.schools.who
        people = (
            (place, (lesson, who(seen["person_id"]) if seen.get("person_id") else turn))
            for turn, (place, lesson, seen) in enumerate(watched)
        )
        return (
            number("held", ((place, one.key) for place, one in lessons))
            | number("observers", people)
            | number("schools", ((place, root(seen["school_urn"])) for place, _, seen in watched))
        )

    def _people(self) -> dict[str, Person]:
        people: defaultdict[str, Person] = defaultdict(Person)
        steps = [fact for fact in self.book.of(*STEPS) if fact.day() <= self.day]
        for fact in sorted(steps, key=lambda one: (one.day(), one.recorded_at, one.version)):
            person = people[self.schools.who(fact["person_id"])]
            person.hub = fact["hub"]
            self._step(person, fact)
        return people

    def _step(self, person: Person, fact: Fact) -> None:
        first = int(self.schools.year[:4])
        is_now = date(first, 9, 1) <= fact.day() <= date(first + 1, 8, 31)
        kind = fact.kind
        if kind in {"SpecialistAcceptedOnProgramme", "SpecialistYearStarted"}:
            person.accepted, person.left = True, False
            person.cohort, person.year = fact["cohort"] or person.cohort, fact["year"] or person.year
        elif kind in {"SpecialistReturned", "SpecialistLeftProgramme"}:
            person.left = kind == "SpecialistLeftProgramme"
        elif kind == "MasterySpecialistDesignated":
            person.designated, person.left = True, False
        elif kind == "PDLeadProgrammeStarted":
            person.enrolled = fact.day()
        elif kind in {"PDLeadAccredited", "PDLeadReregistered"}:
            person.until = fact.day("expires_on") if fact["expires_on"] else date.max
            person.lapsed = False
            if kind == "PDLeadAccredited" and is_now:
                person.awarded = True
                person.days = (fact.day() - person.enrolled).days if person.enrolled else None
        elif kind == "PDLeadAccreditationLapsed":
            person.until, person.lapsed = None, is_now

    def _hub(self, code: str) -> str:
        return "England" if self.level == "national" else code

    def m14(self) -> Tally:
        """Specialists."""
        people = self._people()
        on_way = {name: one for name, one in people.items() if one.accepted and not one.designated and not one.left}
        found = number("pipeline", ((self._hub(one.hub), name) for name, one in on_way.items()))
        for one in on_way.values():
            part = f"pipeline-{one.cohort}-{one.year}"
            place = self._hub(one.hub)
            so_far = found.get((place, part), (0, 0, None))[1] + 1
            found[place, part] = (so_far, so_far, None)
        done = ((self._hub(one.hub), name) for name, one in people.items() if one.designated and not one.left)
        return found | number("designated", done) | self._retention(people) | self._leading()

    def _retention(self, people: Mapping[str, Person]) -> Tally:
        found: Tally = {}
        for cohort in {one.cohort for one in people.values() if one.cohort}:
            places = [(self._hub(one.hub), one) for one in people.values() if one.accepted and one.cohort == cohort]
            found |= part_of(
                f"retention-{cohort}",
                summed((place, one.designated) for place, one in places),
                summed((place, 1) for place, _ in places),
            )
        return found

    def _leading(self) -> Tally:
        """Return who leads, with the hub of the Work Group."""
        led = (
            (self._at(one), self.schools.who(one["led_by_id"])) for one in self._held() if one["led_by_id"] is not None
        )
        leads = [(self.place(group, None), lead) for group, lead in self._leads().items()]
        return number("leads", led) | part_of("caseload", summed((at, 1) for at, _ in leads), gathered(leads))

    def _leads(self) -> dict[str, str]:
        """Return who leads each Work Group of the year on the day."""
        assigned = {
            fact.key: fact["lead_id"] for fact in self.book.of("LeadSpecialistAssigned") if fact.day() <= self.day
        }
        ours = {key: one for key, one in self.schools.groups.items() if one["school_year"] == self.schools.year}
        found = {key: assigned.get(key) or one["lead_id"] for key, one in ours.items()}
        return {key: self.schools.who(lead) for key, lead in found.items() if lead}

    def m15(self) -> Tally:
        """PD Leads."""
        people = [(self._hub(one.hub), name, one) for name, one in self._people().items()]
        return (
            number("accredited", ((at, n) for at, n, one in people if one.until and one.until >= self.day))
            | number("awarded", ((at, n) for at, n, one in people if one.awarded))
            | number("lapsed", ((at, n) for at, n, one in people if one.lapsed))
            | median_of("days", ((at, one.days) for at, _, one in people if one.days is not None))
        )

    def m20(self) -> Tally:
        """How reports come in."""
        found: Tally = {}
        for place, delays in listed(self._delays()).items():
            in_order = sorted(delays)
            for part, share in (("median", 0.5), ("p95", 0.95)):
                nearest = next(one for turn, one in enumerate(in_order, 1) if turn >= share * len(in_order))
                found[place, part] = (nearest, len(in_order), None)
        held = {one.key: self._at(one) for one in self._held()}
        marks = [(held[key], is_right) for (key, _), is_right in self._marks().items() if key in held]
        found |= part_of("corrections", summed(marks), summed((place, 1) for place, _ in marks))
        return found | number("unclosed", self._unclosed())

    def _delays(self) -> Iterator[Pair]:
        for fact in self.book.of(*DELAYED):
            said = fact["school_year"] or year_of(fact, london_day(fact.effective_at))
            if said == self.schools.year and fact.effective_at <= self.book.as_at:
                yield self._at(fact), max(0.0, (fact.recorded_at - fact.effective_at).total_seconds())

    def _marks(self) -> dict[tuple[str, str], bool]:
        """Return of each mark whether it was ever corrected, for a reason."""
        marks: defaultdict[tuple[str, str], bool] = defaultdict(bool)
        for fact in self.book.of("AttendanceRecorded"):
            if fact.effective_at <= self.book.as_at:
                marks[fact.key, fact["person_id"]] |= fact["reason"] is not None
        return marks

    def _unclosed(self) -> Iterator[Pair]:
        late = self.book.as_at - timedelta(days=self.schools.policy["register_days"])
        for fact in self.book.last(*MEETING, until=False).values():
            waits = fact.kind in {"MeetingScheduled", "MeetingRescheduled"} and fact.instant("ends_at") < late
            if waits and year_of(fact, london_day(fact.instant("starts_at"))) == self.schools.year:
                yield self._at(fact), fact.key

    def m21(self) -> Tally:
        """Mails."""
        meetings = self.book.last(*MEETING, until=False)
        mails = []
        for fact in self.book.last("MessageSettled").values():
            if year_of(fact, london_day(fact.instant("queued_at"))) == self.schools.year:
                met = meetings.get(fact["meeting_id"])
                said = (met["hub"] if met else None) or fact["hub"]
                mails.append((self.place(met["work_group_id"] if met else None, said), fact))
        every = summed((place, 1) for place, _ in mails)
        found: Tally = {}
        for status in ("delivered", "permanent-failure"):
            found |= part_of(status, summed((place, one["status"] == status) for place, one in mails), every)
        taken = (
            (place, (one.instant("handed_at") - one.instant("queued_at")).total_seconds())
            for place, one in mails
            if one["handed_at"]
        )
        return found | median_of("median", taken)


VISIT: Final = "SupportVisitCompleted"
