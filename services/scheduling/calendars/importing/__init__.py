"""Files of term dates, imported: idempotent, with bad rows set aside."""

from scheduling.calendars.importing.files import import_dates
from scheduling.calendars.importing.rows import LAYOUT

__all__ = ["LAYOUT", "import_dates"]
