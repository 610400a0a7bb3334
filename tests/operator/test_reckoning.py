"""Each report accepted is answered once for good: the reckoning, on plain values."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hubs.proof.bus import Stored
from hubs.proof.receipts import Accounts, Astray, Decided, Identity, Receipt, Sent, astray, reckon

TOPIC = "hubs.river-vale.events"
JOINED: Identity = ("river-vale", "https://mis.example", "e-1")
HELD: Identity = ("river-vale", "https://mis.example", "e-2")
FIRST, SECOND, THIRD = ((TOPIC, 0, offset) for offset in range(3))
APPLIED = Receipt("applied", JOINED, None)
DEAD = Receipt("dead", HELD, SECOND, ("bad-data",))
BOTH_ANSWERED = Accounts(
    [Sent(FIRST, JOINED), Sent(SECOND, HELD)], {JOINED}, [APPLIED, DEAD], set(), set(), whole={"river-vale"}
)


def test_what_was_answered_once_adds_up() -> None:
    """Applied or dead, by Kafka or by HTTP."""
    found = reckon(BOTH_ANSWERED)

    assert found.adds_up
    assert (found.reports, found.repeats, found.outcomes) == (2, 0, {"applied": 1, "dead": 1})
    assert (found.dead, found.refused) == (["river-vale https://mis.example e-2: bad-data"], [])


def test_a_report_without_an_answer_is_lost() -> None:
    """The hub waits for ever, and the figures are short by one."""
    assert reckon(replace(BOTH_ANSWERED, receipts=[APPLIED])).lost == [f"{TOPIC}/0/1"]


def test_a_report_by_http_that_never_reached_kafka_is_lost() -> None:
    """202 promised that it is recorded; a row that nobody published is no answer."""
    late: Identity = ("river-vale", "https://mis.example", "e-9")

    assert reckon(replace(BOTH_ANSWERED, arrivals={JOINED, late})).lost == ["river-vale https://mis.example e-9"]


def test_a_report_that_was_answered_twice_is_named() -> None:
    """A hub that acts on each receipt would act twice."""
    assert reckon(replace(BOTH_ANSWERED, receipts=[APPLIED, APPLIED, DEAD])).twice == [" ".join(JOINED)]
    assert reckon(replace(BOTH_ANSWERED, receipts=[APPLIED, DEAD, DEAD])).twice == [f"{TOPIC}/0/1", " ".join(HELD)]


def test_a_repeat_brings_no_further_receipt() -> None:
    """The same event sent again, by either door, is counted and not missed."""
    found = reckon(replace(BOTH_ANSWERED, sent=[*BOTH_ANSWERED.sent, Sent(THIRD, JOINED)]))

    assert found.adds_up
    assert (found.reports, found.repeats) == (2, 1)


def test_a_letter_that_was_tried_again_is_answered_again() -> None:
    """An operator's retry ends in one more receipt, and in no more than that."""
    tried = replace(BOTH_ANSWERED, receipts=[APPLIED, DEAD, Receipt("applied", HELD, None)], retries={SECOND: 1})

    assert reckon(tried).adds_up
    assert reckon(replace(tried, retries={})).twice == [" ".join(HELD)]


def test_an_id_that_was_used_for_something_else_dies_beside_the_first() -> None:
    """Both records carry the id; the first was applied, the other one is dead, and a report of its own."""
    reused = Receipt("dead", JOINED, THIRD, ("id-reused",))
    sent = [*BOTH_ANSWERED.sent, Sent(THIRD, JOINED)]

    found = reckon(replace(BOTH_ANSWERED, sent=sent, receipts=[APPLIED, DEAD, reused]))

    assert found.adds_up
    assert (found.reports, found.repeats) == (sum(found.outcomes.values()), 0)


def test_a_report_that_waits_is_neither_lost_nor_answered() -> None:
    """Its receipt says parked, which is not final."""
    parked = Receipt("parked", HELD, None)
    found = reckon(replace(BOTH_ANSWERED, receipts=[APPLIED, parked], parked={SECOND}))

    assert found.adds_up
    assert found.parked == 1


def test_an_answer_that_nobody_asked_for_is_named() -> None:
    """As long as the topic still holds its first record; what has expired may have asked."""
    stray = Receipt("applied", ("river-vale", "https://mis.example", "e-7"), None)
    accounts = replace(BOTH_ANSWERED, receipts=[APPLIED, DEAD, stray])

    assert reckon(accounts).unasked == ["river-vale https://mis.example e-7"]
    assert reckon(replace(accounts, whole=set())).adds_up


@given(
    st.lists(st.sampled_from([Sent(FIRST, JOINED), Sent(SECOND, HELD), Sent(THIRD, JOINED)]), unique=True), st.data()
)
def test_no_answer_can_be_taken_away_unseen(sent: list[Sent], data: st.DataObject) -> None:
    """Whatever was sent in whatever order: with one receipt to each event it adds up, with one less it does not."""
    events = sorted({one.identity for one in sent if one.identity})
    receipts = [Receipt("applied", event, None) for event in events]
    accounts = Accounts(sent, set(), receipts, set(), set(), whole={"river-vale"})

    assert reckon(accounts).adds_up
    if receipts:
        gone = data.draw(st.sampled_from(receipts))
        assert not reckon(replace(accounts, receipts=[one for one in receipts if one != gone])).adds_up


def test_who_sent_what_is_read_in_either_mode() -> None:
    """And nothing is read of what is no event: it must be answered by its place."""
    binary = Stored(TOPIC, 0, 0, None, b"{}", (("ce_id", b"e-1"), ("ce_source", b"https://mis.example")))
    form = ("content-type", b"application/cloudevents+json; charset=utf-8")
    structured = Stored(TOPIC, 0, 0, None, b'{"id": "e-1", "source": "https://mis.example"}', (form,))
    torn = [
        replace(structured, value=value) for value in (None, b"", b"[" * 100_000, b'["e-1"]', b'{"id": 7}', b"\xff")
    ]

    assert Sent.of(binary) == Sent.of(structured) == Sent(FIRST, JOINED)
    assert {Sent.of(one).identity for one in [*torn, replace(binary, headers=(("ce_id", b"\xff"),))]} == {None}


RECEIPTS = "hubs.river-vale.receipts"
JOURNALS = [Decided(RECEIPTS, f"{service}-{seq}", service, seq) for service in ("e", "s") for seq in range(1, 5)]


def on_kafka(*names: str) -> list[tuple[str, str]]:
    """Receipts as they stand on Kafka, in their order."""
    return [(RECEIPTS, name) for name in names]


def test_receipts_that_expired_are_not_missed() -> None:
    """Kafka keeps them for 30 days; what follows on the first that stands there must be there."""
    kept = on_kafka("e-3", "s-2", "s-3", "e-4", "s-4")

    assert astray(JOURNALS, kept, {RECEIPTS}) == Astray(frozenset(), 3)


def test_a_receipt_lost_among_those_kept_is_missed() -> None:
    """That the topic's beginning has gone is no reason to look at nothing."""
    kept = on_kafka("e-2", "s-2", "s-4", "e-4", "x-1")

    found = astray(JOURNALS, kept, {RECEIPTS})

    assert found == Astray(frozenset(f"{RECEIPTS} {name}" for name in ("e-3", "s-3", "x-1")), 2)


def test_of_a_topic_that_is_whole_every_receipt_is_missed() -> None:
    """Nothing can have expired there yet."""
    assert astray(JOURNALS, on_kafka("s-4"), set()).expired == 0
    assert len(astray(JOURNALS, on_kafka("s-4"), set()).names) == 7
