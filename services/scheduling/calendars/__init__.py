"""Calendars: on which days schools are closed, and which half-term a day counts for.

Layers, the nearer in place of the farther: what the Work Group's hub reported of a school, what was imported of
the school, what was imported of its local authority, and for half-terms alone the nation's usual dates. Bank
holidays in England and weekends hold for everybody.
"""
