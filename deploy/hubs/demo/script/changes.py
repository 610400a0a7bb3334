"""What changes in the year: advocates leave, schools withdraw, two become one, somebody is forgotten."""

from collections.abc import Iterator
from dataclasses import replace

from hubs.demo import stops
from hubs.demo.acts import Forget, ImportRegister, Line, Unsubscribe, report
from hubs.demo.network import Group, Network, Place, Slot
from hubs.demo.script.joining import person


def changes(network: Network) -> Iterator[Line]:
    """Yield what is reported of slots and places, and what else befalls people and schools."""
    yield stops.NEW_YEAR, ImportRegister(network.merger.register)
    for group in network.groups:
        for place in group.places:
            for slot in place.slots:
                if slot.until_on:
                    yield _replaced(group, place, slot)
            if place.withdrew_on:
                yield _withdrew(group, place)
    yield from _of_people(network)


def _replaced(group: Group, place: Place, leaving: Slot) -> Line:
    """Return that somebody gave up a slot, with whoever took it on that day."""
    joining = next((slot.teacher for slot in place.slots if slot.fills is leaving.teacher), None)
    assert leaving.left_at is not None  # noqa: S101 -- who leaves on a day is said to leave
    assert leaving.until_on is not None  # noqa: S101 -- the caller looked
    return leaving.left_at, report(
        group.hub,
        "enrolment.MasteryAdvocateReplaced",
        leaving.left_at,
        f"{group.reference}/{leaving.teacher.reference}/left",
        work_group=group.reference,
        school_urn=place.school.urn,
        leaving=leaving.teacher.reference,
        joining=joining.reference if joining else None,
        reason=leaving.reason,
        effective_on=leaving.until_on.isoformat(),
    )


def _withdrew(group: Group, place: Place) -> Line:
    assert place.withdrew_at is not None  # noqa: S101 -- who withdraws on a day is said to
    assert place.withdrew_on is not None  # noqa: S101 -- the caller looked
    return place.withdrew_at, report(
        group.hub,
        "enrolment.SchoolWithdrewFromWorkGroup",
        place.withdrew_at,
        f"{group.reference}/{place.school.urn}/withdrew",
        work_group=group.reference,
        school_urn=place.school.urn,
        reason=place.reason,
        effective_on=place.withdrew_on.isoformat(),
    )


def _of_people(network: Network) -> Iterator[Line]:
    """Yield corrected details, somebody who wants no reminders, and somebody who is forgotten."""
    for hub in network.hubs:
        who = network.of(hub.code)[0].places[0].slots[0].teacher
        moved = replace(who, email=who.email.replace("@", ".new@"))
        yield stops.CLOSING[0], person(moved, stops.CLOSING[0], "advocate", trn="9900001")
    yield from _twice_on_record(network)
    yield stops.CLOSING[0], Unsubscribe(network.teachers["unsubscribes"].email)
    gone = network.teachers["is forgotten"]
    yield stops.LATE_APRIL, Forget(gone.hub, gone.reference)


def _twice_on_record(network: Network) -> Iterator[Line]:
    """Yield somebody who is on a hub's records under two references, until that is noticed."""
    who = network.groups[0].places[2].slots[1].teacher
    other = replace(who, reference="P-11b")
    yield stops.JOINING, person(other, stops.JOINING, "contact")
    told = {"person": who.reference, "duplicate": other.reference}
    yield stops.CLOSING[0], report(who.hub, "enrolment.PeopleMerged", stops.CLOSING[0], other.reference, **told)
