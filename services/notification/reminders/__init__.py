"""Reminders: on which working day, between which hours, by the policy of the school year."""
