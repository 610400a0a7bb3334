"""Specialists: the three-year programme, PD Lead accreditation, and on which days somebody may lead because of both.

Each is a lifecycle of dated steps as hubs report them. The hub that reported the first owns the person's pathway;
another takes it over by reporting, under our id, that they returned there or that a year started there.
"""
