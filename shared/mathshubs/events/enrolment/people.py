"""What enrolment says of people: in facts by id alone; names and addresses on `people.current`."""

from typing import ClassVar

from pydantic import Field

from mathshubs.events.spoken import Event, PersonId, Refusal, Role, Spoken, Urn


class PersonRegistered(Event):
    """A person is known by this id."""

    type: ClassVar = "uk.mathshubs.enrolment.PersonRegistered.v1"
    key: ClassVar = "person_id"

    person_id: PersonId
    flags: tuple[str, ...] = ()


class PersonDetailsCorrected(Event):
    """Some of a person's details changed; what they are now stands on `people.current`."""

    type: ClassVar = "uk.mathshubs.enrolment.PersonDetailsCorrected.v1"
    key: ClassVar = "person_id"

    person_id: PersonId
    flags: tuple[str, ...] = ()


class PersonMerged(Event):
    """Two records were one person: from now on `person_id` means `into_id`, in what was said before too.

    `into_id` was merged into none when it was said. When it is later, all that were merged into it are said again,
    so the last of these facts of each record names the one that stays.
    """

    type: ClassVar = "uk.mathshubs.enrolment.PersonMerged.v1"
    key: ClassVar = "person_id"

    person_id: PersonId
    into_id: PersonId
    flags: tuple[str, ...] = ()


class PersonRefused(Refusal):
    """The report of a person was not accepted, such as of one whom another hub reported or who was erased."""

    type: ClassVar = "uk.mathshubs.enrolment.PersonRefused.v1"
    key: ClassVar = "person_id"

    person_id: PersonId


class PersonErased(Event):
    """A person is to be forgotten everywhere; each service answers with its own `PersonForgotten`."""

    type: ClassVar = "uk.mathshubs.enrolment.PersonErased.v1"
    key: ClassVar = "person_id"

    person_id: PersonId


class PersonForgotten(Event):
    """Enrolment holds nothing more of this person; `scrubbed` counts rows by store."""

    type: ClassVar = "uk.mathshubs.enrolment.PersonForgotten.v1"
    key: ClassVar = "person_id"

    person_id: PersonId
    scrubbed: dict[str, int] = Field(default_factory=dict)


class Person(Spoken):
    """A person as they are now, on `people.current` alone; a tombstone erases them. Never a TRN."""

    type: ClassVar = "uk.mathshubs.enrolment.Person.v1"

    person_id: PersonId
    name: str = Field(repr=False)
    email: str = Field(repr=False)
    school_urn: Urn | None = None
    roles: tuple[Role, ...] = ()
    hub: str
    version: int


class PeopleTicked(Spoken):
    """Time has passed on `people.current`, so that compaction takes out who was erased; pass over it."""

    type: ClassVar = "uk.mathshubs.enrolment.PeopleTicked.v1"

    part: int
