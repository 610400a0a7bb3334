"""The desk's pages: figures, what happens now, each hub's tasks, what came of a report."""

from fastapi import APIRouter

from reporting.desk.pages import first, hub, live, ops, timelines
from reporting.desk.pages.sources import Desk

__all__ = ["Desk", "router"]


def router(desk: Desk) -> APIRouter:
    """Return the addresses of all of them."""
    routes = APIRouter()
    for page in (first, live, hub, timelines, ops):
        routes.include_router(page.router(desk))
    return routes
