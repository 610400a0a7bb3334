"""People and places of scheduling's tests: two hubs, a Work Group in each, their people and meetings."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from mathshubs.events.enrolment.participation import (
    AdvocateSlotVacated,
    LeadSpecialistAssigned,
    MasteryAdvocateNominated,
    SchoolJoinedWorkGroup,
    SchoolWithdrewFromWorkGroup,
    WorkGroupFormed,
)
from mathshubs.events.hub.meetings import Mark
from mathshubs.events.spoken import AttendanceStatus
from scheduling.meetings.domain import HoldMeeting, Meeting, Plan, RescheduleMeeting, ScheduleMeeting, Slot, WorkGroup

RIVER_VALE, MOORSIDE = "river-vale", "moorside"
_MADE_UP = UUID("7a5c1c61-6a51-4f0a-9f2b-6f2f7f0f9a11")


def an_id(name: str) -> UUID:
    """The id that always belongs to this name in these tests, in the manner of the system's own."""
    return uuid5(_MADE_UP, name)


ELM, OAK = an_id("Elm group"), an_id("Oak group")
LENA, AMINA, BEN, CAL = an_id("Lena"), an_id("Amina"), an_id("Ben"), an_id("Cal")
AUTUMN, HALF_TERM, SPRING = an_id("autumn"), an_id("half-term"), an_id("spring")

ELM_PARK = "136771"

FIRST_DAY = date(2026, 9, 1)
SEPTEMBER = date(2026, 9, 14)
NOVEMBER = date(2026, 11, 10)
FEBRUARY = date(2027, 2, 9)
TODAY = date(2026, 9, 20)
SAID = datetime(2026, 9, 14, 9, tzinfo=UTC)


def at(day: date, hour: float = 13.5) -> datetime:
    """The instant of this day and hour, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)


def group(*, lead: UUID | None = LENA, hub: str = RIVER_VALE, named: UUID = ELM, **slots: date) -> WorkGroup:
    """A Work Group of River Vale led by Lena from the first day; slots as `amina=SEPTEMBER`, at one school."""
    return WorkGroup(
        named,
        hub,
        "Elm",
        "2026/27",
        "secondary-teaching-for-mastery",
        "development",
        {FIRST_DAY: lead} if lead else {},
        tuple(Slot(an_id(name.capitalize()), ELM_PARK, day) for name, day in slots.items()),
    )


def plan(*meetings: Meeting, of: WorkGroup | None = None, elsewhere: frozenset[UUID] = frozenset()) -> Plan:
    """A plan with these meetings."""
    return Plan(of or group(), {meeting.id: meeting for meeting in meetings}, elsewhere)


def planned(day: date = NOVEMBER, named: UUID = AUTUMN, hour: float = 13.5, **more: object) -> Meeting:
    """A meeting of two and a half hours."""
    return Meeting(named, at(day, hour), at(day, hour + 2.5), "face-to-face", **more)  # type: ignore[arg-type]


def schedule(day: date = NOVEMBER, **more: object) -> ScheduleMeeting:
    """River Vale reports that Elm meets on this day, at school."""
    asked: dict[str, object] = {
        "hub": RIVER_VALE,
        "meeting_id": AUTUMN,
        "work_group_id": ELM,
        "starts_at": at(day),
        "ends_at": at(day, 16),
        "mode": "face-to-face",
        "effective_at": SAID,
        "place": "Elm Park School",
    }
    return ScheduleMeeting(**{**asked, **more})  # type: ignore[arg-type]


def reschedule(day: date, **more: object) -> RescheduleMeeting:
    """River Vale reports that the meeting has moved to this day."""
    asked: dict[str, object] = {
        "hub": RIVER_VALE,
        "meeting_id": AUTUMN,
        "starts_at": at(day),
        "ends_at": at(day, 16),
        "effective_at": SAID,
    }
    return RescheduleMeeting(**{**asked, **more})  # type: ignore[arg-type]


def hold(day: date = NOVEMBER, **more: object) -> HoldMeeting:
    """River Vale reports, a day later, that the meeting was held on this day."""
    asked: dict[str, object] = {
        "hub": RIVER_VALE,
        "meeting_id": AUTUMN,
        "work_group_id": ELM,
        "starts_at": at(day),
        "ends_at": at(day, 16),
        "mode": "face-to-face",
        "heard_at": at(day) + timedelta(days=1),
    }
    return HoldMeeting(**{**asked, **more})  # type: ignore[arg-type]


def mark(status: AttendanceStatus, minutes: int | None = None) -> Mark:
    """How somebody attended, as a hub marks it."""
    return Mark(person="P", status=status, minutes=minutes)


def formed(*, lead: UUID | None = LENA, hub: str = RIVER_VALE, named: UUID = ELM) -> WorkGroupFormed:
    """Enrolment says that there is this Work Group."""
    return WorkGroupFormed(
        effective_at=SAID,
        hub=hub,
        school_year="2026/27",
        work_group_id=named,
        name="Elm",
        programme="secondary-teaching-for-mastery",
        stage="development",
        lead_id=lead,
    )


def nominated(
    person: UUID, day: date = SEPTEMBER, *, named: UUID = ELM, hub: str = RIVER_VALE
) -> MasteryAdvocateNominated:
    """Enrolment says that this person holds a slot from this day on."""
    return MasteryAdvocateNominated(
        effective_at=at(day, 0),
        hub=hub,
        school_year="2026/27",
        work_group_id=named,
        school_urn=ELM_PARK,
        person_id=person,
        effective_on=day,
    )


OF_ELM = {"hub": RIVER_VALE, "school_year": "2026/27", "work_group_id": ELM}
OF_ELM_PARK = {**OF_ELM, "school_urn": ELM_PARK}
TAKES_PART = {"lineage": ELM_PARK, "programme": "secondary-teaching-for-mastery", "stage": "development"}


def vacated(person: UUID, day: date) -> AdvocateSlotVacated:
    """Enrolment says that this person gives up their slot."""
    said = {**OF_ELM_PARK, "effective_at": at(day, 0), "person_id": person, "reason": "workload", "effective_on": day}
    return AdvocateSlotVacated.model_validate(said)


def assigned(lead: UUID, day: date) -> LeadSpecialistAssigned:
    """Enrolment says that this person leads from this day on."""
    said = {**OF_ELM, "effective_at": at(day, 0), "lead_id": lead, "effective_on": day}
    return LeadSpecialistAssigned.model_validate(said)


def joined(day: date = SEPTEMBER) -> SchoolJoinedWorkGroup:
    """Enrolment says that Elm Park takes part from this day on."""
    said = {**OF_ELM_PARK, **TAKES_PART, "effective_at": at(day, 0), "effective_on": day, "local_authority_code": "330"}
    return SchoolJoinedWorkGroup.model_validate(said)


def withdrew(day: date) -> SchoolWithdrewFromWorkGroup:
    """Enrolment says that Elm Park takes part no more."""
    said = {**OF_ELM_PARK, **TAKES_PART, "effective_at": at(day, 0), "effective_on": day, "reason": "staffing"}
    return SchoolWithdrewFromWorkGroup.model_validate(said)


ABOUT = {"meeting_id": AUTUMN, "hub": RIVER_VALE, "school_year": "2026/27"}
"""What each fact about the autumn meeting has."""
