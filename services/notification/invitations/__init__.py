"""Invitations: the ledger of what each person's calendar was told of each meeting, and the `.ics` that tells it.

One entry to a meeting and person, with one UID for ever and a SEQUENCE that only rises; whatever
happens to the meeting or to the invitation, one mail brings the calendar to the present state.
"""
