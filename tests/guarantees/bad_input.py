"""What hubs might send, however bad, and what each must be answered; one line to a case."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from guarantees.spelling import Event, Headers, kafka_binary, kafka_structured
from mathshubs.envelope import MOST_BYTES, STRUCTURED
from mathshubs.events.reasons import FLAGGED, REFUSED

SOURCE = "https://mis.river-vale.example"
GONE = object()
"""In place of a field: it is left out."""
BELLOW, LLYN, ASHEN, BIRCH, COPSE, DELL, ELDER = "900010", "900011", "900012", "900013", "900014", "900015", "900016"
"""Schools: one that joins, a Welsh, a closed, an independent, a primary, one that opens later, one that might join."""
NAMES = ("Amina Canary", "amina.canary@bellow.example")
"""The name and the address of everybody who is reported here: no log may hold them."""
CANARIES = ("canary", "amina", "bellow", "emperor", "telepathy", "dreaming", "javascript", "bcc", "yesterday")
"""Words of what is bad in these events: no message may hold them."""
STATUS = {"too-large": 413, "hub-mismatch": 403, "id-reused": 409, "data-not-json": 415}
STATUS |= dict.fromkeys(("bad-data", "unknown-type", "unknown-owner"), 422)


@dataclass(frozen=True, slots=True)
class Case:
    """One event, and what it must be answered; `data` may be bytes, which go out as they are spelled."""

    name: str
    code: str
    """Of the dead letter and the problem, the refusal or the flag; empty if it is applied."""
    event: Event
    path: str = ""
    """Empty where it is not judged: a NUL anywhere in a structured event is found before anything is read."""
    not_by: str = ""
    """The door that cannot express it."""
    fills: int = 0
    """Bytes that the record's value, or the request's body, is filled up to."""

    @property
    def outcome(self) -> str:
        """Return the final receipt's word by Kafka."""
        return (
            "refused"
            if self.code in REFUSED
            else "flagged"
            if self.code in FLAGGED
            else "dead" * bool(self.code) or "applied"
        )

    @property
    def answer(self) -> tuple[str, list[tuple[str, str]]]:
        """Return the final receipt's outcome, and its reason by code and path."""
        return self.outcome, [(self.code, self.path)] if self.code else []

    @property
    def status(self) -> int:
        """Return what HTTP answers: only what would die on Kafka is refused at the door."""
        return STATUS.get(self.code, 400) if self.outcome == "dead" else 202


def report(kind: str, **said: object) -> Callable[..., dict[str, Any]]:
    """Return a maker of reports of one kind: given fields replace those of `said`, `GONE` takes one out."""

    def make(**other: object) -> dict[str, Any]:
        data = {name: value for name, value in (said | other).items() if value is not GONE}
        return {
            "specversion": "1.0",
            "id": "of-the-case",
            "source": SOURCE,
            "type": f"uk.mathshubs.hub.{kind}.v1",
            "time": "2026-11-02T08:59:00Z",
            "data": data,
        }

    return make


YEAR = {"programme": "secondary-teaching-for-mastery", "stage": "development", "school_year": "2026/27"}
TIMES = {"starts_at": "2026-11-19T13:30:00+00:00", "ends_at": "2026-11-19T16:00:00+00:00", "mode": "online"}
PAST = {"starts_at": "2026-10-15T13:30:00+01:00", "ends_at": "2026-10-15T16:00:00+01:00", "mode": "online"}
person = report("enrolment.PersonReported", person="P-1", name=NAMES[0], email=NAMES[1])
formed = report("enrolment.WorkGroupFormed", work_group="WG-1", name="Mastery", lead="P-1", **YEAR)
A_PLACE = {"work_group": "WG-1", "school_urn": BELLOW, "effective_on": "2026-09-07"}
joined = report("enrolment.SchoolJoinedWorkGroup", **A_PLACE)
nominated = report("enrolment.MasteryAdvocateNominated", advocate="P-1", **A_PLACE)
scheduled = report("scheduling.MeetingScheduled", meeting="M-1", work_group="WG-1", **TIMES)
moved = report("scheduling.MeetingRescheduled", meeting="M-1", starts_at=TIMES["starts_at"], ends_at=TIMES["ends_at"])
held = report("scheduling.MeetingHeld", meeting="M-2", work_group="WG-1", attendance=[], **PAST)


