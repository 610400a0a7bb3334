"""Registers: how each person attended a held meeting, every expected advocate accounted for.

A row is never overwritten: what puts it right is a row of a later revision, and the earlier one stays with
the instants between which it was held to be true.
"""
