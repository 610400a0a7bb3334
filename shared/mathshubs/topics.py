"""The names of the topics."""

FACTS = ("enrolment.facts", "scheduling.facts", "notification.facts", "reporting.facts")
PEOPLE = "people.current"
TICK = b"tick-"
"""How the keys on `people.current` begin that are nobody's: what stands there has the log compacted."""


def events_topic(hub: str) -> str:
    """Return the topic that `hub` writes its reports to."""
    return f"hubs.{hub}.events"


def receipts_topic(hub: str) -> str:
    """Return the topic that `hub` reads what became of its reports from."""
    return f"hubs.{hub}.receipts"


def hub_of(topic: str, prefix: str = "") -> str:
    """Return the code of the hub that a topic of reports belongs to: the only hub its records may speak for."""
    return topic.removeprefix(prefix).removeprefix("hubs.").removesuffix(".events")
