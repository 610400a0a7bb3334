"""A home keeps a system's secrets: made once, told to nobody else on the machine."""

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hubs.home import SERVICES, Home
from hubs.wiring import Wiring


def test_secrets_are_made_once_and_kept(own_home: Home) -> None:
    """Another secret would make other ids of the same references, and links that were sent would not work."""
    made = own_home.secrets

    assert Home(own_home.root).secrets == made
    assert len(set(made.values())) == len(made) > 3 * len(SERVICES)
    assert stat.S_IMODE((own_home.root / "secrets.json").stat().st_mode) == 0o600


def test_a_home_that_was_thrown_away_leaves_nothing_to_the_next(own_home: Home) -> None:
    """`rm -r .hubs` is how people begin afresh; the old data would not open with the new passwords."""
    own_home.prepare()
    old = own_home.unprivileged()
    (old / "postgres").mkdir(parents=True)
    shutil.rmtree(own_home.root)

    fresh = Home(own_home.root)

    assert not (fresh.unprivileged() / "postgres").exists()
    shutil.rmtree(old, ignore_errors=True)


def test_a_home_that_was_moved_keeps_its_data(own_home: Home) -> None:
    """Its Kafka moves with it, so its databases must not be lost."""
    (own_home.unprivileged() / "postgres").mkdir(parents=True)

    moved = Home(own_home.root.rename(own_home.root.with_name(f"{own_home.root.name}-moved")))

    assert (moved.unprivileged() / "postgres").exists()
    moved.remove()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder in which everything is set up, and a system was once started."""
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    (tmp_path / ".hubs-demo").mkdir()
    return tmp_path


def cleaned(checkout: Path) -> "subprocess.CompletedProcess[str]":
    """Run `make clean` there."""
    words = ["make", "--makefile", str(Path(__file__).parents[2] / "Makefile"), "clean"]
    return subprocess.run(words, cwd=checkout, capture_output=True, text=True, check=False)


def test_cleaning_removes_data_wherever_it_lies(checkout: Path) -> None:
    """Who once took part must not stay behind in a folder that nobody remembers."""
    home = Home(checkout / ".hubs")
    home.prepare()
    (kept := home.unprivileged() / "postgres").mkdir(parents=True)

    done = cleaned(checkout)

    assert done.returncode == 0, done.stderr
    assert not kept.exists()
    assert list(checkout.iterdir()) == []


def test_cleaning_spares_a_system_that_runs(checkout: Path) -> None:
    """And everything beside it, which it may need."""
    with Home(checkout / ".hubs").claimed():
        done = cleaned(checkout)

    assert done.returncode != 0
    assert "Stop it with `kill" in done.stderr
    assert {path.name for path in checkout.iterdir()} == {".hubs", ".hubs-demo", ".venv"}


def test_cleaning_without_what_was_set_up_leaves_homes_alone(checkout: Path) -> None:
    """To remove only the folder would lose sight of the data; it says how to remove both."""
    (checkout / ".venv").unlink()

    done = cleaned(checkout)

    assert done.returncode == 0
    assert "make setup clean" in done.stderr
    assert [path.name for path in checkout.iterdir()] == [".hubs-demo"]


def test_a_secret_that_is_given_holds_for_later_commands_too(own_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """`hubs hub add`, in another shell, must sign keys that the running services believe."""
    monkeypatch.setenv("HUBS_SECRET", "given by the operator")
    Wiring.of(own_home)
    monkeypatch.delenv("HUBS_SECRET")

    assert Home(own_home.root).secrets["secret"] == "given by the operator"
    assert Wiring.of(own_home).environment("enrolment")["HUBS_SECRET"] == "given by the operator"


@pytest.mark.parametrize(("smtp", "told"), [("", "true"), ("mail.example:25", "false")])
def test_services_are_told_whether_the_mailbox_takes_the_mail(
    own_home: Home, monkeypatch: pytest.MonkeyPatch, smtp: str, told: str
) -> None:
    """Pages offer it in their navigation wherever there is one, in a demonstration or not."""
    monkeypatch.setenv("HUBS_SMTP", smtp)

    assert Wiring.of(own_home).environment("reporting")["HUBS_MAILBOX"] == told


def test_databases_that_stand_ready_elsewhere_are_used(own_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """One server to a service, made ready by whoever runs it: where all are named, none is embedded."""
    monkeypatch.setenv("HUBS_ENROLMENT_POSTGRES", "postgresql://enrolment_app@one.example/enrolment")
    some = Wiring.of(own_home)
    for service in SERVICES:
        monkeypatch.setenv(
            f"HUBS_{service.upper()}_POSTGRES", f"postgresql://{service}_app@{service}.example/{service}"
        )
    whole = Wiring.of(own_home)

    assert ("postgres" in some.ports, "postgres" in whole.ports) == (True, False)
    assert some.environment("enrolment")["HUBS_POSTGRES"] == "postgresql://enrolment_app@one.example/enrolment"
    assert some.postgres_url("scheduling").endswith(f"@127.0.0.1:{some.ports['postgres']}/scheduling")
    assert {whole.postgres_url(service) for service in SERVICES} == {
        f"postgresql://{service}_app@{service}.example/{service}" for service in SERVICES
    }
