"""`make pages` where it cannot look: it says why, and how to mend it."""

import subprocess
import sys


def test_without_a_browser_it_names_the_package_to_install() -> None:
    """Debian's chromium is the one thing that no wheel brings."""
    command = [sys.executable, "-m", "hubs.screenshots", "--chromium", "/nonexistent/chromium", "/"]

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert "Mend: apt-get install chromium" in ended.stderr
