"""The ending: the checks of `hubs check`, and the system held against what the scene says must have come of it."""

import asyncio
from collections import Counter
from dataclasses import asdict

from hubs.demo import counting
from hubs.demo.counting import Figures, by_paper
from hubs.demo.running import Running
from hubs.demo.scene import REGISTERS, Scene
from hubs.proof.proving import Told, prove
from hubs.proof.receipts import FINAL
from hubs.proof.system import SHOWN, Check, number


async def ending(scene: Scene, running: Running, told: Told = lambda _: None) -> list[Check]:
    """Return every check, those of `hubs check` first; `told` hears each as soon as it is made."""
    checks = await prove(running.system, told)
    for made in (await answers_are_as_the_scene_says(scene, running), await figures_are_as_on_paper(scene, running)):
        checks.append(made)
        told(made)
    return checks


async def answers_are_as_the_scene_says(scene: Scene, running: Running) -> Check:
    """Read each hub's receipts as that hub, and compare the last word on each event with the scene's."""
    name = "receipts = scene"
    wanted = Counter((one.hub, one.event["id"], one.outcome) for one in scene.recorded)
    found: Counter[tuple[str, str, str]] = Counter()
    async with running.clients([hub.code for hub in scene.papers.hubs]) as systems:
        for hub, system in systems.items():
            receipts = await asyncio.to_thread(system.receipts)
            found.update((hub, one["event_id"], one["outcome"]) for one in receipts if one["outcome"] in FINAL)
    astray = sorted(map(str, ((wanted - found) + (found - wanted)).elements()))
    if astray:
        said = f"{number(len(astray), 'receipt')} of hubs are not what the scene says"
        return Check(name, ok=False, said=said, figures={"astray": astray[:SHOWN]})
    outcomes = Counter(outcome for _, _, outcome in wanted.elements())
    spelled = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items()))
    said = f"Hubs were told of each event what the scene says: {spelled}"
    return Check(name, ok=True, said=said, figures={**outcomes})


async def figures_are_as_on_paper(scene: Scene, running: Running) -> Check:
    """Count M1, M2 and M9 on the hubs' papers, and compare them with what is given, by hub and as known before."""
    groups, url = scene.papers.groups, running.ready["url"]
    by_then = [group for group in groups if group is not scene.late_group]
    hubs = [hub.code for hub in scene.papers.hubs]
    wanted = {hub: by_paper(scene.papers.of(hub), groups) for hub in hubs}
    wanted |= {"England": by_paper(groups, groups), "England, 23 October": by_paper(groups, by_then)}
    found = await counting.given(url, "hub")
    [found["England"]] = (await counting.given(url)).values()
    [found["England, 23 October"]] = (await counting.given(url, known_at=REGISTERS.isoformat())).values()
    differing = [f"{place}: {found.get(place)}, on paper {wanted.get(place)}" for place in _differing(wanted, found)]
    figures = {place: asdict(one) for place, one in found.items()}
    if differing:
        said = f"{number(len(differing), 'figure')} are not those on the hubs' papers"
        return Check("figures = papers", ok=False, said=said, figures=figures | {"different": differing})
    said = "M1, M2 and M9 are as on the hubs' papers, now and on 23 October"
    return Check("figures = papers", ok=True, said=said, figures=figures)


def _differing(wanted: dict[str, Figures], found: dict[str, Figures]) -> list[str]:
    return sorted(place for place in wanted.keys() | found.keys() if wanted.get(place) != found.get(place))
