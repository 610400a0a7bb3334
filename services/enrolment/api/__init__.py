"""Enrolment's HTTP door for programs: where hubs report as by Kafka, and what they and the nation read."""

from collections.abc import Callable

from fastapi import APIRouter

from enrolment.api.reports import reports
from enrolment.api.specialists import specialists
from enrolment.api.work_groups import work_groups
from mathshubs.running import Running


def router(running: Callable[[], Running]) -> APIRouter:
    """Return the routes of this door."""
    routes = APIRouter()
    for part in (reports, specialists, work_groups):
        routes.include_router(part(running))
    return routes
