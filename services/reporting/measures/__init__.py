"""Measures: what the network comes to by exact definitions, as it was at one instant, as known at another."""
