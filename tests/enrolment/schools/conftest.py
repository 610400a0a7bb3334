"""Register files for tests: the extract of real rows, made rows, and the whole files where they lie."""

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from enrolment.schools.importing.files import known_columns

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[2]
WHOLE = Path(os.environ.get("HUBS_TEST_GIAS") or CHECKOUT.parent / "shared/data/gias")

collect_ignore = [] if WHOLE.is_dir() else ["test_whole_register.py"]

OAK_PARK = {
    "URN": "900001",
    "EstablishmentName": "Oak Park School",
    "LA (code)": "500",
    "LA (name)": "River Vale",
    "GOR (name)": "North East",
    "TypeOfEstablishment (code)": "34",
    "PhaseOfEducation (code)": "4",
    "EstablishmentStatus (code)": "1",
    "StatutoryLowAge": "11",
    "StatutoryHighAge": "16",
}
MadeRegister = Callable[..., Path]


@pytest.fixture
def extract() -> tuple[Path, Path]:
    """The extract of the real register, and that of its links."""
    folder = CHECKOUT / "tests/data/gias"
    return folder / "edubasealldata20170701-extract.csv", folder / "links_edubasealldata20250422-extract.csv"


@pytest.fixture
def whole() -> tuple[Path, Path]:
    """The whole files."""
    return WHOLE / "edubasealldata20170701.csv", WHOLE / "links_edubasealldata20250422.csv"


@pytest.fixture
def made_register(tmp_path: Path) -> MadeRegister:
    """Write a register whose rows are each Oak Park School but for what is said; returns the file."""

    def made(
        *rows: dict[str, str],
        name: str = "edubasealldata20260701.csv",
        columns: tuple[str, ...] = known_columns(),
        encoding: str = "cp1252",
    ) -> Path:
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            lines = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
            lines.writeheader()
            lines.writerows(OAK_PARK | row for row in rows)
        return path

    return made


@pytest.fixture
def made_links(tmp_path: Path) -> MadeRegister:
    """Write a links file with these rows: URN, linked URN, kind, date."""

    def made(*rows: tuple[str, str, str, str]) -> Path:
        path = tmp_path / "links_edubasealldata20260701.csv"
        with path.open("w", encoding="cp1252", newline="") as file:
            lines = csv.writer(file, quoting=csv.QUOTE_ALL)
            lines.writerow(("URN", "LinkURN", "LinkName", "LinkType", "LinkEstablishedDate"))
            lines.writerows((urn, linked, "", kind, on) for urn, linked, kind, on in rows)
        return path

    return made
