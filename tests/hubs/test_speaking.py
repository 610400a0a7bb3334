"""What a command says when a part of the system is away, or goes away in the middle."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import typer
from confluent_kafka.admin import AdminClient
from typer.testing import CliRunner

from hubs.commands.rebuild import app as rebuild
from hubs.commands.speaking import speaking
from hubs.ports import free_port
from mathshubs.postgres import Pool


def test_kafka_that_is_away_is_said_with_its_mend(capsys: pytest.CaptureFixture[str]) -> None:
    """Not a trace of Python; what a program reads has the same words."""
    nowhere = AdminClient({"bootstrap.servers": f"127.0.0.1:{free_port()}"})

    for as_json in (False, True):
        with pytest.raises(typer.Exit) as left, speaking(as_json):
            nowhere.list_topics(timeout=0.2)
        assert left.value.exit_code == 1
    said = capsys.readouterr()

    error = json.loads(said.out)["error"]
    assert error["code"] == "kafka-away"
    assert error["message"] == said.err.strip()
    assert said.err.startswith("Kafka does not do what was asked: ")
    assert said.err.endswith(". See that it runs, then give the command again.\n")


async def test_a_database_that_is_lost_in_the_middle_is_said_with_its_mend(
    pool_of: Callable[[str], Awaitable[Pool]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody can know whether the last step was recorded, and the words say so."""
    pool = await pool_of("enrolment")

    with pytest.raises(typer.Exit) as left, speaking(as_json=True):
        await pool.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    error = json.loads(capsys.readouterr().out)["error"]
    assert (left.value.exit_code, error["code"]) == (1, "database-away")
    assert "may be recorded or not" in error["message"]
    assert error["message"].endswith("See that Postgres runs, then give the command again.")


def test_a_fault_of_ours_is_not_taken_for_an_outage(tmp_path: Path) -> None:
    """Its trace is what shows where it is."""
    with pytest.raises(FileNotFoundError), speaking(as_json=True):
        (tmp_path / "nothing").read_text()


@pytest.mark.parametrize("words", [[], ["--check"]])
def test_a_rebuild_speaks_like_every_other_command(words: list[str]) -> None:
    """A program reads one object, with one code for one problem."""
    url = f"postgresql://x:y@127.0.0.1:{free_port()}/x"

    done = CliRunner().invoke(rebuild, ["reporting", *words, "--json", "--postgres", url])

    assert (done.exit_code, done.stderr) == (1, "")
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "database-away"
    assert error["message"].startswith("Reporting's database cannot be opened: ")
