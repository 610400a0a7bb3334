"""One example of each report that a hub may make, as it stands in `data`; every school and person is invented."""

from collections.abc import Mapping
from typing import Any, Final

_PLACE: Final = {"work_group": "WG-7", "school_urn": "900101"}
_SPECIALIST: Final = {"person": "T-31", "effective_on": "2026-09-01"}
_TIMES: Final = {"starts_at": "2026-10-08T13:30:00+01:00", "ends_at": "2026-10-08T16:00:00+01:00"}

EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "enrolment.PersonReported.v1": {
        "person": "T-12",
        "name": "Amina Khan",
        "email": "amina.khan@elmpark.example",
        "trn": "1234567",
        "school_urn": "900101",
        "roles": ["advocate"],
    },
    "enrolment.PeopleMerged.v1": {"person": "T-12", "duplicate": "T-88"},
    "enrolment.WorkGroupFormed.v1": {
        "work_group": "WG-7",
        "name": "River Vale Work Group 7",
        "programme": "secondary-teaching-for-mastery",
        "stage": "development",
        "school_year": "2026/27",
        "lead": "T-31",
    },
    "enrolment.LeadSpecialistAssigned.v1": {"work_group": "WG-7", "lead": "T-32", "effective_on": "2027-01-04"},
    "enrolment.SchoolJoinedWorkGroup.v1": {
        **_PLACE,
        "effective_on": "2026-09-14",
        "headteacher_agreed_on": "2026-07-03",
    },
    "enrolment.MasteryAdvocateNominated.v1": {**_PLACE, "advocate": "T-12", "effective_on": "2026-09-14"},
    "enrolment.MasteryAdvocateReplaced.v1": {
        **_PLACE,
        "leaving": "T-12",
        "joining": "T-14",
        "reason": "left-school",
        "effective_on": "2027-01-04",
    },
    "enrolment.SchoolWithdrewFromWorkGroup.v1": {**_PLACE, "reason": "staffing", "effective_on": "2027-02-01"},
    "enrolment.SpecialistNominated.v1": _SPECIALIST,
    "enrolment.SpecialistAcceptedOnProgramme.v1": {**_SPECIALIST, "cohort": 11},
    "enrolment.SpecialistYearStarted.v1": {**_SPECIALIST, "year": 1},
    "enrolment.SpecialistGatePassed.v1": {"person": "T-31", "effective_on": "2027-07-16", "gate": 1},
    "enrolment.SpecialistDeferred.v1": {**_SPECIALIST, "reason": "leave"},
    "enrolment.SpecialistReturned.v1": {"person": "T-31", "effective_on": "2027-09-01"},
    "enrolment.MasterySpecialistDesignated.v1": {"person": "T-31", "effective_on": "2027-07-16"},
    "enrolment.SpecialistLeftProgramme.v1": {**_SPECIALIST, "reason": "change-of-role"},
    "enrolment.PDLeadProgrammeStarted.v1": _SPECIALIST,
    "enrolment.PDLeadWorkshopAttended.v1": {"person": "T-31", "effective_on": "2026-11-20", "workshop": 1},
    "enrolment.AccreditationEvidenceSubmitted.v1": {"person": "T-31", "effective_on": "2027-03-12"},
    "enrolment.PDLeadAccredited.v1": {"person": "T-31", "effective_on": "2027-05-07", "expires_on": "2030-05-06"},
    "enrolment.AccreditationReferred.v1": {"person": "T-31", "effective_on": "2027-05-07"},
    "enrolment.PDLeadReregistered.v1": {"person": "T-31", "effective_on": "2030-05-01", "expires_on": "2033-05-06"},
    "enrolment.PDLeadAccreditationLapsed.v1": {"person": "T-31", "effective_on": "2030-05-07"},
    "enrolment.InterestExpressed.v1": {
        "interest": "EOI-5",
        "school_urn": "900102",
        "contact": "T-40",
        "programme": "secondary-teaching-for-mastery",
        "note": "Would like to start in September.",
    },
    "scheduling.MeetingScheduled.v1": {
        "meeting": "M-1",
        "work_group": "WG-7",
        **_TIMES,
        "mode": "hybrid",
        "place": "Elm Park School, Room 4",
        "join_url": "https://meet.example/elm-park",
    },
    "scheduling.MeetingRescheduled.v1": {
        "meeting": "M-1",
        "starts_at": "2026-10-15T13:30:00+01:00",
        "ends_at": "2026-10-15T16:00:00+01:00",
        "reason": "lead-unavailable",
    },
    "scheduling.MeetingCancelled.v1": {"meeting": "M-1", "reason": "snow"},
    "scheduling.MeetingHeld.v1": {
        "meeting": "M-1",
        "work_group": "WG-7",
        **_TIMES,
        "mode": "hybrid",
        "led_by": "T-31",
        "attendance": [
            {"person": "T-12", "status": "present", "mode": "face-to-face"},
            {"person": "T-14", "status": "late", "mode": "online", "minutes": 90},
        ],
        "guests": 1,
    },
    "scheduling.AttendanceCorrected.v1": {
        "meeting": "M-1",
        "person": "T-14",
        "status": "present",
        "reason": "register-mistake",
    },
    "scheduling.SupportVisitCompleted.v1": {
        "visit": "V-3",
        **_PLACE,
        "held_on": "2026-11-19",
        "hours": 3,
        "mode": "face-to-face",
        "focus": "Planning a sequence on ratio",
    },
    "scheduling.OpenLessonHeld.v1": {
        "lesson": "L-2",
        "school_urn": "900101",
        "work_group": "WG-7",
        "held_on": "2027-03-04",
        "mode": "face-to-face",
        "observers": [{"person": "T-14", "school_urn": "900101"}, {"school_urn": "900102"}],
    },
    "scheduling.SchoolCalendarReported.v1": {
        "school_urn": "900101",
        "school_year": "2026/27",
        "closed": [
            {"from": "2026-10-26", "to": "2026-10-30", "kind": "holiday"},
            {"from": "2027-01-04", "to": "2027-01-04", "kind": "inset"},
        ],
    },
}
"""By the type's name without its beginning, `uk.mathshubs.hub.`"""
