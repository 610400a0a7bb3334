"""The bus door: which reports of hubs and which facts of enrolment are heard."""

from typing import Final

from faststream.kafka import KafkaBroker

from mathshubs.events import Report
from mathshubs.events.enrolment import participation, people, schools, specialists
from mathshubs.events.hub import calendars, lessons, visits
from mathshubs.events.hub import meetings as hub
from mathshubs.facts import Facts
from mathshubs.hearing import Hearing
from mathshubs.ids import References
from mathshubs.inbox import Inbox
from mathshubs.reports import Reported, Reports
from mathshubs.settings import Settings
from scheduling.answers import answers
from scheduling.calendars.domain import RecordCalendar
from scheduling.lessons.domain import HoldLesson
from scheduling.meetings.domain import (
    CancelMeeting,
    CorrectAttendance,
    HoldMeeting,
    RescheduleMeeting,
    ScheduleMeeting,
)
from scheduling.visits.domain import CompleteVisit

REPORTS: Final[dict[type[Report], Reported]] = {
    hub.MeetingScheduled: ScheduleMeeting.reported,
    hub.MeetingRescheduled: RescheduleMeeting.reported,
    hub.MeetingCancelled: CancelMeeting.reported,
    hub.MeetingHeld: HoldMeeting.reported,
    hub.AttendanceCorrected: CorrectAttendance.reported,
    calendars.SchoolCalendarReported: RecordCalendar.reported,
    visits.SupportVisitCompleted: CompleteVisit.reported,
    lessons.OpenLessonHeld: HoldLesson.reported,
}
FACTS: Final = (
    participation.WorkGroupFormed,
    participation.LeadSpecialistAssigned,
    participation.SchoolJoinedWorkGroup,
    participation.SchoolJoinRefused,
    participation.MasteryAdvocateNominated,
    participation.AdvocateSlotVacated,
    participation.SchoolWithdrewFromWorkGroup,
    schools.SchoolReplacedBy,
    specialists.LeadStanding,
    people.PersonMerged,
    people.PersonErased,
)
"""Decided by rules as requests are, since facts of ours follow from them, at once or later."""
HEARD: Final = (*REPORTS, *FACTS)
TOPICS: Final = ("enrolment.facts",)


def hearings(secret: str) -> tuple[Hearing, Hearing]:
    """Return what is heard of hubs and of enrolment; `secret` is the namespace of hubs' references."""
    references = References(secret)
    table = answers(references)
    return (
        Hearing("scheduling.hubs", Reports("scheduling", REPORTS, references), table, references=references),
        Hearing("scheduling.facts", Facts(FACTS), table),
    )


def listen(broker: KafkaBroker, inbox: Inbox, settings: Settings) -> None:
    """Hear what hubs report and what enrolment says."""
    reports, facts = hearings(settings.secret.get_secret_value())
    inbox.subscribe(broker, reports, pattern=r"hubs\..+\.events")
    inbox.subscribe(broker, facts, topics=TOPICS)
