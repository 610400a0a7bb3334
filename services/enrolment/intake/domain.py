"""A school's interest as a hub heard of it: recorded, refused or flagged, and whose it is to answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple, Self

from mathshubs.clock import london_day
from mathshubs.events import Event
from mathshubs.events.enrolment.intake import InterestExpressed, InterestRefused, InterestRoutedToHub
from mathshubs.events.enrolment.people import PersonErased, PersonRegistered
from mathshubs.events.hub import intake as hubs
from mathshubs.events.spoken import InterestId, PersonId, Programme, SchoolYear, Urn, school_year_of
from mathshubs.reports import About


@dataclass(frozen=True, slots=True)
class ExpressInterest:
    """A hub has heard that a school would take part."""

    hub: str
    interest_id: InterestId
    school_urn: Urn
    contact_id: PersonId
    programme: Programme
    effective_at: datetime
    note: str | None = field(default=None, repr=False)

    @classmethod
    def reported(cls, report: hubs.InterestExpressed, about: About) -> Self:
        """Return the request that a hub's report makes."""
        return cls(
            hub=about.hub,
            interest_id=about.id("interest", report.interest),
            school_urn=report.school_urn,
            contact_id=about.id("person", report.contact),
            programme=report.programme,
            effective_at=about.since(report.effective_at),
            note=report.note,
        )

    @property
    def key(self) -> str:
        """Return what it is kept in order with: the interest."""
        return f"interest:{self.interest_id}"

    @property
    def makes(self) -> None:
        """Bring nothing that others wait for."""

    @property
    def subject(self) -> "Subject":
        """Return what it is in: one school's interest in a programme, in the school year in which it was heard."""
        return Subject(self.school_urn, self.programme, school_year_of(self.day))

    @property
    def day(self) -> date:
        """Return the day on which it was heard."""
        return london_day(self.effective_at)


class Subject(NamedTuple):
    """What an interest is in: a second one in the same is the same once more."""

    school_urn: Urn
    programme: Programme
    school_year: SchoolYear


class Area(NamedTuple):
    """A hub covers a local authority, from a day on and until another, that day included."""

    hub: str
    local_authority_code: str
    from_on: date
    until_on: date | None = None

    def covers(self, code: str, day: date) -> bool:
        """Say whether it covers the authority with this code on `day`."""
        return (
            self.local_authority_code == code
            and self.from_on <= day
            and (self.until_on is None or day <= self.until_on)
        )


@dataclass(frozen=True, slots=True)
class Interest:
    """An interest as it was recorded."""

    hub: str
    school_urn: Urn
    contact_id: PersonId
    programme: Programme
    school_year: SchoolYear
    effective_at: datetime
    repeats: bool = False
    """Another interest in the same was recorded before."""
    routed_to: str | None = None

    @property
    def subject(self) -> Subject:
        """Return what it is in."""
        return Subject(self.school_urn, self.programme, self.school_year)


@dataclass(frozen=True, slots=True)
class Intake:
    """What must be known to decide on some interests, and no more."""

    authorities: Mapping[Urn, str] = field(default_factory=dict)
    """The local authority of each school that the register has."""
    reasons: Mapping[tuple[Urn, date, Programme, SchoolYear], tuple[str, ...]] = field(default_factory=dict)
    """Why a school of the register may not take part; nothing where it may."""
    areas: tuple[Area, ...] = ()
    interests: Mapping[InterestId, Interest] = field(default_factory=dict)
    people: frozenset[PersonId] = frozenset()
    """Who has been reported and not erased since."""
    erased: frozenset[PersonId] = frozenset()


def express_interest(known: Intake, ask: ExpressInterest, _today: date) -> list[Event]:
    """Record the interest and whose it is to answer, or refuse it; the same once more is left alone.

    A school that is not eligible is flagged with the reasons: the hub answers it. A second interest in the same
    programme and year is recorded, flagged and routed to nobody, since the first is being answered.
    """
    if before := known.interests.get(ask.interest_id):
        reason = _differs(before, ask)
        return [_refused(ask, reason)] if reason else []
    if ask.school_urn not in known.authorities:
        return [_refused(ask, "school-unknown")]
    if ask.contact_id in known.erased:
        return [_refused(ask, "person-erased")]
    who = {"interest_id": ask.interest_id, "school_urn": ask.school_urn, "effective_at": ask.effective_at}
    who["school_year"] = ask.subject.school_year
    again = any(interest.subject == ask.subject for interest in known.interests.values())
    expressed = InterestExpressed(
        **who, hub=ask.hub, contact_id=ask.contact_id, programme=ask.programme, flags=_flags(known, ask, again=again)
    )
    return [expressed] if again else [expressed, InterestRoutedToHub(**who, **_answered_by(known, ask))]


def _differs(before: Interest, ask: ExpressInterest) -> str | None:
    if before.hub != ask.hub:
        return "not-your-interest"
    same = (ask.subject, ask.contact_id) == (before.subject, before.contact_id)
    return None if same else "interest-differs"


def _flags(known: Intake, ask: ExpressInterest, *, again: bool) -> tuple[str, ...]:
    flags = list(known.reasons.get((ask.school_urn, ask.day, ask.programme, ask.subject.school_year), ()))
    if again:
        flags.append("interest-already-expressed")
    return (*flags, *(() if ask.contact_id in known.people else ("person-unknown",)))


def _answered_by(known: Intake, ask: ExpressInterest) -> dict[str, str]:
    """Return the hub that covers the school's authority: the one that heard if it does, else the first to do so."""
    code = known.authorities[ask.school_urn]
    covering = sorted((area.from_on, area.hub) for area in known.areas if area.covers(code, ask.day))
    hubs_ = [hub for _, hub in covering]
    if not hubs_:
        return {"hub": ask.hub, "by": "hub-that-heard"}
    return {"hub": ask.hub if ask.hub in hubs_ else hubs_[0], "by": "local-authority"}


def _refused(ask: ExpressInterest, reason: str) -> InterestRefused:
    return InterestRefused(
        effective_at=ask.effective_at,
        hub=ask.hub,
        school_year=ask.subject.school_year,
        interest_id=ask.interest_id,
        school_urn=ask.school_urn,
        reasons=(reason,),
    )


def evolve(known: Intake, fact: Event) -> Intake:
    """Return what is known after `fact`, whichever noun it is of."""
    match fact:
        case InterestExpressed():
            return _with(known, fact.interest_id, _expressed(fact))
        case InterestRoutedToHub():
            interest = known.interests[fact.interest_id]
            return _with(known, fact.interest_id, replace(interest, routed_to=fact.hub))
        case PersonRegistered():
            return replace(known, people=known.people | {fact.person_id})
        case PersonErased():
            return replace(known, people=known.people - {fact.person_id}, erased=known.erased | {fact.person_id})
        case _:
            return known


def _with(known: Intake, interest_id: InterestId, interest: Interest) -> Intake:
    return replace(known, interests={**known.interests, interest_id: interest})


def _expressed(fact: InterestExpressed) -> Interest:
    return Interest(
        hub=fact.hub,
        school_urn=fact.school_urn,
        contact_id=fact.contact_id,
        programme=fact.programme,
        school_year=fact.school_year or school_year_of(london_day(fact.effective_at)),
        effective_at=fact.effective_at,
        repeats="interest-already-expressed" in fact.flags,
    )
