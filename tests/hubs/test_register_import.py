"""`hubs register import`: what an operator reads, and what a script does."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from hubs.commands.register import register
from hubs.invented.register import invent

Run = Callable[..., Result]


@pytest_asyncio.fixture
async def run(database: Callable[[str], Awaitable[str]]) -> Run:
    """Run the command against a fresh database of enrolment."""
    url = await database("enrolment")
    return lambda *words: CliRunner().invoke(register, ["import", *map(str, words), "--postgres", url])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """An invented register and its links."""
    return invent(hubs=1, schools_per_hub=4).write(tmp_path)


def test_an_operator_reads_what_was_found(run: Run, files: tuple[Path, Path]) -> None:
    """Counts first; then what the files lack, hold in excess, and what was set aside."""
    register_file, links = files
    text = register_file.read_bytes().replace(b",Country (name),", b",Land,").replace(b"01-09-20", b"99-09-20")
    register_file.write_bytes(text)

    result = run(register_file, "--links", links)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "invented-register.csv: 9 rows, read as cp1252",
        "  7 added · 0 changed · 0 unchanged · 2 quarantined",
        "  Columns that the register usually has, and this file has not: Country (name)",
        "  Columns that are not known, and were not read: Land",
        "  Set aside: row 5, URN 900004: open-date-invalid",
        "  Set aside: row 8, URN 900007: open-date-invalid",
        "invented-links.csv: 6 rows, read as cp1252",
        "  3 added · 0 changed · 0 unchanged · 0 quarantined",
        "  3 rows that say a link again: each stands with both its schools",
    ]
    assert result.stderr.splitlines() == [
        "Importing schools from invented-register.csv",
        "Importing links from invented-links.csv",
    ]


def test_a_script_reads_one_object(run: Run, files: tuple[Path, Path]) -> None:
    """With every row set aside, and the links beside."""
    files[0].write_bytes(files[0].read_bytes().replace(b"01-09-20", b"99-09-20"))

    said = json.loads(run(files[0], "--links", files[1], "--json").stdout)

    assert {name: said[name] for name in ("added", "changed", "unchanged", "quarantined")} == {
        "added": 7, "changed": 0, "unchanged": 0, "quarantined": 2,
    }  # fmt: skip
    assert said["quarantine"] == [
        {"row": 5, "urn": "900004", "reason": "open-date-invalid"},
        {"row": 8, "urn": "900007", "reason": "open-date-invalid"},
    ]
    assert said["links"]["added"] == 3


def test_importing_again_finds_nothing_to_change(run: Run, files: tuple[Path, Path]) -> None:
    """So that a nightly import may simply be repeated."""
    run(*files[:1])

    said = json.loads(run(files[0], "--json").stdout)

    assert (said["added"], said["changed"], said["unchanged"], said["links"]) == (0, 0, 9, None)


def test_a_file_of_something_else_is_refused_before_anything_is_changed(run: Run, files: tuple[Path, Path]) -> None:
    """The links file in the register's place, or the other way round."""
    register_file, links = files

    wrong_links = run(register_file, "--links", register_file)
    wrong_register = run(links, "--json")

    assert (wrong_links.exit_code, wrong_register.exit_code) == (1, 1)
    assert "lacks LinkURN, LinkType, LinkEstablishedDate" in wrong_links.stderr
    assert json.loads(wrong_register.stdout)["error"]["code"] == "missing-columns"
    assert json.loads(run(register_file, "--json").stdout)["added"] == 9


def test_a_database_that_is_away_is_named(files: tuple[Path, Path]) -> None:
    """No traceback; which database, and why."""
    result = CliRunner().invoke(register, ["import", str(files[0]), "--postgres", "postgresql://x:y@127.0.0.1:1/x"])

    assert result.exit_code == 1
    assert "Enrolment's database cannot be opened" in result.stderr


def test_where_nothing_runs_the_operator_is_told_to_start_it(files: tuple[Path, Path], tmp_path: Path) -> None:
    """The running system is found through HUBS_HOME."""
    result = CliRunner(env={"HUBS_HOME": str(tmp_path)}).invoke(register, ["import", str(files[0])])

    assert result.exit_code == 1
    assert "hubs up" in result.stderr


def test_a_file_that_is_not_there_is_misuse(run: Run, tmp_path: Path) -> None:
    """Exit 2, like any other mistake of spelling."""
    assert run(tmp_path / "nothing.csv").exit_code == 2
