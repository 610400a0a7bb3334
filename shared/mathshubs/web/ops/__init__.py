"""Each service's page of operations: how it stands, what it set aside, and what an operator does about it."""

from mathshubs.web.ops.doors import router

__all__ = ["router"]
