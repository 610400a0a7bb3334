"""Preferences: who wants no reminders. Invitations, changes and cancellations come all the same."""
