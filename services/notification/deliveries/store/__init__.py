"""SQL that holds and writes deliveries: queued in a consumer's transaction, handed over by a sender."""
