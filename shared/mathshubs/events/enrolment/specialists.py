"""What enrolment says of Mastery Specialists: their programme, PD Lead accreditation, who may lead and when."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from mathshubs.events.spoken import Event, HubCode, PersonId, Refusal, date

Paused = Literal["leave", "workload", "change-of-role", "moved-school", "not-progressed", "other"]
"""Why somebody deferred a year of the programme or left it."""
ProgrammeYear = Literal[1, 2, 3]
Workshop = Literal[1, 2, 3]


class OfSpecialist(Event):
    """What each of the facts about one specialist carries."""

    key: ClassVar = "person_id"

    hub: HubCode
    person_id: PersonId
    effective_on: date
    flags: tuple[str, ...] = ()


class SpecialistNominated(OfSpecialist):
    """A school has nominated this teacher for the programme."""

    type: ClassVar = "uk.mathshubs.enrolment.SpecialistNominated.v1"


class SpecialistAcceptedOnProgramme(OfSpecialist):
    """The teacher has a place on the programme; cohort 1 began in 2016/17."""

    type: ClassVar = "uk.mathshubs.enrolment.SpecialistAcceptedOnProgramme.v1"

    cohort: int | None = None


class SpecialistYearStarted(OfSpecialist):
    """A year of the programme has begun for them."""

    type: ClassVar = "uk.mathshubs.enrolment.SpecialistYearStarted.v1"

    year: ProgrammeYear


class SpecialistGatePassed(OfSpecialist):
    """They may go on to the next year, or to designation: the gate is that at the end of year `gate`."""

    type: ClassVar = "uk.mathshubs.enrolment.SpecialistGatePassed.v1"

    gate: ProgrammeYear


class SpecialistDeferred(OfSpecialist):
    """They pause the programme from this day on."""

    type: ClassVar = "uk.mathshubs.enrolment.SpecialistDeferred.v1"

    reason: Paused | None = None


class SpecialistReturned(OfSpecialist):
    """They take the programme up where they had paused it."""

    type: ClassVar = "uk.mathshubs.enrolment.SpecialistReturned.v1"


class MasterySpecialistDesignated(OfSpecialist):
    """They are a Mastery Specialist."""

    type: ClassVar = "uk.mathshubs.enrolment.MasterySpecialistDesignated.v1"


class SpecialistLeftProgramme(OfSpecialist):
    """They are on the programme no more, or no specialist any more."""

    type: ClassVar = "uk.mathshubs.enrolment.SpecialistLeftProgramme.v1"

    reason: Paused | None = None


class SpecialistReportRefused(Refusal):
    """A report of a specialist was not accepted, such as one of a year before the one that comes first."""

    type: ClassVar = "uk.mathshubs.enrolment.SpecialistReportRefused.v1"
    key: ClassVar = "person_id"

    person_id: PersonId


class PDLeadProgrammeStarted(OfSpecialist):
    """They have enrolled for PD Lead accreditation."""

    type: ClassVar = "uk.mathshubs.enrolment.PDLeadProgrammeStarted.v1"


class PDLeadWorkshopAttended(OfSpecialist):
    """They have attended one of the three workshops."""

    type: ClassVar = "uk.mathshubs.enrolment.PDLeadWorkshopAttended.v1"

    workshop: Workshop


class AccreditationEvidenceSubmitted(OfSpecialist):
    """They have sent their accreditation evidence."""

    type: ClassVar = "uk.mathshubs.enrolment.AccreditationEvidenceSubmitted.v1"


class PDLeadAccredited(OfSpecialist):
    """They are an accredited PD Lead, to the end of `expires_on`, or without end."""

    type: ClassVar = "uk.mathshubs.enrolment.PDLeadAccredited.v1"

    expires_on: date | None = None


class AccreditationReferred(OfSpecialist):
    """Their evidence did not suffice; they may send it anew."""

    type: ClassVar = "uk.mathshubs.enrolment.AccreditationReferred.v1"


class PDLeadReregistered(OfSpecialist):
    """Their accreditation was renewed, to the end of `expires_on`, or without end."""

    type: ClassVar = "uk.mathshubs.enrolment.PDLeadReregistered.v1"

    expires_on: date | None = None


class PDLeadAccreditationLapsed(OfSpecialist):
    """They are an accredited PD Lead no more, from this day on: reported, or run out."""

    type: ClassVar = "uk.mathshubs.enrolment.PDLeadAccreditationLapsed.v1"


class Interval(BaseModel):
    """Days on which somebody may lead, the first and the last included; no last day while it lasts."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    from_on: date
    until_on: date | None = None


class LeadStanding(Event):
    """On which days this person may lead Work Groups: all of them, in order, in place of what was said before."""

    type: ClassVar = "uk.mathshubs.enrolment.LeadStanding.v1"
    key: ClassVar = "person_id"

    hub: HubCode
    person_id: PersonId
    intervals: tuple[Interval, ...]
