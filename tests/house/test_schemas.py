"""What was ever said stays readable: the schemas in git, and real bytes of each version."""

import importlib
import json
import re
from pathlib import Path

import pytest

from mathshubs.envelope import CloudEvent, decode
from mathshubs.events import Report, catalogue
from mathshubs.events.examples import EXAMPLES
from mathshubs.events.schemas import FOLDER, breaks, broken_by, promised, released, spelled

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
URN, STAGE = {"type": "string"}, {"enum": ["a", "b"]}
PLACE = {"Place": {"properties": {"postcode": {"type": "string"}}}}
OLD = {"properties": {"urn": URN, "stage": STAGE}, "required": ["urn"], "$defs": PLACE}


def test_the_schemas_in_git_are_those_of_the_code() -> None:
    """A client in another language reads the files: `python -m mathshubs.events.schemas` writes them anew."""
    published = {path.stem: path.read_text() for path in FOLDER.glob("*.json")}

    assert published == {name: spelled(spoken) for name, spoken in catalogue().items()}


def test_no_schema_breaks_one_that_was_released() -> None:
    """Whoever relies on a version may do so until all have moved: a change that breaks it is a .v2 beside it."""
    assert breaks() == []


def test_every_schema_is_kept_with_those_released() -> None:
    """Or the next change to it could break it unseen: `python -m mathshubs.events.schemas` adds it."""
    assert [name for name, spoken in catalogue().items() if promised(spoken) not in released()] == []


def test_there_are_real_bytes_of_every_type() -> None:
    """Each type has at least one event that was once on the wire."""
    assert {path.stem.split(" ")[0] for path in GOLDEN} == set(catalogue())


REPORTS = {
    name.removeprefix("uk.mathshubs.hub."): kind for name, kind in catalogue().items() if issubclass(kind, Report)
}


@pytest.mark.parametrize("report", sorted(REPORTS))
def test_each_report_has_an_example_that_is_taken(report: str) -> None:
    """An integrator copies it from the schema and sends it; nothing in it may be passed over as unknown."""
    example = EXAMPLES[report]

    taken = REPORTS[report].model_validate(example)

    assert taken.model_dump(mode="json", exclude_unset=True, by_alias=True).keys() == example.keys()


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_bytes_that_were_once_sent_are_still_read(path: Path) -> None:
    """They stand on Kafka for ever: a change that cannot read them needs a new version beside the old."""
    kept = json.loads(path.read_text())
    headers = [(name, value.encode()) for name, value in kept["headers"].items()]

    event = decode(headers, kept["value"].encode())

    assert isinstance(event, CloudEvent)
    catalogue()[event.type].model_validate(event.data)


@pytest.mark.parametrize(
    ("new", "wrong"),
    [
        ({**OLD, "properties": {"urn": URN, "stage": STAGE, "more": URN}}, []),
        ({**OLD, "required": ["urn", "stage"]}, ["stage is newly required"]),
        ({**OLD, "required": []}, ["urn is no longer required"]),
        ({**OLD, "properties": {"urn": URN}}, ["stage is gone"]),
        ({**OLD, "properties": {"urn": {"type": "integer"}, "stage": STAGE}}, ["urn: type differs"]),
        ({**OLD, "properties": {"urn": URN, "stage": {"enum": ["a"]}}}, ["stage: enum differs"]),
        ({**OLD, "properties": {"urn": {**URN, "maxLength": 6}, "stage": STAGE}}, ["urn: maxLength differs"]),
        ({**OLD, "$defs": {"Place": {"properties": {}}}}, ["Place: postcode is gone"]),
        ({**OLD, "$defs": {}}, ["Place is gone"]),
    ],
)
def test_a_change_that_would_break_a_client_is_named(new: dict[str, object], wrong: list[str]) -> None:
    """Only a new optional field is the same version."""
    assert broken_by(OLD, new) == wrong


@pytest.mark.parametrize("service", ["enrolment", "scheduling", "notification", "reporting"])
def test_what_a_services_description_names_stands_in_it(service: str) -> None:
    """Clients are generated from it, and a generator gives up on a name that it cannot follow."""
    described = importlib.import_module(f"{service}.app").application().openapi()
    parts = described.get("components", {})
    calls = [call for path in described["paths"].values() for call in path.values()]

    schemes = {name for call in calls for asked in call.get("security", []) for name in asked}
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    ids = [call["operationId"] for call in calls]

    assert schemes - parts.get("securitySchemes", {}).keys() == set()
    assert references - parts.get("schemas", {}).keys() == set()
    assert len(ids) == len(set(ids))
