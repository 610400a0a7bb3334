"""Invented hubs, schools and people: for the demo and for tests, and like nothing that exists."""
