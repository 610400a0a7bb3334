"""Somebody stays away from one meeting after another, and a hub is to hear of it: once, and only if it is true."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import takewhile
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from mathshubs.events import Event
from mathshubs.events.scheduling.registers import AbsencesRunning
from mathshubs.ids import References
from scheduling.answers import answers
from scheduling.holding import Held, State
from scheduling.meetings.domain import (
    CancelMeeting,
    CorrectAttendance,
    Meeting,
    OfAny,
    ScheduleMeeting,
    WorkGroup,
    heard,
)
from scheduling.meetings.store import Plans
from scheduling.registers.domain import Gathering, Run, Runs, borne, noticed, running
from scheduling.registers.store import Registers
from scheduling_examples import (
    AMINA,
    BEN,
    ELM,
    ELM_PARK,
    FEBRUARY,
    LENA,
    NOVEMBER,
    OF_ELM,
    RIVER_VALE,
    SAID,
    SEPTEMBER,
    an_id,
    at,
    group,
    hold,
    mark,
    plan,
    planned,
    schedule,
    vacated,
    withdrew,
)

BOTH = group(amina=SEPTEMBER, ben=SEPTEMBER)
OCTOBER, JUNE = date(2026, 10, 6), date(2027, 6, 1)
TABLE = answers(References("of these tests"))._table
PROGRAMME = "secondary-teaching-for-mastery"
TWO = {(PROGRAMME, "2014/15"): 2}


def gathering(day: date, *came: Any, of: frozenset[Any] = frozenset({(ELM_PARK, AMINA), (ELM_PARK, BEN)})) -> Gathering:  # noqa: ANN401
    """A meeting was held on this day, to which these came."""
    return Gathering(at(day), of, frozenset(came))


def test_a_run_is_as_long_as_the_held_meetings_since_somebody_came() -> None:
    """In the order of their days, not of their registers; the school is away where nobody came."""
    held = [gathering(FEBRUARY), gathering(OCTOBER, AMINA, BEN), gathering(NOVEMBER, BEN)]

    assert running(held) == {
        (ELM_PARK, AMINA): Run(2, NOVEMBER),
        (ELM_PARK, BEN): Run(1, FEBRUARY),
        (ELM_PARK, None): Run(1, FEBRUARY),
    }


def test_a_meeting_without_anybody_expected_is_passed_over() -> None:
    """Both slots were vacant: the school neither came nor stayed away."""
    held = [gathering(OCTOBER), gathering(NOVEMBER, of=frozenset()), gathering(FEBRUARY)]

    assert running(held)[ELM_PARK, None] == Run(2, OCTOBER)


def test_a_programme_says_from_when_it_wants_to_hear() -> None:
    """The newest policy up to the year holds; without one nothing is said."""
    policies = {**TWO, (PROGRAMME, "2026/27"): 3}

    assert [borne(policies, PROGRAMME, year) for year in ("2025/26", "2026/27", "2030/31")] == [2, 3, 3]
    assert borne(policies, PROGRAMME, "2013/14") is None
    assert borne(policies, None, "2026/27") is None


def running_of(person: object, meetings: int, since: date) -> AbsencesRunning:
    """It is said that somebody's absences run on, or no more."""
    said = {**OF_ELM, "effective_at": SAID, "school_urn": ELM_PARK, "person_id": person}
    return AbsencesRunning.model_validate({**said, "meetings": meetings, "since": since})


def one_run(meetings: int) -> Runs:
    """Amina has been away since October."""
    return {(ELM_PARK, AMINA): Run(meetings, OCTOBER)}


def test_a_run_is_said_once_when_it_reaches_the_number_and_once_when_it_ends() -> None:
    """What grows on is no news."""
    said: Any = {**OF_ELM, "effective_at": SAID}
    of_one, of_two, of_three = (one_run(meetings) for meetings in (1, 2, 3))

    assert noticed({}, of_one, 2, said) == []
    assert noticed({}, of_two, 2, said) == [running_of(AMINA, 2, OCTOBER)]
    assert noticed(of_two, of_three, 2, said) == []
    assert noticed(of_two, {}, 2, said) == [running_of(AMINA, 0, OCTOBER)]


def missed(day: date, named: str, *came: Any) -> Meeting:  # noqa: ANN401
    """A meeting was held to which these came."""
    return planned(day, named=an_id(named), held=True, attended=frozenset(came))


def decided(state: State, ask: object) -> list[Event]:
    """What the table answers, of absences."""
    said = TABLE[type(ask)].by(state, ask, JUNE)
    return [fact for fact in said if isinstance(fact, AbsencesRunning)]


