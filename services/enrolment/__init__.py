"""Enrolment: who takes part.

Owns the school register, people, Work Groups and the schools in them, advocate slots, hubs and their keys.
Hears hubs' reports of these, by Kafka or by HTTP, and what the other services say of people.
Says `enrolment.facts` and, alone, `people.current`; answers hubs on `hubs.<code>.receipts`.
"""
