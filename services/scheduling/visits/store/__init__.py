"""SQL that holds and writes support visits."""

from scheduling.visits.store.notes import redact
from scheduling.visits.store.schools import hold as hold_schools
from scheduling.visits.store.visits import hold

__all__ = ["hold", "hold_schools", "redact"]
