"""Sending to a real mail server: each mail once, whatever the server says and however many senders there are."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from calendar_story import (
    ADDRESSES,
    AMINA,
    BEN,
    FAR,
    LENGTH,
    MARCH,
    WEEK,
    calendars,
    invited,
    moved,
    named,
    part,
    person,
    scheduled,
    subjects,
    tell,
    tombstone,
    uninvited,
)
from mail_post import MailServer, Post, serving
from mathshubs.links import read_bounce_token
from mathshubs.testing import until


async def test_each_invited_person_gets_one_mail(post: Post, mail_server: MailServer) -> None:
    """It goes to the address that enrolment knows, and bounces come back to the delivery."""
    post.send()
    await tell(post.pool, person(AMINA), person(BEN), scheduled(), invited(AMINA), invited(BEN))

    await post.settled("sent", "sent")

    assert sorted(mail_server.recipients) == [ADDRESSES[AMINA][1], ADDRESSES[BEN][1]]
    tokens = [sender.removeprefix("bounces+").removesuffix("@mathshubs.example") for sender in mail_server.senders]
    ids = [f"<{read_bounce_token('s', token)}@mathshubs.example>" for token in tokens]
    assert [str(mail["Message-ID"]) for mail in mail_server.taken] == ids


async def test_what_changed_before_anything_was_sent_is_one_mail(post: Post, mail_server: MailServer) -> None:
    """An invitation to where the meeting is now; SEQUENCE has gone up with each change all the same."""
    await tell(post.pool, person(), scheduled(), invited())
    await tell(post.pool, moved(FAR + WEEK))
    await tell(post.pool, uninvited())
    await tell(post.pool, invited())
    post.send()
    post.send()

    await post.settled("superseded", "superseded", "superseded", "sent")

    [mail] = mail_server.taken
    assert str(mail["Subject"]) == "Thu 12 Mar, 1.30pm: Work Group meeting, River Vale 3"
    assert "SEQUENCE:3" in part(mail, "text/calendar")
    assert calendars(mail_server.taken).shows == {(FAR + WEEK, FAR + WEEK + LENGTH, "Elm Park, or online")}


async def test_what_changed_and_changed_back_is_not_told(post: Post, mail_server: MailServer) -> None:
    """The calendar is right as it stands; nor is anything withdrawn of which nobody was told."""
    post.send()
    await tell(post.pool, person(), scheduled(), invited())
    await post.settled("sent")
    await tell(post.pool, moved(FAR + WEEK), moved(FAR), person(BEN), invited(BEN), uninvited(BEN))

    await post.settled("sent", *["superseded"] * 4)

    assert len(mail_server.taken) == 1


@pytest.mark.parametrize("became", ["withheld", "faulted", "expired"])
async def test_whoever_was_not_told_is_invited_afresh(post: Post, mail_server: MailServer, became: str) -> None:
    """The first mail never arrived, so nothing has moved for this person; the ledger goes on counting."""
    await tell(post.pool, person(), scheduled(), invited())
    if became == "faulted":
        mail_server.script.append("554 5.6.0 no calendars here")
    else:
        await post.pool.execute("UPDATE deliveries SET status = $1, settled_at = clock_timestamp()", became)
    post.send()
    await post.settled(became)
    await tell(post.pool, moved(FAR + WEEK))
    await post.settled(became, "sent")
    await tell(post.pool, moved(FAR + 2 * WEEK))
    await post.settled(became, "sent", "sent")

    assert subjects(mail_server.taken) == [
        "Thu 12 Mar, 1.30pm: Work Group meeting, River Vale 3",
        "Moved to Thu 19 Mar, 1.30pm: Work Group meeting, River Vale 3",
    ]
    assert "Before: 1.30pm to 4pm, Thursday 12 March" in part(mail_server.taken[1], "text/plain")
    kinds = await post.pool.fetch("SELECT kind, revision FROM deliveries ORDER BY revision")
    assert [tuple(row) for row in kinds] == [("invitation", 0), ("invitation", 1), ("change", 2)]


async def test_what_may_have_arrived_is_sent_again_before_the_move(post: Post, mail_server: MailServer) -> None:
    """The connection broke behind DATA: nobody knows whether the person has it, and "moved" must make sense."""
    mail_server.script.append("drop")
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await _doubted(post)
    await tell(post.pool, moved(FAR + WEEK))
    await post.hurry()

    await post.settled("sent", "sent")

    assert [subject[:8] for subject in subjects(mail_server.taken)] == ["Thu 5 Ma", "Moved to"]


async def test_two_senders_at_once_never_send_one_mail_twice(post: Post, mail_server: MailServer) -> None:
    """Twelve senders in three processes' shape over sixty mails: sixty arrive."""
    people = [named(f"teacher {n}") for n in range(60)]
    await tell(post.pool, scheduled(), *(person(who) for who in people), *(invited(who) for who in people))
    for _ in range(3):
        post.send()

    await post.settled(*["sent"] * 60)

    assert len(mail_server.seen) == 60
    assert len({str(mail["Message-ID"]) for mail in mail_server.seen}) == 60


