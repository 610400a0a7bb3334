"""A home that was moved, or thrown away, and what then happens at the same place."""

from pathlib import Path

import pytest

from hubs.home import Home
from hubs.hub import BadCode, NewHub


def test_a_new_home_leaves_the_data_of_a_moved_one_alone(tmp_path: Path) -> None:
    """`mv .hubs backup; hubs up` is how people keep a system before they try another."""
    old = Home(tmp_path / "here")
    old.prepare()
    kept = old.unprivileged() / "kept"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("of value")
    moved = Home(old.root.rename(tmp_path / "there"))

    new = Home(tmp_path / "here")
    new.prepare()
    new.unprivileged()

    assert (moved.unprivileged() / "kept").read_text() == "of value"
    new.remove()
    moved.remove()
    assert not kept.exists()


def test_a_home_is_one_home_by_whatever_path(tmp_path: Path) -> None:
    """Who looks for what was left behind compares real paths."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert Home.at(tmp_path / "link") == Home.at(tmp_path / "real")


def test_no_hub_is_called_national() -> None:
    """Its key would read as the nation's."""
    with pytest.raises(BadCode):
        NewHub("national", "A hub")
