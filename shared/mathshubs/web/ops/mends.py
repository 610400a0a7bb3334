"""What an operator does about a record that was set aside, by the code of its reason."""

from collections.abc import Mapping
from typing import Final

from mathshubs.events.reasons import words

_HUB_SENDS_ANEW: Final = "The hub mends it and sends it again under an id of its own; then discard this one."

MENDS: Final[Mapping[str, str]] = {
    "unexpected-error": "Mend the fault that the service's log names, then retry it: it is applied as if it came now.",
    "breaks-a-constraint": "See what is recorded already. If a mended rule takes it now, retry it; else discard it.",
    "waited-too-long": "See that what it names was reported and accepted, then retry it.",
    "unknown-type": "If a newer release knows the type, bring the service up to date and retry it; else discard it.",
    "id-reused": "The hub sends it again under an id of its own; then discard this one. What was sent first stands.",
    "too-large": "The hub sends less at once. Only the beginning is kept here, so it cannot be retried; discard it.",
}
"""Every other code is of what the hub sent, which nobody but the hub can mend."""


def mend_of(code: str, message: str) -> str:
    """Return what is to be done, in words."""
    known = words(code)
    said = known if known != code else message
    return MENDS.get(code) or f"{said} {_HUB_SENDS_ANEW}"
