"""Where somebody stands in the three-year programme and in PD Lead accreditation, as their steps have left them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce

from mathshubs.events.enrolment.specialists import (
    AccreditationEvidenceSubmitted,
    AccreditationReferred,
    MasterySpecialistDesignated,
    OfSpecialist,
    PDLeadAccreditationLapsed,
    PDLeadAccredited,
    PDLeadProgrammeStarted,
    PDLeadReregistered,
    PDLeadWorkshopAttended,
    SpecialistAcceptedOnProgramme,
    SpecialistDeferred,
    SpecialistGatePassed,
    SpecialistLeftProgramme,
    SpecialistNominated,
    SpecialistReturned,
    SpecialistYearStarted,
)

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pathway:
    """Where somebody stands in the programme; whoever has left may begin anew."""

    is_nominated: bool = False
    is_accepted: bool = False
    cohort: int | None = None
    year: int | None = None
    """The year of the programme that they are in or were in last."""
    gates: frozenset[int] = frozenset()
    is_deferred: bool = False
    has_paused: bool = False
    """They have deferred since the year began, so that it may begin once more."""
    is_designated: bool = False
    has_left: bool = False

    @property
    def state(self) -> str:
        """Return the name of where they stand."""
        if self.has_left:
            return "left"
        if self.is_deferred:
            return "deferred"
        if self.is_designated:
            return "designated"
        if self.year:
            return f"year-{self.year}"
        return "accepted" if self.is_accepted else "nominated" if self.is_nominated else "none"

    def after(self, step: OfSpecialist) -> "Pathway":
        """Return where they stand after `step`."""
        match step:
            case SpecialistNominated():
                return Pathway(is_nominated=True)
            case SpecialistAcceptedOnProgramme():
                return Pathway(
                    is_nominated=self.is_nominated and not self.has_left, is_accepted=True, cohort=step.cohort
                )
            case SpecialistYearStarted():
                return replace(self, year=step.year, is_deferred=False, has_paused=False)
            case SpecialistGatePassed():
                return replace(self, gates=self.gates | {step.gate})
            case SpecialistDeferred():
                return replace(self, is_deferred=True, has_paused=True)
            case SpecialistReturned():
                return replace(self, is_deferred=False)
            case MasterySpecialistDesignated():
                return replace(self, is_designated=True)
            case SpecialistLeftProgramme():
                return replace(self, has_left=True)
            case _:
                return self


@dataclass(frozen=True, slots=True)
class Accreditation:
    """Where somebody stands in PD Lead accreditation."""

    is_started: bool = False
    workshops: frozenset[int] = frozenset()
    is_submitted: bool = False
    """Their evidence is sent and not judged yet."""
    is_referred: bool = False
    is_accredited: bool = False
    expires_on: date | None = None
    """The last day of what was accredited or renewed; None without end."""
    has_lapsed: bool = False

    @property
    def is_enrolled(self) -> bool:
        """Say whether they work towards it, or have it, and it has not lapsed."""
        begun = self.is_started or self.workshops or self.is_submitted or self.is_referred or self.is_accredited
        return bool(begun) and not self.has_lapsed

    @property
    def state(self) -> str:
        """Return the name of where they stand."""
        if self.has_lapsed:
            return "lapsed"
        if self.is_accredited:
            return "accredited"
        if self.is_referred:
            return "referred"
        if self.is_submitted:
            return "submitted"
        return "enrolled" if self.is_enrolled else "none"

    def on(self, day: date) -> "Accreditation":
        """Return where they stand on `day`, if nothing is reported until then: what has run out has lapsed."""
        if self.is_accredited and self.expires_on and self.expires_on < day:
            return replace(self, is_accredited=False, has_lapsed=True)
        return self

    def after(self, step: OfSpecialist) -> "Accreditation":
        """Return where they stand after `step`."""
        now = self.on(step.effective_on)
        match step:
            case PDLeadProgrammeStarted():
                return Accreditation(is_started=True)
            case PDLeadWorkshopAttended():
                return replace(now, workshops=now.workshops | {step.workshop})
            case AccreditationEvidenceSubmitted():
                return replace(now, is_submitted=True, is_referred=False)
            case AccreditationReferred():
                return replace(now, is_submitted=False, is_referred=True)
            case PDLeadAccredited() | PDLeadReregistered():
                accredited = replace(now, is_submitted=False, is_referred=False, is_accredited=True, has_lapsed=False)
                return replace(accredited, expires_on=step.expires_on)
            case PDLeadAccreditationLapsed():
                return replace(now, is_accredited=False, expires_on=None, has_lapsed=True)
            case _:
                return self


def pathway_after(steps: Iterable[OfSpecialist]) -> Pathway:
    """Return where somebody stands in the programme after these steps."""
    return reduce(Pathway.after, steps, Pathway())


def accreditation_after(steps: Iterable[OfSpecialist]) -> Accreditation:
    """Return where somebody stands in accreditation after these steps."""
    return reduce(Accreditation.after, steps, Accreditation())