def spelled(data: str | bytes, event: Event | None = None) -> dict[str, Any]:
    """Return an event whose data goes out as these bytes, whatever they are."""
    return {**(event or person()), "data": data.encode() if isinstance(data, str) else data}


def attributes(event: Event | None = None, **other: object) -> dict[str, Any]:
    """Return an event with other attributes; `GONE` takes one out."""
    return {name: value for name, value in ({**(event or person())} | other).items() if value is not GONE}


def _missing() -> Iterator[Case]:
    """Yield a case for each field that a report must have."""
    optional = {("formed", "lead")}
    for name, make in {
        "person": person, "formed": formed, "joined": joined, "nominated": nominated, "scheduled": scheduled,
        "moved": moved, "held": held,
    }.items():  # fmt: skip
        for field in make()["data"]:
            if (name, field) not in optional:
                yield Case(f"{name} without {field}", "bad-data", make(**{field: GONE}), f"$.data.{field}")


DEEP = '{"person":' * 10_000 + "1" + "}" * 10_000
TWICE = '{"person": "P-1", "person": "P-2"}'
MARK = {"person": "P-1", "status": "present"}

HUB = "uk.mathshubs.hub"

CASES = [
    *_missing(),
    # What is no JSON that can be kept.
    Case("data that is not JSON", "not-json", spelled("{")),
    Case("data with a comma too many", "not-json", spelled('{"person": "P-1",}')),
    Case("no data at all", "not-json", spelled("")),
    Case("data that is a list", "not-an-object", spelled("[1]"), "$.data"),
    Case("data that is text", "not-an-object", spelled('"P-1"'), "$.data"),
    Case("data that is null", "not-an-object", spelled("null"), "$.data"),
    Case("data that is not UTF-8", "not-utf-8", spelled(b'{"person": "\xff"}')),
    Case("data in UTF-16", "not-utf-8", spelled('{"person": "P-é"}'.encode("utf-16"))),
    Case("NaN", "not-json", spelled('{"guests": NaN}')),
    Case("Infinity", "not-json", spelled('{"guests": -Infinity}')),
    Case("a number without end", "number-out-of-range", spelled('{"guests": 1e400}')),
    Case("an integer of 5,000 digits", "not-json", spelled('{"guests": 1' + "0" * 5_000 + "}")),
    Case("a key that stands twice", "duplicate-key", spelled(TWICE)),
    Case("a key that stands twice further in", "duplicate-key", spelled('{"attendance": [' + TWICE + "]}")),
    Case("ten thousand deep", "too-deep", spelled(DEEP)),
    Case("thirty-three deep", "too-deep", spelled('{"x":' * 33 + "1" + "}" * 33)),
    Case("a NUL", "bad-text", spelled('{"person": "P\\u0000"}')),
    Case("a NUL in a key", "bad-text", spelled('{"P\\u0000": 1}')),
    Case("half a character", "bad-text", spelled('{"person": "\\ud800"}')),
    Case("one byte too many", "too-large", person(), fills=MOST_BYTES + 1),
    Case("exactly as large as may be", "", person(), fills=MOST_BYTES),
    # What is no CloudEvent.
    Case("no specversion", "bad-specversion", attributes(specversion=GONE), "$.specversion"),
    Case("an old specversion", "bad-specversion", attributes(specversion="0.3"), "$.specversion"),
    Case("no id", "missing-attribute", attributes(id=GONE), "$.id"),
    Case("an empty id", "missing-attribute", attributes(id=""), "$.id"),
    Case("an id too long", "attribute-too-long", attributes(id="x" * 129), "$.id"),
    Case("an id with an address", "attribute-not-plain", attributes(id=NAMES[1]), "$.id"),
    Case("an id with a space", "attribute-not-plain", attributes(id=NAMES[0]), "$.id"),
    Case("a source with an address", "attribute-not-plain", attributes(source=f"mailto:{NAMES[1]}"), "$.source"),
    Case("a source with a space", "attribute-not-plain", attributes(source=NAMES[0]), "$.source"),
    Case("an id with a NUL", "bad-text", attributes(id="x\x00")),
    Case("no source", "missing-attribute", attributes(source=GONE), "$.source"),
    Case("a source too long", "attribute-too-long", attributes(source="x" * 513), "$.source"),
    Case("no type", "missing-attribute", attributes(type=GONE), "$.type"),
    Case("a type too long", "attribute-too-long", attributes(type="x" * 257), "$.type"),
    Case("no time", "missing-attribute", attributes(time=GONE), "$.time"),
    Case("a time without offset", "bad-time", attributes(time="2026-11-02T08:59:00"), "$.time"),
    Case("a time that is none", "bad-time", attributes(time="yesterday"), "$.time"),
    Case("a time without its T", "bad-time", attributes(time="2026-11-02 08:59:00Z"), "$.time"),
    Case("a time without seconds", "bad-time", attributes(time="2026-11-02T08:59Z"), "$.time"),
    Case("a time with its week", "bad-time", attributes(time="2026-W45-1T08:59:00Z"), "$.time"),
    Case("a time in small letters", "", attributes(time="2026-11-02t08:59:00z")),
    Case("the 30th of February", "bad-time", attributes(time="2026-02-30T08:59:00Z"), "$.time"),
    Case("a time before all time", "bad-time", attributes(time="0001-01-01T00:00:00+14:00"), "$.time"),
    Case("an extension with a NUL", "bad-text", attributes(correlationid="x\x00")),
    Case("a trace with a NUL", "bad-text", attributes(traceparent="x\x00"), not_by="HTTP, binary"),
    # What nobody answers, or somebody else's.
    Case("an unknown type", "unknown-type", attributes(type=f"{HUB}.enrolment.LunchServed.v1"), "$.type"),
    Case("an unknown version", "unknown-type", attributes(type=f"{HUB}.enrolment.PersonReported.v9"), "$.type"),
    Case("an unknown type of scheduling", "unknown-type", attributes(type=f"{HUB}.scheduling.Lunch.v1"), "$.type"),
    Case("an unknown owner", "unknown-owner", attributes(type=f"{HUB}.catering.LunchServed.v1"), "$.type"),
    Case("an owner that answers no hub", "unknown-owner", attributes(type=f"{HUB}.reporting.Lunch.v1"), "$.type"),
    Case("a fact of ours", "unknown-owner", attributes(type="uk.mathshubs.enrolment.WorkGroupFormed.v1"), "$.type"),
    Case("a stranger's type", "unknown-owner", attributes(type="com.example.order.created"), "$.type"),
    Case("another hub in the data", "hub-mismatch", person(hub="oak-ridge"), "$.data.hub"),
    Case("another hub in an extension", "hub-mismatch", attributes(hub="oak-ridge"), "$.hub"),
    Case("another hub beside our own", "hub-mismatch", person(hub="river-vale") | {"hub": "oak-ridge"}, "$.hub"),
    Case("another hub of a meeting", "hub-mismatch", scheduled(hub="oak-ridge"), "$.data.hub"),
    # What does not fit its type.
    Case("an address for a reference", "bad-data", person(person="amina@x.example"), "$.data.person"),
    Case("a reference too long", "bad-data", person(person="x" * 65), "$.data.person"),
    Case("a blank reference", "bad-data", person(person="  "), "$.data.person"),
    Case("an empty reference", "bad-data", person(person=""), "$.data.person"),
    Case("a number for a reference", "bad-data", person(person=7), "$.data.person"),
    Case("a list for a name", "bad-data", person(name=[NAMES[0]]), "$.data.name"),
    Case("an empty name", "bad-data", person(name=" "), "$.data.name"),
    Case("a name of two lines", "bad-data", person(name="Amina\r\nBcc: x"), "$.data.name"),
    Case("a name with a line separator", "bad-data", person(name="Amina\u2028Canary"), "$.data.name"),
    Case("an address without its at sign", "bad-data", person(email="amina.canary"), "$.data.email"),
    Case("an address with a line break", "bad-data", person(email="amina@x.example\nBcc: y"), "$.data.email"),
    Case("two addresses", "bad-data", person(email="a@x.example, b@x.example"), "$.data.email"),
    Case("a TRN of six digits", "bad-data", person(trn="123456"), "$.data.trn"),
    Case("a TRN in Arabic digits", "bad-data", person(trn="١٢٣٤٥٦٧"), "$.data.trn"),
    Case("a TRN as a number", "bad-data", person(trn=1234567), "$.data.trn"),
    Case("a role that is none", "bad-data", person(roles=["emperor"]), "$.data.roles[0]"),
    Case("a malformed URN", "bad-data", joined(school_urn="90001"), "$.data.school_urn"),
    Case("a URN as a number", "bad-data", joined(school_urn=900010), "$.data.school_urn"),
    Case("a URN in Arabic digits", "bad-data", joined(school_urn="٩٠٠٠١٠"), "$.data.school_urn"),
    Case("a day that is none", "bad-data", joined(effective_on="2026-02-30"), "$.data.effective_on"),
    Case("a day in British order", "bad-data", joined(effective_on="07/09/2026"), "$.data.effective_on"),
    Case("a school year that is none", "bad-data", formed(school_year="2026/28"), "$.data.school_year"),
    Case("a school year in Arabic digits", "bad-data", formed(school_year="20٢٦/٢٧"), "$.data.school_year"),
    Case("a school year in full", "bad-data", formed(school_year="2026/2027"), "$.data.school_year"),
    Case("an unknown programme", "bad-data", formed(programme="early-years"), "$.data.programme"),
    Case("an unknown stage", "bad-data", formed(stage="dreaming"), "$.data.stage"),
    Case("an end before the start", "bad-data", scheduled(ends_at=TIMES["starts_at"]), "$.data"),
    Case("a start without offset", "bad-data", scheduled(starts_at="2026-11-19T13:30:00"), "$.data.starts_at"),
    Case("a start without its T", "bad-data", scheduled(starts_at="2026-11-19 13:30:00Z"), "$.data.starts_at"),
    Case("a start in seconds", "bad-data", scheduled(starts_at=1_795_000_000), "$.data.starts_at"),
    Case("a start in the year 9999", "bad-data", scheduled(ends_at="9999-12-31T23:59:59Z"), "$.data.ends_at"),
    Case("an unknown mode", "bad-data", scheduled(mode="telepathy"), "$.data.mode"),
    Case("a link that is none", "bad-data", scheduled(join_url="javascript:alert(1)"), "$.data.join_url"),
    Case("a place of two lines", "bad-data", scheduled(place="Room 3\nRoom 4"), "$.data.place"),
    Case("an enormous number of guests", "bad-data", held(guests=10**30), "$.data.guests"),
    Case("guests to a fraction", "bad-data", held(guests=2.5), "$.data.guests"),
    Case("a register that is no list", "bad-data", held(attendance={}), "$.data.attendance"),
    Case("a mark of nobody", "bad-data", held(attendance=[{"status": "present"}]), "$.data.attendance[0].person"),
    Case("an unknown status", "bad-data", held(attendance=[MARK | {"status": "?"}]), "$.data.attendance[0].status"),
    Case("501 marks", "bad-data", held(attendance=[MARK] * 501), "$.data.attendance"),
    # What makes sense and cannot be.
    Case("an unknown school", "school-unknown", joined(school_urn="999999")),
    Case("a Welsh school", "school-not-in-england", joined(school_urn=LLYN)),
    Case("a closed school", "school-closed", joined(school_urn=ASHEN)),
    Case("an independent school", "school-not-state-funded", joined(school_urn=BIRCH)),
    Case("a primary school", "school-not-secondary", joined(school_urn=COPSE)),
    Case("a school not open yet", "school-not-yet-open", joined(school_urn=DELL)),
    Case("a school that is in another group", "already-taking-part", joined(work_group="WG-2")),
    Case("a school that joined on another day", "join-differs", joined(effective_on="2026-09-08")),
    Case("an advocate from another day", "nomination-differs", nominated(advocate="P-2", effective_on="2026-09-08")),
    Case("a third advocate", "slots-taken", nominated(advocate="P-4")),
    Case("a day before the year", "outside-school-year", joined(school_urn=ELDER, effective_on="2025-09-07")),
    Case("a person of an unknown school", "school-unknown", person(school_urn="999999")),
    Case("an advocate of a school outside", "school-unknown", nominated(school_urn="999999")),
    Case("a group under an unknown policy", "unknown-policy", formed(work_group="WG-9", policy="our-own")),
    Case("a group formed otherwise", "work-group-differs", formed(name="Another")),
    Case("a meeting held before it starts", "not-held-yet", held(meeting="M-8", **TIMES)),
    Case("a meeting of another group", "meeting-of-another-group", scheduled(meeting="M-0", work_group="WG-2")),
    Case("an event from tomorrow", "future", attributes(time="2026-11-03T09:00:00Z")),
]  # fmt: skip


