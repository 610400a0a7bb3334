"""Every measure that there is, by its number in the national report metrics (source: domain.md)."""

from collections.abc import Mapping
from typing import Final

from reporting.measures.domain.advocates import ADVOCATES
from reporting.measures.domain.figures import Measure
from reporting.measures.domain.meetings import MEETINGS
from reporting.measures.domain.messages import MESSAGES
from reporting.measures.domain.schools import SCHOOLS
from reporting.measures.domain.specialists import SPECIALISTS
from reporting.measures.domain.support import SUPPORT

_ALL = (*SCHOOLS, *ADVOCATES, *MEETINGS, *SUPPORT, *SPECIALISTS, *MESSAGES)

MEASURES: Final[Mapping[str, Measure]] = {
    measure.id: measure for measure in sorted(_ALL, key=lambda measure: int(measure.id[1:]))
}
