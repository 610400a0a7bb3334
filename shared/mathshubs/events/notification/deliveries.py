"""What notification says of mails, and of addresses that take none."""

from typing import ClassVar, Literal

from mathshubs.events.spoken import AwareDatetime, DeliveryId, Event, MeetingId, PersonId

Kind = Literal["invitation", "change", "withdrawal", "cancellation", "reminder"]
Status = Literal["delivered", "permanent-failure", "temporary-failure", "technical-failure"]
"""Delivered: the mail server took it and nothing came back. Permanent: the address takes none. Temporary: given up
when it was too late. Technical: a fault of ours, or nobody knows."""


NotSent = Literal["superseded", "erased", "withheld", "unsubscribed"]
"""Superseded: a newer mail took its place, or there was nothing left to tell. Erased: the person is. Withheld: live
mail is off and the address is not allowed. Unsubscribed: the person wants no reminders."""


class MessageQueued(Event):
    """A mail is to be sent."""

    type: ClassVar = "uk.mathshubs.notification.MessageQueued.v1"
    key: ClassVar = "delivery_id"

    delivery_id: DeliveryId
    person_id: PersonId
    meeting_id: MeetingId
    kind: Kind


class MessageSettled(Event):
    """What became of a mail; said again where a bounce that came later tells otherwise."""

    type: ClassVar = "uk.mathshubs.notification.MessageSettled.v1"
    key: ClassVar = "delivery_id"

    delivery_id: DeliveryId
    person_id: PersonId
    meeting_id: MeetingId
    kind: Kind
    status: Status
    queued_at: AwareDatetime
    handed_at: AwareDatetime | None = None
    """When the mail server took it."""


class MessageNotSent(Event):
    """A mail that was queued is not sent, and nobody misses it: it has none of the fates of mails."""

    type: ClassVar = "uk.mathshubs.notification.MessageNotSent.v1"
    key: ClassVar = "delivery_id"

    delivery_id: DeliveryId
    person_id: PersonId
    meeting_id: MeetingId
    kind: Kind
    reason: NotSent


class AddressFailed(Event):
    """No mail reaches this person: their address takes none. Nothing more is sent to it but to another address."""

    type: ClassVar = "uk.mathshubs.notification.AddressFailed.v1"
    key: ClassVar = "person_id"

    person_id: PersonId
    by: Literal["mail-server", "bounce", "not-an-address"]


class AddressReplaced(Event):
    """The person has another address than the one that failed."""

    type: ClassVar = "uk.mathshubs.notification.AddressReplaced.v1"
    key: ClassVar = "person_id"

    person_id: PersonId


class PreferencesChanged(Event):
    """The person wants reminders, or wants none. Invitations, changes and cancellations come all the same."""

    type: ClassVar = "uk.mathshubs.notification.PreferencesChanged.v1"
    key: ClassVar = "person_id"

    person_id: PersonId
    reminders: bool
