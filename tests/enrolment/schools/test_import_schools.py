"""Importing the register: only what changed is written and said, and a bad row stops no other."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from enrolment.schools import store
from enrolment.schools.domain import School, Status
from enrolment.schools.importing import Imported, MissingColumns, RepeatedColumns, import_schools
from enrolment.schools.importing.files import known_columns
from enrolment.schools.store import Quarantined
from mathshubs import journal
from mathshubs.journal import Cause
from mathshubs.postgres import Pool

OPERATOR = Cause("operator:amina")
OAK_PARK = School("900001", "Oak Park School", "500", "River Vale", "North East", None, 34, 4, 1, 11, 16, None, None)
MadeRegister = Callable[..., Path]


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Enrolment's database, migrated and empty."""
    return await pool_of("enrolment")


async def imported(pool: Pool, path: Path) -> Imported:
    """Import the file as an operator does."""
    return await import_schools(pool, path, OPERATOR)


def counts(of: Imported) -> tuple[int, int, int, int]:
    """Return what was added, changed, unchanged, quarantined."""
    return of.added, of.changed, of.unchanged, of.quarantined


async def said(pool: Pool) -> list[tuple[str, str, int, dict[str, Any]]]:
    """Return name, key, version and data of each fact in the journal, and see that each awaits publishing."""
    rows = await pool.fetch("SELECT type, key, version, data FROM journal JOIN outbox USING (seq) ORDER BY seq")
    return [(row["type"].split(".")[-2], row["key"], row["version"], json.loads(row["data"])) for row in rows]


async def set_aside(pool: Pool, of: Imported) -> list[Quarantined]:
    """Return the rows that the import set aside."""
    async with pool.acquire() as db:
        return await store.quarantine(db, of.import_id)


async def held(pool: Pool, urn: str = "900001") -> School | None:
    """Return the entry that enrolment has."""
    async with pool.acquire() as db:
        return await store.find(db, urn)


async def test_the_extract_is_imported_whole(pool: Pool, extract: tuple[Path, Path]) -> None:
    """Real rows, in the register's own encoding."""
    assert counts(await imported(pool, extract[0])) == (236, 0, 0, 0)
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 236
    assert (
        await pool.fetchval("SELECT count(*) FROM schools WHERE name LIKE '%Ã%' OR name LIKE '%' || chr(65533) || '%'")
        == 0
    )


async def test_importing_a_file_again_changes_nothing(pool: Pool, extract: tuple[Path, Path]) -> None:
    """Not a row is rewritten and not a fact said, so that an import broken off is mended by another."""
    await imported(pool, extract[0])
    before = await pool.fetch("SELECT urn, xmin::text FROM schools ORDER BY urn")

    again = await imported(pool, extract[0])

    assert counts(again) == (0, 0, 236, 0)
    assert await pool.fetch("SELECT urn, xmin::text FROM schools ORDER BY urn") == before
    assert await pool.fetchval("SELECT count(*) FROM journal") == 236


async def test_an_entry_is_kept_and_said_as_the_register_has_it(pool: Pool, made_register: MadeRegister) -> None:
    """The fact carries public details alone."""
    await imported(pool, made_register({"OpenDate": "01-09-2016", "EstablishmentName": "  Oak  Park School "}))

    opened = replace(OAK_PARK, opened_on=date(2016, 9, 1))
    assert await held(pool) == opened
    assert await said(pool) == [("SchoolRegistered", "900001", 1, {
        "effective_at": "2016-08-31T23:00:00Z", "hub": None, "school_year": None,
        "urn": "900001", "name": "Oak Park School", "local_authority_code": "500",
        "local_authority_name": "River Vale", "region": "North East", "country": None, "type_code": 34,
        "phase_code": 4, "status_code": 1, "low_age": 11, "high_age": 16, "opened_on": "2016-09-01", "closed_on": None,
    })]  # fmt: skip


