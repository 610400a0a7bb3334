"""The log: every fact heard from any service, for ever, each with a position that no later one goes before."""
