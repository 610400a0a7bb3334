"""What hubs report of Mastery Specialists: their programme and their PD Lead accreditation; enrolment answers."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from mathshubs.events.enrolment.specialists import Paused
from mathshubs.events.spoken import WRITTEN_AS_NUMBER, On, Reference, Report, one_of

Reason = Annotated[str, StringConstraints(max_length=64)]
"""A code of the facts' list; any other word counts as `other`."""
OneToThree = Annotated[int, Field(ge=1, le=3), WRITTEN_AS_NUMBER]


class OfSpecialist(Report):
    """What each report about one specialist carries."""

    waits_with: ClassVar = "person"

    person: Reference
    effective_on: On


class SpecialistNominated(OfSpecialist):
    """A school has nominated this teacher for the three-year programme."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.SpecialistNominated.v1"


class SpecialistAcceptedOnProgramme(OfSpecialist):
    """The teacher has a place on the programme; cohort 1 began in 2016/17."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.SpecialistAcceptedOnProgramme.v1"

    cohort: Annotated[int, Field(ge=1, le=99), WRITTEN_AS_NUMBER] | None = None


class SpecialistYearStarted(OfSpecialist):
    """A year of the programme has begun for them; told by another hub, they go on there."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.SpecialistYearStarted.v1"

    year: OneToThree


class SpecialistGatePassed(OfSpecialist):
    """They may go on from the year named, or from the one that they are in."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.SpecialistGatePassed.v1"

    gate: OneToThree | None = None


class SpecialistDeferred(OfSpecialist):
    """They pause from this day on."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.SpecialistDeferred.v1"

    reason: Reason | None = Field(default=None, description=one_of(Paused))


class SpecialistReturned(OfSpecialist):
    """They go on where they had paused; told by another hub, they go on there."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.SpecialistReturned.v1"


class MasterySpecialistDesignated(OfSpecialist):
    """They are a Mastery Specialist from this day on."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.MasterySpecialistDesignated.v1"


class SpecialistLeftProgramme(OfSpecialist):
    """They are on the programme no more, or no specialist any more."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.SpecialistLeftProgramme.v1"

    reason: Reason | None = Field(default=None, description=one_of(Paused))


class PDLeadProgrammeStarted(OfSpecialist):
    """They have enrolled for PD Lead accreditation."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.PDLeadProgrammeStarted.v1"


class PDLeadWorkshopAttended(OfSpecialist):
    """They have attended one of the three workshops."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.PDLeadWorkshopAttended.v1"

    workshop: OneToThree


class AccreditationEvidenceSubmitted(OfSpecialist):
    """They have sent their accreditation evidence."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.AccreditationEvidenceSubmitted.v1"


class PDLeadAccredited(OfSpecialist):
    """They are an accredited PD Lead, to the end of `expires_on`, or without end."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.PDLeadAccredited.v1"

    expires_on: On | None = None


class AccreditationReferred(OfSpecialist):
    """Their evidence did not suffice; they may send it anew."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.AccreditationReferred.v1"


class PDLeadReregistered(OfSpecialist):
    """Their accreditation was renewed, to the end of `expires_on`, or without end."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.PDLeadReregistered.v1"

    expires_on: On | None = None


class PDLeadAccreditationLapsed(OfSpecialist):
    """They are an accredited PD Lead no more, from this day on; what runs out lapses without a report."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.PDLeadAccreditationLapsed.v1"