async def test_a_change_takes_effect_on_the_day_the_register_says(pool: Pool, made_register: MadeRegister) -> None:
    """The column `LastChangedDate`, where it holds a day that the file can know of; else the day of the file."""
    await imported(pool, made_register({}, {"URN": "900002"}, {"URN": "900003"}))

    await imported(pool, made_register(
        {"EstablishmentName": "A", "LastChangedDate": "03-02-2026"},
        {"URN": "900002", "EstablishmentName": "B", "LastChangedDate": "31-02-2026"},
        {"URN": "900003", "EstablishmentName": "C", "LastChangedDate": "03-02-2027"},
    ))  # fmt: skip

    assert [(name, key, version, fact["effective_at"]) for name, key, version, fact in (await said(pool))[3:]] == [
        ("SchoolDetailsChanged", "900001", 2, "2026-02-03T00:00:00Z"),
        ("SchoolDetailsChanged", "900002", 2, "2026-06-30T23:00:00Z"),
        ("SchoolDetailsChanged", "900003", 2, "2026-06-30T23:00:00Z"),
    ]


async def test_a_school_found_closed_is_said_to_have_closed(pool: Pool, made_register: MadeRegister) -> None:
    """Its last day is when it takes effect."""
    await imported(pool, made_register({}))

    again = await imported(pool, made_register({"EstablishmentStatus (code)": "2", "CloseDate": "31-05-2026"}))

    assert counts(again) == (0, 1, 0, 0)
    assert await held(pool) == replace(OAK_PARK, status_code=Status.CLOSED, closed_on=date(2026, 5, 31))
    assert [fact[:3] for fact in await said(pool)] == [("SchoolRegistered", "900001", 1), ("SchoolClosed", "900001", 2)]


async def test_a_school_that_the_file_does_not_name_stays(pool: Pool, made_register: MadeRegister) -> None:
    """An extract of one region must not close the rest of England."""
    await imported(pool, made_register({}))

    await imported(pool, made_register({"URN": "900002"}))

    assert await held(pool) == OAK_PARK


BAD_ROWS = [
    ({"URN": ""}, None, "urn-invalid"),
    ({"URN": "12345"}, None, "urn-invalid"),
    ({"URN": "١٢٣٤٥٦"}, None, "urn-invalid"),
    ({"URN": "900001"}, "900001", "urn-repeated"),
    ({"EstablishmentName": " "}, "900002", "name-missing"),
    ({"EstablishmentName": "x" * 256}, "900002", "name-too-long"),
    ({"EstablishmentName": "Oak\x00Park"}, "900002", "characters-unreadable"),
    ({"LA (code)": "River Vale"}, "900002", "local-authority-code-invalid"),
    ({"TypeOfEstablishment (code)": ""}, "900002", "type-code-invalid"),
    ({"PhaseOfEducation (code)": "4.5"}, "900002", "phase-code-invalid"),
    ({"EstablishmentStatus (code)": "9"}, "900002", "status-code-invalid"),
    ({"StatutoryLowAge": "eleven"}, "900002", "age-invalid"),
    ({"StatutoryHighAge": "160"}, "900002", "age-invalid"),
    ({"OpenDate": "2016-09-01"}, "900002", "open-date-invalid"),
    ({"CloseDate": "31-02-2026"}, "900002", "close-date-invalid"),
]


@pytest.mark.parametrize(("wrong", "urn", "reason"), BAD_ROWS, ids=[f"{n}-{row[2]}" for n, row in enumerate(BAD_ROWS)])
async def test_a_bad_row_is_set_aside_and_its_neighbours_are_kept(
    pool: Pool, made_register: MadeRegister, wrong: dict[str, str], urn: str | None, reason: str
) -> None:
    """With the number of its line, its URN where it has one, and a reason; nothing else of it."""
    file = made_register({}, {"URN": "900002"} | wrong, {"URN": "900003"}, encoding="utf-8-sig")

    done = await imported(pool, file)

    assert counts(done) == (2, 0, 0, 1)
    assert await set_aside(pool, done) == [Quarantined(3, urn, reason)]
    assert {school["urn"] for school in await pool.fetch("SELECT urn FROM schools")} == {"900001", "900003"}


