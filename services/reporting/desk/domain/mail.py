"""What is said of mail: when an address takes none, and when somebody wants less of it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mathshubs.events import Event
from mathshubs.events.notification.deliveries import (
    AddressFailed,
    AddressReplaced,
    MessageNotSent,
    MessageQueued,
    MessageSettled,
    PreferencesChanged,
)
from reporting.desk.domain.names import Names


def _failed(fact: AddressFailed, _: Names) -> str:
    return f"an address takes no mail: {_BY[fact.by]}"


_BY: Final[Mapping[str, str]] = {
    "mail-server": "the mail server refuses it",
    "bounce": "a mail came back",
    "not-an-address": "it is no address",
}


def _replaced(_fact: AddressReplaced, _: Names) -> str:
    return "somebody whom no mail reached has another address"


def _preferences(fact: PreferencesChanged, _: Names) -> str:
    return f"somebody asked for {'reminders again' if fact.reminders else 'no more reminders'}"


TOLD: Final[Mapping[type[Event], Callable[[Any, Names], str]]] = {
    AddressFailed: _failed,
    AddressReplaced: _replaced,
    PreferencesChanged: _preferences,
}

UNTOLD: Final[Mapping[type[Event], str]] = {
    MessageQueued: "several to a person and meeting; the timeline of a report lists them",
    MessageNotSent: "several to a person and meeting; the timeline of a report lists them",
    MessageSettled: "several to a person and meeting; the timeline of a report lists them",
}
