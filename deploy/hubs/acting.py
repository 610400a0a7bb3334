"""Who gives a command."""

import getpass


def operator() -> str:
    """Return who gives the command, for the journal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        return "unknown"
