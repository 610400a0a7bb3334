"""`make pages` where it cannot look."""

import subprocess
import sys


def test_without_a_browser_nothing_is_started() -> None:
    """It says so at once, with the package to install, and not after a minute of playing."""
    command = [sys.executable, "-m", "hubs.lookbook", "--chromium", "/nonexistent/chromium"]

    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Mend: apt-get install chromium" in ended.stderr
