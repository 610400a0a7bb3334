"""The time zone that every invitation carries, judged by its own rules alone."""

from datetime import UTC, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr

from mathshubs.clock import LONDON
from notification.invitations.domain.calendar import ZONE


def observance(name: str) -> dict[str, str]:
    """Return the lines of DAYLIGHT or STANDARD, by their names."""
    lines = ZONE[ZONE.index(f"BEGIN:{name}") + 1 : ZONE.index(f"END:{name}")]
    return dict(line.split(":", 1) for line in lines)


def offset_at(wall: datetime) -> timedelta:
    """Return the offset of a wall clock's time as a program works it out that knows no zone but this one."""
    latest: list[tuple[datetime, str]] = []
    for name in ("DAYLIGHT", "STANDARD"):
        rules = observance(name)
        start = datetime.strptime(rules["DTSTART"], "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- a wall clock's time has no zone
        onset = rrulestr(f"RRULE:{rules['RRULE']}", dtstart=start).before(wall, inc=True)
        if onset:
            latest.append((onset, rules["TZOFFSETTO"]))
    return timedelta(hours=int(max(latest)[1][:3]))


@pytest.mark.parametrize("year", [2026, 2027, 2028, 2030, 2040])
def test_every_day_of_a_year_is_as_london_has_it(year: int) -> None:
    """A meeting at half past one in June 2027 must not come an hour late because its list of changes had ended."""
    noons = [datetime(year, 1, 1, 13, 30) + timedelta(days=day) for day in range(365)]  # noqa: DTZ001 -- wall clock

    assert [offset_at(wall) for wall in noons] == [wall.replace(tzinfo=LONDON).utcoffset() for wall in noons]


@pytest.mark.parametrize(("name", "instant"), [("DAYLIGHT", "2027-03-28"), ("STANDARD", "2026-10-25")])
def test_the_clocks_change_at_one_by_greenwich(name: str, instant: str) -> None:
    """The onset is a wall clock's time of what was in force before it."""
    rules = observance(name)
    onset = rrulestr(f"RRULE:{rules['RRULE']}", dtstart=datetime.strptime(rules["DTSTART"], "%Y%m%dT%H%M%S"))  # noqa: DTZ007
    day = datetime.fromisoformat(instant)
    before = timedelta(hours=int(rules["TZOFFSETFROM"][:3]))

    [change] = onset.between(day, day + timedelta(days=1))

    assert (change - before).replace(tzinfo=UTC) == datetime.fromisoformat(f"{instant}T01:00:00+00:00")
