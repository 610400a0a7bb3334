"""What is particular to the register's files: their columns, and how they write a day."""

import re
from datetime import date
from importlib.resources import files

ADVICE = "Take the file of all establishment fields (or of links) as the register gives it, header and all."
_DAY = re.compile(r"[0-9]{2}-[0-9]{2}-[0-9]{4}")


def known_columns() -> tuple[str, ...]:
    """Return the columns of the register's full extract in its layout of 139 columns."""
    return tuple(files(__package__).joinpath("layout.txt").read_text(encoding="ascii").splitlines())


def calendar_day(cell: str) -> date | None:
    """Return the day that the register writes as `DD-MM-YYYY`; None for an empty cell.

    Raises:
        ValueError: if it is written otherwise or is no day of the calendar.
    """
    if not cell:
        return None
    if not _DAY.fullmatch(cell):
        raise ValueError(cell)
    return date(int(cell[6:]), int(cell[3:5]), int(cell[:2]))