def _without_type(event: Event) -> Headers:
    return [(name, value) for name, value in kafka_binary(event)[0] if name != "content-type"]


def _with_type(media: bytes) -> Headers:
    return [*_without_type(person()), ("content-type", media)]


RECORDS: list[tuple[str, str, Headers, bytes | None]] = [
    ("a tombstone", "tombstone", (), None),
    ("a tombstone with headers", "tombstone", kafka_binary(person())[0], None),
    ("no headers", "not-a-cloudevent", (), b"{}"),
    ("no headers and no JSON", "not-a-cloudevent", (), b"\x00\xff"),
    ("an empty value without headers", "not-a-cloudevent", (), b""),
    ("another content type alone", "not-a-cloudevent", [("content-type", b"text/plain")], b"hello"),
    ("a header that is not UTF-8", "header-not-utf-8", [*kafka_binary(person())[0], ("ce_subject", b"\xff")], b"{}"),
    ("an id that is not UTF-8", "header-not-utf-8", [("ce_id", b"\xff"), ("ce_type", b"x")], b"{}"),
    ("two ids", "duplicate-header", [*kafka_binary(person())[0], ("ce_id", b"another")], b"{}"),
    ("two types", "duplicate-header", [*kafka_binary(attributes(id="two-types"))[0], ("CE_type", b"x")], b"{}"),
    ("two content types", "duplicate-header", [*kafka_binary(person())[0], ("content-type", b"text/plain")], b"{}"),
    ("a batch", "not-a-cloudevent", [("content-type", b"application/cloudevents-batch+json")], b"[]"),
    ("structured, in Avro", "not-a-cloudevent", _with_type(b"application/cloudevents+avro"), b"{}"),
    ("structured, not JSON", "not-json", [("content-type", STRUCTURED.encode())], b"{"),
    ("structured, a list", "not-an-object", [("content-type", STRUCTURED.encode())], b"[]"),
    ("structured, an id that is a number", "missing-attribute", *kafka_structured(attributes(id=7))),
    ("structured, data in base 64", "data-not-json", *kafka_structured(attributes(id="b64", data_base64="e30="))),
    ("data of another type", "data-not-json", [*_without_type(person()), ("ce_datacontenttype", b"text/xml")], b"<x/>"),
    ("an id twice too long", "attribute-too-long", kafka_binary(attributes(id="x" * 300))[0], b"{}"),
]
"""By Kafka alone: the case, its code, headers and value."""

