"""Meetings of Work Groups: planned, moved, held, and who is invited to them.

Whoever leads the group, and each advocate who holds a slot, on the day of the meeting is invited to it,
whichever came first, the nomination or the meeting. Nobody is in two meetings at once without a flag.
"""
