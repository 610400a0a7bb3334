"""Which reports of Work Groups are accepted, and why the others are not."""
