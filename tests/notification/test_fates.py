"""What notification says of its mails and of addresses that take none, on a real Postgres and a real mail server."""

from dataclasses import replace

from calendar_story import AMINA, BEN, CHLOE, FAR, WEEK, invited, moved, person, record, scheduled, tell, tombstone
from mail_post import MailServer, Post
from mathshubs.testing import until
from notification_facts import SAID, data, said

UNKNOWN = "550 5.1.1 no such person"


async def says(post: Post, *wanted: tuple[str, str]) -> None:
    """Wait until exactly this was said."""

    async def does() -> bool:
        return await said(post.pool) == list(wanted)

    await until(does, what=f"{wanted}")


async def test_a_mail_is_said_to_be_queued_and_then_delivered(post: Post) -> None:
    """Once each, following from what had it queued, so that a hub's report can be traced to the mail."""
    caused = record(invited())
    caused = replace(caused, headers=[*caused.headers, ("ce_correlationid", b"report-1")])
    await tell(post.pool, person(), scheduled(), caused)
    post.send()
    await post.settled("sent")

    assert await said(post.pool) == [("MessageQueued", "invitation"), ("MessageSettled", "delivered")]
    rows = await post.pool.fetch(SAID)
    assert {row["correlation_id"] for row in rows} == {"report-1"}
    assert len({row["causation_id"] for row in rows}) == 1
    [settled] = await data(post.pool, "MessageSettled")
    assert settled["handed_at"] >= settled["queued_at"]


async def test_nothing_is_said_of_what_waits_for_an_address(post: Post) -> None:
    """It is no mail yet; when the address comes it is queued, once."""
    await tell(post.pool, scheduled(), invited())
    assert await said(post.pool) == []

    await tell(post.pool, moved(FAR + WEEK), person())

    assert await said(post.pool) == [("MessageQueued", "invitation")]


async def test_a_mail_that_gave_way_is_no_failure(post: Post) -> None:
    """Its successor is delivered; nobody misses it."""
    await tell(post.pool, person(), scheduled(), invited())
    await tell(post.pool, moved(FAR + WEEK))

    assert (await said(post.pool))[1:] == [("MessageQueued", "change"), ("MessageNotSent", "superseded")]


async def test_an_address_that_takes_no_mail_is_given_up_until_there_is_another(
    post: Post, mail_server: MailServer
) -> None:
    """Said once; what follows is suppressed, and the new address gets what is still to come."""
    mail_server.at_rcpt.append(UNKNOWN)
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await post.settled("failed")
    await tell(post.pool, moved(FAR + WEEK))
    await post.settled("failed", "suppressed")
    await tell(post.pool, person(version=2, email="amina@oakpark.example"))
    await post.settled("failed", "suppressed", "sent")

    assert mail_server.recipients == ["amina@oakpark.example"]
    assert await said(post.pool) == [
        ("MessageQueued", "invitation"),
        ("AddressFailed", "mail-server"),
        ("MessageSettled", "permanent-failure"),
        ("MessageQueued", "change"),
        ("MessageSettled", "permanent-failure"),
        ("AddressReplaced", ""),
        ("MessageQueued", "invitation"),
        ("MessageSettled", "delivered"),
    ]


async def test_whoever_shares_the_address_is_not_reached_either(post: Post, mail_server: MailServer) -> None:
    """A school's office has one mailbox for two advocates: the server is asked once."""
    mail_server.at_rcpt.append(UNKNOWN)
    await tell(post.pool, person(email="office@elm.example"), scheduled(), invited())
    post.send()
    await post.settled("failed")
    await tell(post.pool, person(BEN, email="Office@elm.example"), invited(BEN))
    await post.settled("failed", "suppressed")

    failed = await data(post.pool, "AddressFailed")
    assert [one["person_id"] for one in failed] == [str(AMINA), str(BEN)]


async def test_a_fault_of_ours_gives_up_no_address(post: Post, mail_server: MailServer) -> None:
    """The server does not like what we write; the next mail goes out."""
    mail_server.script.append("554 5.6.0 no calendars here")
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await post.settled("faulted")
    await tell(post.pool, moved(FAR + WEEK))
    await post.settled("faulted", "sent")

    assert [one["status"] for one in await data(post.pool, "MessageSettled")] == ["technical-failure", "delivered"]
    assert await data(post.pool, "AddressFailed") == []


async def test_what_was_put_off_until_the_meeting_failed_for_a_time(post: Post, mail_server: MailServer) -> None:
    """Given up, and said; what was refused by policy all along is a fault of ours."""
    mail_server.at_rcpt += ["450 4.2.0 greylisted", "554 5.7.1 relay denied"]
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await _put_off(post, 1)
    await tell(post.pool, person(BEN), invited(BEN))
    await _put_off(post, 2)
    await post.pool.execute("UPDATE deliveries SET starts_at = '2020-01-01'")

    await post.settled("expired", "faulted")

    assert {one["person_id"]: one["status"] for one in await data(post.pool, "MessageSettled")} == {
        str(AMINA): "temporary-failure",
        str(BEN): "technical-failure",
    }


async def test_of_a_failed_address_only_a_keyed_hash_outlives_the_person(post: Post, mail_server: MailServer) -> None:
    """So that nothing is sent to it, and nobody can read it."""
    mail_server.at_rcpt.append(UNKNOWN)
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await post.settled("failed")
    await tell(post.pool, tombstone(AMINA), person(CHLOE, email="amina.khan@elmpark.example"), invited(CHLOE))
    await post.settled("failed", "suppressed")

    assert await post.pool.fetchval("SELECT count(*) FROM suppressed_addresses") == 1
    left = await post.pool.fetch("SELECT person_id FROM unreachable_people")
    assert [row["person_id"] for row in left] == [CHLOE]


async def _put_off(post: Post, mails: int) -> None:
    async def are() -> bool:
        counted = "SELECT count(*) FROM deliveries WHERE deferrals > 0 AND status = 'queued'"
        return bool(await post.pool.fetchval(counted) == mails)

    await until(are)
