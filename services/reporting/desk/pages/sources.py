"""What the desk's pages are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mathshubs.ids import References
from mathshubs.postgres import Pool
from mathshubs.web import Pages
from reporting.desk.domain.groups import Watch


@dataclass(frozen=True, slots=True)
class Desk:
    """What pages read: the database, seconds behind by topic, templates, hubs' references, and what Kafka says."""

    pool: Callable[[], Pool]
    behind: Callable[[], Mapping[str, float | None]]
    pages: Pages
    references: References = field(default_factory=lambda: References(""))
    watch: Watch = field(default_factory=Watch)
