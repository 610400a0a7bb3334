"""The register's files, imported: idempotent, streamed, with bad rows set aside and every change said."""

from enrolment.schools.importing.links import check_links, import_links
from enrolment.schools.importing.runs import Imported
from enrolment.schools.importing.schools import import_schools
from mathshubs.sheets import MissingColumns, Progress, RepeatedColumns, unseen

__all__ = [
    "Imported",
    "MissingColumns",
    "Progress",
    "RepeatedColumns",
    "check_links",
    "import_links",
    "import_schools",
    "unseen",
]
