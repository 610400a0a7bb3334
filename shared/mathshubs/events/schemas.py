"""The catalogue as JSON Schema 2020-12, one file to a type, for whoever writes a client in another language.

`python -m mathshubs.events.schemas` writes them anew, unless one would break what was ever released.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mathshubs.events import Event, Spoken, catalogue
from mathshubs.events.examples import EXAMPLES

FOLDER = Path(__file__).parent / "published"
RELEASED = Path(__file__).parent / "released.jsonl"
"""What may be relied on for ever, a schema to a line: a line is added by a change, never altered or taken out."""
_WORDS = ("title", "description")
_SHOWN = "examples"


def schema_of(spoken: type[Spoken]) -> dict[str, Any]:
    """Return the JSON Schema of what stands in `data` for this type: facts as said, reports as taken."""
    body = spoken.model_json_schema(mode="serialization" if issubclass(spoken, Event) else "validation")
    example = EXAMPLES.get(spoken.type.removeprefix("uk.mathshubs.hub."))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:mathshubs:{spoken.type}",
        **body,
        "description": " ".join((spoken.__doc__ or "").split()),
        **({"examples": [example]} if example else {}),
    }


def spelled(spoken: type[Spoken]) -> str:
    """Return the file's text."""
    return json.dumps(schema_of(spoken), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def broken_by(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what somebody who relies on schema `old` would trip over in `new`; a new optional field breaks nothing."""
    wrong = []
    for parts in ("properties", "$defs"):
        before, after = old.get(parts, {}), new.get(parts, {})
        wrong += [f"{name} is gone" for name in before.keys() - after.keys()]
        wrong += [
            f"{name}: {what}" for name in before.keys() & after.keys() for what in broken_by(before[name], after[name])
        ]
    before, after = set(old.get("required", [])), set(new.get("required", []))
    wrong += [f"{name} is newly required" for name in after - before]
    wrong += [f"{name} is no longer required" for name in before - after]
    limits = (old.keys() | new.keys()) - {"properties", "$defs", "required", *_WORDS}
    return sorted(wrong + [f"{limit} differs" for limit in limits if old.get(limit) != new.get(limit)])


def _wordless(schema: Any) -> Any:  # noqa: ANN401 -- JSON is any of six shapes
    """Leave out what only people read; a field may have such a name, but then what stands there is no text."""
    match schema:
        case dict():
            words = {name for name in _WORDS if isinstance(schema.get(name), str)}
            return {name: _wordless(part) for name, part in schema.items() if name not in words}
        case list():
            return [_wordless(part) for part in schema]
    return schema


def promised(spoken: type[Spoken]) -> str:
    """Return the schema without its words, on one line: what may not change in this version of the type."""
    shape = {name: part for name, part in schema_of(spoken).items() if name != _SHOWN}
    return json.dumps(_wordless(shape), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def released() -> list[str]:
    """Return every schema that was ever promised, oldest first: lines of a file that only grows."""
    return RELEASED.read_text().splitlines()


def breaks() -> list[str]:
    """Return where the catalogue breaks what was ever released."""
    now = {f"urn:mathshubs:{name}": json.loads(promised(spoken)) for name, spoken in catalogue().items()}
    before = [json.loads(line) for line in released()]
    return [f"{old['$id']}: {what}" for old in before for what in broken_by(old, now.get(old["$id"], {}))]


def write() -> None:
    """Write every schema to its file, and add what is new to those released.

    A file whose type is gone stays, and the gate complains.

    Raises:
        SystemExit: if a schema breaks one that was released; nothing is written.
    """
    if broken := breaks():
        raise SystemExit("\n".join([*broken, "Only a new optional field is the same version: add a .v2 beside it."]))
    FOLDER.mkdir(exist_ok=True)
    for name, spoken in catalogue().items():
        (FOLDER / f"{name}.json").write_text(spelled(spoken))
    known = released()
    with RELEASED.open("a") as file:
        file.writelines(f"{line}\n" for line in sorted(map(promised, catalogue().values())) if line not in known)


if __name__ == "__main__":
    write()
