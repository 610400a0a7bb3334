"""What enrolment says of schools, as the national register has them; all of it is public."""

from typing import ClassVar

from mathshubs.events.spoken import Event, Urn, date


class SchoolRecord(Event):
    """What each of the facts about one school carries: the whole of its entry, as it is from then on.

    Codes are those of Get Information About Schools. Ages are statutory, in years. A school with no
    `opened_on` was open before the register's dates begin; `closed_on` is its last day.
    """

    key: ClassVar = "urn"

    urn: Urn
    name: str
    local_authority_code: str
    local_authority_name: str
    region: str | None = None
    country: str | None = None
    type_code: int
    phase_code: int
    status_code: int
    low_age: int | None = None
    high_age: int | None = None
    opened_on: date | None = None
    closed_on: date | None = None


class SchoolRegistered(SchoolRecord):
    """The register holds this school, effective from the day it opened."""

    type: ClassVar = "uk.mathshubs.enrolment.SchoolRegistered.v1"


class SchoolDetailsChanged(SchoolRecord):
    """The school's entry is another one than before."""

    type: ClassVar = "uk.mathshubs.enrolment.SchoolDetailsChanged.v1"


class SchoolClosed(SchoolRecord):
    """The school has closed, or its last day was corrected; said beside no `SchoolDetailsChanged`."""

    type: ClassVar = "uk.mathshubs.enrolment.SchoolClosed.v1"


class SchoolReplacedBy(Event):
    """Another school took the place of this one, wholly: a plain, merged or amalgamated successor.

    Said again with another `on` when the register corrects the date; the last one holds.
    """

    type: ClassVar = "uk.mathshubs.enrolment.SchoolReplacedBy.v1"
    key: ClassVar = "predecessor_urn"

    predecessor_urn: Urn
    successor_urn: Urn
    on: date | None = None
    """First day of the successor; None where the register does not say."""
