"""SQL that holds and writes support visits."""

from scheduling.visits.store.notes import redact
from scheduling.visits.store.successors import hold as hold_successors
from scheduling.visits.store.visits import hold

__all__ = ["hold", "hold_successors", "redact"]
