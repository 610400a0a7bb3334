"""September: people, Work Groups, schools that join them, advocates who are named."""

from collections.abc import Iterator
from datetime import datetime

from hubs.demo import stops
from hubs.demo.acts import Line, OurId, Sent, report
from hubs.demo.network import Group, Network, Place, Slot, Teacher
from hubs.demo.terms import SCHOOL_YEAR
from hubs.invented.register import InventedSchool

PROGRAMME = "secondary-teaching-for-mastery"
AGREED = "2026-06-30"


def joining(network: Network) -> Iterator[Line]:
    """Yield what hubs report of who takes part: of people first, so that nobody is named who is unknown."""
    for specialist in network.specialists:
        yield stops.FORMING, person(specialist.teacher, stops.FORMING, "specialist")
    slots = [(group, place, slot) for group in network.groups for place in group.places for slot in place.slots]
    for _, _, slot in slots:
        yield slot.said_at, person(slot.teacher, slot.said_at, "advocate")
    for group in network.groups:
        yield from _formed(group)
        for place in group.places:
            yield place.said_at, joined(group, place.school, place.said_at, place.joined_on.isoformat())
            yield from (_named(group, place, slot) for slot in place.slots if slot.fills is None)


def person(who: Teacher, said_at: datetime, role: str, **other: str) -> Sent:
    """Return the report of somebody, or of other details of them."""
    told = {"person": who.reference, "name": who.name, "email": who.email, **other}
    about = f"{who.reference}/{said_at:%Y-%m-%d}" if other else who.reference
    return report(who.hub, "enrolment.PersonReported", said_at, about, **told, school_urn=who.urn or None, roles=[role])


def named_by(hub: str, who: Teacher) -> str | OurId:
    """Return how a hub names somebody: by its own reference, or, of another hub's person, by the network's id."""
    return who.reference if who.hub == hub else OurId(who.hub, who.reference)


def _formed(group: Group) -> Iterator[Line]:
    first, *others = group.leads
    formed_with = first if first.said_at == stops.FORMING else None
    yield (
        stops.FORMING,
        report(
            group.hub,
            "enrolment.WorkGroupFormed",
            stops.FORMING,
            group.reference,
            work_group=group.reference,
            name=group.name,
            programme=PROGRAMME,
            stage=group.stage,
            school_year=SCHOOL_YEAR,
            lead=formed_with.teacher.reference if formed_with else None,
        ),
    )
    for lead in others if formed_with else group.leads:
        told = {"work_group": group.reference, "lead": named_by(group.hub, lead.teacher)}
        about = f"{group.reference}/{lead.teacher.hub}/{lead.teacher.reference}"
        yield (
            lead.said_at,
            report(
                group.hub,
                "enrolment.LeadSpecialistAssigned",
                lead.said_at,
                about,
                **told,
                effective_on=lead.from_on.isoformat(),
            ),
        )


def joined(group: Group, school: InventedSchool, said_at: datetime, on: str) -> Sent:
    """Return the report that a school joins a Work Group."""
    told = {"work_group": group.reference, "school_urn": school.urn, "effective_on": on}
    about = f"{group.reference}/{school.urn}"
    return report(group.hub, "enrolment.SchoolJoinedWorkGroup", said_at, about, **told, headteacher_agreed_on=AGREED)


def _named(group: Group, place: Place, slot: Slot) -> Line:
    told = {"work_group": group.reference, "school_urn": place.school.urn, "advocate": slot.teacher.reference}
    about = f"{group.reference}/{slot.teacher.reference}"
    return slot.said_at, report(
        group.hub,
        "enrolment.MasteryAdvocateNominated",
        slot.said_at,
        about,
        **told,
        effective_on=slot.from_on.isoformat(),
    )
