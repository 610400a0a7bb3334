"""Who may report: a key speaks for one hub, until it is revoked."""

import asyncio
import json
from uuid import UUID, uuid4

import pytest

from enrolment.hubs.domain import Hub
from enrolment.hubs.store import (
    UnknownHub,
    UnknownKey,
    issue_key,
    list_keys,
    register_hub,
    revoke_key,
)
from http_door import SECRET, Door
from mathshubs.envelope import STRUCTURED
from mathshubs.keys import Claim, Keys
from sent import a_group

OAK_RIDGE = Hub("oak-ridge", "Oak Ridge Maths Hub", "London")


STRANGERS = [
    ("", "key-missing"),
    ("Basic cml2ZXI6dmFsZQ==", "key-missing"),
    ("Bearer", "key-missing"),
    ("Bearer nonsense", "key-unknown"),
    ("Bearer mh_" + "x" * 5_000, "key-unknown"),
    (f"Bearer {Keys('another secret').write(Claim(uuid4(), 'river-vale'))}", "key-unknown"),
    (f"Bearer {Keys(SECRET).write(Claim(uuid4(), 'river-vale'))}", "key-unknown"),
]


async def test_without_a_key_of_ours_nothing_is_read(door: Door) -> None:
    """Not even whether the body is JSON is told to a stranger; one that we signed and never issued is none of ours."""
    for authorization, code in STRANGERS:
        headers = {"authorization": authorization, "content-type": STRUCTURED}
        answer = await door.client.post("/v1/events", content=b"{", headers=headers)

        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, code), authorization
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_revoked_key_is_worth_nothing_from_that_moment(door: Door) -> None:
    """The hub's other key goes on; revoking twice says nothing new."""
    other = await issue_key(door.pool, door.keys, "river-vale", by="ada")
    claim = door.keys.read(door.key)
    assert claim is not None

    revoked = [await revoke_key(door.pool, claim.key_id, by="ada") for _ in range(2)]
    first = await door.post(json.dumps(a_group()).encode(), STRUCTURED)
    door.key = other
    second = await door.post(json.dumps(a_group()).encode(), STRUCTURED)

    assert revoked == [True, False]
    assert (first.status_code, first.json()["errors"][0]["code"]) == (401, "key-revoked")
    assert second.status_code == 202


async def test_a_national_key_reads_and_reports_nothing(door: Door) -> None:
    """It speaks for no hub, so no event could be anybody's."""
    door.key = await issue_key(door.pool, door.keys, None, by="ada")

    answer = await door.post(json.dumps(a_group()).encode(), STRUCTURED)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "key-of-no-hub")


async def test_one_hubs_events_are_never_anothers(door: Door) -> None:
    """Two hubs may use the same source and id: each has its own event."""
    event = json.dumps(a_group(id="1")).encode()
    await door.post(event, STRUCTURED)
    door.key = await register_hub(door.pool, door.keys, OAK_RIDGE, by="ada") or ""

    answer = await door.post(event, STRUCTURED)

    assert answer.json()["receipts"][0]["outcome"] == "recorded"
    rows = await door.pool.fetch("SELECT hub FROM arrivals ORDER BY seq")
    assert [row["hub"] for row in rows] == ["river-vale", "oak-ridge"]


async def test_a_hub_registered_again_says_only_what_changed(door: Door) -> None:
    """An operator may run the command as often as they like; a key comes again when they ask for one."""
    keys = [await register_hub(door.pool, door.keys, OAK_RIDGE, by="ada") for _ in range(2)]
    renamed = Hub("oak-ridge", "Oak Ridge and Brook Maths Hub", "London")
    keys.append(await register_hub(door.pool, door.keys, renamed, by="ada", fresh_key=True))

    assert [key is not None for key in keys] == [True, False, True]
    said = await door.pool.fetch("SELECT type, actor, data FROM journal WHERE key = 'oak-ridge' ORDER BY seq")
    assert [(row["type"].split(".")[3], row["actor"]) for row in said] == [
        ("HubRegistered", "operator:ada"),
        ("ApiKeyIssued", "operator:ada"),
        ("HubRegistered", "operator:ada"),
        ("ApiKeyIssued", "operator:ada"),
    ]
    assert not any(key and key in row["data"] for key in keys for row in said)


async def test_hubs_registered_at_once_get_one_key_each(door: Door) -> None:
    """Two operators who add the same hub must not leave it with a key that neither knows of."""
    given = await asyncio.gather(*(register_hub(door.pool, door.keys, OAK_RIDGE, by="ada") for _ in range(8)))

    assert sum(key is not None for key in given) == 1


async def test_keys_are_listed_without_being_told(door: Door) -> None:
    """What can be listed can be revoked by its id; nobody can report with it."""
    await revoke_key(door.pool, (await list_keys(door.pool))[0].key_id, by="ada")

    [listed] = await list_keys(door.pool)

    claim = door.keys.read(door.key)
    assert claim == Claim(listed.key_id, "river-vale")
    assert listed.revoked_at is not None


async def test_who_is_unknown_is_named(door: Door) -> None:
    """A mistyped code or id must not look like success."""
    with pytest.raises(UnknownHub, match="oak-rigde"):
        await issue_key(door.pool, door.keys, "oak-rigde", by="ada")
    with pytest.raises(UnknownKey):
        await revoke_key(door.pool, UUID(int=7), by="ada")


def test_a_key_that_was_changed_by_one_letter_is_no_key() -> None:
    """Nobody can turn their key into another hub's."""
    keys = Keys(SECRET)
    key = keys.write(Claim(uuid4(), "river-vale"))

    assert all(
        keys.read(key[:n] + ("A" if key[n] != "A" else "B") + key[n + 1 :]) is None for n in range(3, len(key) - 1)
    )
