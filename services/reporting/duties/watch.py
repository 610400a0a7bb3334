"""How far each service has heard is looked up in Kafka, every second."""

import asyncio
import time
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from mathshubs import bus
from mathshubs.log import get_logger
from mathshubs.progress import LOOK_SECONDS
from mathshubs.running import Duty
from mathshubs.settings import Settings
from mathshubs.stopping import heed_cancellation
from reporting.desk.domain.groups import GROUPS, Place, Standings, Watch

log = get_logger(__name__)
ANSWER_SECONDS = 10.0


def watching(settings: Settings, watch: Watch) -> Duty:
    """Return the duty that keeps `watch` up to date as long as Kafka answers, and asks anew when it does again."""

    async def look_on() -> None:
        try:
            async with bus.asking(settings) as (admin, consumer):
                while True:
                    heed_cancellation()
                    async with asyncio.timeout(ANSWER_SECONDS):
                        watch.saw(await _standings(admin, consumer, settings.topic_prefix), time.monotonic())
                    await asyncio.sleep(LOOK_SECONDS)
        except (KafkaError, TimeoutError) as away:
            heed_cancellation()
            log.warning("nobody says how far services have heard", error=type(away).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    return look_on


async def _standings(admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, prefix: str) -> Standings:
    committed = {group: await _committed(admin, prefix + group) for group in GROUPS}
    places = {place for offsets in committed.values() for place in offsets}
    ends = await consumer.end_offsets(places) if places else {}
    return Standings({group: _named(offsets, prefix) for group, offsets in committed.items()}, _named(ends, prefix))


async def _committed(admin: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    """Return where a group stands, of the topics that may be looked at; of a group that may not be, nothing."""
    try:
        found = await admin.list_consumer_group_offsets(group)
    except GroupAuthorizationFailedError:
        return {}
    return {place: known.offset for place, known in found.items() if known.offset >= 0}


def _named(offsets: Mapping[TopicPartition, int], prefix: str) -> dict[Place, int]:
    return {(tp.topic.removeprefix(prefix), tp.partition): offset for tp, offset in offsets.items()}
