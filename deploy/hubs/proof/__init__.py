"""The proof that everything adds up, made of a running system from outside.

Each check compares what one part says with what another part knows, by SQL, readers and parsers of its own:
journals with reporting's log, Kafka's records with receipts, mail as it arrived with the schedule, figures with a
recount. `hubs check` and the demonstration run the same ones.
"""
