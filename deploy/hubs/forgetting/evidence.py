"""The report on one person's erasure: each store, what was looked at, and whether they were found."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from hubs.forgetting.erasing import Erased
from hubs.forgetting.searching import files_with, search
from hubs.home import Home
from hubs.problems import connected
from hubs.proof.forgotten import in_records, on_people_current
from hubs.proof.mail import mails_of
from hubs.proof.system import System, number
from hubs.topics import Layout


@dataclass(frozen=True, slots=True)
class Store:
    """One store: whether it is clear of the person, in words, and where they were found.

    What a hub, or the register, wrote for everybody to read is `public`: it is kept, and is no failure.
    """

    store: str
    ok: bool
    said: str
    found: dict[str, int]
    public: dict[str, int] = field(default_factory=dict)


async def evidence(system: System, home: Home, layout: Layout, erased: Erased) -> list[Store]:
    """Search every store for a person who was erased, by the words that named them and by what names them still."""
    records = await in_records(system, [str(id_) for id_ in erased.same])
    databases = [
        await _database(system, service, erased, [table for of, table in records if of == service])
        for service in system.postgres
    ]
    logs = await asyncio.to_thread(files_with, home.logs, erased.words) if erased.words else []
    return [
        *databases,
        await _mailbox(system, erased),
        Store("logs", not logs, f"{number(len(logs), 'file')} with their name or address", dict.fromkeys(logs, 1)),
        await asyncio.to_thread(_kafka, system, home, layout, erased),
    ]


async def _database(system: System, service: str, erased: Erased, tables: list[str]) -> Store:
    """Search one database; `tables` hold records that name the person and tell more of them than they may."""
    if not erased.words:
        shared = "somebody else goes by the same words"
        why = (
            shared if erased.shared else "every store was searched when they were forgotten, and no name is remembered"
        )
        told = f"; {', '.join(tables)} tell of them by reference" if tables else ""
        return Store(service, not tables, f"nothing to search for: {why}{told}", dict.fromkeys(tables, 1))
    async with connected(system.postgres[service]) as db:
        searched = await search(db, erased.words)
    found = dict.fromkeys(tables, 1) | searched.hidden
    others = "; what others are called too was not searched for" if erased.shared else ""
    where = ", ".join(found) or "found in none"
    said = f"{number(searched.columns, 'column')} of text and bytes searched: {where}{others}"
    if service == "scheduling" and erased.links:
        said += f"; {number(erased.links, 'link to a meeting', 'links to meetings')} withheld: ask the hub for another"
    if service == "scheduling" and erased.visits:
        said += f"; taken out of the notes of {number(erased.visits, 'visit', 'visits')}"
    return Store(service, not found, said + _in_public(searched.public), found, searched.public)


def _in_public(places: Collection[str]) -> str:
    return f"; written in public, kept: {', '.join(sorted(places))}" if places else ""


async def _mailbox(system: System, erased: Erased) -> Store:
    if system.inbox is None:
        return Store("mailbox", ok=True, said="mail leaves by another server, where this command cannot look", found={})
    left = await mails_of(system, [str(id_) for id_ in erased.same])
    said = f"{number(erased.mails, 'mail')} removed, {number(len(left), 'mail') if left else 'none'} left"
    return Store("mailbox", not left, said, {"mails": len(left)} if left else {})


def _kafka(system: System, home: Home, layout: Layout, erased: Erased) -> Store:
    """See that the tombstone is the last word; what lies in older segments goes within the window, which is said."""
    stone = {str(id_) for id_ in erased.same}.isdisjoint(on_people_current(system.bus))
    segments = home.kept / "kafka" / "log"
    held = files_with(segments, erased.words, "*.log") if erased.words and segments.is_dir() else []
    topics = sorted({path.split("/")[0].rpartition("-")[0] for path in held})
    public = [topic for topic in topics if topic.endswith(".facts")]
    older = [topic for topic in topics if topic not in public]
    lies = f"; until then older segments of {', '.join(older)} hold them" if older else ""
    said = f"a tombstone is {'' if stone else 'NOT '}the last record on people.current; {window(layout)}{lies}"
    return Store("kafka", stone, said + _in_public(public), dict.fromkeys(older, 1), dict.fromkeys(public, 1))


def window(layout: Layout) -> str:
    """Return in words when the last copies of what hubs sent, and of people's older records, are gone."""
    whole = layout.erasure_window
    compacted = whole / 14 + whole / 168
    gone = f"older records of people are compacted within {_spoken(compacted)}"
    return f"{gone}, hubs' reports expire after {_spoken(whole)}"


def _spoken(length: timedelta) -> str:
    hours = length / timedelta(hours=1)
    if hours >= 48:  # noqa: PLR2004 -- two days
        return f"{hours / 24:.3g} days"
    return f"{hours:.3g} hours" if hours >= 1 else f"{length.total_seconds():.3g} seconds"
