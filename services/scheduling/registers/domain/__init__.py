"""Registers, and the absences that run through them; pure."""

from scheduling.registers.domain.absences import Gathering, Policies, Run, Runs, Said, Whose, borne, noticed, running
from scheduling.registers.domain.register import Register, Row, Sitting, expect_advocates, keep_register, put_right

__all__ = [
    "Gathering",
    "Policies",
    "Register",
    "Row",
    "Run",
    "Runs",
    "Said",
    "Sitting",
    "Whose",
    "borne",
    "expect_advocates",
    "keep_register",
    "noticed",
    "put_right",
    "running",
]
