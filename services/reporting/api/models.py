"""What comes back when figures are asked for."""

from pydantic import BaseModel, Field

from mathshubs.events.spoken import Stage
from reporting.api.asking import When
from reporting.measures import domain
from reporting.measures.domain import Level


class FigureRow(BaseModel):
    """One value: a count, or a rate of 0 to 1 with what it was made of (none where nobody was expected)."""

    level: Level
    code: str
    name: str
    value: int | float | None
    numerator: int | float
    denominator: int | float | None
    apologies: int | None = Field(None, description="Of a rate of attendance: advocates who had sent apologies.")
    part: str | None = Field(None, description="Which of the measure's figures it is, where there are several.")
    part_name: str | None = None
    unit: domain.Unit | None = Field(None, description="Of this part.")


class PartRow(BaseModel):
    """One figure of a measure."""

    code: str
    name: str
    unit: domain.Unit


class SharedLineage(BaseModel):
    """A lineage that counts in more than one hub, and in which."""

    lineage: str
    name: str
    codes: list[str]


class ExceptionRow(BaseModel):
    """A lineage whose completion nothing bears out, by hub."""

    lineage: str
    name: str
    hub: str


class Explained(BaseModel):
    """Why the hubs' counts add up to more than the national one."""

    sum_of_hubs: int
    national: int
    shared: list[SharedLineage]


class MeasureRow(BaseModel):
    """One measure that there is."""

    id: str
    name: str
    definition: str
    unit: domain.Unit
    levels: list[Level]
    by_stage: bool
    parts: list[PartRow] = Field(description="Its figures. Some measures have more, one for each cohort that there is.")


class MeasuresAnswer(BaseModel):
    """Every measure that there is."""

    measures: list[MeasureRow]


class AnsweredOfYear(BaseModel):
    """What every answer repeats: of which year, when, and how far it can be relied on."""

    school_year: str
    as_at: When
    known_at: When
    status: str = Field(
        description="`final` where both instants, and the clock, are past the day from which the year's figures "
        "are final by policy; until then `provisional`."
    )
    freshness: dict[str, float | None] = Field(
        description="Seconds that we are behind in hearing each service: 0 when caught up, null if nothing is known "
        "of it, since it was not heard from yet or cannot be reached."
    )


class Answered(AnsweredOfYear):
    """What every answer about one measure repeats: what was asked."""

    measure: str
    name: str
    definition: str
    unit: domain.Unit
    level: Level
    stage: Stage | None


class OneOfAll(BaseModel):
    """One measure at every level that it is told by, a row for each place of each."""

    measure: str
    name: str
    definition: str
    unit: domain.Unit
    rows: list[FigureRow]
    reconciliation: Explained | None = Field(None, description="Of counts of schools.")
    exceptions: list[ExceptionRow] | None = Field(None, description="Of M3.")


class AllFiguresAnswer(AnsweredOfYear):
    """Every measure of one school year, all of one moment."""

    measures: list[OneOfAll]


class FiguresAnswer(Answered):
    """Figures, a row for each place."""

    rows: list[FigureRow]
    reconciliation: Explained | None = Field(None, description="With level `hub`, of counts of schools.")
    exceptions: list[ExceptionRow] | None = Field(
        None, description="Of M3: schools that completed their stage though nobody was seen of them."
    )


class MemberRow(BaseModel):
    """One thing behind a value, and where it counts: a school's lineage, a Work Group, a meeting. Never a person."""

    kind: str
    id: str
    lineage: str | None = Field(description="Of a school: its URN.")
    name: str
    codes: list[str]
    meetings: int = Field(description="Held meetings at which its advocates were expected.")
    expected: int
    present: int
    apologies: int


class MembersAnswer(Answered):
    """What is behind a value, in order of kind and id: schools by their URNs."""

    members: list[MemberRow]
    total: int = Field(description="How many there are, on all pages. Of people there is this number alone.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")
