"""What a programme wants of its Work Groups, by dated rows."""

from datetime import date
from typing import NamedTuple

from mathshubs.events.spoken import SchoolYear, first_and_last_day


class Policy(NamedTuple):
    """What a programme wants of its groups under this name, from one school year on.

    A school sends as many advocates as there are `slots`, and names them from the first day of
    `names_from_month` (1 to 12), of the twelve months before the school year; a slot left vacant for
    `vacancy_days` is told. A group is confirmed with `min_schools` and a lead, and at risk with fewer once it
    runs. A school has completed its stage with `min_held` meetings, on the day that the last two fields name.
    """

    name: str
    programme: str
    from_year: str
    slots: int
    names_from_month: int
    vacancy_days: int
    min_schools: int
    min_held: int
    completes_month: int
    completes_day: int

    def names_from(self, school_year: SchoolYear) -> date:
        """Return the first day on which a teacher can have been named for `school_year`."""
        begins_on, _ = first_and_last_day(school_year)
        years_before = 1 if self.names_from_month >= begins_on.month else 0
        return date(begins_on.year - years_before, self.names_from_month, 1)

    def completes_on(self, school_year: SchoolYear) -> date:
        """Return the day on which groups and schools have completed `school_year`."""
        begins_on, ends_on = first_and_last_day(school_year)
        year = begins_on.year if self.completes_month >= begins_on.month else ends_on.year
        return date(year, self.completes_month, self.completes_day)
