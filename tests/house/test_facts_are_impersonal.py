"""No fact has room for a person: each of its fields, however deep, holds ids, codes, numbers and days, or says why."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, EmailStr, Field, StringConstraints

from mathshubs.events import Event, Spoken, catalogue
from mathshubs.events.enrolment.people import Person
from mathshubs.events.spoken import HubCode, Urn

WORDS: Mapping[str, str] = {
    "flags[]": "codes of mathshubs.events.reasons, which a rule writes",
    "reasons[]": "codes of mathshubs.events.reasons, which a rule writes",
    "scrubbed{}": "names of stores of ours",
    "WorkGroupFormed.name": "a Work Group's public name",
    "WorkGroupFormed.policy": "the name of a dated policy, which must be in force",
    "MeetingScheduled.work_group_name": "a Work Group's public name",
    "MeetingScheduled.place": "where it is: a calendar entry needs it",
    "HubRegistered.code": "a hub's code",
    "HubRegistered.name": "a hub's public name",
    "HubRegistered.region": "a region of England",
    "ApiKeyIssued.code": "a hub's code",
    "ApiKeyRevoked.code": "a hub's code",
    "SchoolRecord.name": "a school's public name",
    "SchoolRecord.local_authority_code": "the register's code",
    "SchoolRecord.local_authority_name": "a council's public name",
    "SchoolRecord.region": "a region of England",
    "SchoolRecord.country": "a country",
}
"""The fields that may hold words, by the model that has them or, where every fact may have them, by name; and why."""

FORMATS = {"uuid", "date", "date-time"}
PERSONS = ("Amina Khan", "O'Brien", "amina.khan@elmpark.example", "+44 7700 900123")
PERSONAL = re.compile(
    r"(^|_|\.)(e?mail|address|phone|mobile|trn|dob|born|birth|first|last|surname|forename|full_name|person_name"
    r"|note|focus|actions|url|names?_of)(_|$)"
)
Schema = Mapping[str, Any]


def room(kind: type[BaseModel]) -> set[str]:
    """Return the fields of a model that could hold a person's name or address, however deep they lie."""
    schema = kind.model_json_schema()
    models = {kind.__name__: schema} | schema.get("$defs", {})
    return {
        where
        for name, model in models.items()
        for field, inner in model.get("properties", {}).items()
        for where in _room(_place(kind, name, field), inner)
    } | {f"{name}{{}}" for name, model in models.items() if model.get("additionalProperties")}


def _place(kind: type[BaseModel], model: str, field: str) -> str:
    if field in {"flags", "reasons", "scrubbed"}:
        return field
    owners = [
        c.__name__ for c in kind.__mro__ if model == kind.__name__ and field in vars(c).get("__annotations__", {})
    ]
    return f"{owners[-1] if owners else model}.{field}"


def _room(where: str, schema: Schema) -> Iterator[str]:
    """Yield where below `where` any words would do; what is not known to be harmless would."""
    if PERSONAL.search(where):
        yield where
    for one in schema.get("anyOf", ()):
        yield from _room(where, one)
    match schema.get("type"):
        case "array":
            for one in [*schema.get("prefixItems", ()), *([schema["items"]] if "items" in schema else [])]:
                yield from _room(f"{where}[]", one)
        case "object":
            yield from _room(f"{where}{{}}", {"type": "string"} | schema.get("propertyNames", {}))
            yield from _room(f"{where}{{}}=", schema.get("additionalProperties", {}))
        case "string" if not _is_a_code(schema):
            yield where
        case None if not schema.keys() & {"anyOf", "$ref", "enum", "const"}:
            yield where


def _is_a_code(schema: Schema) -> bool:
    """Say whether a string is one of a list, an id or a day, or too narrow for anybody's name or address."""
    if schema.keys() & {"enum", "const"} or schema.get("format") in FORMATS:
        return True
    pattern = schema.get("pattern")
    return pattern is not None and not any(re.search(pattern, person) for person in PERSONS)


FACTS = [kind for kind in catalogue().values() if issubclass(kind, Event)]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.type)
def test_a_fact_has_no_room_for_personal_data(fact: type[Event]) -> None:
    """The log of facts is kept for ever, so nobody could be forgotten in it."""
    assert room(fact) - WORDS.keys() == set()


def test_every_field_that_may_hold_words_is_still_there() -> None:
    """A reason for a field that is gone would be an excuse for the next one of its name."""
    assert {where for fact in FACTS for where in room(fact)} == set(WORDS)


class Colleague(BaseModel):
    """A model in a fact."""

    called: str
    born_on: date


class Loose(BaseModel):
    """A model in a fact that keeps whatever it is sent."""

    model_config = {"extra": "allow"}


class Chatty(Spoken):
    """A fact as nobody may write it: each field has room for a person."""

    type: ClassVar = "uk.mathshubs.tests.Chatty.v1"

    who: str
    short: Annotated[str, StringConstraints(max_length=40)]
    wide: Annotated[str, StringConstraints(pattern=r"^.+$")]
    spaced: Annotated[str, Field(pattern=r"^[\w '+-]+$")]
    perhaps: str | None = None
    either: UUID | str
    many: tuple[str, ...] = ()
    two: tuple[int, str]
    deep: list[dict[str, tuple[int, str]]]
    by_word: dict[str, int]
    by_code: dict[UUID, str]
    colleague: Colleague
    loose: tuple[Loose, ...]
    mailed: EmailStr
    raw: bytes
    anything: Any
    thing: object
    bare: list  # type: ignore[type-arg]
    email: Literal["yes", "no"]


def test_a_person_is_found_wherever_one_could_hide() -> None:
    """In a list, a union, a mapping's keys and values, a model within; behind a length, a wide pattern, `Any`."""
    own = (
        "who short wide spaced perhaps either many[] two[] by_word{} by_code{}= mailed raw anything thing bare[] email"
    )
    deep = {"Chatty.deep[]{}", "Chatty.deep[]{}=[]", "Colleague.called", "Colleague.born_on", "Loose{}"}

    assert room(Chatty) == {f"Chatty.{name}" for name in own.split()} | deep


class Terse(Spoken):
    """A fact as it should be: ids, days, numbers, codes of a list or of a pattern that no name fits."""

    type: ClassVar = "uk.mathshubs.tests.Terse.v1"

    person_id: UUID
    urn: Urn | None = None
    hub: HubCode
    urns: tuple[Urn, ...] = ()
    counts: dict[Literal["present", "late"], int]
    at: AwareDatetime


def test_codes_are_left_alone() -> None:
    """Or the list of reasons would grow until nobody reads it."""
    assert room(Terse) == set()


def test_people_current_never_carries_a_trn() -> None:
    """Names and addresses travel there alone, and a teacher's number nowhere."""
    assert set(Person.model_fields) == {"person_id", "name", "email", "school_urn", "roles", "hub", "version"}