def test_apologies_are_absences_and_a_cancelled_meeting_is_nothing() -> None:
    """Amina missed October and sends apologies in February; November's snow day lies between."""
    snowed_in = planned(NOVEMBER, named=an_id("snow"), cancelled="snow")
    state = State(plan(missed(OCTOBER, "october", BEN), snowed_in, of=BOTH), {}, {}, TWO)

    marks = {AMINA: mark("apologies"), BEN: mark("present")}
    said = decided(state, hold(FEBRUARY, meeting_id=an_id("february"), marks=marks))

    assert said == [running_of(AMINA, 2, OCTOBER).model_copy(update={"effective_at": at(FEBRUARY)})]


def test_a_correction_ends_a_run_that_never_was() -> None:
    """She had come in November, and was mistaken for another."""
    meetings = missed(OCTOBER, "october", BEN), missed(NOVEMBER, "november", BEN)
    state = State(plan(*meetings, of=BOTH), {an_id("november"): {}}, {(ELM_PARK, AMINA): Run(2, OCTOBER)}, TWO)
    ask = CorrectAttendance(RIVER_VALE, an_id("november"), AMINA, "present", SAID, "register-mistake")

    assert decided(state, ask) == [running_of(AMINA, 0, OCTOBER)]


def test_whoever_gave_up_the_slot_is_waited_for_no_more() -> None:
    """Nor a school that has left."""
    meetings = missed(OCTOBER, "october"), missed(NOVEMBER, "november")
    stood = {(ELM_PARK, AMINA): Run(2, OCTOBER), (ELM_PARK, BEN): Run(2, OCTOBER), (ELM_PARK, None): Run(2, OCTOBER)}
    of_both = plan(*meetings, of=BOTH)

    left = State(heard(of_both, vacated(AMINA, FEBRUARY)), {}, stood, TWO)
    assert [fact.person_id for fact in decided(left, vacated(AMINA, FEBRUARY)) if not fact.meetings] == [AMINA]  # type: ignore[attr-defined]
    gone = State(heard(of_both, withdrew(FEBRUARY)), {}, stood, TWO)
    assert {fact.person_id for fact in decided(gone, withdrew(FEBRUARY))} >= {AMINA, BEN}  # type: ignore[attr-defined]


DAYS = [SEPTEMBER + timedelta(weeks=5 * number) for number in range(1, 7)]
Fate = Mapping[Any, str] | None
"""Who came to a meeting, if it was held; None of one that was cancelled."""
STATUSES = some.sampled_from(["present", "late", "apologies", "absent"])
FATES = some.none() | some.fixed_dictionaries({AMINA: STATUSES, BEN: STATUSES})


def reports(number: int, fate: Fate) -> list[OfAny]:
    """What a hub says of one meeting, in its order."""
    about: dict[str, Any] = {"meeting_id": an_id(f"meeting {number}")}
    planned_first: ScheduleMeeting = schedule(DAYS[number], **about)
    if fate is None:
        return [planned_first, CancelMeeting(RIVER_VALE, about["meeting_id"], SAID, "snow")]
    return [planned_first, hold(DAYS[number], **about, marks={who: mark(status) for who, status in fate.items()})]  # type: ignore[arg-type]


@some.composite
def arrivals(draw: some.DrawFn, fates: Sequence[Fate]) -> Iterator[OfAny]:
    """Any merging of what is said of each meeting."""
    left = [reports(number, fate) for number, fate in enumerate(fates)]
    order = draw(some.permutations([number for number, said in enumerate(left) for _ in said]))
    return iter([left[number].pop(0) for number in order])


def away(fates: Sequence[Fate], *people: Any) -> int:  # noqa: ANN401
    """From how many held meetings running nobody of `people` came, by looking from the last one back."""
    held = [fate for fate in fates if fate is not None]
    missed_by_all = (all(fate[who] in {"apologies", "absent"} for who in people) for fate in reversed(held))
    return len(list(takewhile(bool, missed_by_all)))


@settings(max_examples=120, deadline=None)
@given(some.data())
def test_no_order_of_arrival_makes_a_false_alarm(data: some.DataObject) -> None:
    """In whatever order reports come, cancelled meetings make no run; each alarm is said once, and taken back once."""
    fates = data.draw(some.lists(FATES, min_size=1, max_size=6))
    elm: WorkGroup = replace(BOTH, leads={})
    held = Held(Plans({ELM: plan(of=elm)}, {}, {}), Registers({}, {}, TWO))
    said: list[AbsencesRunning] = []

    for ask in data.draw(arrivals(fates)):
        for fact in TABLE[type(ask)].by(held.state(ask), ask, JUNE):
            held.evolve(fact)
            said += [fact] if isinstance(fact, AbsencesRunning) else []

    for person, people in ((AMINA, [AMINA]), (BEN, [BEN]), (None, [AMINA, BEN])):
        mine = [fact.meetings > 0 for fact in said if fact.person_id == person]
        assert mine == [number % 2 == 0 for number in range(len(mine))]
        assert (mine[-1:] == [True]) is (away(fates, *people) >= 2), person
    assert LENA not in {fact.person_id for fact in said}
