"""What each measure counts, and how what is known becomes figures. Source: domain.md, national metrics."""

from reporting.measures.domain.catalogue import MEASURES
from reporting.measures.domain.figures import (
    Figure,
    Measure,
    Member,
    Reconciliation,
    Subject,
    Survey,
    figures,
    members,
    reconciliation,
)
from reporting.measures.domain.parts import Part, Unit
from reporting.measures.domain.places import (
    ENGLAND,
    NOT_KNOWN,
    REGIONS,
    Asked,
    Level,
    Place,
    instant_of,
    region,
    status,
)
from reporting.measures.domain.schools import PRESENT, Sighting, exceptions

__all__ = [
    "ENGLAND",
    "MEASURES",
    "NOT_KNOWN",
    "PRESENT",
    "REGIONS",
    "Asked",
    "Figure",
    "Level",
    "Measure",
    "Member",
    "Part",
    "Place",
    "Reconciliation",
    "Sighting",
    "Subject",
    "Survey",
    "Unit",
    "exceptions",
    "figures",
    "instant_of",
    "members",
    "reconciliation",
    "region",
    "status",
]
