"""What became of a mail, in the words of its readers, and whose fault it is where it did not arrive."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from mathshubs.events.notification.deliveries import NotSent, Status

FATES: Final[Mapping[str, Status]] = {
    "sent": "delivered",
    "failed": "permanent-failure",
    "suppressed": "permanent-failure",
    "bounced": "permanent-failure",
    "expired": "temporary-failure",
    "undelivered": "temporary-failure",
    "faulted": "technical-failure",
    "unknown": "technical-failure",
}
"""What is said of mails that were tried, or would have been, by the state of their row."""
SPARED: Final[Mapping[str, NotSent]] = {
    "superseded": "superseded",
    "dropped": "erased",
    "withheld": "withheld",
    "unsubscribed": "unsubscribed",
}
"""Why mails were never sent that nobody misses, by the state of their row."""
Shown = Literal["sending", "delivered", "permanent-failure", "temporary-failure", "technical-failure", "not-sent"]
SHOWN: Final[Mapping[str, Shown]] = {
    "queued": "sending",
    "sending": "sending",
    **FATES,
    **dict.fromkeys(SPARED, "not-sent"),
}
"""What programs are told of mails, by the state of their row; what waits for an address is no mail yet."""
STATES_OF: Final[Mapping[Shown, list[str]]] = {
    shown: [state for state, one in SHOWN.items() if one == shown] for shown in get_args(Shown)
}
Blame = Literal["address", "passing", "ours"]
"""The address takes no mail; it takes none at the moment; or it is our mail, or we, that are not taken."""
FAILS_AS: Final[Mapping[Blame, str]] = {"address": "failed", "passing": "undelivered", "ours": "faulted"}

_ADDRESS_CODES: Final = ("521", "550", "551", "553", "556")
_FULL: Final = "552"
_OF_THE_SENDER: Final = ("5.1.7", "5.1.8")
_PASSING: Final = ("5.2.2", "5.4.7")  # a full mailbox, and time that ran out on the way
_TOO_LONG: Final = "5.2.3"
_NO_SUCH_HOST: Final = ("5.4.1", "5.4.4")


def blame(said: str) -> Blame:
    """Return whose fault a refusal for good is.

    Policy, content, size and protocol are ours to mend (RFC 3463): no address is given up for them. A full
    mailbox is emptied again, though many servers call it permanent.

    Args:
        said: the reply's code, its enhanced status, or both: `550 5.1.1`, `550`, `5.1.1`.
    """
    code, enhanced = _parts(said)
    if enhanced in _PASSING or (not enhanced and code == _FULL):
        return "passing"
    if enhanced:
        is_address = enhanced.startswith(("5.1.", "5.2.")) and enhanced not in (*_OF_THE_SENDER, _TOO_LONG)
        return "address" if is_address or enhanced in _NO_SUCH_HOST else "ours"
    return "address" if code in _ADDRESS_CODES else "ours"


def _parts(said: str) -> tuple[str, str]:
    """Return the code and the enhanced status; `5.0.0` tells no more than the code."""
    words = said.split()
    code = next((word for word in words if word.isdigit()), "")
    enhanced = next((word for word in words if "." in word), "")
    return code, "" if enhanced == "5.0.0" else enhanced
