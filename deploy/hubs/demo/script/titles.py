"""What each stop of the year is called."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from hubs.demo import stops
from hubs.demo.acts import Act, Sent

NAMED: Final = {
    stops.FORMING: "Work Groups form, schools join, advocates are named",
    stops.JOINING: "the last schools join; some reports are bad",
    stops.PLANNING[0]: "autumn's meetings are scheduled",
    stops.PLANNING[1]: "spring's meetings are scheduled; a school has withdrawn",
    stops.PLANNING[2]: "summer's meetings are scheduled",
    stops.MOVING[0]: "some meetings move",
    stops.MOVING[4]: "some meetings move; somebody is forgotten",
    stops.CLOSING[0]: "visits, late registers, corrections; somebody wants no reminders",
    stops.CLOSING[2]: "a vacant slot is filled; visits and corrections",
    stops.CLOSING[4]: "visits, open lessons and corrections; a specialist returns",
    stops.CLOSING[5]: "the year's last visits and registers; gates are passed",
    stops.NEW_YEAR: "two schools have become one; advocates and a lead have moved",
    stops.SNOW: "snow in the north: meetings are cancelled",
    stops.STRIKE: "a rail strike: meetings move or are cancelled",
    stops.APRIL: "February's last registers arrive",
    stops.COMPLETING: "schools complete their stage",
    stops.QUESTIONING: "a correction calls one completion into question",
}


def title(at: datetime, acts: Sequence[Act]) -> str:
    """Return what happens at a stop, in a few words."""
    if at in NAMED:
        return NAMED[at]
    held = any(isinstance(act, Sent) and act.kind == "MeetingHeld" for act in acts)
    return "registers come in; reminders leave" if held else "reminders leave"
