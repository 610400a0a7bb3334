"""The catalogue as JSON Schema 2020-12, one file to a type, for whoever writes a client in another language.

`python -m mathshubs.events.schemas` writes them anew.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mathshubs.events import Event, Spoken, catalogue

FOLDER = Path(__file__).parent / "published"


def schema_of(spoken: type[Spoken]) -> dict[str, Any]:
    """Return the JSON Schema of what stands in `data` for this type: facts as said, reports as taken."""
    body = spoken.model_json_schema(mode="serialization" if issubclass(spoken, Event) else "validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:mathshubs:{spoken.type}",
        **body,
        "description": " ".join((spoken.__doc__ or "").split()),
    }


def spelled(spoken: type[Spoken]) -> str:
    """Return the file's text."""
    return json.dumps(schema_of(spoken), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def broken_by(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what somebody who relies on schema `old` would miss in `new`; a new optional field breaks nothing."""
    before, after = old.get("properties", {}), new.get("properties", {})
    wrong = [f"{name} is gone" for name in before if name not in after]
    wrong += [f"{name} is newly required" for name in set(new.get("required", [])) - set(old.get("required", []))]
    for name in before.keys() & after.keys():
        wrong += [f"{name}: {what}" for what in _narrowed(before[name], after[name])]
    return sorted(wrong)


_LIMITS = ("type", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "$ref", "anyOf", "items")


def _narrowed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    wrong = [f"{limit} differs" for limit in _LIMITS if before.get(limit) != after.get(limit)]
    missing = set(map(str, before.get("enum", []))) - set(map(str, after.get("enum", [])))
    return wrong + [f"{value} is no longer allowed" for value in sorted(missing)]


def write() -> None:
    """Write every schema to its file; a file whose type is gone stays, and the gate complains."""
    FOLDER.mkdir(exist_ok=True)
    for name, spoken in catalogue().items():
        (FOLDER / f"{name}.json").write_text(spelled(spoken))


if __name__ == "__main__":
    write()
