"""What hubs report of specialists, and what the clock asks: the steps of two lifecycles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Self, get_args

from mathshubs.events import Report
from mathshubs.events.enrolment import specialists as said
from mathshubs.events.enrolment.specialists import OfSpecialist, Paused
from mathshubs.events.hub import specialists as hubs
from mathshubs.events.spoken import PersonId
from mathshubs.reports import About

PROGRAMME: Final[Mapping[type[Report], type[OfSpecialist]]] = {
    hubs.SpecialistNominated: said.SpecialistNominated,
    hubs.SpecialistAcceptedOnProgramme: said.SpecialistAcceptedOnProgramme,
    hubs.SpecialistYearStarted: said.SpecialistYearStarted,
    hubs.SpecialistGatePassed: said.SpecialistGatePassed,
    hubs.SpecialistDeferred: said.SpecialistDeferred,
    hubs.SpecialistReturned: said.SpecialistReturned,
    hubs.MasterySpecialistDesignated: said.MasterySpecialistDesignated,
    hubs.SpecialistLeftProgramme: said.SpecialistLeftProgramme,
}
"""The fact that each report of the three-year programme becomes."""
ACCREDITATION: Final[Mapping[type[Report], type[OfSpecialist]]] = {
    hubs.PDLeadProgrammeStarted: said.PDLeadProgrammeStarted,
    hubs.PDLeadWorkshopAttended: said.PDLeadWorkshopAttended,
    hubs.AccreditationEvidenceSubmitted: said.AccreditationEvidenceSubmitted,
    hubs.PDLeadAccredited: said.PDLeadAccredited,
    hubs.AccreditationReferred: said.AccreditationReferred,
    hubs.PDLeadReregistered: said.PDLeadReregistered,
    hubs.PDLeadAccreditationLapsed: said.PDLeadAccreditationLapsed,
}
"""The fact that each report of PD Lead accreditation becomes."""


@dataclass(frozen=True, slots=True)
class Step:
    """A hub has reported a step of one specialist: the fact that it is to become, and what that holds."""

    hub: str
    person_id: PersonId
    kind: type[OfSpecialist]
    effective_on: date
    details: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the fact that are its kind's own; what was not stated is left out."""

    @classmethod
    def reported(cls, report: hubs.OfSpecialist, about: About) -> Self:
        """Return the request that a hub's report makes; a reason that is no code of ours counts as `other`."""
        details = report.model_dump(exclude={"person", "effective_on"}, exclude_none=True)
        if details.get("reason", "other") not in get_args(Paused):
            details["reason"] = "other"
        kind = {**PROGRAMME, **ACCREDITATION}[type(report)]
        return cls(about.hub, about.id("person", report.person), kind, report.effective_on, details)

    @property
    def key(self) -> str:
        """Return what it is kept in order with: the person."""
        return f"person:{self.person_id}"

    @property
    def makes(self) -> None:
        """Bring nothing that others wait for."""


class TakeProgrammeStep(Step):
    """A step of the three-year programme."""


class TakeAccreditationStep(Step):
    """A step of PD Lead accreditation."""


@dataclass(frozen=True, slots=True)
class LetLapse:
    """The clock, which is at `today`, may have passed the last day of somebody's accreditation."""

    person_id: PersonId
    today: date

    @property
    def key(self) -> str:
        """Return what it is kept in order with: the person."""
        return f"person:{self.person_id}"

    @property
    def makes(self) -> None:
        """Bring nothing that others wait for."""


Request = TakeProgrammeStep | TakeAccreditationStep | LetLapse
