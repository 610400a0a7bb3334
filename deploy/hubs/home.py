"""HUBS_HOME: where one system keeps its settings, secrets, logs and data."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from hubs import told

SERVICES = ("enrolment", "scheduling", "notification", "reporting")
ROOTS_PLACE = Path("/var/lib/mathshubs")  # where an unprivileged user can reach the data when root starts us


class HomeTaken(RuntimeError):
    """Another `hubs up` holds this home; stop it, or choose another home."""

    def __init__(self, root: Path, pid: str) -> None:
        super().__init__(
            f"{root} is held by a running `hubs up`, process {pid or 'unknown'}.\n"
            f"Stop it with `kill {pid or 'PID'}`, or start another system beside it: HUBS_HOME=OTHER_FOLDER hubs up"
        )


class NotRunning(RuntimeError):
    """Nothing is running in this home; the message says how to start it."""

    def __init__(self, root: Path) -> None:
        super().__init__(
            f"Nothing is running in {root}.\n"
            "Start it with `hubs up`, or name the home of a running system: HUBS_HOME=FOLDER\n"
            "For a system elsewhere, such as compose's, set HUBS_KAFKA, HUBS_SECRET and each HUBS_<SERVICE>_POSTGRES."
        )


@dataclass(frozen=True)
class Home:
    """One system's folder. Its paths exist once `prepare` has run."""

    root: Path

    @classmethod
    def at(cls, root: Path | str | None = None) -> Self:
        """Return the home at `root`, else at HUBS_HOME, else at `.hubs` here; the path is absolute."""
        return cls(Path(root or os.environ.get("HUBS_HOME") or ".hubs").resolve())

    @property
    def logs(self) -> Path:
        """Return the folder of the parts' logs, one file each."""
        return self.root / "logs"

    @property
    def credentials(self) -> Path:
        """Return the file that integrators read: principals, passwords, API keys."""
        return self.root / "credentials.json"

    @property
    def pids(self) -> Path:
        """Return the file that maps each running part's name to its process."""
        return self.root / "pids.json"

    @property
    def ready(self) -> Path:
        """Return the file that holds the ready line while the system runs."""
        return self.root / "ready.json"

    @property
    def admin(self) -> Path:
        """Return the file that says how the running system's commands reach its parts; see `hubs.wiring`."""
        return self.root / "admin.json"

    @property
    def clock(self) -> Path:
        """Return the file in which a driven clock stands."""
        return self.root / "clock"

    @property
    def kept(self) -> Path:
        """Return the folder of what the parts keep and the starting user owns."""
        return self.root / "data"

    def unprivileged(self) -> Path:
        """Return the folder for data of a part that must not run as root, chosen at the first call.

        It has a name of its own, which the home remembers: a home that is moved keeps its data, and a new one
        where another stood shares nothing with it.
        """
        if os.geteuid() != 0:
            return self.kept
        link = self.kept / "unprivileged"
        if not link.is_symlink():
            place = ROOTS_PLACE / secrets.token_hex(8)
            self.prepare()
            link.symlink_to(place)
        return link.readlink()

    def prepare(self) -> None:
        """Make the folders, readable by their owner alone."""
        for folder in (self.root, self.kept, self.logs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @cached_property
    def secrets(self) -> dict[str, str]:
        """Return this system's secrets by name, made at the first call and kept.

        For a system that runs elsewhere, HUBS_SECRET says what its services sign with.
        """
        path = self.root / "secrets.json"
        if not path.exists():
            self.prepare()
            keep(path, {name: secrets.token_urlsafe(24) for name in _secret_names()})
        made: dict[str, str] = json.loads(path.read_text())
        if not self.is_held() and (own := os.environ.get("HUBS_SECRET")):
            made["secret"] = own
        return made

    def adopt(self, secret: str) -> None:
        """Keep `secret` in place of the one made here, so that every later command signs with it too."""
        self.secrets["secret"] = secret
        keep(self.root / "secrets.json", self.secrets)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold this home for the length of the block; the hold ends with the process, however it ends.

        Raises:
            HomeTaken: if another process holds it.
        """
        self.prepare()
        with (self.root / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise HomeTaken(self.root, file.read().strip()) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def is_held(self) -> bool:
        """Return whether a running `hubs up` holds this home."""
        try:
            with (self.root / "lock").open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def running(self) -> dict[str, Any]:
        """Return the ready line of the system that runs here, else of the one elsewhere that HUBS_… names.

        Raises:
            NotRunning: if none does, or it is not ready yet, and no setting names another.
            NotTold: if settings name one, and not all of it.
        """
        if self.is_held() and self.ready.exists():
            line: dict[str, Any] = json.loads(self.ready.read_text())
            return line
        if not self.is_held() and (elsewhere := told.ready_line(SERVICES)):
            return elsewhere
        raise NotRunning(self.root)

    def remove(self) -> None:
        """Remove everything this home holds, wherever it lies. Nothing may be running in it."""
        shutil.rmtree(self.unprivileged(), ignore_errors=True)
        shutil.rmtree(self.root, ignore_errors=True)


def keep(path: Path, content: object) -> None:
    """Write `content` as JSON, whole or not at all, readable by its owner alone."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    with fresh.open("w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _secret_names() -> list[str]:
    services = [f"kafka_{service}" for service in SERVICES]
    roles = [f"postgres_{service}_{role}" for service in SERVICES for role in ("owner", "app")]
    return ["secret", "kafka_admin", "postgres_admin", *services, *roles]
