"""What the log says of what is heard: ids that are ours or mean nothing, never a word of what was sent."""

from collections.abc import Sequence
from typing import Final

from mathshubs.hearing import Heard, Hearing, Outcome, SetAside
from mathshubs.log import get_logger, trace_of

log = get_logger(__name__)
MOST_AT_ONCE: Final = 50
"""Where rules decide, each record is worth a line; where thousands are copied at a time, none is."""


def ids(heard: Sequence[Heard]) -> dict[str, str]:
    """Return the ids of event, correlation and trace, those that are the same for all of `heard`."""
    found = [_ids(one) for one in heard]
    shared = set.intersection(*(set(each.items()) for each in found)) if found else set()
    return {name: word for name, word in shared if word}


def _ids(heard: Heard) -> dict[str, str | None]:
    cause = heard.cause
    return {
        "event_id": cause.causation_id,
        "correlation_id": cause.correlation_id,
        "trace_id": trace_of(cause.traceparent),
    }


def tell(hearing: Hearing, outcomes: Sequence[Outcome]) -> None:
    """Say what became of each record; of one that was set aside, the reason's code."""
    if hearing.most > MOST_AT_ONCE:
        return
    for outcome in outcomes:
        if isinstance(outcome, SetAside):
            record, became, named = outcome.record, outcome.code, {}
        else:
            record, became, named = outcome.heard.record, type(outcome).__name__.lower(), ids([outcome.heard])
        place = f"{record.topic}/{record.part}/{record.offset}"
        log.info("heard", consumer=hearing.consumer, outcome=became, place=place, **named)
