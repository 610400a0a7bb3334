"""What calendars are told, decided on values alone."""

from datetime import datetime

import pytest

from calendar_story import (
    AMINA,
    BEN,
    LENGTH,
    MARCH,
    MEETING,
    OTHER_MEETING,
    WEEK,
    cancelled,
    held,
    invited,
    moved,
    scheduled,
    uninvited,
)
from mathshubs.events import Event
from notification.invitations.domain.ledger import Ledger, Notice, Reach, Slot, uid_of

BEFORE = MARCH - 4 * WEEK
AFTER = MARCH + LENGTH


def slot(at: datetime = MARCH, place: str | None = "Elm Park") -> Slot:
    """What a calendar shows of the meeting."""
    return Slot(at, at + LENGTH, "hybrid", "River Vale 3", place)


def notice(kind: str, revision: int, shown: Slot, was: Slot | None = None, **more: object) -> Notice:
    """One mail to Amina."""
    return Notice(MEETING, AMINA, uid_of(MEETING, AMINA), kind, revision, shown, was, **more)  # type: ignore[arg-type]


def ledger(*facts: Event, now: datetime = BEFORE, reach: Reach = Reach.REACHABLE) -> Ledger:
    """The ledger after these facts, with what it would send."""
    heard = Ledger(now, reach={AMINA: reach})
    for fact in facts:
        heard.hear(fact)
    return heard


def test_an_invitation_puts_the_meeting_in_the_calendar() -> None:
    """The first mail has SEQUENCE 0."""
    assert ledger(scheduled(at=MARCH), invited()).notices == [notice("invitation", 0, slot())]


def test_a_meeting_that_moves_takes_its_entry_along() -> None:
    """The same UID with the next SEQUENCE, and what it was before, so that the mail can say so."""
    heard = ledger(scheduled(at=MARCH), invited(), moved(MARCH + WEEK))

    assert heard.notices[1:] == [notice("change", 1, slot(MARCH + WEEK), slot())]


@pytest.mark.parametrize("fact", [scheduled(at=MARCH, place="Oak Park"), scheduled(at=MARCH, place=None)])
def test_a_new_place_is_a_change_too(fact: Event) -> None:
    """Somebody would stand before the wrong school otherwise."""
    heard = ledger(scheduled(at=MARCH), invited(), fact)

    assert [(n.kind, n.revision) for n in heard.notices] == [("invitation", 0), ("change", 1)]


@pytest.mark.parametrize("fact", [invited(), scheduled(at=MARCH), moved(MARCH)])
def test_what_the_calendar_holds_already_is_not_told_again(fact: Event) -> None:
    """Advocates read few mails; a second one of the same content costs the next one."""
    assert len(ledger(scheduled(at=MARCH), invited(), fact).notices) == 1


def test_an_advocate_who_leaves_has_the_entry_taken_out() -> None:
    """CANCEL with the next SEQUENCE, or the calendar would keep it."""
    heard = ledger(scheduled(at=MARCH), invited(), uninvited())

    assert heard.notices[1:] == [notice("withdrawal", 1, slot(), slot())]


def test_invited_moved_uninvited_and_invited_again() -> None:
    """One entry throughout, SEQUENCE never falls."""
    heard = ledger(scheduled(at=MARCH), invited(), moved(MARCH + WEEK), uninvited(), moved(MARCH), invited())

    assert [(n.kind, n.revision, n.slot.starts_at) for n in heard.notices] == [
        ("invitation", 0, MARCH),
        ("change", 1, MARCH + WEEK),
        ("withdrawal", 2, MARCH + WEEK),
        ("invitation", 3, MARCH),
    ]


def test_a_cancelled_meeting_leaves_every_calendar() -> None:
    """The same UID with the next SEQUENCE, and the code of why, so that the mail can say it."""
    heard = ledger(scheduled(at=MARCH), invited(), cancelled(reason="strike"), uninvited())

    assert heard.notices[1:] == [notice("cancellation", 1, slot(), slot(), why="strike")]


def test_a_meeting_planned_anew_comes_back() -> None:
    """Whoever is said to be invited is; somebody who left meanwhile is not, though nobody said so."""
    heard = ledger(scheduled(at=MARCH), invited(), cancelled(), scheduled(at=MARCH + WEEK), invited())
    left = ledger(scheduled(at=MARCH), invited(), cancelled(), scheduled(at=MARCH + WEEK), invited(BEN))

    assert heard.notices[2:] == [notice("invitation", 2, slot(MARCH + WEEK))]
    assert [one.person_id for one in left.notices[2:]] == [BEN]


def test_a_cancelled_meeting_that_moves_stays_cancelled() -> None:
    """Only planned anew does it take place."""
    assert len(ledger(scheduled(at=MARCH), invited(), cancelled(), moved(MARCH + WEEK)).notices) == 2


def test_nobody_is_told_that_a_meeting_was_cancelled_which_is_over() -> None:
    """A hub that tidies up its records writes to nobody."""
    heard = ledger(scheduled(at=MARCH), invited())
    heard.notices.clear()
    heard.now = AFTER
    heard.hear(cancelled())

    assert heard.notices == []


def test_cancelled_before_an_address_came_nothing_is_ever_sent() -> None:
    """As if it had never been planned."""
    heard = ledger(scheduled(at=MARCH), invited(), cancelled(), reach=Reach.NOT_YET)
    last = heard.notices[-1]
    heard.notices.clear()
    heard.reach_at_last(AMINA)

    assert (last.state, heard.notices) == ("superseded", [])