async def test_of_two_rows_with_one_urn_the_first_counts(pool: Pool, made_register: MadeRegister) -> None:
    """Were it the last, each import would change the entry to and fro."""
    twice = made_register({}, {"EstablishmentName": "Other"})

    assert counts(await imported(pool, twice)) == (1, 0, 0, 1)
    assert counts(await imported(pool, twice)) == (0, 0, 1, 1)
    assert await held(pool) == OAK_PARK


async def test_bytes_that_are_no_cp1252_are_set_aside(pool: Pool, made_register: MadeRegister) -> None:
    """0x81 means nothing in the register's encoding."""
    file = made_register({"EstablishmentName": "Oak ¤ Park"}, {"URN": "900002"})
    file.write_bytes(file.read_bytes().replace(b"\xa4", b"\x81"))

    done = await imported(pool, file)

    assert await set_aside(pool, done) == [Quarantined(2, "900001", "characters-unreadable")]
    assert done.added == 1


async def test_rows_of_another_width_are_set_aside(pool: Pool, made_register: MadeRegister) -> None:
    """A stray comma moves cells; a blank line means nothing."""
    file = made_register({}, {"URN": "900002"})
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], lines[1], b"\r\n", b"900009,only,three\r\n", lines[2]]))

    done = await imported(pool, file)

    assert counts(done) == (2, 0, 0, 1)
    assert await set_aside(pool, done) == [Quarantined(4, None, "wrong-number-of-fields")]


