"""Scheduling: when Work Groups meet, who is invited, what was held and who came.

Owns meetings, invitations and registers, calendars, support visits and open lessons. Hears hubs' reports of these,
and of enrolment the Work Groups, their leads, advocates and schools. Says what was scheduled, moved and held, whom
that concerns, how each person attended, and which school was visited for how many of the hours that it is given.
How to join a meeting online and what a visit was about stay here, each given at its own door alone or at none.
"""
