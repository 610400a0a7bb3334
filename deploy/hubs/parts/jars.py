"""Kafka's jars: fetched once into the user's cache by jgo, each checked against the lock.

jgo was chosen because it is a Maven client in Python: no Java build tool is needed.
"""

import fcntl
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import platformdirs
import requests
from jgo.env import EnvironmentSpec, LockFile
from jgo.env._lockfile import LockedDependency, compute_sha256
from jgo.maven import Artifact, MavenContext, PythonResolver
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

KAFKA = Path(__file__).parents[2] / "kafka"
SPEC = KAFKA / "jgo.toml"
LOCK = KAFKA / "jgo.lock.toml"
TRIES = 3  # of a download that breaks off or arrives damaged

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


def cache() -> Path:
    """Return the user's cache folder for this project; it outlives every checkout."""
    return platformdirs.user_cache_path("mathshubs") / "maven"


def classpath(folder: Path | None = None) -> list[Path]:
    """Return Kafka's jars in the lock's order, fetching what the cache lacks.

    Several callers may ask at once: one fetches, the others wait for it.

    Raises:
        JarsUnavailable: if a jar cannot be fetched, or is not the one that was locked.
    """
    folder = folder or cache()
    folder.mkdir(parents=True, exist_ok=True)
    locked = LockFile.load(LOCK).dependencies
    with _alone(folder / ".lock"):
        wanted = [(jar, folder / _path(jar)) for jar in locked]
        missing = [(jar, path) for jar, path in wanted if not _is_sound(path, jar.sha256)]
        if missing:
            _fetch(folder, missing)
    return [path for _, path in wanted]


def write_lock() -> None:
    """Resolve jgo.toml afresh and write jgo.lock.toml with a checksum for each jar."""
    spec = EnvironmentSpec.load(SPEC)
    maven = MavenContext(repo_cache=cache(), resolver=PythonResolver(), timeout=30)
    asked = [maven.create_dependency(coordinate) for coordinate in spec.coordinates]
    named, following = maven.resolver.resolve(asked)
    LockFile.from_resolved_dependencies([*named, *following], environment_name=spec.name).save(LOCK)


def _path(jar: LockedDependency) -> Path:
    return Path(*jar.groupId.split("."), jar.artifactId, jar.version, f"{jar.artifactId}-{jar.version}.{jar.packaging}")


def _is_sound(path: Path, sha256: str | None) -> bool:
    return path.exists() and compute_sha256(path) == sha256


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path, missing: list[tuple[LockedDependency, Path]]) -> None:
    with _progress(len(missing)) as bar:
        maven = MavenContext(repo_cache=folder, resolver=PythonResolver(progress_callback=bar), timeout=30)
        for jar, path in missing:
            artifact = maven.project(jar.groupId, jar.artifactId).at_version(jar.version).artifact()
            _fetch_one(artifact, path, jar.sha256)


def _fetch_one(artifact: Artifact, path: Path, sha256: str | None) -> None:
    reason = ""
    for _ in range(TRIES):
        path.unlink(missing_ok=True)  # jgo takes a file that is there as whole; ours may be half a download
        try:
            artifact.resolve()
        except (requests.RequestException, RuntimeError, OSError) as error:
            reason = f"{path.name}: {type(error).__name__}"
            continue
        if _is_sound(path, sha256):
            return
        reason = f"{path.name} is not the file that jgo.lock.toml names (checksum differs)"
    path.unlink(missing_ok=True)
    raise JarsUnavailable(reason)


@contextmanager
def _progress(count: int) -> Iterator[Callable[[str, int], AbstractContextManager[Advance]]]:
    """Show one bar for all files on a terminal, one plain line elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        print(f"Fetching Kafka ({count} jars, about 44 MB, once)", file=sys.stderr, flush=True)
    columns = TextColumn("Fetching Kafka"), BarColumn(), DownloadColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=0)

        @contextmanager
        def file(name: str, size: int) -> Iterator[Advance]:
            progress.update(task, description=name, total=(progress.tasks[0].total or 0) + size)
            yield lambda count: progress.advance(task, count)

        yield file


if __name__ == "__main__":
    write_lock()
