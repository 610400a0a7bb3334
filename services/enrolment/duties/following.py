"""What only the clock brings about in Work Groups: vacancies that last, groups that stand otherwise, the year's end."""

from datetime import datetime
from typing import Final

from enrolment.answers import ANSWERS
from enrolment.participation.domain import LookAgain
from enrolment.participation.store import due
from mathshubs.clock import london_day
from mathshubs.journal import Cause
from mathshubs.postgres import Db

NAME: Final = "work groups"
MOST: Final = 50
"""Groups that are decided on together."""
BECAUSE: Final = Cause(actor="service:enrolment", reason="the day has come")


async def look_at_work_groups(db: Db, now: datetime) -> None:
    """Say what has come due in any Work Group by `now`."""
    today = london_day(now)
    found = await due(db, today)
    for first in range(0, len(found), MOST):
        looks = [LookAgain("", work_group_id, today) for work_group_id in found[first : first + MOST]]
        await ANSWERS.ask_all(db, looks, BECAUSE)
