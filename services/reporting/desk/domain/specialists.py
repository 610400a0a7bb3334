"""What is said of specialists on their programme and towards accreditation: a teacher, never which one."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mathshubs.events import Event
from mathshubs.events.enrolment import specialists as said
from mathshubs.web.words import day_and_year
from reporting.desk.domain.names import Names, why

Tell = Callable[[Any, Names], str]


def _of(what: str) -> Tell:
    """Return how a fact reads that says no more than its kind: what a specialist of the hub did."""
    return lambda fact, names: f"a specialist of {names.hub(fact.hub)} {what}"


def _nominated(fact: said.SpecialistNominated, names: Names) -> str:
    return f"{names.hub(fact.hub)} nominated a teacher for the Mastery Specialist programme"


def _accepted(fact: said.SpecialistAcceptedOnProgramme, names: Names) -> str:
    cohort = f", in cohort {fact.cohort}" if fact.cohort else ""
    return f"a teacher of {names.hub(fact.hub)} has a place on the Mastery Specialist programme{cohort}"


def _year_started(fact: said.SpecialistYearStarted, names: Names) -> str:
    return f"a specialist of {names.hub(fact.hub)} started year {fact.year} of the programme"


def _gate_passed(fact: said.SpecialistGatePassed, names: Names) -> str:
    return f"a specialist of {names.hub(fact.hub)} passed the gate at the end of year {fact.gate}"


def _refused(fact: said.SpecialistReportRefused, names: Names) -> str:
    return f"what {names.hub(fact.hub)} reported of a specialist was not accepted. {why(fact)}"


def _workshop(fact: said.PDLeadWorkshopAttended, names: Names) -> str:
    return f"a specialist of {names.hub(fact.hub)} attended PD Lead workshop {fact.workshop}"


def _accredited(what: str) -> Tell:
    def said_of(fact: said.PDLeadAccredited | said.PDLeadReregistered, names: Names) -> str:
        until = f" until {day_and_year(fact.expires_on)}" if fact.expires_on else ""
        return f"a specialist of {names.hub(fact.hub)} {what}{until}"

    return said_of


def _lapsed(fact: said.PDLeadAccreditationLapsed, names: Names) -> str:
    return f"the PD Lead accreditation of a specialist of {names.hub(fact.hub)} lapsed"


TOLD: Final[Mapping[type[Event], Tell]] = {
    said.SpecialistNominated: _nominated,
    said.SpecialistAcceptedOnProgramme: _accepted,
    said.SpecialistYearStarted: _year_started,
    said.SpecialistGatePassed: _gate_passed,
    said.SpecialistDeferred: _of("paused the programme"),
    said.SpecialistReturned: _of("took the programme up again"),
    said.MasterySpecialistDesignated: _of("was designated a Mastery Specialist"),
    said.SpecialistLeftProgramme: _of("left the programme"),
    said.SpecialistReportRefused: _refused,
    said.PDLeadProgrammeStarted: _of("enrolled for PD Lead accreditation"),
    said.PDLeadWorkshopAttended: _workshop,
    said.AccreditationEvidenceSubmitted: _of("sent the evidence for PD Lead accreditation"),
    said.PDLeadAccredited: _accredited("is an accredited PD Lead"),
    said.AccreditationReferred: _of("was asked to send the accreditation evidence anew"),
    said.PDLeadReregistered: _accredited("was registered again as a PD Lead"),
    said.PDLeadAccreditationLapsed: _lapsed,
}

UNTOLD: Final[Mapping[type[Event], str]] = {
    said.LeadStanding: "works out what the facts about the programme and the accreditation say, which are told",
}