def test_whoever_takes_over_a_slot_is_invited_to_what_is_to_come() -> None:
    """The old holder's entry leaves their calendar; a meeting that is over moves nobody."""
    heard = Ledger(AFTER, reach={AMINA: Reach.REACHABLE, BEN: Reach.REACHABLE})
    for fact in (scheduled(OTHER_MEETING, at=MARCH + WEEK), invited(AMINA, OTHER_MEETING), scheduled(at=MARCH)):
        heard.hear(fact)
    heard.notices.clear()
    for meeting in (MEETING, OTHER_MEETING):
        heard.hear(uninvited(AMINA, meeting))
        heard.hear(invited(BEN, meeting))

    told = [(n.person_id, n.meeting_id, n.kind) for n in heard.notices]
    assert told == [(AMINA, OTHER_MEETING, "withdrawal"), (BEN, OTHER_MEETING, "invitation")]


def test_somebody_never_invited_cannot_be_uninvited() -> None:
    """No mail takes out what no mail put in."""
    assert ledger(scheduled(at=MARCH), uninvited()).notices == []


@pytest.mark.parametrize("facts", [(invited(),), (moved(MARCH - 3 * WEEK), invited())])
def test_a_meeting_that_has_ended_is_not_written_about(facts: tuple[Event, ...]) -> None:
    """The very minute of its end counts as over."""
    assert ledger(scheduled(at=MARCH), *facts, now=AFTER).notices == []


def test_a_meeting_reported_as_held_is_not_written_about() -> None:
    """Not even where the clock has not reached its end."""
    assert ledger(scheduled(at=MARCH), held(), invited()).notices == []


def test_a_meeting_that_moves_back_into_the_future_is_told() -> None:
    """What was too late to tell is told once it is of use."""
    heard = ledger(scheduled(at=MARCH - 2 * WEEK), invited(), moved(MARCH), now=MARCH - WEEK)

    assert heard.notices == [notice("invitation", 0, slot())]


def test_a_meeting_that_comes_back_from_the_past_is_told_again() -> None:
    """What was queued of it was given up, and the same time as before is news to whoever never had it."""
    heard = ledger(scheduled(at=MARCH), invited(), moved(BEFORE - WEEK), moved(MARCH))

    assert [(n.kind, n.revision, n.slot.starts_at) for n in heard.notices] == [
        ("invitation", 0, MARCH),
        ("change", 1, MARCH),
    ]


def test_an_invitation_to_a_meeting_not_heard_of_yet_is_remembered() -> None:
    """It is told when the meeting is known: facts set aside and tried again come late."""
    assert ledger(invited(), scheduled(at=MARCH)).notices == [notice("invitation", 0, slot())]


def test_without_an_address_one_invitation_waits_and_says_the_present_state() -> None:
    """Moved twice while nobody could be told: still one invitation, revision 0."""
    heard = ledger(scheduled(at=MARCH), invited(), moved(MARCH + WEEK), reach=Reach.NOT_YET)

    assert heard.notices[-1] == notice("invitation", 0, slot(MARCH + WEEK), state="waiting-for-address")
    assert {n.revision for n in heard.notices} == {0}


def test_the_address_comes_and_one_mail_goes_out() -> None:
    """It says where the meeting is now, not where it once was."""
    heard = ledger(scheduled(at=MARCH), invited(), moved(MARCH + WEEK), reach=Reach.NOT_YET)
    heard.notices.clear()

    heard.reach_at_last(AMINA)

    assert heard.notices == [notice("invitation", 0, slot(MARCH + WEEK))]


def test_uninvited_before_an_address_came_nothing_is_ever_sent() -> None:
    """Neither an invitation nor its withdrawal: there is nothing to take out."""
    heard = ledger(scheduled(at=MARCH), invited(), uninvited(), reach=Reach.NOT_YET)
    last = heard.notices[-1]
    heard.notices.clear()

    heard.reach_at_last(AMINA)

    assert (last.state, heard.notices) == ("superseded", [])


def test_another_address_gets_the_present_state() -> None:
    """As an invitation, since nothing has reached that address; what was not sent yet gives way to it."""
    heard = ledger(scheduled(at=MARCH), invited(), moved(MARCH + WEEK))
    heard.notices.clear()

    heard.reach_elsewhere(AMINA)

    assert heard.notices == [notice("invitation", 2, slot(MARCH + WEEK))]


def test_another_address_hears_nothing_of_what_is_over_or_withdrawn() -> None:
    """Only of entries still to come."""
    over = ledger(scheduled(at=MARCH), invited(), held())
    withdrawn = ledger(scheduled(at=MARCH), invited(), uninvited())
    for heard in (over, withdrawn):
        heard.notices.clear()
        heard.reach_elsewhere(AMINA)

    assert (over.notices, withdrawn.notices) == ([], [])


def test_somebody_who_was_erased_is_told_nothing() -> None:
    """Whatever scheduling still says of them."""
    heard = ledger(scheduled(at=MARCH), invited())
    heard.forget(AMINA)
    heard.notices.clear()
    for fact in (moved(MARCH + WEEK), uninvited(), invited()):
        heard.hear(fact)

    assert heard.notices == []


def test_each_person_has_an_entry_of_their_own() -> None:
    """Two calendars never share a UID."""
    assert uid_of(MEETING, AMINA) != uid_of(MEETING, BEN)
    assert uid_of(MEETING, AMINA) == uid_of(MEETING, AMINA)
