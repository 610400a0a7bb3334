"""Intake: schools that would take part, and the hub that is to answer each.

What was written beside an interest is kept for that hub alone; it is in no fact, and goes when its contact is erased.
"""
