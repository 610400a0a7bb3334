"""Rows of a file of term dates, each read as dates of one calendar or set aside with the reason."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import cast, get_args

from pydantic import TypeAdapter, ValidationError

from mathshubs.events.scheduling.meetings import HalfTerm
from mathshubs.events.spoken import SchoolYear, first_and_last_day
from mathshubs.sheets import Layout, Row
from scheduling.calendars.domain import Dates, Days, Kind, Name
from scheduling.calendars.store import Quarantined

WHOSE = ("local_authority_code", "school_urn")
ADVICE = (
    "Take a file with the columns local_authority_code or school_urn, school_year (2026/27), "
    "from and to (2026-09-03), kind (term, holiday or inset), and half_term (1 to 6) where terms are halves."
)
LAYOUT = Layout(
    known=(*WHOSE, "school_year", "from", "to", "kind", "half_term"),
    needed=("school_year", "from", "to", "kind"),
    wanted=(*WHOSE, "half_term"),
    advice=ADVICE,
)
_AUTHORITY, _URN = re.compile(r"[0-9]{3}"), re.compile(r"[0-9]{6}")
_AS_EXCEL_WRITES = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_YEAR: TypeAdapter[str] = TypeAdapter(SchoolYear)


class NotDates(ValueError):
    """A row says no dates of any calendar; the message is the reason's code."""


class Found:
    """What a file says: dates by calendar, the rows set aside, and of which calendars some were."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.dates: dict[Name, list[Dates]] = defaultdict(list)
        self.quarantined: list[Quarantined] = []
        self.broken: set[Name] = set()

    def add(self, row: Row) -> None:
        """Take in one row: the first of several that have a day in common, of one calendar and kind, stands."""
        said = dict(zip(LAYOUT.read, row.cells, strict=True)) if row.cells else {}
        try:
            if row.problem:
                raise NotDates(row.problem)
            dates = _dates(said)
            if any(dates.meets(other) for other in self.dates[dates.name]):
                raise NotDates("overlaps-an-earlier-row")
        except NotDates as wrong:
            self._set_aside(row.number, said, str(wrong))
        else:
            self.dates[dates.name].append(dates)

    @property
    def names(self) -> set[Name]:
        """Return the calendars that the file says anything of."""
        return {name for name, dates in self.dates.items() if dates} | self.broken

    def _set_aside(self, number: int, said: Mapping[str, str], reason: str) -> None:
        try:
            name = _whose(said), _year(said)
        except NotDates:
            self.quarantined.append(Quarantined(number, None, reason))
        else:
            self.quarantined.append(Quarantined(number, name[0], reason))
            self.broken.add(name)


def read(rows: Iterable[Row]) -> Found:
    """Read the whole file."""
    found = Found()
    for row in rows:
        found.add(row)
    return found


def _dates(said: Mapping[str, str]) -> Dates:
    whose, year, kind = _whose(said), _year(said), _kind(said["kind"])
    return Dates(whose, year, kind, _days(said, year), _half_term(said["half_term"], kind))


def _whose(said: Mapping[str, str]) -> str:
    code, urn = said.get("local_authority_code", ""), said.get("school_urn", "")
    if code and urn:
        raise NotDates("both-authority-and-school")
    if urn and not _URN.fullmatch(urn):
        raise NotDates("urn-invalid")
    if code and not _AUTHORITY.fullmatch(code):
        raise NotDates("local-authority-code-invalid")
    if not code and not urn:
        raise NotDates("neither-authority-nor-school")
    return code or urn


def _year(said: Mapping[str, str]) -> SchoolYear:
    try:
        return _YEAR.validate_python(said.get("school_year", ""))
    except ValidationError:
        raise NotDates("school-year-invalid") from None


def _kind(cell: str) -> Kind:
    kind = cell.lower()
    if kind not in get_args(Kind):
        raise NotDates("kind-unknown")
    return cast("Kind", kind)


def _days(said: Mapping[str, str], year: SchoolYear) -> Days:
    days = Days(_day(said["from"]), _day(said["to"]))
    if days.to_on < days.from_on:
        raise NotDates("ends-before-it-begins")
    first, last = first_and_last_day(year)
    if days.from_on < first or last < days.to_on:
        raise NotDates("outside-school-year")
    return days


def _day(cell: str) -> date:
    """Return the day, in ISO 8601 or as British spreadsheets write it."""
    try:
        return date.fromisoformat(_AS_EXCEL_WRITES.sub(r"\3-\2-\1", cell))
    except ValueError:
        raise NotDates("date-invalid") from None


def _half_term(cell: str, kind: Kind) -> HalfTerm | None:
    if not cell:
        return None
    if kind != "term":
        raise NotDates("half-term-of-no-term")
    if not cell.isdecimal() or int(cell) not in get_args(HalfTerm):
        raise NotDates("half-term-invalid")
    return cast("HalfTerm", int(cell))
