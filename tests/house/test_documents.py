"""What the documents promise of themselves."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"


def test_every_decision_is_listed_by_its_title() -> None:
    """A page that nobody finds was written for nobody; a number stands for one page."""
    pages = sorted(DECISIONS.glob("[0-9]*.md"))
    titles = {page: page.read_text().splitlines()[0].removeprefix("# ") for page in pages}
    lines = (DECISIONS / "README.md").read_text().splitlines()

    assert [line for line in lines if line.startswith("- ")] == [f"- [{titles[p]}]({p.name})" for p in pages]
    assert len({page.name[:4] for page in pages}) == len(pages)


def test_every_link_leads_to_a_file() -> None:
    """A newcomer follows the README from topic to table: a file that was moved since would stop them there."""
    documents = [*ROOT.glob("*.md"), *DECISIONS.glob("*.md")]
    targets = [
        (document.name, target)
        for document in documents
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text())
        if "://" not in target and not (document.parent / target).exists()
    ]

    assert targets == []


def test_the_readme_names_every_report() -> None:
    """An integrator learns there what a hub can report; a type that it lacks is never sent."""
    named = set(re.findall(r"`(\w+)`", (ROOT / "README.md").read_text()))
    published = ROOT / "shared" / "mathshubs" / "events" / "published"
    reports = {path.name.split(".")[4] for path in published.glob("uk.mathshubs.hub.*.json")}

    assert reports - named == set()