async def test_a_stray_quotation_mark_costs_its_own_row_alone(pool: Pool, made_register: MadeRegister) -> None:
    """It opens a cell that the next rows would be swallowed by; the count of rows shows that none was."""
    file = made_register({}, {"URN": "900002", "EstablishmentName": "¤"}, {"URN": "900003"}, {"URN": "900004"})
    file.write_bytes(file.read_bytes().replace(b"\xa4", b'"Oak Park'))

    done = await imported(pool, file)

    assert (done.read, *counts(done)) == (4, 3, 0, 0, 1)
    assert await set_aside(pool, done) == [Quarantined(3, None, "quote-misplaced")]
    assert {school["urn"] for school in await pool.fetch("SELECT urn FROM schools")} == {"900001", "900003", "900004"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
async def test_names_are_read_in_the_encoding_of_the_file(
    pool: Pool, made_register: MadeRegister, encoding: str
) -> None:
    """Whoever saves the register from a spreadsheet gets another one; the operator is told which was found."""
    done = await imported(pool, made_register({"EstablishmentName": "St Zoë and St André"}, encoding=encoding))

    school = await held(pool)
    assert school is not None
    assert (school.name, done.encoding) == ("St Zoë and St André", encoding)


async def test_a_broken_letter_in_utf_8_is_set_aside(pool: Pool, made_register: MadeRegister) -> None:
    """Were the file then read as cp1252, every good name beyond ASCII would become another."""
    accented = [{"URN": f"{900001 + n}", "EstablishmentName": "St Zoë and St André"} for n in range(3)]
    file = made_register(*accented, encoding="utf-8")
    file.write_bytes(file.read_bytes().replace("ë".encode(), b"\xeb", 1))

    done = await imported(pool, file)

    assert (done.encoding, *counts(done)) == ("utf-8", 2, 0, 0, 1)
    assert await set_aside(pool, done) == [Quarantined(2, "900001", "characters-unreadable")]


async def test_columns_in_another_order_mean_the_same(pool: Pool, made_register: MadeRegister) -> None:
    """The register reorders its columns between releases; what is new or gone is named."""
    columns = (*reversed(known_columns()[:130]), "NewColumn")

    done = await imported(pool, made_register({}, columns=columns))

    assert await held(pool) == OAK_PARK
    assert (done.missing_columns, done.extra_columns) == (known_columns()[130:], ("NewColumn",))


async def test_a_missing_column_that_is_needed_is_named(pool: Pool, made_register: MadeRegister) -> None:
    """Nothing is changed, and the operator knows which file to fetch."""
    without = tuple(name for name in known_columns() if name not in {"URN", "OpenDate"})

    with pytest.raises(MissingColumns, match="lacks URN, OpenDate"):
        await imported(pool, made_register({}, columns=without))

    assert await pool.fetchval("SELECT count(*) FROM register_imports") == 0


async def test_a_column_that_stands_twice_is_named(pool: Pool, made_register: MadeRegister) -> None:
    """Nothing says which of the two is meant."""
    with pytest.raises(RepeatedColumns, match="OpenDate"):
        await imported(pool, made_register({}, columns=(*known_columns(), "OpenDate")))


async def test_an_empty_file_is_refused(pool: Pool, tmp_path: Path) -> None:
    """A download that failed leaves one."""
    (tmp_path / "empty.csv").touch()

    with pytest.raises(MissingColumns):
        await imported(pool, tmp_path / "empty.csv")


async def test_a_file_without_countries_takes_none_away(pool: Pool, made_register: MadeRegister) -> None:
    """Layouts drift; a column that is gone says nothing about what it said before."""
    await imported(pool, made_register({"Country (name)": "Wales"}))

    without = tuple(name for name in known_columns() if name != "Country (name)")
    again = await imported(pool, made_register({}, columns=without))

    assert counts(again) == (0, 0, 1, 0)
    assert await held(pool) == replace(OAK_PARK, country="Wales")


async def test_two_imports_at_once_are_refused(pool: Pool, made_register: MadeRegister) -> None:
    """The second is told to wait; the first is not disturbed, and its hold ends with it."""
    file = made_register({})
    async with store.alone(pool):
        with pytest.raises(store.ImportUnderWay):
            await imported(pool, file)

    assert counts(await imported(pool, file)) == (1, 0, 0, 0)


class BrokenOff(Exception):
    """What a test breaks an import off with."""


async def test_an_import_broken_off_is_mended_by_another(pool: Pool, made_register: MadeRegister) -> None:
    """Each school's row and its fact stand or fall together."""
    file = made_register(*({"URN": f"{900001 + n}"} for n in range(2500)))

    def break_off(done: int, total: int) -> None:
        raise BrokenOff

    with pytest.raises(BrokenOff):
        await import_schools(pool, file, OPERATOR, break_off)
    assert await pool.fetchval("SELECT count(*) FROM schools") == 2000
    assert await pool.fetchval("SELECT count(*) FROM journal JOIN outbox USING (seq)") == 2000

    assert counts(await imported(pool, file)) == (500, 0, 2000, 0)
    assert await pool.fetchval("SELECT count(*) FROM journal JOIN outbox USING (seq)") == 2500


async def test_a_school_is_not_kept_without_its_fact(
    database: Callable[[str], Awaitable[str]], made_register: MadeRegister
) -> None:
    """Where the fact cannot be recorded, the row is not written either, and the next import says both."""
    url, file = await database("enrolment"), made_register({})
    async with asyncpg.create_pool(url, min_size=1, server_settings={"lock_timeout": "100ms"}) as hurried:
        async with hurried.acquire() as other, other.transaction():
            await journal.hold(other, ["900001"])
            with pytest.raises(asyncpg.LockNotAvailableError):
                await imported(hurried, file)

        assert await hurried.fetchval("SELECT count(*) FROM schools") == 0
        assert counts(await imported(hurried, file)) == (1, 0, 0, 0)
        assert await hurried.fetchval("SELECT count(*) FROM journal JOIN outbox USING (seq)") == 1


async def test_progress_reaches_the_end(pool: Pool, extract: tuple[Path, Path]) -> None:
    """An operator watches a bar of bytes."""
    told: list[tuple[int, int]] = []

    await import_schools(pool, extract[0], OPERATOR, lambda done, total: told.append((done, total)))

    assert told[-1] == (extract[0].stat().st_size,) * 2
