"""M1 to M9, M17 and M18 counted anew."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from hubs.proof.recount.accounts import Accounts, Where
from hubs.proof.recount.facts import Fact, year_of
from hubs.proof.recount.tallies import Tally, amount, gathered, number, part_of, summed
from mathshubs.clock import london_day

FOLLOWS: Final = {"development": "embedding", "embedding": "sustaining"}


class Schools(Accounts):
    """Everything that is counted of schools, year by year."""

    def registered(self, year: str) -> dict[Where, set[tuple[str, str]]]:
        """Return who registered, by hub and lineage: in which Work Groups, at which stage."""
        found: defaultdict[Where, set[tuple[str, str]]] = defaultdict(set)
        for fact, _, _ in self.years[year].joins:
            hub = self.hub(fact.key, fact["hub"])
            found[hub, fact["school_urn"]].add((fact.key, self.stage(fact.key, fact)))
        return found

    def engaged(self, year: str) -> set[tuple[str, str, str]]:
        """Return who was seen: hub, URN of joining and stage."""
        account = self.years[year]
        seen = {(group, self.register.root(urn)) for (group, urn, _), _, came, _, _ in account.places if came}
        seen |= {(group, self.register.root(urn)) for group, urn, _ in account.visited}
        return {
            (self.hub(fact.key, fact["hub"]), fact["school_urn"], self.stage(fact.key, fact))
            for fact, _, _ in account.joins
            if (fact.key, self.register.root(fact["school_urn"])) in seen
        }

    def lineages(self, year: str) -> set[str]:
        """Return the lineages that were seen."""
        return {self.register.root(urn) for _, urn, _ in self.engaged(year)}

    def pairs(self, measure: str, level: str) -> Iterator[tuple[str, str]]:
        """Return place and lineage of M1, M2 and M3."""
        where: dict[str, Callable[[], set[Where]]] = {
            "M1": lambda: set(self.registered(self.year)),
            "M2": lambda: {(hub, urn) for hub, urn, _ in self.engaged(self.year)},
            "M3": lambda: {(hub, urn) for _, urn, hub in self.years[self.year].completed},
        }
        for hub, urn in where[measure]():
            yield self.register.place(level, hub, urn), self.register.root(urn)

    def counts(self, measure: str, level: str) -> Mapping[str, list[tuple[str, str]]]:
        """Return place and lineage of each count of schools, by part: M1, M2, M3, M6 and the stages of M7."""
        if measure == "M6":
            return self._by_history(level)
        return self._by_stage(level) if measure == "M7" else {"": list(self.pairs(measure, level))}

    def _by_history(self, level: str) -> Mapping[str, list[tuple[str, str]]]:
        before = {year: self.lineages(year) for year in list(self.years) if year < self.year}
        last = f"{int(self.year[:4]) - 1}/{int(self.year[2:4]):02}"
        found: dict[str, list[tuple[str, str]]] = {"new": [], "continuing": [], "returning": []}
        for at in self.pairs("M2", level):
            found[_history(at[1], before, last)].append(at)
        return found

    def _by_stage(self, level: str) -> Mapping[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {"development": [], "embedding": [], "sustaining": []}
        for hub, urn, stage in self.engaged(self.year):
            found[stage].append((self.register.place(level, hub, urn), self.register.root(urn)))
        return found

    def _counted(self, measure: str, level: str) -> Tally:
        found: Tally = {}
        for part, pairs in self.counts(measure, level).items():
            found |= number(part, pairs)
        return found

    def eligible(self, level: str) -> Mapping[str, set[str]]:
        """Return the lineages that might take part, where they are; none is in a hub."""
        if level == "hub":
            return {}
        return gathered((self.census.place(level, "", urn), self.census.root(urn)) for urn in self.population)

    def rate(self, part: str, measure: str, level: str) -> Tally:
        """Return a measure over those who might take part."""
        return part_of(part, gathered(self.pairs(measure, level)), self.eligible(level))

    def m1(self, level: str) -> Tally:
        """Registered."""
        return number("", self.pairs("M1", level))

    def m2(self, level: str) -> Tally:
        """Engaged."""
        return number("", self.pairs("M2", level))

    def m3(self, level: str) -> Tally:
        """Completed."""
        return number("", self.pairs("M3", level))

    def m4(self, level: str) -> Tally:
        """Engagement rate."""
        return self.rate("engaged", "M2", level) | self.rate("completed", "M3", level)

    def m5(self, level: str) -> Tally:
        """Ever engaged."""
        ever = {where for year in list(self.years) if year <= self.year for where in self.engaged(year)}
        pairs = ((self.register.place(level, hub, urn), self.register.root(urn)) for hub, urn, _ in ever)
        return part_of("", gathered(pairs), self.eligible(level))

    def m6(self, level: str) -> Tally:
        """By when they were there before."""
        return self._counted("M6", level)

    def m7(self, level: str) -> Tally:
        """By stage, and who went on."""
        found = self._counted("M7", level)
        last = f"{int(self.year[:4]) - 1}/{int(self.year[2:4]):02}"
        for wanted, following in FOLLOWS.items():
            found |= self._went_on(level, last, wanted, following)
        return found

    def _went_on(self, level: str, last: str, wanted: str, following: str) -> Tally:
        entered = {
            self.register.root(urn)
            for (_, urn), seats in self.registered(self.year).items()
            if any(stage == following for _, stage in seats)
        }
        done = [
            (self.register.place(level, hub, urn), self.register.root(urn))
            for group, urn, hub in self.years[last].completed
            if group in self.groups and self.groups[group]["stage"] == wanted
        ]
        went_on = [at for at in done if at[1] in entered]
        return part_of(f"to-{following}", gathered(went_on), gathered(done))

    def m8(self, level: str) -> Tally:
        """Advocates, their days, and what stands vacant."""
        first, last = date(int(self.year[:4]), 9, 1), min(date(int(self.year[:4]) + 1, 8, 31), self.book.day)
        people, held, offered = [], [], []
        for slot in self.book.of("MasteryAdvocateNominated"):
            if year_of(slot, slot.day()) == self.year:
                _, urn, hub = self.seat(slot)
                days = _days(slot.day(), min(self.ends(slot), default=None), first, last)
                place = self.register.place(level, hub, urn)
                held.append((place, days))
                people += [(place, self.who(slot["person_id"]))] if days else []
        for fact, until, _ in self.years[self.year].joins:
            place = self.register.place(level, self.hub(fact.key, fact["hub"]), fact["school_urn"])
            offered.append((place, self.policy["slots"] * _days(fact.day(), until, first, last)))
        filled, all_days = summed(held), summed(offered)
        vacant = {place: all_days.get(place, 0) - filled.get(place, 0) for place in all_days.keys() | filled.keys()}
        years = {(place, "full-time"): (days / 730, days, 730) for place, days in filled.items()}
        return number("advocates", people) | years | part_of("vacancy", vacant, all_days)

    def m9(self, level: str) -> Tally:
        """Attendance."""
        came = [
            (self.register.place(level, hub, urn), was_there)
            for (_, urn, hub), _, was_there, _, _ in self.years[self.year].places
        ]
        sorry = (
            (self.register.place(level, hub, urn), mark["status"] == "apologies")
            for (_, urn, hub), _, _, _, mark in self.years[self.year].places
            if mark is not None
        )
        rate = part_of("", summed(came), summed((place, 1) for place, _ in came))
        return rate | amount("apologies", sorry)

    def m17(self, level: str) -> Tally:
        """Coverage."""
        found: Tally = {}
        for part, measure in (("registered", "M1"), ("engaged", "M2"), ("completed", "M3")):
            found |= number(part, self.pairs(measure, level))
        return found | self.rate("engagement-rate", "M2", level) | self.rate("completion-rate", "M3", level)

    def m18(self, level: str) -> Tally:
        """Withdrawals."""
        met: dict[str, date] = {}
        for meeting in self.held.values():
            group, day = meeting["work_group_id"], london_day(meeting.instant("starts_at"))
            met[group] = min(day, met.get(group, day))
        registered = gathered(self.pairs("M1", level))
        found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for hub, urn, group, on, why in self._withdrawn():
            at = (self.register.place(level, hub, urn), self.register.root(urn))
            early = ["early"] if group not in met or on <= met[group] else []
            for part in ["all", why, f"half-term-{self._half_term(on)}", *early]:
                found[part].append(at)
        parts = ["all", "early", *REASONS, *(f"half-term-{number}" for number in range(1, 7))]
        tally: Tally = {}
        for part in parts:
            tally |= part_of(part, gathered(found[part]), registered)
        return tally

    def _withdrawn(self) -> Iterator[tuple[str, str, str, date, str]]:
        """Return each school that left a Work Group and is not back, under no number of its own."""
        by_seat: defaultdict[tuple[str, str], dict[str, tuple[Fact, date | None, str | None]]] = defaultdict(dict)
        for fact, until, why in self.years[self.year].joins:
            by_seat[fact.key, self.register.root(fact["school_urn"])][fact["school_urn"]] = (fact, until, why)
        for (group, _), last in by_seat.items():
            ends = [until for _, until, _ in last.values() if until is not None and until <= self.book.day]
            if len(ends) == len(last):
                fact, until, why = max(last.values(), key=lambda one: one[1] or date.min)
                yield self.hub(group, fact["hub"]), fact["school_urn"], group, until or date.min, why or ""

    def _half_term(self, on: date) -> int:
        first = int(self.year[:4])
        begun = [
            number
            for number, month, day in self.half_terms
            if date(first if month > 8 else first + 1, month, day) <= on  # noqa: PLR2004 -- August
        ]
        return max(begun, default=0)

    def half_terms_over(self) -> set[int]:
        """Return the half-terms that are over: those before the one that the day asked about is in."""
        if self.book.day >= date(int(self.year[:4]) + 1, 9, 1):
            return set(range(1, self.policy["half_terms"] + 1))
        return set(range(1, min(self._half_term(self.book.day), self.policy["half_terms"] + 1)))

    def modes(self, place: Callable[[str], str]) -> Tally:
        """Return attendances by the mode in which each attended, by the hub."""
        found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for (_, _, hub), _, came, meeting, mark in self.years[self.year].places:
            if came and mark is not None:
                found[mark["mode"] or meeting["mode"]].append((place(hub), 1))
        tally: Tally = {}
        for mode, pairs in found.items():
            tally |= amount(f"attendances-{mode}", pairs)
        return tally


REASONS: Final = ("staffing", "workload", "leadership-change", "school-closed", "other-provision", "other")


def _history(lineage: str, before: Mapping[str, set[str]], last: str) -> str:
    if lineage in before.get(last, ()):
        return "continuing"
    return "returning" if any(lineage in lineages for lineages in before.values()) else "new"


def _days(since: date, until: date | None, first: date, last: date) -> int:
    """Count the days one by one, as on a calendar."""
    day, count = max(since, first), 0
    while day <= last and (until is None or day < until):
        day, count = day + timedelta(days=1), count + 1
    return count
