"""Scheduling: when Work Groups meet, who is invited, what was held and who came.

Owns meetings, invitations and registers. Hears hubs' reports of meetings, and of enrolment the Work Groups,
their leads and their advocates. Says what was scheduled, moved and held, whom that concerns, and how each
person attended. How to join a meeting online stays here and is given at its own door alone.
"""
