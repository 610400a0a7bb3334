"""The catalogue: every report a hub may make and every fact a service says, one speaker and one noun to a file."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import lru_cache

from mathshubs.events.spoken import Event, Refusal, Report, Spoken

__all__ = ["Event", "Refusal", "Report", "Spoken", "catalogue"]


@lru_cache
def catalogue() -> Mapping[str, type[Spoken]]:
    """Return every type that may travel, by its name on the wire."""
    for module in pkgutil.walk_packages(__path__, prefix=f"{__name__}."):
        importlib.import_module(module.name)
    return {spoken.type: spoken for spoken in _concrete(Spoken)}


def _concrete(family: type[Spoken]) -> Iterator[type[Spoken]]:
    for child in family.__subclasses__():
        if "type" in child.__dict__:
            yield child
        yield from _concrete(child)
