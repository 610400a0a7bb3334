"""What can be seen of the running system from outside: receipts, diaries made of mail, parked keys, figures."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from hubs.demo import counting, faulty
from hubs.demo.clients import HubSystem
from hubs.demo.counting import Figures
from hubs.demo.papers import Group, Papers
from hubs.demo.running import Running
from hubs.demo.scene import Sent
from hubs.problems import connected
from hubs.proof.mail import Mail, fetch
from mathshubs.ids import References
from mathshubs.operating import parkedkeys

Answer = tuple[str, tuple[str, ...]]
"""An outcome, and the codes of its reasons."""


class Seeing:
    """Looks at the system in ways that its users have."""

    def __init__(self, papers: Papers, running: Running, systems: Mapping[str, HubSystem]) -> None:
        self._papers, self._running, self._systems = papers, running, systems

    async def answers(self, sent: Sent) -> list[Answer]:
        """Return what a hub was told of one of its events, in order."""
        receipts = await asyncio.to_thread(self._systems[sent.hub].receipts)
        mine = [receipt for receipt in receipts if receipt["event_id"] == sent.event["id"]]
        return [(one["outcome"], tuple(reason["code"] for reason in one["reasons"])) for one in mine]

    async def is_parked(self, sent: Sent) -> bool:
        """Say whether a hub was told that its event waits."""
        return "parked" in [outcome for outcome, _ in await self.answers(sent)]

    def key_of(self, sent: Sent) -> str:
        """Return what a report of a meeting is kept in order by."""
        ids = References(self._running.home.secrets["secret"])
        return f"meeting:{ids.resolve(sent.hub, 'meeting', sent.event['data']['meeting'])}"

    async def is_poisoned(self, sent: Sent) -> bool:
        """Say whether a report of a meeting has failed five times, and waits for an operator."""
        async with connected(self._running.ready["postgres"][faulty.WHERE]) as db:
            parked = await parkedkeys.find(db)
        return (self.key_of(sent), "poisoned") in [(one.key, one.state) for one in parked]

    async def diary(self, group: Group) -> list[Mail]:
        """Return what the calendars of a Work Group's people hold: the last word on each entry, by UID."""
        people = {who.email.casefold() for who in (group.lead, *group.advocates)}
        _, mails = await fetch(self._running.ready["inbox"])
        theirs = sorted(
            (mail for mail in mails if mail.to in people), key=lambda mail: (mail.sequence, mail.stamped_at)
        )
        return [mail for _, mail in sorted({mail.uid: mail for mail in theirs}.items())]

    async def entries(self, groups: Sequence[Group]) -> int:
        """Return how many entries stand in the calendars of these Work Groups' people."""
        people = {who.email.casefold() for group in groups for who in (group.lead, *group.advocates)}
        _, mails = await fetch(self._running.ready["inbox"])
        return len({mail.uid for mail in mails if mail.to in people})

    async def figures(self, known_at: datetime | None = None) -> Figures:
        """Return the national figures, as known now or at an instant."""
        known = {"known_at": known_at.isoformat()} if known_at else {}
        [national] = (await counting.given(self._running.ready["url"], **known)).values()
        return national

    def group_of(self, sent: Sent) -> Group:
        """Return the Work Group whose meeting in October an event is about."""
        return next(group for group in self._papers.of(sent.hub) if group.meeting == sent.event["data"]["meeting"])


def starts_at(sent: Sent) -> datetime:
    """Return when a meeting starts, as its report says."""
    return datetime.fromisoformat(sent.event["data"]["starts_at"])
