"""SQL that reads the dated policies of figures."""

from collections.abc import Mapping
from typing import Any

from mathshubs.postgres import Db
from reporting.measures.domain.half_terms import Firsts

POLICY = """
    SELECT slots, half_terms, register_days, final_month, final_day
      FROM figure_policies
     WHERE from_year <= $1
     ORDER BY from_year DESC
     LIMIT 1
"""


async def policy(db: Db, school_year: str) -> Mapping[str, Any]:
    """Return the policy in force in a school year; empty before any."""
    return dict(await db.fetchrow(POLICY, school_year) or {})


HALF_TERMS = """
    SELECT half_term, from_month, from_day
      FROM figure_half_terms
     WHERE from_year = (SELECT max(from_year) FROM figure_half_terms WHERE from_year <= $1)
"""


async def half_terms(db: Db, school_year: str) -> Firsts:
    """Return when each half-term begins in a school year."""
    rows = await db.fetch(HALF_TERMS, school_year)
    return {row["half_term"]: (row["from_month"], row["from_day"]) for row in rows}
