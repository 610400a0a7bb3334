"""Stylesheets and scripts, served by every service under one address that changes with their content.

Only the compiled stylesheet and script of govuk-frontend are served, never its
fonts or images: GDS Transport and the crest are licensed to GOV.UK alone.
"""

import logging
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi import FastAPI, HTTPException
from fastapi.responses import Response

FETCHED: Final = Path(__file__).parents[3] / "node_modules/govuk-frontend/dist/govuk"
"""Where `make setup` leaves govuk-frontend, as `package-lock.json` pins it."""

_OWN: Final = Path(__file__).parent / "static"
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FONT_FACE: Final = re.compile(rb"@font-face\{[^}]*\}")
_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"


class Assets:
    """The files that pages refer to, read once; small enough (180 kB) to be kept in memory."""

    def __init__(self, fetched: Path = FETCHED) -> None:
        """Read our own files and, where they were fetched, those of govuk-frontend."""
        ours = [path for path in sorted(_OWN.iterdir()) if path.suffix in _TYPES]
        theirs = [fetched / "govuk-frontend.min.css", fetched / "govuk-frontend.min.js"]
        self.missing = [path.name for path in theirs if not path.is_file()]
        self.files = {path.name: _unbranded(path.read_bytes()) for path in [*ours, *theirs] if path.is_file()}
        self.mark = sha256(b"".join(self.files.values())).hexdigest()[:12]

    def has(self, name: str) -> bool:
        """Say whether the file is there, so that a page does not refer to one that is not."""
        return name in self.files

    def url(self, name: str) -> str:
        """Return the address of a file, good for a year: other content has another address."""
        return f"/assets/{self.mark}/{name}"


def _unbranded(content: bytes) -> bytes:
    """Return a file without GOV.UK's typeface, our stylesheet's in its place."""
    return _FONT_FACE.sub(b"", content).replace(b"GDS Transport,arial,sans-serif", b"var(--hubs-font)")


@lru_cache
def assets() -> Assets:
    """Return this process's assets, read at the first call."""
    return Assets()


def mount_assets(app: FastAPI, served: Assets | None = None) -> None:
    """Serve the pages' stylesheets and scripts under `/assets/`.

    Pages stay readable where govuk-frontend was not fetched; the log says how
    to fetch it.
    """
    held = served or assets()
    if held.missing:
        # Not structlog, whose import would cost the local mailbox a fifth of its start.
        logging.getLogger(__name__).warning("No %s: pages are plain. Mend: make setup", ", ".join(held.missing))

    @app.get("/assets/{mark}/{name}", include_in_schema=False)
    async def asset(mark: str, name: str) -> Response:
        if not held.has(name):
            raise HTTPException(404)
        return Response(
            held.files[name],
            media_type=_TYPES[Path(name).suffix],
            headers={
                # A page of another release may still ask with its own mark; what
                # it gets is current, and must not be kept under that address.
                "cache-control": _FOR_A_YEAR if mark == held.mark else "no-cache",
                "x-content-type-options": "nosniff",
            },
        )
