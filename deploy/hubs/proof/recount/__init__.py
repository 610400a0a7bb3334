"""Every measure counted anew, from the facts as they were said: no projection of reporting's is read, none of its code.

Definitions: the national report metrics. Policies are read where they stand, since they are no facts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from hubs.proof.recount.facts import read_book, read_half_terms, read_policy
from hubs.proof.recount.others import Others
from hubs.proof.recount.register import census_end, population, read_register
from hubs.proof.recount.schools import Schools
from hubs.proof.recount.tallies import LEVELS, Tally, gathered
from mathshubs.postgres import Db

OF_SCHOOLS: Final = ("M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M17", "M18")
AT_SCHOOLS: Final = ("M12", "M13")
BY_HUB: Final = ("M10", "M11", "M14", "M15", "M20", "M21")
MEASURES: Final = (*OF_SCHOOLS, *AT_SCHOOLS, *BY_HUB)
COUNTS: Final = ("M1", "M2", "M3", "M6", "M7")
"""Measures of which a part is a count of schools."""

__all__ = ["BY_HUB", "COUNTS", "LEVELS", "MEASURES", "Recount", "counted", "levels"]


def levels(measure: str) -> Sequence[str]:
    """Return by what a measure is told."""
    return LEVELS[:2] if measure in BY_HUB else LEVELS


class Recount:
    """One school year, counted."""

    def __init__(self, schools: Schools) -> None:
        self._schools = schools

    def figures(self, measure: str, level: str) -> Tally:
        """Return value, numerator and denominator of each place and part in which anything counts."""
        counts = self._schools if measure in OF_SCHOOLS else Others(self._schools, level)
        ask = getattr(counts, measure.lower())
        tally: Tally = ask(level) if measure in OF_SCHOOLS else ask()
        return tally

    def shared(self, measure: str) -> Mapping[str, Mapping[str, set[str]]]:
        """Return by part of a count of schools the lineages that count in more than one hub, and in which."""
        found = {}
        for part, pairs in self._schools.counts(measure, "hub").items():
            hubs = gathered((lineage, hub) for hub, lineage in pairs)
            found[part] = {lineage: codes for lineage, codes in hubs.items() if len(codes) > 1}
        return found


async def counted(db: Db, as_at: datetime, known_at: datetime) -> Mapping[str, Recount]:
    """Count every school year that has a Work Group, out of the log."""
    book, register = await read_book(db, as_at, known_at), await read_register(db, as_at, known_at)
    found = {}
    for year in book.years:
        policy, half_terms = await read_policy(db, year), await read_half_terms(db, year)
        census = await read_register(db, census_end(year, as_at), known_at)
        might = await population(db, census, year)
        found[year] = Recount(Schools(book, register, policy, half_terms, might, census, year))
    return found
