"""The rules of invitations: what a calendar must be told, and how iCalendar says it."""
