"""Kafka's jars: only what was locked is run, and without a network the way out is named."""

from pathlib import Path

import pytest

from hubs.parts.jars import LOCK, SPEC, JarsUnavailable, classpath, locked

NOWHERE = "http://127.0.0.1:9"  # nothing listens there


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every download fails at once."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, NOWHERE)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")


def test_a_jar_that_was_changed_is_not_run(tmp_path: Path, no_network: None) -> None:
    """It is fetched again; where that fails it is gone from the cache, and the ways out are named."""
    for jar, path in zip(locked(), classpath(), strict=True):
        there = jar.path(tmp_path)
        there.parent.mkdir(parents=True)
        there.symlink_to(path)
    changed = locked()[0].path(tmp_path)
    changed.unlink()
    changed.write_bytes(b"not what was locked")

    with pytest.raises(JarsUnavailable, match=r"HUBS_KAFKA=HOST:PORT[\s\S]*docker compose up"):
        classpath(tmp_path)

    assert not changed.exists()


def test_what_is_in_the_cache_needs_no_network(no_network: None) -> None:
    """A laptop on a train starts the system again."""
    assert all(path.exists() for path in classpath())


def test_the_lock_and_its_source_name_the_same_kafka() -> None:
    """A new version is a change of both files; no address of a download stands in either."""
    kafka = next(jar for jar in locked() if jar.name == "kafka_2.13")

    assert f'"{kafka.group}:{kafka.name}:{kafka.version}"' in SPEC.read_text()
    assert "://" not in SPEC.read_text() + LOCK.read_text()
