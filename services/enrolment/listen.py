"""The bus door: what enrolment hears from hubs, and the request that each report makes."""

from collections.abc import Mapping
from typing import Final

from faststream.kafka import KafkaBroker

from enrolment.answers import ANSWERS
from enrolment.intake.domain import ExpressInterest
from enrolment.participation.domain import (
    AssignLead,
    FormWorkGroup,
    JoinWorkGroup,
    NominateAdvocate,
    ReplaceAdvocate,
    WithdrawSchool,
)
from enrolment.people.domain import MergePeople, ReportPerson
from enrolment.specialists.domain import ACCREDITATION, PROGRAMME, TakeAccreditationStep, TakeProgrammeStep
from mathshubs.events import Report
from mathshubs.events.hub.intake import InterestExpressed
from mathshubs.events.hub.participation import (
    LeadSpecialistAssigned,
    MasteryAdvocateNominated,
    MasteryAdvocateReplaced,
    SchoolJoinedWorkGroup,
    SchoolWithdrewFromWorkGroup,
    WorkGroupFormed,
)
from mathshubs.events.hub.people import PeopleMerged, PersonReported
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.facts import Facts
from mathshubs.hearing import Hearing
from mathshubs.ids import References
from mathshubs.inbox import Inbox
from mathshubs.reports import Reported, Reports
from mathshubs.settings import Settings

REPORTS: Final[Mapping[type[Report], Reported]] = {
    PersonReported: ReportPerson.reported,
    PeopleMerged: MergePeople.reported,
    WorkGroupFormed: FormWorkGroup.reported,
    SchoolJoinedWorkGroup: JoinWorkGroup.reported,
    MasteryAdvocateNominated: NominateAdvocate.reported,
    MasteryAdvocateReplaced: ReplaceAdvocate.reported,
    SchoolWithdrewFromWorkGroup: WithdrawSchool.reported,
    LeadSpecialistAssigned: AssignLead.reported,
    InterestExpressed: ExpressInterest.reported,
    **dict.fromkeys(PROGRAMME, TakeProgrammeStep.reported),
    **dict.fromkeys(ACCREDITATION, TakeAccreditationStep.reported),
}

FACTS: Final = (MeetingHeld, AttendanceRecorded)
"""Evidence of who took part, decided by rules as requests are, since facts of ours follow from it."""
HEARD: Final = (*REPORTS, *FACTS)
TOPICS: Final = ("scheduling.facts",)
EVIDENCE: Final = Hearing("enrolment.facts", Facts(FACTS), ANSWERS)


def from_hubs(secret: str) -> Hearing:
    """Return the hearing of hubs' reports; `secret` is the namespace of what they name by their own references."""
    references = References(secret)
    return Hearing("enrolment.hubs", Reports("enrolment", REPORTS, references), ANSWERS, references=references)


def listen(broker: KafkaBroker, inbox: Inbox, settings: Settings) -> None:
    """Hear what every hub reports, and what scheduling says of meetings that were held."""
    inbox.subscribe(broker, from_hubs(settings.secret.get_secret_value()), pattern=r"hubs\..+\.events")
    inbox.subscribe(broker, EVIDENCE, topics=TOPICS)
