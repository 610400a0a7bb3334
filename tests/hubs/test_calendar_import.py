"""`hubs calendar import`: what an operator reads, and what a script does."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from hubs.commands.calendar import app

HEADER = "local_authority_code,school_urn,school_year,from,to,kind,half_term"
STAFFORDSHIRE = [
    "860,,2026/27,2026-09-03,2026-12-18,term,",
    "860,,2026/27,2027-01-04,2027-03-25,term,",
    "860,,2026/27,2027-04-12,2027-07-21,term,",
    "860,,2026/27,2026-10-26,2026-10-30,holiday,",
    "860,,2026/27,2027-02-15,2027-02-19,holiday,",
    "860,,2026/27,2027-05-31,2027-06-04,holiday,",
    "860,,2026/27,2026-09-01,2026-09-02,inset,",
]
OAK = ",136771,2026/27,16/10/2026,16/10/2026,INSET,"
COUNTED = ("added", "changed", "unchanged", "removed", "quarantined")


class Desk:
    """An operator with a file of calendars, and a fresh database of scheduling."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.path = url, folder / "term-dates.csv"

    def brings(self, *rows: str, header: str = HEADER, encoding: str = "cp1252") -> Path:
        """Write the file."""
        self.path.write_text("\n".join([header, *rows]) + "\n", encoding=encoding)
        return self.path

    def runs(self, *words: str) -> Result:
        """Run the command on the file."""
        return CliRunner().invoke(app, ["import", str(self.path), "--postgres", self.url, *words])

    def says(self) -> dict[str, object]:
        """Run it as a script does, and return what it prints."""
        found: dict[str, object] = json.loads(self.runs("--json").stdout)
        return found

    def counts(self) -> tuple[object, ...]:
        """Run it, and return what became of how many rows."""
        said = self.says()
        return tuple(said[name] for name in COUNTED)

    def kept(self) -> list[tuple[str, str, str]]:
        """Return whose dates of which kind begin when."""
        return asyncio.run(self._kept())

    async def _kept(self) -> list[tuple[str, str, str]]:
        db = await asyncpg.connect(self.url)
        rows = await db.fetch("SELECT whose, kind, from_on::text FROM imported_dates ORDER BY whose, kind, from_on")
        await db.close()
        return [tuple(row) for row in rows]


@pytest_asyncio.fixture
async def desk(database: Callable[[str], Awaitable[str]], tmp_path: Path) -> Desk:
    """An operator's desk."""
    return Desk(await database("scheduling"), tmp_path)


def test_an_operator_reads_what_was_found(desk: Desk) -> None:
    """Counts first; then what the file lacks and holds in excess, and each row that was set aside, with its reason."""
    rows = [f"{row},Penkridge" for row in (*STAFFORDSHIRE, "860,,2026/27,2027-03-22,2027-04-20,term,", OAK, "x,,,,,,")]
    desk.brings(*rows, header=HEADER.replace("half_term", "halves") + ",note")

    result = desk.runs()

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "term-dates.csv: 10 rows of 2 calendars, read as cp1252",
        "  8 added · 0 changed · 0 unchanged · 2 quarantined",
        "  Columns that a calendar usually has, and this file has not: half_term",
        "  Columns that are not known, and were not read: halves, note",
        "  Set aside: row 9, local authority 860: overlaps-an-earlier-row",
        "  Set aside: row 11, nobody's that can be read: local-authority-code-invalid",
    ]
    assert result.stderr.splitlines() == ["Importing calendars from term-dates.csv"]


def test_importing_again_finds_nothing_to_change(desk: Desk) -> None:
    """Whatever the encoding, and with or without a mark of its byte order."""
    desk.brings(*STAFFORDSHIRE, OAK, encoding="utf-8-sig")
    assert desk.counts() == (8, 0, 0, 0, 0)

    desk.brings(*STAFFORDSHIRE, OAK)

    assert desk.counts() == (0, 0, 8, 0, 0)


def test_a_calendar_becomes_what_the_file_says_of_it(desk: Desk) -> None:
    """A term that moved is changed, a holiday that is said no more removed; another's calendar is left alone."""
    desk.brings(*STAFFORDSHIRE, OAK)
    desk.runs()
    desk.brings(STAFFORDSHIRE[0].replace("09-03", "09-07"), *STAFFORDSHIRE[1:5])

    assert desk.counts() == (0, 1, 4, 2, 0)
    assert ("860", "term", "2026-09-07") in desk.kept()
    assert ("860", "term", "2026-09-03") not in desk.kept()
    assert ("136771", "inset", "2026-10-16") in desk.kept()


def test_a_row_that_cannot_be_read_takes_nothing_away(desk: Desk) -> None:
    """It may have said what is held: a term lost to a slip of the pen would turn weeks of school into holidays."""
    desk.brings(*STAFFORDSHIRE)
    desk.runs()
    before = desk.kept()
    desk.brings(*STAFFORDSHIRE[:2], STAFFORDSHIRE[2].replace("07-21", "07-32"), *STAFFORDSHIRE[3:])

    assert desk.counts() == (0, 0, 6, 0, 1)
    assert desk.kept() == before


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("860,136771,2026/27,2026-10-26,2026-10-30,holiday,", "both-authority-and-school"),
        (",,2026/27,2026-10-26,2026-10-30,holiday,", "neither-authority-nor-school"),
        ("86,,2026/27,2026-10-26,2026-10-30,holiday,", "local-authority-code-invalid"),
        (",13677,2026/27,2026-10-26,2026-10-30,holiday,", "urn-invalid"),
        ("860,,2026/28,2026-10-26,2026-10-30,holiday,", "school-year-invalid"),
        ("860,,2026/27,26 October,2026-10-30,holiday,", "date-invalid"),
        ("860,,2026/27,2026-10-30,2026-10-26,holiday,", "ends-before-it-begins"),
        ("860,,2026/27,2026-08-31,2026-09-01,holiday,", "outside-school-year"),
        ("860,,2026/27,2027-07-22,2027-09-01,holiday,", "outside-school-year"),
        ("860,,2026/27,2026-10-26,2026-10-30,half-term,", "kind-unknown"),
        ("860,,2026/27,2026-10-26,2026-10-30,holiday,1", "half-term-of-no-term"),
        ("860,,2026/27,2026-09-03,2026-10-23,term,7", "half-term-invalid"),
        ("860,,2026/27,2026-10-26,2026-10-30", "wrong-number-of-fields"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_reason(desk: Desk, row: str, reason: str) -> None:
    """Each names what to mend; the rest of the file is taken."""
    desk.brings(row, OAK)

    said = desk.says()

    assert [(one["row"], one["reason"]) for one in said["quarantine"]] == [(2, reason)]  # type: ignore[attr-defined]
    assert said["added"] == 1


def test_a_file_of_something_else_is_refused_before_anything_is_changed(desk: Desk) -> None:
    """And the operator is told what a file of calendars looks like."""
    desk.brings("1,2", header="URN,LinkURN")
    nothing, nobodys = desk.runs("--json"), None
    desk.brings("2026/27,2026-10-26,2026-10-30,holiday", header="school_year,from,to,kind")
    nobodys = desk.runs()

    assert json.loads(nothing.stdout)["error"]["code"] == "missing-columns"
    assert (nothing.exit_code, nobodys.exit_code) == (1, 1)
    assert "lacks local_authority_code or school_urn" in nobodys.stderr
    assert desk.kept() == []
