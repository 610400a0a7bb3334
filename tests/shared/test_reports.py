"""How a report is judged, and in which words its hub is answered; the same at both doors."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from enrolment.hubs.domain import judge, read_one
from enrolment.listen import from_hubs as enrolments
from guarantees.bad_input import formed, held, joined, moved, nominated, person, scheduled
from guarantees.spelling import http_binary, http_structured, kafka_binary, kafka_structured
from mathshubs.envelope import Malformed
from mathshubs.facts import first_error
from mathshubs.hearing import Applied, Behind, Heard, Hearing, Outcome, Record, SetAside, Waiting
from mathshubs.reports import Reports
from scheduling.listen import hearings as scheduling_hearings

SECRET = "of these tests alone"
CANARY = "amina.canary@bellow.example"
SHOUTED = "CANARY"
TOPIC = "hubs.river-vale.events"
ENROLMENT, SCHEDULING = enrolments(SECRET), scheduling_hearings(SECRET)[0]
MAKERS = (person, formed, joined, nominated, scheduled, moved, held)
Event = dict[str, Any]


def read(hearing: Hearing, event: Event) -> object:
    headers, value = kafka_binary(event)
    return hearing.reader.read(Record(TOPIC, 0, 7, None, value, headers))


def _spoilt() -> Iterator[Event]:
    """Yield events that hold a name in each place where one may be, in each shape that it may have."""
    for make in MAKERS:
        for name in (
            *make()["data"],
            "trn",
            "roles",
            "policy",
            "join_url",
            "place",
            "led_by",
            "guests",
            "effective_at",
        ):
            for shape in (
                CANARY,
                f"{CANARY}\n{SHOUTED}",
                [CANARY],
                {SHOUTED: CANARY},
                [{"person": CANARY}],
                f"2026-{CANARY}",
            ):
                yield make(**{name: shape})
        for name in ("id", "source", "type", "time", "specversion", "datacontenttype", "hub", "correlationid", SHOUTED):
            yield {**make(), name: f"{CANARY}\x00{SHOUTED}"}
            yield {**make(), name: CANARY}
        yield {**make(), f"{SHOUTED.lower()}\x00": CANARY}


def _said(event: Event) -> Iterator[Malformed | SetAside | object]:
    for headers, value in (kafka_binary(event), kafka_structured(event)):
        for hearing in (ENROLMENT, SCHEDULING):
            yield hearing.reader.read(Record(TOPIC, 0, 7, None, value, headers))
    for form, body in (http_binary(event), http_structured(event)):
        yield judge("river-vale", read_one([(n.encode(), v.encode()) for n, v in form.items()], body))


def test_what_is_wrong_is_said_without_repeating_it() -> None:
    """What is said is kept with dead letters, in receipts and in others' logs, where no erasure finds it."""
    said = [one for event in _spoilt() for one in _said(event) if isinstance(one, Malformed | SetAside)]
    words = [f"{one.message} {one.path}".casefold() for one in said]

    assert len(words) > 1_000
    assert [one for one in words if "canary" in one or "amina" in one] == []
    assert all(one.message for one in said)


def test_where_a_library_repeats_it_its_words_end_before() -> None:
    """The letters of what was taken for an id, say, stand in pydantic's own words."""
    with pytest.raises(ValidationError) as wrong:
        TypeAdapter(dict[str, UUID]).validate_python({"person": "Zoë"})

    assert first_error(wrong.value) == ("$.person", "Input should be a valid UUID")


def heard(hearing: Hearing, event: Event) -> Heard:
    found = read(hearing, event)
    assert isinstance(found, Heard)
    return found


def answered(outcome: Outcome, hearing: Hearing = ENROLMENT) -> dict[str, Any]:
    assert isinstance(hearing.reader, Reports)
    return dict(hearing.reader.receipt(outcome, 0).data or {})


GROUP = heard(ENROLMENT, joined()).key.removeprefix("work_group:")
MEETING = heard(SCHEDULING, moved()).key.removeprefix("meeting:")
WAITS = [
    (ENROLMENT, joined(), f"work_group:{GROUP}", "It waits for Work Group WG-1 to be reported."),
    (ENROLMENT, nominated(), f"place:{GROUP}", "It waits for school 900010 to join Work Group WG-1."),
    (SCHEDULING, moved(), f"meeting:{MEETING}", "It waits for meeting M-1 to be reported."),
    (SCHEDULING, held(), f"work_group:{GROUP}", "It waits for Work Group WG-1 to be reported."),
]


