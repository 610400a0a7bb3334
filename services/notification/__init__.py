"""Notification: tells each advocate and lead of their meetings, by mail that moves one calendar entry.

It owns addresses, the ledger of calendar entries and every mail that is to be sent. It hears
`scheduling.facts` and `people.current`, which have no order between them, and of `enrolment.facts` which keys
were revoked and whose records were merged; it joins nothing else.
It says what becomes of each mail (`MessageQueued`, `MessageSettled`, `MessageNotSent`), whose address takes none
(`AddressFailed`, `AddressReplaced`), who wants no reminders (`PreferencesChanged`), and `PersonForgotten`, once it
holds nothing more of somebody.
"""
