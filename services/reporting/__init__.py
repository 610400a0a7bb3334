"""Reporting: what the network comes to.

Owns the log of every fact that was heard, and what is made of it: projections, measures, the first page.
Hears all four services' facts, each once, whatever their order.
Says only `PersonForgotten`: it holds ids, so there is nothing to scrub.
"""
