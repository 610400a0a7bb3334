"""What the figures must be by the hubs' papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from hubs.demo.papers import Group
from hubs.demo.scene import SCHOOL_YEAR
from hubs.parts.http import trust

MEASURES: Final = ("M1", "M2", "M9")


@dataclass(frozen=True, slots=True)
class Figures:
    """M1, M2 and M9 of one place: schools registered, schools engaged, advocates who came of those expected."""

    registered: int
    engaged: int
    came: int
    expected: int

    def __str__(self) -> str:
        """Return them in words."""
        rate = f"{self.came / self.expected:.1%} attendance ({self.came} of {self.expected})" if self.expected else ""
        return f"{self.registered} registered · {self.engaged} engaged · {rate or 'no meeting held'}"


def by_paper(groups: Sequence[Group], held: Sequence[Group]) -> Figures:
    """Return the figures of these Work Groups, of which `held` have reported their meeting in October."""
    reported = [group for group in groups if group in held]
    return Figures(
        registered=sum(len(group.schools) for group in groups),
        engaged=len(set[str]().union(*(group.engaged() for group in reported))),
        came=sum(group.came() for group in reported),
        expected=sum(len(group.advocates) for group in reported),
    )


async def given(url: str, level: str = "national", **known: str) -> dict[str, Figures]:
    """Return the figures that anybody is given at a level, by the code of each place; `known` may be `known_at`."""
    rows: dict[str, dict[str, Any]] = {}
    async with httpx.AsyncClient(verify=trust(), base_url=url, timeout=30) as client:
        for measure in MEASURES:
            asked = {"measure": measure, "school_year": SCHOOL_YEAR, "level": level, **known}
            answer = (await client.get("/v1/figures", params=asked)).raise_for_status()
            for row in answer.json()["rows"]:
                rows.setdefault(row["code"], {})[measure] = row
    return {code: _figures(found) for code, found in rows.items()}


def _figures(found: dict[str, Any]) -> Figures:
    attendance = found.get("M9", {"numerator": 0, "denominator": 0})
    registered, engaged = (found[measure]["value"] if measure in found else 0 for measure in ("M1", "M2"))
    return Figures(registered, engaged, attendance["numerator"], attendance["denominator"] or 0)
