"""Topics, principals and access lists: `wire.md`'s table "Topics", made so.

confluent-kafka's admin client makes them, since aiokafka's knows no SCRAM users.
"""

import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)

from hubs.home import SERVICES
from hubs.parts.kafka import WEEK, Login
from mathshubs.topics import PEOPLE

FACTS = {service: f"{service}.facts" for service in SERVICES}
HEARS = {
    "enrolment": [FACTS["scheduling"]],
    "scheduling": [FACTS["enrolment"]],
    "notification": [FACTS["enrolment"], FACTS["scheduling"], PEOPLE],
    "reporting": list(FACTS.values()),
}
UNSAID = -1  # how Kafka spells a replication factor that nobody has named
IN_SYNC = "min.insync.replicas"
COPIES = 3  # of each partition where there are brokers enough; two of them must have a record
RECEIPTS_KEPT = timedelta(days=30)
EVENT_BYTES = 1_200_000  # one report of 1,000,000 bytes with its headers
LOGIN_SECONDS = 15.0  # in which the first login must succeed
LOOK = 0.05  # seconds between two looks
ITERATIONS = 4096  # Kafka's least for SCRAM; the passwords are random, so more would only cost time

R, W, D = AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE
LITERAL, PREFIXED = ResourcePatternType.LITERAL, ResourcePatternType.PREFIXED


@dataclass(frozen=True)
class Grant:
    """What one principal may do with what is named."""

    kind: ResourceType
    name: str
    operation: AclOperation
    pattern: ResourcePatternType = LITERAL


@dataclass(frozen=True)
class Layout:
    """How topics are named, cut and kept in one system."""

    prefix: str = ""
    erasure_window: timedelta = WEEK
    partitions: int = 3  # of each facts topic; fixed for ever
    replication: int | None = None
    """Copies of each partition; None for three, or as many as there are brokers."""

    def topic(self, name: str, partitions: int, **settings: object) -> NewTopic:
        """Return the topic `name` with its settings, written with underscores for dots."""
        config = {key.replace("_", "."): str(value) for key, value in settings.items()}
        config["message.timestamp.type"] = "LogAppendTime"
        return NewTopic(f"{self.prefix}{name}", partitions, self.replication or UNSAID, config=config)

    def milliseconds(self, share: float, least: int = 100) -> int:
        """Return a share of the erasure window, in whole milliseconds, never under `least`."""
        return max(least, int(self.erasure_window / timedelta(milliseconds=1) * share))


DEFAULT = Layout()


def system_topics(layout: Layout) -> list[NewTopic]:
    """Return the topics that every system has: facts are kept for ever, people can be erased."""
    facts = [layout.topic(name, layout.partitions, retention_ms=-1, retention_bytes=-1) for name in FACTS.values()]
    hour, half_day, month = 1 / 168, 1 / 14, 30 / 7  # of a window of seven days
    people = layout.topic(
        PEOPLE,
        3,
        cleanup_policy="compact",
        compression_type="uncompressed",
        segment_ms=layout.milliseconds(hour),
        max_compaction_lag_ms=layout.milliseconds(half_day),
        delete_retention_ms=layout.milliseconds(month),
        file_delete_delay_ms=min(60_000, layout.milliseconds(hour)),
        min_cleanable_dirty_ratio=0.01,
    )
    return [*facts, people]


def hub_topics(code: str, layout: Layout) -> list[NewTopic]:
    """Return a hub's two topics: what it reports, kept for the erasure window, and what it is answered."""
    events = layout.topic(
        f"hubs.{code}.events",
        1,
        retention_ms=layout.milliseconds(1),
        segment_ms=layout.milliseconds(1 / 28),
        file_delete_delay_ms=min(60_000, layout.milliseconds(1 / 168)),
        max_message_bytes=EVENT_BYTES,
    )
    kept = int(RECEIPTS_KEPT / timedelta(milliseconds=1))
    return [events, layout.topic(f"hubs.{code}.receipts", 1, retention_ms=kept)]


def service_grants(service: str, layout: Layout) -> list[Grant]:
    """Return what a service may do: say its own facts, hear what it listens to, and no more."""
    prefix = layout.prefix
    says = [FACTS[service], PEOPLE] if service == "enrolment" else [FACTS[service]]
    writes = [Grant(ResourceType.TOPIC, f"{prefix}{name}", W) for name in says]
    reads = [Grant(ResourceType.TOPIC, f"{prefix}{name}", R) for name in HEARS[service]]
    groups = Grant(ResourceType.GROUP, f"{prefix}{service}.", R, PREFIXED)
    transactions = [Grant(ResourceType.TRANSACTIONAL_ID, f"{prefix}{service}", one, PREFIXED) for one in (W, D)]
    hubs = Grant(ResourceType.TOPIC, f"{prefix}hubs.", D, PREFIXED)  # where they end, never a record
    looks = [hubs, *(Grant(ResourceType.GROUP, f"{prefix}{one}.", D, PREFIXED) for one in SERVICES)]
    return [*writes, *reads, groups, *{"enrolment": transactions, "reporting": looks}.get(service, [])]


def hub_grants(code: str, layout: Layout) -> dict[str, list[Grant]]:
    """Return what each principal may do with a hub's topics, by principal."""
    own = f"{layout.prefix}hubs.{code}."
    events, receipts = f"{own}events", f"{own}receipts"
    hears, answers = Grant(ResourceType.TOPIC, events, R), Grant(ResourceType.TOPIC, receipts, W)
    reports = Grant(ResourceType.TOPIC, events, W)
    return {
        principal(code): [
            reports,
            Grant(ResourceType.TOPIC, receipts, R),
            Grant(ResourceType.GROUP, own, R, PREFIXED),
        ],
        "enrolment": [reports, hears, answers],
        "scheduling": [hears, answers],
    }


