"""What notification does by the clock: it sends what is due, and counts what became of it."""
