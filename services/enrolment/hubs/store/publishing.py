"""SQL that puts what came by HTTP on the topics of the hubs that sent it."""

from collections.abc import Sequence
from typing import Final

from mathshubs import clock
from mathshubs.deadletters import unpack
from mathshubs.journal import Outgoing
from mathshubs.outbox import Waiting, let_go, refuse
from mathshubs.postgres import Db
from mathshubs.topics import events_topic

_MOST_BYTES_AT_ONCE: Final = 4_000_000

# Of a hub that Kafka refuses, the first report that it refused is tried again, for all that it has sent.
DUE_ARRIVALS = """
    WITH stopped AS MATERIALIZED (
        SELECT known.code AS hub, refusal.try_at <= clock_timestamp() AS is_due
          FROM refusals refusal
          JOIN hubs known ON refusal.topic = 'hubs.' || known.code || '.events'
    )
    SELECT seq, hub, id, headers, bytes
      FROM (SELECT a.seq, a.hub, a.id, a.headers, a.bytes,
                   sum(octet_length(a.bytes)) OVER (ORDER BY a.seq) - octet_length(a.bytes) AS before
              FROM (SELECT seq, hub, id, headers, bytes
                      FROM arrivals
                     WHERE published_at IS NULL
                       AND (hub NOT IN (SELECT hub FROM stopped)
                            OR seq IN (SELECT first.seq
                                         FROM stopped
                                        CROSS JOIN LATERAL (
                                              SELECT refused.seq
                                                FROM arrivals refused
                                               WHERE refused.hub = stopped.hub
                                                 AND refused.refused_at IS NOT NULL
                                                 AND refused.published_at IS NULL
                                               ORDER BY refused.seq
                                               LIMIT 1) AS first
                                        WHERE stopped.is_due))
                     ORDER BY seq
                     LIMIT $1) AS a) AS due
     WHERE before < $2
     ORDER BY seq
"""

SENT = """
    UPDATE arrivals
       SET published_at = $2,
           bytes = NULL,
           headers = NULL,
           refused_at = NULL,
           refused_why = NULL
     WHERE seq = ANY($1::bigint[])
"""

KEEP_REASON = """
    UPDATE arrivals
       SET refused_at = clock_timestamp(),
           refused_why = $2
     WHERE seq = ANY($1::bigint[])
"""

WAITING = """
    SELECT count(*) AS records,
           count(refusal.topic) AS refused,
           coalesce(extract(epoch FROM clock_timestamp() - min(queued_at)), 0)::float AS seconds
      FROM arrivals
      LEFT JOIN refusals refusal ON refusal.topic = 'hubs.' || arrivals.hub || '.events'
     WHERE published_at IS NULL
"""


class ArrivalsLane:
    """What came by HTTP, on its way to the topic of the hub that sent it; its bytes go once Kafka has them."""

    name = "arrivals"

    async def due(self, db: Db, most: int) -> Sequence[Outgoing]:
        """Return what was accepted first, at most some megabytes of it."""
        rows = await db.fetch(DUE_ARRIVALS, most, _MOST_BYTES_AT_ONCE)
        return [
            Outgoing(r["seq"], events_topic(r["hub"]), r["id"], r["bytes"], list(unpack(r["headers"]))) for r in rows
        ]

    async def sent(self, db: Db, outgoing: Sequence[Outgoing]) -> None:
        """Drop the bytes and let go of the hub; the fingerprint stays, so that a repeat is known for one."""
        await db.execute(SENT, [o.seq for o in outgoing], clock.now())
        await let_go(db, {(o.topic, "") for o in outgoing})

    async def refused(self, db: Db, outgoing: Sequence[Outgoing], why: str) -> None:
        """Stop the hubs of these, so that nothing of theirs passes; they are tried again after a pause that grows."""
        await db.execute(KEEP_REASON, [o.seq for o in outgoing], why)
        await refuse(db, {(o.topic, "") for o in outgoing}, why)

    async def waiting(self, db: Db) -> Waiting:
        """Return how many reports Kafka does not have yet, how many of them it refuses, and the oldest one's age."""
        row = await db.fetchrow(WAITING)
        return Waiting(**row) if row else Waiting()
