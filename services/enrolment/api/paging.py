"""Pages of lists: a cursor says after whom the next one begins, and nothing that a caller should rely on."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query

from mathshubs.http import Problem

MOST_ROWS: Final = 200
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows on a page.")]
Cursor = Annotated[
    str | None, Query(max_length=100, description="`next` of the page before; leave the other filters as they are.")
]


def cursor_after(last: UUID) -> str:
    """Return where the page after the one that ends with `last` begins."""
    return urlsafe_b64encode(last.bytes).decode()


def after(cursor: str) -> UUID:
    """Return whom the page before ended with.

    Raises:
        Problem: 422 if the cursor is none of ours.
    """
    try:
        return UUID(bytes=urlsafe_b64decode(cursor))
    except ValueError:
        title = "The cursor is not one of ours."
        raise Problem(422, "bad-cursor", title, "Take `next` of the page before.", "query.cursor") from None