def connect(login: Login) -> AdminClient:
    """Return an admin client that has logged in.

    Raises:
        KafkaException: if Kafka does not let us in within 15 s.
    """
    admin = AdminClient(login.conf())
    deadline = time.monotonic() + LOGIN_SECONDS
    while True:
        try:
            admin.list_topics(timeout=2)
        except KafkaException:
            if time.monotonic() > deadline:
                raise
        else:
            return admin


def ensure_system(admin: AdminClient, passwords: Mapping[str, str], layout: Layout = DEFAULT) -> None:
    """Make the topics that every system has, and a principal for each service in `passwords`, with its access alone."""
    topics = system_topics(layout)
    ensure_topics(admin, topics)
    ensure_principals(admin, passwords)
    grants = {service: service_grants(service, layout) for service in passwords}
    allow(admin, grants)
    revoke_others(admin, {topic.topic for topic in topics}, grants)


def ensure_hubs(admin: AdminClient, passwords: Mapping[str, str], layout: Layout = DEFAULT) -> None:
    """Make the topics, the principal and everybody's access for each hub code in `passwords`."""
    topics = [topic for code in passwords for topic in hub_topics(code, layout)]
    ensure_topics(admin, topics)
    ensure_principals(admin, {principal(code): password for code, password in passwords.items()})
    grants: dict[str, list[Grant]] = {service: [] for service in SERVICES}
    for code in passwords:
        for who, granted in hub_grants(code, layout).items():
            grants.setdefault(who, []).extend(granted)
    allow(admin, grants)
    revoke_others(admin, {topic.topic for topic in topics}, grants)


def principal(code: str) -> str:
    """Return the name under which a hub's system logs in to Kafka."""
    return f"hub-{code}"


def ensure_topics(admin: AdminClient, topics: Iterable[NewTopic]) -> None:
    """Make what is missing; bring the settings of what is there up to date."""
    wanted = {topic.topic: topic for topic in topics}
    if not wanted:
        return
    brokers = len(admin.list_topics(timeout=10).brokers)
    for topic in wanted.values():
        _copy(topic, brokers)
    there = [name for name, made in admin.create_topics(list(wanted.values())).items() if not _is_made(made)]
    resources = [_with_settings(wanted[name]) for name in there]
    _until_known(admin, wanted)
    if resources:
        _all_done(admin.incremental_alter_configs(resources))


def ensure_principals(admin: AdminClient, passwords: Mapping[str, str]) -> None:
    """Give each named principal its password."""
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    users: list[UserScramCredentialAlteration]
    users = [UserScramCredentialUpsertion(name, how, password.encode()) for name, password in passwords.items()]
    if users:
        _all_done(admin.alter_user_scram_credentials(users))


def allow(admin: AdminClient, grants: Mapping[str, Iterable[Grant]]) -> None:
    """Let each principal do what its grants name; everything else stays denied."""
    if bindings := _bindings(grants):
        _all_done(admin.create_acls(bindings))


def revoke_others(admin: AdminClient, topics: Collection[str], grants: Mapping[str, Iterable[Grant]]) -> None:
    """Take from the principals named what an earlier version let them do with these topics, and `grants` lacks.

    What an operator has let others do stays.
    """
    ours, allowed = {f"User:{who}" for who in grants}, set(_bindings(grants))
    anybody = cast("str", None)  # how a filter spells it, which its annotations do not know
    every = AclBindingFilter(
        ResourceType.TOPIC, anybody, LITERAL, anybody, anybody, AclOperation.ANY, AclPermissionType.ALLOW
    )
    old = [
        AclBindingFilter(one.restype, one.name, LITERAL, one.principal, one.host, one.operation, one.permission_type)
        for one in admin.describe_acls(every).result(30)
        if one.name in topics and one.principal in ours and one not in allowed
    ]
    if old:
        _all_done(admin.delete_acls(old))


def _bindings(grants: Mapping[str, Iterable[Grant]]) -> list[AclBinding]:
    """Return grants as Kafka spells them."""
    allow = AclPermissionType.ALLOW
    return [
        AclBinding(grant.kind, grant.name, grant.pattern, f"User:{who}", "*", grant.operation, allow)
        for who, granted in grants.items()
        for grant in granted
    ]


def _copy(topic: NewTopic, brokers: int) -> None:
    """Say in how many copies a new topic is kept, and that one broker may be away without stopping what is written."""
    if topic.replication_factor == UNSAID:
        topic.replication_factor = min(COPIES, brokers)
    if topic.replication_factor >= COPIES:
        (topic.config or {})[IN_SYNC] = str(topic.replication_factor - 1)


def _until_known(admin: AdminClient, names: Iterable[str]) -> None:
    """Wait until the broker itself has heard of topics that its controller has made.

    Raises:
        TimeoutError: if it has not within 15 s.
    """
    deadline = time.monotonic() + LOGIN_SECONDS
    while not set(names) <= admin.list_topics(timeout=10).topics.keys():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Kafka made topics that its broker does not know: {sorted(names)}")
        time.sleep(LOOK)


def _is_made(made: "Future[Any]") -> bool:
    """Return whether the topic is new; False if it was there."""
    try:
        made.result(30)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise
        return False
    return True


def _with_settings(topic: NewTopic) -> ConfigResource:
    settings = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        for name, value in (topic.config or {}).items()
        if name != IN_SYNC  # of a topic that is there, it depends on the copies that it has
    ]
    return ConfigResource(ConfigResource.Type.TOPIC, topic.topic, incremental_configs=settings)


def _all_done(answers: Mapping[Any, "Future[Any]"]) -> None:
    for answer in answers.values():
        answer.result(30)
