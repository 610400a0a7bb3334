"""The specialists' ways: the three-year programme, PD Lead accreditation, and what goes otherwise on them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from hubs.demo.network import Specialist, Teacher

Step = tuple[date, str, Mapping[str, object]]
FIRST_COHORT_BEGAN: Final = 2016
LAPSES_ON: Final = date(2027, 4, 30)
"""The last day of the accreditation of somebody who leads a meeting in May."""


def specialists_of(hub: int, leads: Sequence[Teacher], on_their_way: Sequence[Teacher]) -> list[Specialist]:
    """Return a hub's specialists; `hub` is its place in the order of hubs."""
    first_year, second_year, designated = on_their_way
    leading = [Specialist(who, tuple(_leading(hub, number))) for number, who in enumerate(leads)]
    return [
        *leading,
        Specialist(first_year, tuple(_in_first_year(hub))),
        Specialist(second_year, tuple(_in_second_year(hub))),
        Specialist(designated, tuple(_designated(hub))),
    ]


def _leading(hub: int, number: int) -> Iterator[Step]:
    """Yield the way of somebody who leads: through, or in the third year; one lets an accreditation lapse."""
    if number == 1 and hub % 4 == 0:
        yield from _in_third_year()
        return
    yield from _through(2021)
    expires = LAPSES_ON if (hub, number) == (1, 1) else date(2029, 8, 31)
    yield from _accredited(2022, expires)
    if (hub, number) == (1, 1):
        yield date(2027, 6, 1), "PDLeadReregistered", {"expires_on": date(2030, 8, 31).isoformat()}


def _started(year: int) -> Iterator[Step]:
    """Yield how somebody comes onto the programme that begins in September of a year."""
    yield date(year, 3, 1), "SpecialistNominated", {}
    yield date(year, 6, 15), "SpecialistAcceptedOnProgramme", {"cohort": year - FIRST_COHORT_BEGAN + 1}
    yield date(year, 9, 1), "SpecialistYearStarted", {"year": 1}


def _passed(gate: int, year: int) -> Iterator[Step]:
    """Yield the end of one year of the programme and, but for the last, the start of the next."""
    yield date(year, 7, 1), "SpecialistGatePassed", {"gate": gate}
    if gate < 3:  # noqa: PLR2004 -- years of the programme
        yield date(year, 9, 1), "SpecialistYearStarted", {"year": gate + 1}


def _through(year: int) -> Iterator[Step]:
    yield from _started(year)
    for gate in (1, 2, 3):
        yield from _passed(gate, year + gate)
    yield date(year + 3, 7, 9), "MasterySpecialistDesignated", {}


def _enrolled(year: int) -> Iterator[Step]:
    """Yield the PD Lead Programme of a school year up to its last workshop."""
    yield date(year, 9, 15), "PDLeadProgrammeStarted", {}
    for workshop, day in enumerate((date(year, 11, 5), date(year + 1, 2, 4), date(year + 1, 5, 20)), start=1):
        yield day, "PDLeadWorkshopAttended", {"workshop": workshop}


def _accredited(year: int, expires_on: date) -> Iterator[Step]:
    yield from _enrolled(year)
    yield date(year + 1, 10, 15), "AccreditationEvidenceSubmitted", {}
    yield date(year + 2, 2, 1), "PDLeadAccredited", {"expires_on": expires_on.isoformat()}


def _in_third_year() -> Iterator[Step]:
    """Yield the way of somebody who leads while still on it, and is accredited at the second attempt."""
    yield from _started(2024)
    yield from _passed(1, 2025)
    yield from _passed(2, 2026)
    yield from _enrolled(2025)
    yield date(2026, 10, 15), "AccreditationEvidenceSubmitted", {}
    yield date(2026, 12, 10), "AccreditationReferred", {}
    yield date(2027, 4, 20), "AccreditationEvidenceSubmitted", {}
    yield date(2027, 6, 10), "PDLeadAccredited", {"expires_on": date(2030, 8, 31).isoformat()}
    yield from _passed(3, 2027)
    yield date(2027, 7, 9), "MasterySpecialistDesignated", {}


def _in_first_year(hub: int) -> Iterator[Step]:
    """Yield a first year that ends well, or that is put off for a while."""
    yield from _started(2026)
    if hub % 2:
        yield date(2027, 1, 18), "SpecialistDeferred", {"reason": "leave"}
        yield date(2027, 6, 7), "SpecialistReturned", {}
    else:
        yield date(2027, 7, 1), "SpecialistGatePassed", {"gate": 1}


def _in_second_year(hub: int) -> Iterator[Step]:
    """Yield a second year, which some leave."""
    yield from _started(2025)
    yield from _passed(1, 2026)
    if hub % 4 == 0:
        yield date(2026, 9, 15), "PDLeadProgrammeStarted", {}
        yield date(2027, 3, 1), "SpecialistLeftProgramme", {"reason": "moved-school"}
    else:
        yield from _enrolled(2026)
        yield date(2027, 7, 1), "SpecialistGatePassed", {"gate": 2}


def _designated(hub: int) -> Iterator[Step]:
    """Yield the way of somebody who is through and leads nobody; of some the accreditation lapses."""
    yield from _through(2020)
    yield from _accredited(2021, date(2028, 8, 31))
    if hub % 2:
        yield date(2027, 2, 10), "PDLeadAccreditationLapsed", {}
