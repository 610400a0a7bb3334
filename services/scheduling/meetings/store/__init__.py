"""SQL that holds and writes meetings, invitations, commitments and the copies of Work Groups."""

from scheduling.meetings.store.links import withhold
from scheduling.meetings.store.plans import Ask, Plans, hold
from scheduling.meetings.store.standings import hold_standings

__all__ = ["Ask", "Plans", "hold", "hold_standings", "withhold"]
