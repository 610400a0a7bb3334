"""Who may write and read which topic: judged by the broker itself, with the clients that hubs use."""

import uuid
from collections.abc import Mapping
from typing import cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import (
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
)

from hubs.home import SERVICES
from hubs.parts.kafka import EmbeddedKafka, Login
from hubs.topics import Grant, Layout, allow, connect, ensure_hubs, ensure_system, principal

HUBS = ("river-vale", "river")
DENIED = KafkaError.TOPIC_AUTHORIZATION_FAILED


@pytest.fixture(scope="session")
def logins(own_kafka: EmbeddedKafka) -> Mapping[str, Login]:
    """A login for each service and for two hubs, one of whose codes begins the other's."""
    admin = connect(own_kafka.admin)
    passwords = {service: f"{service}-password" for service in SERVICES}
    hubs = {code: f"{code}-password" for code in HUBS}
    ensure_system(admin, passwords)
    ensure_hubs(admin, hubs)
    named = passwords | {principal(code): password for code, password in hubs.items()}
    return {name: Login(own_kafka.bootstrap, name, password) for name, password in named.items()}


def write(login: Login, *topics: str) -> dict[str, int | None]:
    """Write a record to each topic as an idempotent producer does; return each error's code, or None."""
    codes: dict[str, int | None] = {}

    def answered(error: KafkaError | None, message: Message) -> None:
        codes[message.topic() or ""] = error.code() if error else None

    producer = Producer({**login.conf(), "enable.idempotence": True, "message.timeout.ms": 10_000, "linger.ms": 0})
    for topic in topics:
        try:
            producer.produce(topic, b"{}", b"WG-7", on_delivery=answered)
        except KafkaException as refused:  # the broker's answer about the topic can be there before the record is
            codes[topic] = refused.args[0].code()
        producer.flush(10)
    return codes


def read(login: Login, topic: str, group: str) -> int | None:
    """Read the first record as a member of `group`; return the error's code, or None."""
    consumer = Consumer({**login.conf(), "group.id": group, "auto.offset.reset": "earliest"})
    try:
        consumer.subscribe([topic])
        message = consumer.poll(10)
        assert message
        if error := message.error():
            return error.code()
        consumer.commit(message=message, asynchronous=False)
    except KafkaException as refused:
        code: int = refused.args[0].code()
        return code
    finally:
        consumer.close()
    return None


def test_a_hub_writes_its_own_events_topic_and_no_other(logins: Mapping[str, Login]) -> None:
    """The topic says whose report it is, so the broker must keep one hub from speaking for another."""
    hub = logins["hub-river"]

    foreign = ("hubs.river-vale.events", "hubs.river.receipts", "enrolment.facts", "people.current")

    assert write(hub, "hubs.river.events", *foreign) == {"hubs.river.events": None} | dict.fromkeys(foreign, DENIED)


def test_a_hub_reads_its_own_receipts_and_no_others(logins: Mapping[str, Login]) -> None:
    """Not even what it has written itself, and not under another hub's group."""
    hub = logins["hub-river"]
    receipts = [f"hubs.{code}.receipts" for code in HUBS]
    assert write(logins["enrolment"], *receipts) == dict.fromkeys(receipts)

    assert read(hub, "hubs.river.receipts", "hubs.river.mis") is None
    assert read(hub, "hubs.river.receipts", "hubs.river-vale.mis") == KafkaError.GROUP_AUTHORIZATION_FAILED
    for foreign in ("hubs.river-vale.receipts", "hubs.river.events", "people.current", "enrolment.facts"):
        assert read(hub, foreign, "hubs.river.mis") == DENIED


