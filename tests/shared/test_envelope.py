"""What an event is, in either mode, and why bytes are none."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathshubs.envelope import MOST_BYTES, STRUCTURED, CloudEvent, Malformed, decode, encode

JOINED = CloudEvent(
    id="e-1",
    source="https://mis.river-vale.example",
    type="uk.mathshubs.hub.enrolment.SchoolJoinedWorkGroup.v1",
    time=datetime(2026, 9, 14, 15, 4, 5, tzinfo=UTC),
    data={"work_group": "WG-7", "school_urn": "136771", "effective_on": "2026-09-14"},
)
BINARY, VALUE = encode(JOINED)
WHOLE = {
    "specversion": "1.0",
    "id": JOINED.id,
    "source": JOINED.source,
    "type": JOINED.type,
    "time": "2026-09-14T16:04:05+01:00",
    "data": dict(JOINED.data),
}


def structured(**changes: object) -> Malformed | CloudEvent:
    return decode([("content-type", STRUCTURED.encode())], json.dumps(WHOLE | changes).encode())


def test_binary_and_structured_mode_are_the_same_event() -> None:
    """The mode, the spelling of the time and the order of the keys do not make another event."""
    binary, whole = decode(BINARY, VALUE), structured(data=dict(reversed(list(JOINED.data.items()))))

    assert isinstance(binary, CloudEvent)
    assert isinstance(whole, CloudEvent)
    assert binary == JOINED
    assert binary.fingerprint("river-vale") == whole.fingerprint("river-vale")


@pytest.mark.parametrize(
    "change", [{"id": "e-2"}, {"source": "x"}, {"type": "x"}, {"time": "2026-09-14T15:04:06Z"}, {"data": {}}]
)
def test_other_content_is_another_event(change: dict[str, object]) -> None:
    """Whatever counts must differ in the fingerprint, or an id could be used twice unnoticed."""
    other = structured(**change)

    assert isinstance(other, CloudEvent)
    assert other.fingerprint("river-vale") != JOINED.fingerprint("river-vale")


def test_a_number_is_the_same_however_it_is_spelled() -> None:
    """One and one point nought are equal numbers in JSON."""
    one, nought = decode(BINARY, b'{"n": 1}'), decode(BINARY, b'{"n": 1.0}')

    assert isinstance(one, CloudEvent)
    assert one == nought


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "tombstone"),
        (b"", "not-json"),
        (b"\xff\xfe", "not-utf-8"),
        (b"{", "not-json"),
        (b"[]", "not-an-object"),
        (b'"x"', "not-an-object"),
        (b'{"a": 1, "a": 2}', "duplicate-key"),
        (b'{"a": 1e400}', "number-out-of-range"),
        (b'{"a": NaN}', "not-json"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "not-json"),
        (b'{"a": "\\u0000"}', "bad-text"),
        (b'{"a": "\\ud800"}', "bad-text"),
        (b"[" * 10_000 + b"]" * 10_000, "too-deep"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too-deep"),
        (b'{"a": "' + b"x" * MOST_BYTES + b'"}', "too-large"),
    ],
)
def test_bytes_that_are_no_event_say_why(value: bytes | None, code: str) -> None:
    """Each has a code of its own, so that a hub's integrator knows what to mend."""
    wrong = decode(BINARY, value)

    assert isinstance(wrong, Malformed)
    assert wrong.code == code


@pytest.mark.parametrize(
    "time", ["2026-09-14T15:04:05Z", "2026-09-14t15:04:05z", "2026-09-14T16:04:05.000000000+01:00"]
)
def test_a_time_is_the_same_in_each_spelling_that_rfc_3339_has(time: str) -> None:
    """Small letters and any number of decimals among them: clients' libraries differ in what they write."""
    event = structured(time=time)

    assert isinstance(event, CloudEvent)
    assert event.fingerprint("river-vale") == JOINED.fingerprint("river-vale")


def test_what_stands_twice_names_no_event() -> None:
    """Which of two ids is meant nobody can say; where the id stands once, the answer goes by it."""
    twice, other = decode([*BINARY, ("ce_id", b"e-2")], VALUE), decode([*BINARY, ("ce_time", b"")], VALUE)

    assert isinstance(twice, Malformed)
    assert (twice.event_id, twice.source, twice.path) == (None, JOINED.source, "$.id")
    assert isinstance(other, Malformed)
    assert (other.event_id, other.path) == ("e-1", "$.time")


def test_an_id_that_may_name_somebody_is_not_repeated() -> None:
    """The answer to it would be kept where it cannot be taken out again."""
    wrong = structured(id="amina@river-vale.example", source="Amina's laptop")

    assert isinstance(wrong, Malformed)
    assert (wrong.event_id, wrong.source) == (None, None)
    assert "amina" not in wrong.message.lower()


