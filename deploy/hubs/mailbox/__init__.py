"""The local mailbox: an SMTP server that keeps every mail it is given, and a page on which to read it.

It stands in for the world's mail servers in the embedded system, so that
nothing reaches anybody, and promises what they do: a mail that was
acknowledged is on disk. What it shows comes from outside and is not trusted.
"""
