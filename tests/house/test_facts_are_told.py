"""Every fact reads as a line of plain English, or stands in a list with the reason why it is not worth one."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from mathshubs.events import Event, catalogue
from reporting.desk.domain import FOLDED, TOLD, UNTOLD, Names, read, said_of

FACTS = [kind for kind in catalogue().values() if issubclass(kind, Event)]
PERSON = "5e0e5f7a-8a39-5a0c-9a9e-3f1b4e6a7c21"
NAMES = Names({}, {}, {"river-vale": "River Vale Maths Hub"})

MADE: Mapping[str, Any] = {
    "hub": "river-vale",
    "school_year": "2026/27",
    "flags": [],
    "reasons": ["future"],
    "lineage": "900001",
    "local_authority_code": "500",
}


def made(kind: type[Event]) -> dict[str, Any]:
    """Return data that fits a kind of fact, made of its schema."""
    schema = kind.model_json_schema()
    return {
        name: MADE.get(name) if name in MADE else _value(inner, schema)
        for name, inner in schema["properties"].items()
        if name in schema["required"] or name in MADE
    }


OF_FORMAT = {"uuid": PERSON, "date": "2026-10-08", "date-time": "2026-10-08T13:00:00Z"}
OF_TYPE = {"integer": 3, "number": 3, "boolean": True, "array": []}


def _value(inner: Mapping[str, Any], schema: Mapping[str, Any]) -> object:
    """Return something that fits one field."""
    if "anyOf" in inner:
        return _value(inner["anyOf"][0], schema)
    if "$ref" in inner:
        return _value(schema["$defs"][inner["$ref"].rpartition("/")[2]], schema)
    if choices := inner.get("enum", [inner["const"]] if "const" in inner else []):
        return choices[0]
    if inner["type"] != "string":
        return OF_TYPE.get(inner["type"], {})
    return OF_FORMAT.get(inner.get("format", "")) or ("900001" if "pattern" in inner else "River Vale Work Group 3")


def test_each_fact_is_told_or_has_a_reason_not_to_be() -> None:
    """A new fact that nobody thought of would be missing from what a hub lead reads, and nobody would know."""
    assert {kind for kind in FACTS if kind not in TOLD and kind not in UNTOLD} == set()
    assert TOLD.keys() & UNTOLD.keys() == set()
    assert FOLDED.keys() - TOLD.keys() == set()
    assert all(reason for reason in UNTOLD.values())


@pytest.mark.parametrize("kind", list(TOLD), ids=lambda kind: kind.type)
def test_a_fact_reads_as_a_sentence_that_names_nobody(kind: type[Event]) -> None:
    """No id, no code of ours, no class name; one capital letter to begin with."""
    fact = read(kind.type, made(kind))
    assert fact is not None

    said = said_of(fact, NAMES)

    assert said[0].isupper()
    assert not re.search(r"[0-9a-f]{8}-|None|_|\bUUID\b|  |\{", said), said
    assert UUID(PERSON).hex[:8] not in said


@pytest.mark.parametrize("kind", list(FOLDED), ids=lambda kind: kind.type)
def test_many_of_one_day_read_as_one_sentence(kind: type[Event]) -> None:
    """With how many there were."""
    fact = read(kind.type, made(kind))
    assert fact is not None

    assert said_of(fact, NAMES, 1_204).startswith("1,204 schools ")
