"""Hubs: which there are, the keys that speak for them, and what arrives from them by HTTP.

A key is worth something while its signature is ours, its id is known and it is not revoked. What arrives is
judged as the Kafka door judges it, recorded once, and published to the hub's own topic in the order in which
it was accepted; from there it takes the same road as what came by Kafka.
"""
