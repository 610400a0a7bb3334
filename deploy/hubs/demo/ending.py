"""The ending: the checks of `hubs check`, and the system held against what the script says must have come of it."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import httpx

from hubs.demo import stops
from hubs.demo.acts import TAKEN, Sent
from hubs.demo.oracle import figures
from hubs.demo.running import Running
from hubs.demo.script import Script
from hubs.demo.terms import SCHOOL_YEAR
from hubs.parts.http import trust
from hubs.proof.proving import Told, prove
from hubs.proof.receipts import FINAL
from hubs.proof.system import SHOWN, Check, number

MEASURES: Final = ("M1", "M2", "M3", "M9")
Given = dict[str, tuple[int, int | None]]
"""Numerator and denominator of each measure."""
WELL: Final = frozenset({"applied", "flagged"})
DEAD: Final = """
    SELECT hub, event_id, code
      FROM dead_letters
     WHERE state = 'dead'
"""


async def ending(script: Script, running: Running, told: Told = lambda _: None) -> list[Check]:
    """Return every check, those of `hubs check` first; `told` hears each as soon as it is made."""
    checks = await prove(running.system, told)
    for check in (answers_are_as_scripted, nothing_else_died, figures_are_as_scripted):
        made = await check(script, running)
        checks.append(made)
        told(made)
    return checks


async def answers_are_as_scripted(script: Script, running: Running) -> Check:
    """Read each hub's receipts as that hub, and compare the last word on each event with the script's."""
    found: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    async with running.clients([hub.code for hub in script.network.hubs]) as systems:
        for hub, system in systems.items():
            for one in await asyncio.to_thread(system.receipts):
                if one["outcome"] in FINAL:
                    found[hub, one["event_id"]].append(one)
    wanted: defaultdict[tuple[str, str], list[Sent]] = defaultdict(list)
    for sent in script.sent:
        wanted[sent.hub, sent.event["id"]].append(sent)
    astray = [
        f"{hub} {event_id}: {_said(found[hub, event_id])}, not {', then '.join(_wanted(one) for one in ones)}"
        for (hub, event_id), ones in wanted.items()
        if not _as_scripted(found[hub, event_id], ones)
    ]
    outcomes = Counter(one["outcome"] for receipts in found.values() for one in receipts)
    spelled = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items()))
    said = f"{number(len(script.sent), 'report')} of hubs, each answered as the script says: {spelled}"
    if astray or outcomes.total() != len(script.sent):
        said = (
            f"Of {number(len(script.sent), 'report')} {len(astray):,} were not answered as the script says: {spelled}"
        )
    ok = not astray and outcomes.total() == len(script.sent)
    return Check("receipts = script", ok=ok, said=said, figures={**outcomes, "astray": astray[:SHOWN]})


def _said(receipts: Sequence[Mapping[str, Any]]) -> str:
    told = (f"{one['outcome']} {' '.join(_codes(one))}".rstrip() for one in receipts)
    return ", then ".join(told) or "not answered"


def _codes(receipt: Mapping[str, Any]) -> list[str]:
    return [reason["code"] for reason in receipt["reasons"]]


def _wanted(sent: Sent) -> str:
    return f"{sent.outcome} {sent.code}".rstrip()


def _as_scripted(receipts: Sequence[Mapping[str, Any]], wanted: Sequence[Sent]) -> bool:
    """Say whether each event with one id was answered once, in their order."""
    if len(receipts) != len(wanted):
        return False
    return all(_answers(receipt, sent) for receipt, sent in zip(receipts, wanted, strict=True))


def _answers(receipt: Mapping[str, Any], sent: Sent) -> bool:
    if sent.outcome == TAKEN:
        return receipt["outcome"] in WELL
    return receipt["outcome"] == sent.outcome and (not sent.code or sent.code in _codes(receipt))


async def nothing_else_died(script: Script, running: Running) -> Check:
    """Compare the dead letters, by the ids of their events, with those that the script has die."""
    wanted = Counter(one.code for one in script.sent if one.outcome == "dead")
    found: Counter[str] = Counter()
    for service in running.system.postgres:
        found.update(row["code"] for row in await running.system.fetch(service, DEAD))
    said = (
        f"{number(wanted.total(), 'bad report')} dead, each with its reason: {', '.join(sorted(wanted))}; nothing else"
    )
    if found != wanted:
        said = f"The dead letters are {dict(found)}, not {dict(wanted)}"
    return Check("dead = script", ok=found == wanted, said=said, figures=dict(found))


async def figures_are_as_scripted(script: Script, running: Running) -> Check:
    """Work the figures out on the hubs' own papers, and compare: by hub, and as known before the last came in."""
    network, url = script.network, running.ready["url"]
    on_paper = {hub.code: figures(network, network.of(hub.code)) for hub in network.hubs}
    on_paper["England"] = figures(network, network.groups)
    on_paper["England, 15 March"] = figures(network, network.groups, stops.KNOWN)
    wanted = {place: one.given(MEASURES) for place, one in on_paper.items()}
    found = await given(url, "hub")
    [found["England"]] = (await given(url)).values()
    [found["England, 15 March"]] = (await given(url, known_at=stops.KNOWN)).values()
    places = sorted(place for place in wanted.keys() | found.keys() if wanted.get(place) != found.get(place))
    different = [f"{place}: {found.get(place)}, on paper {wanted.get(place)}" for place in places]
    if different:
        said = f"The figures of {number(len(different), 'place')} are not those on the hubs' papers"
        return Check("figures = papers", ok=False, said=said, figures={**found, "different": different[:SHOWN]})
    said = f"Figures are as on the hubs' papers, now and as known on 15 March: {on_paper['England']}"
    return Check("figures = papers", ok=True, said=said, figures=found)


async def given(url: str, level: str = "national", known_at: datetime | None = None) -> dict[str, Given]:
    """Return the figures that anybody is given at a level, by the code of each place."""
    found: defaultdict[str, Given] = defaultdict(dict)
    known = {"known_at": known_at.isoformat()} if known_at else {}
    async with httpx.AsyncClient(verify=trust(), base_url=url, timeout=30) as client:
        for measure in MEASURES:
            asked = {"measure": measure, "school_year": SCHOOL_YEAR, "level": level, **known}
            answer = (await client.get("/v1/figures", params=asked)).raise_for_status()
            for row in answer.json()["rows"]:
                found[row["code"]][measure] = (row["numerator"], row["denominator"])
    return dict(found)
