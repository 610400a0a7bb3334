"""A half-term of several hubs as their systems would report it, and what must have come of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hubs.invented.register import InventedRegister

NOW = "2026-11-02T09:00:00Z"
"""Where the driven clock stands: two meetings of each Work Group are behind it, two ahead."""
BEHIND = (
    ("2026-09-24T13:30:00+01:00", "2026-09-24T16:00:00+01:00"),
    ("2026-10-15T13:30:00+01:00", "2026-10-15T16:00:00+01:00"),
)
AHEAD = (
    ("2026-11-19T13:30:00+00:00", "2026-11-19T16:00:00+00:00"),
    ("2026-12-03T13:30:00+00:00", "2026-12-03T16:00:00+00:00"),
)
MOVED = ("2026-12-10T13:30:00+00:00", "2026-12-10T16:00:00+00:00")
STATUSES = ("present", "late", "absent", "apologies", "partial", "present", "present")


@dataclass(frozen=True, slots=True)
class Term:
    """How many Work Groups each hub has, and how many schools each of them."""

    register: InventedRegister
    groups: int
    schools: int = 4

    def reports(self, hub: str) -> list[list[dict[str, Any]]]:
        """Return a hub's reports, one list to a Work Group; each list must stay in its order."""
        schools = [school.urn for school in self.register.open_to(hub)]
        return [
            list(self._group(hub, number, schools[number * self.schools : (number + 1) * self.schools]))
            for number in range(self.groups)
        ]

    def _group(self, hub: str, number: int, urns: Sequence[str]) -> Iterator[dict[str, Any]]:
        group, lead = f"WG-{number}", f"L-{number}"
        advocates = {f"A-{urn}-{n}": urn for urn in urns for n in (1, 2)}
        for person in (lead, *advocates):
            address = f"{person.lower()}@{hub}.example"
            yield report(hub, "enrolment.PersonReported", person=person, name=f"Teacher {person}", email=address)
        year = {"programme": "secondary-teaching-for-mastery", "stage": "development", "school_year": "2026/27"}
        yield report(hub, "enrolment.WorkGroupFormed", work_group=group, name=f"Group {number}", lead=lead, **year)
        for urn in urns:
            day = {"work_group": group, "school_urn": urn, "effective_on": "2026-09-07"}
            yield report(hub, "enrolment.SchoolJoinedWorkGroup", **day)
            for person in (person for person, theirs in advocates.items() if theirs == urn):
                yield report(hub, "enrolment.MasteryAdvocateNominated", **day, advocate=person)
        yield from self._meetings(hub, group, list(advocates))

    def _meetings(self, hub: str, group: str, advocates: Sequence[str]) -> Iterator[dict[str, Any]]:
        for number, (starts_at, ends_at) in enumerate(AHEAD):
            when = {"meeting": f"{group}-M{number}", "work_group": group, "starts_at": starts_at, "ends_at": ends_at}
            yield report(hub, "scheduling.MeetingScheduled", **when, mode="face-to-face", place="Room 3")
        moved = {"meeting": f"{group}-M1", "starts_at": MOVED[0], "ends_at": MOVED[1]}
        yield report(hub, "scheduling.MeetingRescheduled", **moved)
        for number, (starts_at, ends_at) in enumerate(BEHIND):
            marks = [
                {"person": person, "status": STATUSES[(place + number) % len(STATUSES)]}
                for place, person in enumerate(advocates)
            ]
            when = {"meeting": f"{group}-H{number}", "work_group": group, "starts_at": starts_at, "ends_at": ends_at}
            yield report(hub, "scheduling.MeetingHeld", **when, mode="online", attendance=marks)

    @property
    def effects(self) -> dict[str, int]:
        """Return how many rows must stand in each store when everything has taken effect once."""
        hubs = len(self.register.hubs)
        groups = hubs * self.groups
        advocates = groups * self.schools * 2
        return {
            "enrolment.people": advocates + groups,
            "enrolment.work_groups": groups,
            "enrolment.participations": groups * self.schools,
            "enrolment.advocate_slots": advocates,
            "scheduling.slots": advocates,
            "scheduling.meetings": groups * 4,
            "scheduling.attendance": advocates * 2,
            "notification.people": advocates + groups,
            "notification.invitations": (advocates + groups) * 2,
        }


def report(hub: str, kind: str, **content: object) -> dict[str, Any]:
    """Return one report of a hub as an event; the same content has the same id."""
    words = "/".join(
        str(content.get(name, "")) for name in ("person", "work_group", "school_urn", "advocate", "meeting")
    )
    return {
        "specversion": "1.0",
        "id": f"{kind.split('.')[1]}/{words}",
        "source": f"https://mis.{hub}.example",
        "type": f"uk.mathshubs.hub.{kind}.v1",
        "time": "2026-11-02T08:59:00Z",
        "data": content,
    }
