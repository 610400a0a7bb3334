"""What may be asked of figures, and how it is read."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from mathshubs import clock
from mathshubs.events.spoken import Stage
from mathshubs.http import Problem
from reporting.measures import domain
from reporting.measures.domain import MEASURES, Asked, Level

When = date | datetime
_EARLIEST, _LATEST = 1900, 9000
_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_INSTANT: Final = _DAY + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"


def _measure(given: str) -> str:
    if given not in MEASURES:
        raise ValueError(f"there is no such measure; there are {', '.join(MEASURES)}")
    return given


def _school_year(given: str) -> str:
    spelled = re.fullmatch(r"(20[0-9]{2})/([0-9]{2})", given)
    if not spelled or int(spelled[2]) != (int(spelled[1]) + 1) % 100:
        raise ValueError("a school year is written as 2026/27")
    return given


def when(given: object) -> When:
    """Read a day or an instant; an offset's plus sign that came unescaped, and so as a blank, is understood."""
    text = str(given).replace(" ", "+")
    try:
        found = _read_when(text)
    except ValueError:
        found = None
    if found is None or not _EARLIEST <= found.year <= _LATEST:
        raise ValueError("write a day as 2026-10-08, or an instant as 2026-10-08T13:00:00Z") from None
    return found


def _read_when(text: str) -> When | None:
    if re.fullmatch(_DAY, text):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text) if re.fullmatch(_INSTANT, text) else None


class YearFilters(BaseModel):
    """Which school year figures are asked of, as it was when, and as known when."""

    model_config = ConfigDict(extra="forbid")

    school_year: Annotated[str, AfterValidator(_school_year), Field(examples=["2026/27"])]
    as_at: Annotated[
        Annotated[When, BeforeValidator(when)] | None,
        Field(description="Count what was true by the end of this day, or by this instant. Now, if left out."),
    ] = None
    known_at: Annotated[
        Annotated[When, BeforeValidator(when)] | None,
        Field(description="Count what had been recorded by then. Now, if left out."),
    ] = None


class Filters(YearFilters):
    """What figures are asked for."""

    measure: Annotated[
        str,
        AfterValidator(_measure),
        Field(description="Which figure.", json_schema_extra={"enum": list(MEASURES)}),
    ]
    level: Annotated[Level, Field(description="What to break it down by; a hub is that of the Work Group.")]
    stage: Annotated[Stage | None, Field(description="Only Work Groups of this stage.")] = None


class MemberFilters(Filters):
    """Which members are asked for, a page at a time."""

    part: Annotated[str | None, Field(description="Only those behind this figure of the measure.", max_length=100)] = (
        None
    )
    code: Annotated[str | None, Field(description="Only those behind the row with this code.", max_length=100)] = None
    limit: Annotated[int, Field(ge=1, le=500, description="Members on a page.")] = 100
    cursor: Annotated[
        str | None, Field(description="`next` of the page before; leave the other filters as they are.", max_length=500)
    ] = None


def instants(filters: YearFilters) -> tuple[When, When]:
    """Return as at when, and as known when: now, where nothing was said."""
    now = clock.now()
    return filters.as_at or now, filters.known_at or now


def asked(filters: Filters, as_at: When, known_at: When) -> Asked:
    """Return what is asked.

    Raises:
        Problem: if the measure is not told by that level or by stage.
    """
    measure = MEASURES[filters.measure]
    if filters.level not in measure.levels:
        title = f"{measure.id} is not told by {filters.level.replace('_', ' ')}; ask for {', '.join(measure.levels)}."
        raise Problem(422, "no-such-level", title, path="query.level")
    if filters.stage and not measure.by_stage:
        title = f"{measure.id} is not told by stage; ask again without a stage."
        raise Problem(422, "no-stage", title, path="query.stage")
    return Asked(filters.school_year, domain.instant_of(as_at), domain.instant_of(known_at), filters.stage)


def cursor(after: str, as_at: When, known_at: When) -> str:
    """Return where the next page begins; it holds both instants, so that every page is of one moment."""
    return urlsafe_b64encode(json.dumps([after, as_at.isoformat(), known_at.isoformat()]).encode()).decode()


def page(filters: MemberFilters) -> tuple[str, When, When]:
    """Return after which member the page begins, and the two instants that it is of.

    Raises:
        Problem: if the cursor is not one of ours.
    """
    if filters.cursor is None:
        return "", *instants(filters)
    try:
        after, as_at, known_at = json.loads(urlsafe_b64decode(filters.cursor))
        return str(after), when(as_at), when(known_at)
    except (ValueError, TypeError):
        title = "The cursor is not one of ours."
        raise Problem(422, "bad-cursor", title, "Take `next` of the page before.", "query.cursor") from None
