"""Where a consumer group stands: offsets in Postgres, moved with the effects of what was heard or not at all."""

from collections.abc import Collection, Mapping
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from mathshubs.postgres import Db, Pool


class Fenced(Exception):
    """Another process has moved these offsets: this one has lost the partition and must let go of its batch."""


async def cluster_of(consumer: AIOKafkaConsumer) -> str:
    """Return the id of the Kafka that `consumer` speaks to: offsets mean nothing in another.

    Raises:
        KafkaConnectionError: if no broker is known.
    """
    client = consumer._client  # noqa: SLF001 -- another client might be led to another cluster
    node = client.get_random_node()
    if node is None:
        raise KafkaConnectionError
    answer = await client.send(node, MetadataRequest([]))
    return str(answer.cluster_id)


ADOPT: Final = """
    UPDATE consumer_offsets
       SET cluster = $2
     WHERE consumer = $1
       AND cluster = ''
"""

LOAD: Final = """
    SELECT topic, part, next
      FROM consumer_offsets
     WHERE consumer = $1
       AND cluster = $2
       AND topic = ANY($3::text[])
"""


async def load(
    pool: Pool, consumer: str, cluster: str, partitions: Collection[TopicPartition]
) -> dict[TopicPartition, int]:
    """Return where `consumer` goes on in this cluster, for those of `partitions` of which it has heard anything.

    Offsets from before clusters were told apart belong to the first that is met.
    """
    async with pool.acquire() as db:
        await db.execute(ADOPT, consumer, cluster)
        rows = await db.fetch(LOAD, consumer, cluster, [tp.topic for tp in partitions])
    known = {TopicPartition(row["topic"], row["part"]): row["next"] for row in rows}
    return {tp: known[tp] for tp in partitions if tp in known}


BEGIN: Final = """
    INSERT INTO consumer_offsets (consumer, cluster, topic, part, next)
    SELECT $1, $2, moved.topic, moved.part, moved.next
      FROM unnest($3::text[], $4::int[], $5::bigint[]) AS moved (topic, part, next)
        ON CONFLICT (consumer, topic, part) DO UPDATE
       SET cluster = excluded.cluster,
           next = excluded.next,
           heard_at = clock_timestamp()
     WHERE consumer_offsets.cluster <> excluded.cluster
 RETURNING topic
"""

COMPARE_AND_SET: Final = """
    UPDATE consumer_offsets AS known
       SET next = moved.next,
           heard_at = clock_timestamp()
      FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[]) AS moved (topic, part, expected, next)
     WHERE known.consumer = $1
       AND known.cluster = $2
       AND known.topic = moved.topic
       AND known.part = moved.part
       AND known.next = moved.expected
"""


async def advance(
    db: Db, consumer: str, cluster: str, expected: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> None:
    """Move the offsets to `ends` from what this process last knew, in the caller's transaction.

    Raises:
        Fenced: if they stand elsewhere.
    """
    new, known = sorted(ends.keys() - expected.keys()), sorted(ends.keys() & expected.keys())
    if new:
        rows = await db.fetch(BEGIN, consumer, cluster, *_columns(new), [ends[tp] for tp in new])
        if len(rows) != len(new):
            raise Fenced
    if known:
        befores, afters = [expected[tp] for tp in known], [ends[tp] for tp in known]
        moved = await db.execute(COMPARE_AND_SET, consumer, cluster, *_columns(known), befores, afters)
        if moved != f"UPDATE {len(known)}":
            raise Fenced


def _columns(partitions: Collection[TopicPartition]) -> tuple[list[str], list[int]]:
    return [tp.topic for tp in partitions], [tp.partition for tp in partitions]
