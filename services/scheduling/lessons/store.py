"""SQL that holds and writes open lessons."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from mathshubs import journal
from mathshubs.events import Event
from mathshubs.events.scheduling.lessons import Observer, OpenLessonHeld
from mathshubs.events.spoken import LessonId, WorkGroupId
from mathshubs.hearing import NotHeardOf
from mathshubs.postgres import Db, write_rows
from scheduling.lessons.domain import Group, HoldLesson, Lesson, Standing


async def hold(db: Db, asked: Sequence[HoldLesson]) -> "Lessons":
    """Hold the lessons that `asked` is about until the transaction ends, whether they are known yet or not."""
    ids = {ask.lesson.id for ask in asked}
    await journal.hold(db, {f"lesson:{id_}" for id_ in ids})
    groups = {ask.lesson.work_group_id for ask in asked if ask.lesson.work_group_id}
    return Lessons(await _groups(db, groups), await _lessons(db, ids))


LOAD_GROUPS = """
    SELECT id, hub, school_year
      FROM work_groups
     WHERE id = ANY($1::uuid[])
"""


async def _groups(db: Db, groups: Collection[WorkGroupId]) -> dict[WorkGroupId, Group]:
    rows = await db.fetch(LOAD_GROUPS, list(groups)) if groups else ()
    return {row["id"]: Group(row["hub"], row["school_year"]) for row in rows}


LOAD_LESSONS = """
    SELECT id, hub, school_urn, held_on, mode, work_group_id
      FROM lessons
     WHERE id = ANY($1::uuid[])
"""
LOAD_OBSERVERS = """
    SELECT lesson_id, person_id, school_urn
      FROM lesson_observers
     WHERE lesson_id = ANY($1::uuid[])
     ORDER BY lesson_id, place
"""


async def _lessons(db: Db, ids: Collection[LessonId]) -> dict[LessonId, Lesson]:
    observers: dict[LessonId, list[Observer]] = defaultdict(list)
    for row in await db.fetch(LOAD_OBSERVERS, list(ids)):
        observers[row["lesson_id"]].append(Observer(person_id=row["person_id"], school_urn=row["school_urn"]))
    rows = await db.fetch(LOAD_LESSONS, list(ids))
    return {row["id"]: Lesson(**row, observers=tuple(observers[row["id"]])) for row in rows}


KEEP_LESSONS = """
    INSERT INTO lessons (id, hub, school_urn, held_on, mode, work_group_id)
    SELECT id, hub, school_urn, held_on, mode, work_group_id
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::text[], $6::uuid[])
        AS lesson (id, hub, school_urn, held_on, mode, work_group_id)
"""
KEEP_OBSERVERS = """
    INSERT INTO lesson_observers (lesson_id, place, person_id, school_urn)
    SELECT lesson_id, place, person_id, school_urn
      FROM unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::text[])
        AS observer (lesson_id, place, person_id, school_urn)
"""


class Lessons:
    """The lessons that a batch is decided on, as it goes on."""

    def __init__(self, groups: Mapping[WorkGroupId, Group], lessons: Mapping[LessonId, Lesson]) -> None:
        """Take the groups that are named and the lessons as they are loaded."""
        self._groups, self._before, self._lessons = groups, lessons, dict(lessons)

    def state(self, ask: HoldLesson) -> Standing:
        """Return what the rule must know.

        Raises:
            NotHeardOf: if a Work Group is named that enrolment has not said yet.
        """
        named = ask.lesson.work_group_id
        if named and named not in self._groups:
            raise NotHeardOf(f"work_group:{named}")
        return Standing(self._lessons.get(ask.lesson.id), self._groups[named] if named else None)

    def evolve(self, fact: Event) -> None:
        """Take up a lesson that was held."""
        if isinstance(fact, OpenLessonHeld):
            self._lessons[fact.lesson_id] = Lesson(
                id=fact.lesson_id,
                hub=fact.hub,
                school_urn=fact.school_urn,
                held_on=fact.held_on,
                mode=fact.mode,
                observers=fact.observers,
                work_group_id=fact.work_group_id,
            )

    async def keep(self, db: Db) -> None:
        """Write the lessons that are new, and who watched them."""
        new = [lesson for lesson in self._lessons.values() if lesson.id not in self._before]
        await write_rows(db, KEEP_LESSONS, [_columns(lesson) for lesson in new])
        rows = [
            (lesson.id, place, one.person_id, one.school_urn)
            for lesson in new
            for place, one in enumerate(lesson.observers, 1)
        ]
        await write_rows(db, KEEP_OBSERVERS, rows)


def _columns(lesson: Lesson) -> tuple[object, ...]:
    return lesson.id, lesson.hub, lesson.school_urn, lesson.held_on, lesson.mode, lesson.work_group_id
