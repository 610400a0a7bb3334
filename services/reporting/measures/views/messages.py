"""SQL that surveys mails whose fate is known."""

from reporting.measures.domain.figures import Measure
from reporting.measures.domain.messages import Message
from reporting.measures.views.ground import Ground

SETTLED = """
    SELECT DISTINCT ON (m.delivery_id) m.delivery_id, m.hub, m.status, met.work_group_id, met.hub AS met_hub,
           extract(epoch FROM m.handed_at - m.queued_at)::float8 AS seconds
      FROM report.messages AS m
      LEFT JOIN (SELECT DISTINCT ON (meeting_id) meeting_id, work_group_id, hub
                   FROM report.meetings
                  WHERE recorded_at <= $3
                  ORDER BY meeting_id, version DESC) AS met USING (meeting_id)
     WHERE m.school_year = $1
       AND m.effective_at <= $2
       AND m.recorded_at <= $3
     ORDER BY m.delivery_id, m.version DESC
"""


async def messages(ground: Ground, _: Measure) -> list[Message]:
    """Return each mail of the year with the last that was said of it, in the hub of its meeting."""
    asked = ground.asked
    return [
        Message(
            str(row["delivery_id"]),
            ground.by_hub(row["work_group_id"], row["met_hub"] or row["hub"]),
            ground.stage(row["work_group_id"]),
            row["status"],
            row["seconds"],
        )
        for row in await ground.db.fetch(SETTLED, asked.school_year, asked.as_at, asked.known_at)
    ]