def test_an_escaped_backslash_is_no_nul() -> None:
    r"""A school may well write `\\u0000` in words; only the character itself is refused."""
    assert isinstance(decode(BINARY, rb'{"a": "\\u0000"}'), CloudEvent)


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"id": None}, "missing-attribute", "$.id"),
        ({"id": ""}, "missing-attribute", "$.id"),
        ({"id": 7}, "missing-attribute", "$.id"),
        ({"id": "x" * 129}, "attribute-too-long", "$.id"),
        ({"source": None}, "missing-attribute", "$.source"),
        ({"type": None}, "missing-attribute", "$.type"),
        ({"time": None}, "missing-attribute", "$.time"),
        ({"time": "2026-09-14T15:04:05"}, "bad-time", "$.time"),
        ({"time": "yesterday"}, "bad-time", "$.time"),
        ({"time": "0001-01-01T00:00:00Z"}, "bad-time", "$.time"),
        ({"time": "2026-W38-1T15:04:05Z"}, "bad-time", "$.time"),
        ({"time": "2026-09-14 15:04:05Z"}, "bad-time", "$.time"),
        ({"time": "2026-09-14T15:04Z"}, "bad-time", "$.time"),
        ({"time": "2026-09-14T15:04:05,5Z"}, "bad-time", "$.time"),
        ({"time": "2026-09-14T15:04:05+0100"}, "bad-time", "$.time"),
        ({"time": "2026-09-14T15:04:05Z\n"}, "bad-time", "$.time"),
        ({"time": 1789344000}, "bad-time", "$.time"),
        ({"id": "amina@river-vale.example"}, "attribute-not-plain", "$.id"),
        ({"id": "Amina Khan"}, "attribute-not-plain", "$.id"),
        ({"source": "mailto:amina@river-vale.example"}, "attribute-not-plain", "$.source"),
        ({"source": "https://mis.example/amina%40river-vale.example"}, "attribute-not-plain", "$.source"),
        ({"source": "https://mis.example/\u2003"}, "attribute-not-plain", "$.source"),
        ({"specversion": "0.3"}, "bad-specversion", "$.specversion"),
        ({"data": None}, "not-an-object", "$.data"),
        ({"data_base64": "e30="}, "data-not-json", "$.data_base64"),
        ({"datacontenttype": "text/plain"}, "data-not-json", "$.datacontenttype"),
    ],
)
def test_an_attribute_that_is_wrong_is_named(change: dict[str, object], code: str, path: str) -> None:
    """The path says which one, in the words of the sender's own event."""
    wrong = structured(**change)

    assert isinstance(wrong, Malformed)
    assert (wrong.code, wrong.path) == (code, path)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([], "not-a-cloudevent"),
        ([("ce_id", b"\xff")], "header-not-utf-8"),
        ([*BINARY, ("ce_correlationid", b"a\x00b")], "bad-text"),
        ([h for h in BINARY if h[0] != "ce_id"], "missing-attribute"),
        ([*BINARY[:-1], ("content-type", b"\xc3")], "header-not-utf-8"),
        ([*BINARY, ("ce_id", b"e-1")], "duplicate-header"),
        ([*BINARY, ("CE_Source", b"https://elsewhere.example")], "duplicate-header"),
        ([*BINARY, ("ce_correlationid", b"a"), ("ce_correlationid", b"b")], "duplicate-header"),
        ([*BINARY, ("content-type", STRUCTURED.encode())], "duplicate-header"),
        ([*BINARY[:-1], ("content-type", b"application/cloudevents+avro")], "not-a-cloudevent"),
        ([*BINARY[:-1], ("content-type", b"application/cloudevents-batch+json")], "not-a-cloudevent"),
    ],
)
def test_headers_that_are_no_event_say_why(headers: list[tuple[str, bytes]], code: str) -> None:
    """A header that cannot be read must not lose the record, as the usual parser does."""
    wrong = decode(headers, VALUE)

    assert isinstance(wrong, Malformed)
    assert wrong.code == code


@given(
    st.lists(st.tuples(st.text(max_size=12), st.binary(max_size=40)), max_size=8), st.none() | st.binary(max_size=200)
)
def test_no_bytes_whatever_raise(headers: list[tuple[str, bytes]], value: bytes | None) -> None:
    """An exception in here would stop a hub's whole topic."""
    assert isinstance(decode(headers, value), CloudEvent | Malformed)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
        max_leaves=8,
    )
)
def test_what_is_encoded_is_decoded_or_refused_with_a_reason(content: object) -> None:
    """No content comes back as something else."""
    read = decode(BINARY, json.dumps({"content": content}).encode())

    assert isinstance(read, Malformed) or read.data == {"content": content}
