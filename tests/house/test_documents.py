"""What the documents promise of themselves."""

from pathlib import Path

DECISIONS = Path(__file__).parents[2] / "docs" / "decisions"


def test_every_decision_is_listed_by_its_title() -> None:
    """A page that nobody finds was written for nobody; a number stands for one page."""
    pages = sorted(DECISIONS.glob("[0-9]*.md"))
    titles = {page: page.read_text().splitlines()[0].removeprefix("# ") for page in pages}
    lines = (DECISIONS / "README.md").read_text().splitlines()

    assert [line for line in lines if line.startswith("- ")] == [f"- [{titles[p]}]({p.name})" for p in pages]
    assert len({page.name[:4] for page in pages}) == len(pages)