@pytest.mark.parametrize(("hearing", "event", "awaited", "words"), WAITS)
def test_what_waits_says_for_what_in_the_hubs_own_words(
    hearing: Hearing, event: Event, awaited: str, words: str
) -> None:
    """An integrator looks for the report that is missing, and knows it by its own reference alone."""
    receipt = answered(Waiting(heard(hearing, event), awaited), hearing)

    assert (receipt["outcome"], receipt["reasons"]) == ("parked", [{"code": "waits", "message": words, "path": ""}])


@pytest.mark.parametrize(
    ("hearing", "event", "words"),
    [
        (ENROLMENT, joined(), "It waits behind an earlier report on Work Group WG-1, which waits itself."),
        (SCHEDULING, moved(), "It waits behind an earlier report on meeting M-1, which waits itself."),
        (ENROLMENT, person(), "It waits behind an earlier report on the same person, which waits itself."),
    ],
)
def test_what_waits_its_turn_says_behind_what(hearing: Hearing, event: Event, words: str) -> None:
    """A person goes without a reference: the receipt's line is kept for ever."""
    assert answered(Behind(heard(hearing, event)), hearing)["reasons"][0] == {
        "code": "behind",
        "message": words,
        "path": "",
    }


def test_a_receipt_names_what_the_report_is_about() -> None:
    """By our id, which may be sent in place of the reference."""
    subjects = [
        answered(Applied(heard(ENROLMENT, nominated())))["subject"],
        answered(Applied(heard(SCHEDULING, moved())), SCHEDULING)["subject"],
    ]

    assert subjects == [{"kind": "work_group", "id": GROUP}, {"kind": "meeting", "id": MEETING}]
    assert heard(ENROLMENT, joined(work_group=GROUP)).key == f"work_group:{GROUP}"


@pytest.mark.parametrize("blank", ["", " ", "   ", "\t", "\u2003"])
def test_a_reference_is_not_blank(blank: str) -> None:
    """What a hub calls by nothing is the same thing every time."""
    found = read(ENROLMENT, joined(work_group=blank))

    assert isinstance(found, SetAside)
    assert (found.code, found.path) == ("bad-data", "$.data.work_group")


@pytest.mark.parametrize(
    "instant", ["2026-11-19 13:30:00Z", "2026-11-19T13:30Z", "2026-11-19T13:30:00+0000", "20261119T133000Z"]
)
def test_a_time_in_the_data_is_written_as_that_of_the_event(instant: str) -> None:
    """One rule for all times that a hub writes."""
    lower = read(SCHEDULING, scheduled(starts_at="2026-11-19t13:30:00z"))
    found = read(SCHEDULING, scheduled(starts_at=instant))

    assert isinstance(lower, Heard)
    assert lower.request.starts_at == datetime(2026, 11, 19, 13, 30, tzinfo=UTC)
    assert isinstance(found, SetAside)
    assert (found.code, found.path) == ("bad-data", "$.data.starts_at")


@pytest.mark.parametrize(
    "event",
    [
        held(guests=True),
        held(guests="3"),
        held(attendance=[{"person": "P-1", "status": "present", "minutes": True}]),
        scheduled(extra="yes"),
        scheduled(extra=1),
    ],
)
def test_a_number_is_a_number_and_yes_is_true(event: Event) -> None:
    """As the schemas have it: `true` is no guest, and a word is neither yes nor no."""
    assert isinstance(read(SCHEDULING, event), SetAside)


@pytest.mark.parametrize(
    ("hearing", "event"), [(SCHEDULING, scheduled(extra=None)), (ENROLMENT, person(roles=None, trn=None))]
)
def test_an_optional_field_may_be_null(hearing: Hearing, event: Event) -> None:
    """Serialisers write what is absent so; it is then as if it were left out."""
    assert isinstance(read(hearing, event), Heard)


def test_each_answer_is_a_line_of_its_own_and_said_again_is_the_same() -> None:
    """The journal takes an id once: a crash may say it again, and an operator's try is another answer."""
    outcome = Applied(heard(ENROLMENT, joined()))
    reader = ENROLMENT.reader
    assert isinstance(reader, Reports)

    ids = [reader.receipt(one, died).event_id for one in (outcome, Behind(outcome.heard)) for died in (0, 1, 2)]

    assert ids == [reader.receipt(one, died).event_id for one in (outcome, Behind(outcome.heard)) for died in (0, 1, 2)]
    assert len(set(ids)) == 4  # parked is said once, however often it died before
