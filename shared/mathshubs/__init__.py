"""What at least two services use: the wire, the inbox and outbox, the clock, the doors and the pages."""
