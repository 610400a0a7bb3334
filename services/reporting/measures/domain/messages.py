"""Mails: how many reach people, and how soon."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reporting.measures.domain.figures import BY_HUB, Measure, Subject
from reporting.measures.domain.parts import Unit, middle, share
from reporting.measures.domain.places import Level, Place


@dataclass(frozen=True, slots=True)
class Message:
    """One mail whose fate is known, and how long it took from being queued to the mail server, in seconds."""

    id: str
    places: Mapping[Level, Place]
    stage: str | None
    status: str
    seconds: float | None

    kind = "message"
    name = ""


def _any(_: object) -> bool:
    return True


MESSAGES: Final = (
    Measure(
        "M21",
        "Messaging",
        "Of the mails whose fate is known, by the school year in which they were queued: the share delivered, the "
        "share that failed for good, and the median of seconds from the queue to the mail server. Who has not "
        "replied is not reported: invitations cannot be replied to.",
        Subject.MESSAGES,
        (
            share("delivered", "Delivered", lambda mail: mail.status == "delivered", _any),
            share("permanent-failure", "Failed for good", lambda mail: mail.status == "permanent-failure", _any),
            middle(
                "median", "Median time", lambda mail: mail.seconds is not None, lambda mail: mail.seconds, Unit.SECONDS
            ),
        ),
        levels=BY_HUB,
    ),
)
