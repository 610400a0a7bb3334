"""Whether a mail may go out, and what follows from what the server said, decided on values alone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from calendar_story import ADDRESSES, AMINA, FAR, LENGTH, MARCH, in_hand
from mathshubs.events.enrolment.people import Person
from mathshubs.settings import Settings
from notification.deliveries.domain.delivery import InHand, Told
from notification.deliveries.domain.fates import blame
from notification.deliveries.domain.judging import Answer, Post, Verdict, bar, now_told, verdict
from notification.people.domain import STONE, Addressee, Change, after

OFF = Post(live=False)
BEFORE = MARCH - timedelta(days=1)


def barred(one: InHand, post: Post = OFF, now: datetime = BEFORE, *, by_mailbox: bool = True) -> str | None:
    """Why a mail may not go out, if it may not: by default to the local mailbox, a day before the meeting."""
    return bar(one, post, now, by_mailbox=by_mailbox)


def test_a_mail_goes_out_before_the_meeting_ends() -> None:
    """A late invitation still helps somebody who is on the way."""
    assert barred(in_hand(), now=MARCH + timedelta(minutes=10)) is None


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"is_overtaken": True}, "superseded"),
        ({"doubts": 2}, "unknown"),
        ({"email": None}, "dropped"),
        ({"is_suppressed": True}, "suppressed"),
        ({"older_is_open": True}, "queued"),
    ],
)
def test_a_mail_that_may_not_go_out_says_why(given: dict[str, object], status: str) -> None:
    """Each in a state that an operator can read."""
    assert barred(in_hand(**given)) == status


def test_nothing_goes_out_once_the_meeting_has_ended() -> None:
    """Whatever else could be said of it; the end itself is too late."""
    assert barred(in_hand(is_overtaken=True), now=MARCH + LENGTH) == "expired"


@pytest.mark.parametrize("since", [{"meeting_ends_at": BEFORE}, {"meeting_was_held": True}])
def test_nothing_goes_out_once_the_meeting_is_over_where_it_has_moved_to(since: dict[str, object]) -> None:
    """The time that the mail would tell is still to come, and nobody should go there."""
    assert barred(in_hand(**since)) == "expired"


def test_the_local_mailbox_gets_everything() -> None:
    """Nobody outside reads it."""
    assert barred(in_hand()) is None
    assert barred(in_hand(), Post(live=False, allowed=frozenset({"b@elm.example"}))) is None


def test_mail_to_real_people_is_withheld_until_switched_on() -> None:
    """A demo with a real mail server in its settings must not write to real teachers."""
    allowed = Post(live=False, allowed=frozenset({ADDRESSES[AMINA][1]}))

    assert barred(in_hand(), by_mailbox=False) == "withheld"
    assert barred(in_hand(email="Amina.Khan@elmpark.example"), allowed, by_mailbox=False) is None
    assert barred(in_hand(), Post(live=True), by_mailbox=False) is None


ELSEWHERE = MARCH - timedelta(days=7)


def told(kind: str = "invitation", at: datetime = ELSEWHERE, **given: object) -> Told:
    """What Amina was told last of the meeting."""
    usual = {"is_certain": True, "email": ADDRESSES[AMINA][1]}
    return Told(kind, at, at + LENGTH, "hybrid", "River Vale 3", "Elm Park", **(usual | given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("queued_as", "before", "goes_as"),
    [
        ("invitation", None, "invitation"),
        ("change", None, "invitation"),
        ("change", told(email="old@elmpark.example"), "invitation"),
        ("change", told("withdrawal"), "invitation"),
        ("change", told(), "change"),
        ("invitation", told(), "change"),
        ("change", told(is_certain=False), "change"),
        ("change", told(at=MARCH), None),
        ("invitation", told(at=MARCH), None),
        ("change", told(at=MARCH, is_certain=False), "invitation"),
        ("withdrawal", None, None),
        ("withdrawal", told(), "withdrawal"),
        ("withdrawal", told(email="old@elmpark.example"), "withdrawal"),
        ("withdrawal", told("withdrawal"), None),
        ("cancellation", None, None),
        ("cancellation", told(), "cancellation"),
        ("cancellation", told("withdrawal"), None),
        ("invitation", told("cancellation"), "invitation"),
        ("withdrawal", told("withdrawal", is_certain=False), "withdrawal"),
    ],
)
def test_a_mail_says_what_fits_what_the_person_was_told(
    queued_as: str, before: Told | None, goes_as: str | None
) -> None:
    """Queued is not told: whoever never had the invitation would not know what has moved."""
    delivery = replace(in_hand().delivery, kind=queued_as, revision=1, was_starts_at=FAR, was_ends_at=FAR)

    said = now_told(in_hand(delivery=delivery, told=before))

    assert (said and said.kind) == goes_as
    if said and said.kind == "change":
        assert (said.was_starts_at, said.was_ends_at) == (ELSEWHERE, ELSEWHERE + LENGTH)
    if said and before and said.kind in ("withdrawal", "cancellation"):
        assert (said.starts_at, said.ends_at) == (ELSEWHERE, ELSEWHERE + LENGTH)
    if said and said.kind == "invitation":
        assert (said.was_starts_at, said.was_ends_at) == (None, None)


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Answer("accepted"), Verdict("sent", 0, 0)),
        (Answer("refused", "550 5.1.1"), Verdict("failed", 0, 0)),
        (Answer("refused", "552 5.2.2"), Verdict("undelivered", 0, 0)),
        (Answer("refused", "554 5.6.0"), Verdict("faulted", 0, 0)),
        (Answer("put off"), Verdict("queued", 0, 1, 5)),
        (Answer("turned away"), Verdict("queued", 0, 0, 5)),
        (Answer("in doubt"), Verdict("queued", 1, 0, 5)),
    ],
)
def test_what_the_server_said_decides(answer: Answer, what: Verdict) -> None:
    """For good, later, or again with the same Message-ID."""
    assert verdict(answer, doubts=0, deferrals=0) == what


@pytest.mark.parametrize(
    ("said", "whose"),
    [
        ("550 5.1.1", "address"),
        ("550", "address"),
        ("550 5.0.0", "address"),
        ("5.2.1", "address"),
        ("556", "address"),
        ("5.4.4", "address"),
        ("552 5.2.2", "passing"),
        ("552", "passing"),
        ("554 5.7.1", "ours"),
        ("530", "ours"),
        ("535 5.7.8", "ours"),
        ("554", "ours"),
        ("552 5.3.4", "ours"),
        ("550 5.1.8", "ours"),
        ("550 5.2.3", "ours"),
        ("no SMTPUTF8", "ours"),
    ],
)
def test_an_address_is_given_up_for_its_own_fault_alone(said: str, whose: str) -> None:
    """Or one wrong setting of ours would strike out every teacher in England."""
    assert blame(said) == whose


@pytest.mark.parametrize(("deferrals", "status"), [(0, None), (1, "expired")])
def test_what_was_put_off_is_given_up_when_the_meeting_begins(deferrals: int, status: str | None) -> None:
    """A server that did not take it for days takes it too late."""
    assert barred(in_hand(deferrals=deferrals), now=MARCH) == status


def test_in_doubt_twice_is_not_sent_a_third_time() -> None:
    """The person may have it twice already."""
    assert verdict(Answer("in doubt"), doubts=1, deferrals=3) == Verdict("unknown", 2, 3, 5)


def test_pauses_grow_to_a_quarter_of_an_hour() -> None:
    """A greylisting server lets a mail in within minutes; a broken one is not hammered."""
    pauses = [verdict(Answer("put off"), 0, deferrals).pause_seconds for deferrals in (0, 1, 2, 7, 8, 20)]

    assert pauses == [5, 10, 20, 640, 900, 900]


def person(version: int, email: str = "amina@elmpark.example") -> Person:
    """Amina, as this version of her record has her."""
    return Person(person_id=AMINA, name="Amina Khan", email=email, hub="river-vale", version=version)


KNOWN = Addressee(3, "Amina Khan", "amina@elmpark.example")


@pytest.mark.parametrize(
    ("known", "heard", "change"),
    [
        (None, person(1), Change.FIRST_ADDRESS),
        (KNOWN, person(4, "amina@oakpark.example"), Change.ANOTHER_ADDRESS),
        (KNOWN, person(4, "Amina@ElmPark.example"), Change.NOTHING),
        (KNOWN, person(3, "older@oakpark.example"), Change.NOTHING),
        (KNOWN, person(2, "older@oakpark.example"), Change.NOTHING),
        (STONE, person(9), Change.NOTHING),
    ],
)
def test_only_a_newer_record_of_a_person_counts(known: Addressee | None, heard: Person, change: Change) -> None:
    """An older one may be delivered again at any time; nothing brings back somebody who was erased."""
    assert after(known, heard)[1] is change


def test_a_stone_stays_a_stone() -> None:
    """Even for a later version than any before."""
    assert after(STONE, person(99))[0] is STONE


def test_allowed_addresses_are_listed_with_commas() -> None:
    """As people write a list in an environment variable."""
    listed = Settings(mail_allowed="a@elm.example, b@oak.example,")

    assert listed.mail_allowed == ("a@elm.example", "b@oak.example")