KB, KS, HB, HS = DOORS = ("Kafka, binary", "Kafka, structured", "HTTP, binary", "HTTP, structured")
OTHER = person(email="another.canary@bellow.example")
SAME = attributes(time="2026-11-02T09:59:00+01:00")
LATER = attributes(time="2026-11-02T08:59:01Z")
BAD = person(name=GONE)
Sent = tuple[str, Event]

REUSES: list[tuple[str, Sent, Sent, str]] = [
    ("other content", (KB, person()), (KB, OTHER), "id-reused"),
    ("other content in the other mode", (KB, person()), (KS, OTHER), "id-reused"),
    ("another time", (KB, person()), (KB, LATER), "id-reused"),
    ("a type of scheduling after one of enrolment", (KB, person()), (KB, scheduled()), "id-reused"),
    ("a type of enrolment after one of scheduling", (KB, scheduled()), (KB, person()), "id-reused"),
    ("Kafka, then HTTP", (KB, person()), (HS, OTHER), "id-reused"),
    ("HTTP, then Kafka", (HS, person()), (KB, OTHER), "id-reused"),
    ("HTTP, then HTTP", (HS, person()), (HB, OTHER), "id-reused"),
    ("another owner: Kafka, then HTTP", (KB, scheduled()), (HS, person()), "id-reused"),
    ("another owner: HTTP, then Kafka", (HS, person()), (KB, scheduled()), "id-reused"),
    ("something good after something bad", (KB, BAD), (KB, person()), "id-reused"),
    ("something bad after something good", (KB, person()), (KB, BAD), "id-reused"),
    ("the same", (KB, person()), (KB, person()), ""),
    ("the same in the other mode", (KB, person()), (KS, person()), ""),
    ("the same time, spelled otherwise", (KB, person()), (KS, SAME), ""),
    ("the same by HTTP", (KB, person()), (HS, person()), ""),
    ("the same by Kafka", (HS, person()), (KB, person()), ""),
    ("the same of scheduling by HTTP", (KB, scheduled()), (HB, scheduled()), ""),
    ("something bad twice", (KB, BAD), (KB, BAD), ""),
    ("something bad in the other mode", (KB, BAD), (KS, BAD), ""),
]
"""An id that is used twice: the first event, the second, and what the second is answered; nothing if it is the same."""
