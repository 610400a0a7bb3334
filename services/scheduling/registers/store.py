"""SQL that holds and writes registers."""

from collections.abc import Collection, Mapping
from itertools import groupby

from mathshubs import clock
from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.events.spoken import MeetingId, PersonId
from mathshubs.postgres import Db
from scheduling.registers.domain import Register, Row

CURRENT = """
    SELECT meeting_id, person_id, status, mode, minutes, expected, revision
      FROM attendance
     WHERE meeting_id = ANY($1::uuid[])
       AND superseded_at IS NULL
"""


async def load(db: Db, held: Collection[MeetingId]) -> "Registers":
    """Load the registers of meetings that were held; whoever decides holds their Work Groups."""
    registers: dict[MeetingId, dict[PersonId, Row]] = {meeting: {} for meeting in held}
    for row in await db.fetch(CURRENT, list(held)):
        register = registers[row["meeting_id"]]
        register[row["person_id"]] = Row(row["status"], row["mode"], row["minutes"], row["expected"], row["revision"])
    return Registers(registers)


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

    def __init__(self, registers: dict[MeetingId, dict[PersonId, Row]]) -> None:
        """Take the current rows of each meeting that was held."""
        self._registers = registers
        self._recorded: list[AttendanceRecorded] = []

    @property
    def current(self) -> Mapping[MeetingId, Register]:
        """Return the register of each meeting that was held."""
        return self._registers

    def evolve(self, fact: Event) -> None:
        """Take up a fact that follows from what was asked."""
        match fact:
            case MeetingHeld(meeting_id=meeting):
                self._registers[meeting] = {}
            case AttendanceRecorded(meeting_id=meeting, person_id=person):
                self._registers[meeting][person] = Row.of(fact)
                self._recorded.append(fact)

    async def keep(self, db: Db) -> None:
        """Add what was recorded, and close what it supersedes."""
        if not self._recorded:
            return
        now = clock.now()
        facts = sorted(self._recorded, key=lambda fact: (fact.meeting_id, fact.person_id, fact.revision))
        of_one = [list(found) for _, found in groupby(facts, key=lambda fact: (fact.meeting_id, fact.person_id))]
        await db.execute(SUPERSEDE, [f[0].meeting_id for f in of_one], [f[0].person_id for f in of_one], now)
        rows = [(*_columns(fact), fact is found[-1]) for found in of_one for fact in found]
        await db.execute(RECORD, *(list(column) for column in zip(*rows, strict=True)), now)


def _columns(fact: AttendanceRecorded) -> tuple[object, ...]:
    marked = (fact.status, fact.mode, fact.minutes, fact.expected, fact.reason)
    return (fact.meeting_id, fact.person_id, fact.revision, *marked, fact.effective_at)