async def test_nobody_else_sends_what_is_being_sent(post: Post, mail_server: MailServer) -> None:
    """A server that takes long over a mail, or a process that is stopped, keeps the entry's lock."""
    mail_server.hold.clear()
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await until(_seen(mail_server, 1))
    await post.pool.execute("UPDATE deliveries SET next_attempt_at = '2000-01-01'")
    post.send()

    async def was_looked_at() -> bool:
        return bool(await post.pool.fetchval("SELECT bool_and(next_attempt_at > '2000-01-01') FROM deliveries"))

    await until(was_looked_at)
    await tell(post.pool, person(BEN), invited(BEN))
    await until(_seen(mail_server, 2))
    mail_server.hold.set()
    await post.settled("sent", "sent")

    assert {str(mail["To"]).split()[0] for mail in mail_server.seen} == {"Amina", "Ben"}
    assert await post.pool.fetchval("SELECT sum(handings) FROM deliveries") == 2


async def test_what_the_server_puts_off_is_sent_later(post: Post, mail_server: MailServer) -> None:
    """A greylisting server says 4xx at first, to the recipient or to the mail."""
    mail_server.at_rcpt.append("450 4.2.0 greylisted")
    mail_server.script.append("451 4.3.0 later")
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    for attempt in (1, 2):
        await _deferred(post, attempt)
        await post.hurry()

    await post.settled("sent")

    assert len({str(mail["Message-ID"]) for mail in mail_server.seen}) == 1
    assert len(mail_server.taken) == 1


async def test_what_the_server_refuses_for_good_is_failed_and_seen(post: Post, mail_server: MailServer) -> None:
    """With the code of its reply, and none of its words, which quote the address; others go on."""
    mail_server.at_rcpt.append(f"550 5.1.1 <{ADDRESSES[AMINA][1]}> is unknown here")
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await post.settled("failed")
    await tell(post.pool, person(BEN), invited(BEN))
    await until(_taken(mail_server, 1))

    assert await post.pool.fetchval("SELECT answer FROM deliveries WHERE status = 'failed'") == "550 5.1.1"