WRITES = {
    "enrolment": {"hubs.river.events", "hubs.river.receipts", "enrolment.facts", "people.current"},
    "scheduling": {"hubs.river.receipts", "scheduling.facts"},
    "notification": {"notification.facts"},
    "reporting": {"reporting.facts"},
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_writes_only_what_it_says(logins: Mapping[str, Login], service: str) -> None:
    """A fact is worth its speaker: nobody else can have said it."""
    written = write(logins[service], *set.union(*WRITES.values()))

    assert {topic for topic, refused in written.items() if refused is None} == WRITES[service]


def test_only_enrolment_publishes_people_in_transactions(logins: Mapping[str, Login]) -> None:
    """Its epoch is what keeps a stalled relay from bringing an erased person back."""
    for service, expected in (("enrolment", None), ("scheduling", KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)):
        producer = Producer({**logins[service].conf(), "transactional.id": "enrolment.people"})
        try:
            producer.init_transactions(10)
            code = None
        except KafkaException as refused:
            code = refused.args[0].code()
        assert code == expected


def test_what_an_earlier_version_granted_is_revoked_at_the_next_start(own_kafka: EmbeddedKafka) -> None:
    """A home that was made when services might read more must not stay as open as it was then."""
    admin, layout = connect(own_kafka.admin), Layout(f"{uuid.uuid4()}.")
    ensure_system(admin, {"scheduling": "password"}, layout)
    ensure_hubs(admin, {"elm-ridge": "password"}, layout)
    before = granted(admin, layout)
    topics = [f"{layout.prefix}{name}" for name in ("people.current", "hubs.elm-ridge.events")]
    old = [Grant(ResourceType.TOPIC, topic, AclOperation.READ) for topic in topics]
    allow(admin, {"scheduling": old, "notification": old, "hub-elm-ridge": old[1:], "an-operators-own": old})

    for _ in range(2):
        ensure_system(admin, dict.fromkeys(SERVICES, "password"), layout)
        ensure_hubs(admin, {"elm-ridge": "password"}, layout)

    now = granted(admin, layout)
    assert before < now
    assert {who for who, topic, operation in now if (topic, operation) == (topics[0], AclOperation.READ)} == {
        "User:notification",
        "User:an-operators-own",
    }
    assert {who for who, topic, operation in now if (topic, operation) == (topics[1], AclOperation.READ)} == {
        "User:enrolment",
        "User:scheduling",
        "User:an-operators-own",
    }


def granted(admin: AdminClient, layout: Layout) -> set[tuple[str, str, AclOperation]]:
    """Return who may do what with the topics of a system."""
    anybody = cast("str", None)
    every = AclBindingFilter(
        ResourceType.TOPIC,
        anybody,
        ResourcePatternType.LITERAL,
        anybody,
        anybody,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    found = admin.describe_acls(every).result(10)
    return {(one.principal, one.name, one.operation) for one in found if one.name.startswith(layout.prefix)}


def test_topics_are_kept_as_long_as_promised(own_kafka: EmbeddedKafka) -> None:
    """Facts for ever, reports for the erasure window, people until erased; stamped by the broker, not by producers."""
    admin, prefix = connect(own_kafka.admin), f"{uuid.uuid4()}."
    ensure_system(admin, {}, Layout(prefix))
    ensure_hubs(admin, {"elm-ridge": "password"}, Layout(prefix))

    names = ("retention.ms", "cleanup.policy", "message.timestamp.type")
    kept = {name: settings(admin, prefix + name, names) for name in TOPICS}

    assert kept == TOPICS


def test_copies_that_were_asked_for_are_not_saved_on(own_kafka: EmbeddedKafka) -> None:
    """As many as there are brokers, three at most, unless somebody says how many: fewer would then break a promise."""
    admin, prefix = connect(own_kafka.admin), f"{uuid.uuid4()}."
    ensure_system(admin, {}, Layout(prefix))

    copies = {
        len(part.replicas)
        for part in admin.list_topics(prefix + "people.current").topics.popitem()[1].partitions.values()
    }

    assert copies == {1}
    with pytest.raises(KafkaException, match="replication factor of 3 cannot be reached"):
        ensure_system(admin, {}, Layout(f"three.{prefix}", replication=3))


TOPICS = {
    "enrolment.facts": ("-1", "delete", "LogAppendTime"),
    "people.current": ("604800000", "compact", "LogAppendTime"),
    "hubs.elm-ridge.events": ("604800000", "delete", "LogAppendTime"),
    "hubs.elm-ridge.receipts": ("2592000000", "delete", "LogAppendTime"),
}


def settings(admin: AdminClient, topic: str, names: tuple[str, ...]) -> tuple[str | None, ...]:
    """Return a topic's settings as the broker has them."""
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    found = admin.describe_configs([resource])[resource].result(10)
    return tuple(found[name].value for name in names)
