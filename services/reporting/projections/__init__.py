"""Projections: what was heard, laid out so that questions can be asked of it.

Rows are only ever added, each made of one fact alone, so any order in which the topics are heard gives the same
tables. They can be built again from the log beside those that are live, compared with them, and put in their place.
"""