async def test_an_address_that_is_none_fails_with_its_reason(
    post: Post, mail_server: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """An operator finds it by its delivery, in the log and in the table; what was typed stands in neither."""
    await tell(post.pool, person(email="amina at elmpark"), scheduled(), invited())
    post.send()

    await post.settled("failed")

    assert await post.pool.fetchval("SELECT answer FROM deliveries") == "no address that mail could go to"
    logged = capsys.readouterr().out
    assert str(await post.pool.fetchval("SELECT delivery_id FROM deliveries")) in logged
    assert "elmpark" not in logged


async def test_a_mail_in_doubt_is_sent_once_more_with_the_same_message_id(post: Post, mail_server: MailServer) -> None:
    """The connection broke behind DATA: the server may have taken it, so a mail program must see one mail."""
    mail_server.script.append("drop")
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await _doubted(post)
    await post.hurry()

    await post.settled("sent")

    first, again = mail_server.seen
    assert first["Message-ID"] == again["Message-ID"]
    assert first.as_bytes() == again.as_bytes()


async def test_a_mail_in_doubt_twice_stays_unknown(post: Post, mail_server: MailServer) -> None:
    """A server that says nothing: two copies at most, and an operator sees it; the next mail goes on."""
    mail_server.script += ["silence", "silence"]
    await tell(post.pool, person(), scheduled(), invited())
    post.send(patience_seconds=0.3)
    await _doubted(post)
    await post.hurry()
    await post.settled("unknown")
    await tell(post.pool, moved(FAR + WEEK))

    await post.settled("unknown", "sent")

    assert len(mail_server.seen) == 3


async def test_mail_waits_while_the_server_is_away(post: Post, mail_server: MailServer) -> None:
    """Nothing is counted against a mail that the server never heard of."""
    port = mail_server.port
    post.smtp = "127.0.0.1:1"
    away = post.send()
    await tell(post.pool, person(), scheduled(), invited())
    await asyncio.wait({away}, timeout=0.3)
    assert await post.statuses() == ["queued"]

    away.cancel()
    post.smtp = f"127.0.0.1:{port}"
    post.send()

    await post.settled("sent")
    assert await post.pool.fetchval("SELECT handings FROM deliveries") == 1


async def test_a_connection_that_grew_stale_is_made_again(post: Post, mail_server: MailServer) -> None:
    """The server closes idle connections; the next mail pays nothing for it."""
    post.send()
    await tell(post.pool, person(), scheduled(), invited())
    await post.settled("sent")
    await mail_server.close_connections()
    await tell(post.pool, moved(FAR + WEEK))

    await post.settled("sent", "sent")


async def test_a_mail_that_waits_for_its_address_is_sent_when_it_comes(post: Post, mail_server: MailServer) -> None:
    """One mail, with the present state; no address holds up somebody else."""
    post.send()
    await tell(post.pool, scheduled(), invited(AMINA), invited(BEN), person(BEN))
    await post.settled("sent", "waiting-for-address")
    await tell(post.pool, moved(FAR + WEEK))
    await post.settled("sent", "sent", "waiting-for-address")

    await tell(post.pool, person(AMINA))
    await until(_taken(mail_server, 3))

    last = mail_server.taken[-1]
    assert str(last["Subject"]) == "Thu 12 Mar, 1.30pm: Work Group meeting, River Vale 3"
    assert str(last["To"]) == "Amina Khan <amina.khan@elmpark.example>"


async def test_a_meeting_that_ended_meanwhile_is_not_written_about(post: Post, mail_server: MailServer) -> None:
    """It was queued in time, and the server was away too long."""
    await tell(post.pool, person(), scheduled(), invited(), invited(BEN))
    await post.pool.execute("UPDATE deliveries SET starts_at = $1, ends_at = $2", MARCH - 52 * WEEK, MARCH - 51 * WEEK)
    post.send()

    await post.settled("expired", "expired")

    assert mail_server.seen == []


async def test_mail_to_real_people_is_withheld_unless_they_are_listed(post: Post) -> None:
    """With another server than our mailbox and live mail off, only the addresses in the settings are written to."""
    async with serving(MailServer(), ident="ESMTP Postfix") as another:
        post.smtp = f"127.0.0.1:{another.port}"
        await tell(post.pool, person(AMINA), person(BEN), scheduled(), invited(AMINA), invited(BEN))
        post.send(mail_allowed=(ADDRESSES[BEN][1].upper(),))

        await post.settled("sent", "withheld")

        assert another.recipients == [ADDRESSES[BEN][1]]


async def test_a_meeting_moved_into_the_past_is_not_written_about(post: Post, mail_server: MailServer) -> None:
    """What was queued is given up; when the meeting comes back, whoever was not told is invited."""
    await tell(post.pool, person(), scheduled(), invited())
    await tell(post.pool, moved(MARCH - 52 * WEEK))
    post.send()
    await post.settled("expired")
    await tell(post.pool, moved(FAR))

    await post.settled("expired", "sent")

    assert subjects(mail_server.taken) == ["Thu 5 Mar, 1.30pm: Work Group meeting, River Vale 3"]


async def test_what_a_sender_took_up_is_judged_by_where_the_meeting_is_now(post: Post, mail_server: MailServer) -> None:
    """A mail in doubt still tells the old time, which is to come; the meeting is over."""
    mail_server.script.append("drop")
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await _doubted(post)
    await post.pool.execute("UPDATE meetings SET ends_at = $1", MARCH - 52 * WEEK)
    await post.hurry()

    await post.settled("expired")

    assert len(mail_server.seen) == 1


async def test_somebody_erased_is_not_written_to(post: Post, mail_server: MailServer) -> None:
    """What was queued is dropped before a sender sees it."""
    await tell(post.pool, person(), scheduled(), invited(), tombstone(AMINA))
    await tell(post.pool, person(BEN), invited(BEN))
    post.send()

    await post.settled("dropped", "sent")

    assert mail_server.recipients == [ADDRESSES[BEN][1]]


async def test_a_mail_half_sent_is_finished_when_the_process_is_told_to_stop(
    post: Post, mail_server: MailServer
) -> None:
    """Or every orderly restart would send some mails twice."""
    mail_server.hold.clear()
    await tell(post.pool, person(), scheduled(), invited())
    sending = post.send()
    await until(_seen(mail_server, 1))
    sending.cancel()
    await asyncio.wait({sending}, timeout=0.1)
    mail_server.hold.set()

    await post.settled("sent")

    with pytest.raises(asyncio.CancelledError):
        await sending


def _seen(server: MailServer, number: int) -> Callable[[], Awaitable[bool]]:
    async def are() -> bool:
        return len(server.seen) >= number

    return are


def _taken(server: MailServer, number: int) -> Callable[[], Awaitable[bool]]:
    async def are() -> bool:
        return len(server.taken) >= number

    return are


async def _deferred(post: Post, times: int) -> None:
    async def is_put_off() -> bool:
        times_put_off = "SELECT deferrals FROM deliveries WHERE status = 'queued'"
        return bool(await post.pool.fetchval(times_put_off) == times)

    await until(is_put_off)


async def _doubted(post: Post) -> None:
    async def is_in_doubt() -> bool:
        return bool(await post.pool.fetchval("SELECT doubts FROM deliveries WHERE status = 'queued'") == 1)

    await until(is_in_doubt)
