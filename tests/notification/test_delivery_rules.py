"""Whether a mail may go out, and what follows from what the server said, decided on values alone."""

from datetime import timedelta

import pytest

from calendar_story import ADDRESSES, AMINA, LENGTH, MARCH, in_hand
from mathshubs.events.enrolment.people import Person
from mathshubs.settings import Settings
from notification.deliveries.domain import Answer, Post, Verdict, bar, verdict
from notification.people.domain import STONE, Addressee, Change, after

LOCAL = Post(live=False, host="127.0.0.1")
BEFORE = MARCH - timedelta(days=1)


def test_a_mail_goes_out_before_the_meeting_ends() -> None:
    """A late invitation still helps somebody who is on the way."""
    assert bar(in_hand(), LOCAL, MARCH + timedelta(minutes=10)) is None


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"newer_was_sent": True}, "superseded"),
        ({"doubts": 2}, "unknown"),
        ({"email": None}, "dropped"),
        ({"older_is_open": True}, "queued"),
    ],
)
def test_a_mail_that_may_not_go_out_says_why(given: dict[str, object], status: str) -> None:
    """Each in a state that an operator can read."""
    assert bar(in_hand(**given), LOCAL, BEFORE) == status


def test_nothing_goes_out_once_the_meeting_has_ended() -> None:
    """Whatever else could be said of it; the end itself is too late."""
    assert bar(in_hand(newer_was_sent=True), LOCAL, MARCH + LENGTH) == "expired"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_a_server_on_this_machine_gets_everything(host: str) -> None:
    """It is the local mailbox: nobody outside reads it."""
    assert bar(in_hand(), Post(live=False, host=host), BEFORE) is None


@pytest.mark.parametrize("host", ["smtp.example.org", "10.0.0.5", "127.0.0.1.example.org", "localhost.example.org"])
def test_mail_to_real_people_is_withheld_until_switched_on(host: str) -> None:
    """A demo with a real mail server in its settings must not write to real teachers."""
    allowed = frozenset({ADDRESSES[AMINA][1]})

    assert bar(in_hand(), Post(live=False, host=host), BEFORE) == "withheld"
    assert (
        bar(in_hand(email="Amina.Khan@elmpark.example"), Post(live=False, host=host, allowed=allowed), BEFORE) is None
    )
    assert bar(in_hand(), Post(live=True, host=host), BEFORE) is None


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Answer("accepted", 250), Verdict("sent", 0, 0)),
        (Answer("refused", 550), Verdict("failed", 0, 0)),
        (Answer("refused", 451), Verdict("queued", 0, 1, 5)),
        (Answer("lost"), Verdict("queued", 0, 1, 5)),
        (Answer("in doubt"), Verdict("queued", 1, 0, 5)),
    ],
)
def test_what_the_server_said_decides(answer: Answer, what: Verdict) -> None:
    """For good, later, or again with the same Message-ID."""
    assert verdict(answer, doubts=0, deferrals=0) == what


def test_in_doubt_twice_is_not_sent_a_third_time() -> None:
    """The person may have it twice already."""
    assert verdict(Answer("in doubt"), doubts=1, deferrals=3) == Verdict("unknown", 2, 3, 5)


def test_pauses_grow_to_a_quarter_of_an_hour() -> None:
    """A greylisting server lets a mail in within minutes; a broken one is not hammered."""
    pauses = [verdict(Answer("refused", 421), 0, deferrals).pause_seconds for deferrals in (0, 1, 2, 7, 8, 20)]

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
