"""Deliveries: every mail that is to be sent, one to each revision of a calendar entry, and what became of it.

None is lost, and none is sent twice but where a sender died, or heard nothing more, between the mail
server's taking a mail and our writing that down; the second copy then carries the same Message-ID.
"""
