"""SQL that holds and writes registers."""

from collections.abc import Collection, Mapping
from itertools import groupby

from mathshubs import clock
from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AbsencesRunning, AttendanceRecorded
from mathshubs.events.spoken import MeetingId, PersonId, WorkGroupId
from mathshubs.postgres import Db, write_rows
from scheduling.registers.domain import Policies, Register, Row, Run, Runs, Whose

CURRENT = """
    SELECT meeting_id, person_id, status, mode, minutes, expected, revision
      FROM attendance
     WHERE meeting_id = ANY($1::uuid[])
       AND superseded_at IS NULL
"""


LOAD_POLICIES = """
    SELECT programme, from_year, absences_running
      FROM absence_policies
"""
LOAD_RUNS = """
    SELECT work_group_id, school_urn, person_id, meetings, since
      FROM absence_runs
     WHERE work_group_id = ANY($1::uuid[])
"""


async def load(db: Db, held: Collection[MeetingId], groups: Collection[WorkGroupId]) -> "Registers":
    """Load the registers of meetings that were held, and what runs in them; whoever decides holds their Work Groups."""
    registers: dict[MeetingId, dict[PersonId, Row]] = {meeting: {} for meeting in held}
    for row in await db.fetch(CURRENT, list(held)):
        register = registers[row["meeting_id"]]
        register[row["person_id"]] = Row(row["status"], row["mode"], row["minutes"], row["expected"], row["revision"])
    runs: dict[WorkGroupId, dict[Whose, Run]] = {group: {} for group in groups}
    for row in await db.fetch(LOAD_RUNS, list(groups)):
        runs[row["work_group_id"]][row["school_urn"], row["person_id"]] = Run(row["meetings"], row["since"])
    rows = await db.fetch(LOAD_POLICIES)
    return Registers(registers, runs, {(row["programme"], row["from_year"]): row["absences_running"] for row in rows})


# A clock that stepped back must not make a row end before it began: the two then meet in one instant.
SUPERSEDE = """
    UPDATE attendance
       SET superseded_at = greatest(attendance.recorded_at, $3)
      FROM unnest($1::uuid[], $2::uuid[]) AS corrected (meeting_id, person_id)
     WHERE attendance.meeting_id = corrected.meeting_id
       AND attendance.person_id = corrected.person_id
       AND attendance.superseded_at IS NULL
"""
RECORD = """
    INSERT INTO attendance (meeting_id, person_id, revision, status, mode, minutes, expected, reason,
                            effective_at, recorded_at, superseded_at)
    SELECT meeting_id, person_id, revision, status, mode, minutes, expected, reason, effective_at, $11::timestamptz,
           CASE WHEN is_last THEN NULL ELSE $11::timestamptz END
      FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::integer[], $7::boolean[],
                  $8::text[], $9::timestamptz[], $10::boolean[])
        AS marked (meeting_id, person_id, revision, status, mode, minutes, expected, reason, effective_at, is_last)
"""


class Registers:
    """The registers that a batch is decided on, as it goes on."""

    def __init__(
        self,
        registers: dict[MeetingId, dict[PersonId, Row]],
        runs: dict[WorkGroupId, dict[Whose, Run]],
        policies: Policies,
    ) -> None:
        """Take the current rows of each meeting that was held, the runs that were said, and what policies bear."""
        self.policies = policies
        self._registers, self._runs = registers, runs
        self._recorded: list[AttendanceRecorded] = []
        self._noticed: list[AbsencesRunning] = []

    @property
    def current(self) -> Mapping[MeetingId, Register]:
        """Return the register of each meeting that was held."""
        return self._registers

    def runs(self, group: WorkGroupId) -> Runs:
        """Return whose absences run on in this Work Group, as far as it was said."""
        return self._runs.get(group, {})

    def evolve(self, fact: Event) -> None:
        """Take up a fact that follows from what was asked."""
        match fact:
            case MeetingHeld(meeting_id=meeting):
                self._registers[meeting] = {}
            case AttendanceRecorded(meeting_id=meeting, person_id=person):
                self._registers[meeting][person] = Row.of(fact)
                self._recorded.append(fact)
            case AbsencesRunning():
                self._notice(fact)

    async def keep(self, db: Db) -> None:
        """Add what was recorded, close what it supersedes, and remember whose absences run on."""
        await _keep_runs(db, {fact.work_group_id: self._runs[fact.work_group_id] for fact in self._noticed})
        if not self._recorded:
            return
        now = clock.now()
        facts = sorted(self._recorded, key=lambda fact: (fact.meeting_id, fact.person_id, fact.revision))
        of_one = [list(found) for _, found in groupby(facts, key=lambda fact: (fact.meeting_id, fact.person_id))]
        await db.execute(SUPERSEDE, [f[0].meeting_id for f in of_one], [f[0].person_id for f in of_one], now)
        rows = [(*_columns(fact), fact is found[-1]) for found in of_one for fact in found]
        await db.execute(RECORD, *(list(column) for column in zip(*rows, strict=True)), now)

    def _notice(self, fact: AbsencesRunning) -> None:
        self._noticed.append(fact)
        runs = self._runs.setdefault(fact.work_group_id, {})
        whose = (fact.school_urn, fact.person_id)
        runs.pop(whose, None)
        if fact.meetings:
            runs[whose] = Run(fact.meetings, fact.since)


CLEAR_RUNS = "DELETE FROM absence_runs WHERE work_group_id = ANY($1::uuid[])"
PUT_RUNS = """
    INSERT INTO absence_runs (work_group_id, school_urn, person_id, meetings, since)
    SELECT work_group_id, school_urn, person_id, meetings, since
      FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::integer[], $5::date[])
        AS running (work_group_id, school_urn, person_id, meetings, since)
"""


async def _keep_runs(db: Db, changed: Mapping[WorkGroupId, Runs]) -> None:
    if changed:
        await db.execute(CLEAR_RUNS, list(changed))
    rows = [(group, *whose, run.meetings, run.since) for group, runs in changed.items() for whose, run in runs.items()]
    await write_rows(db, PUT_RUNS, rows)


def _columns(fact: AttendanceRecorded) -> tuple[object, ...]:
    marked = (fact.status, fact.mode, fact.minutes, fact.expected, fact.reason)
    return (fact.meeting_id, fact.person_id, fact.revision, *marked, fact.effective_at)
