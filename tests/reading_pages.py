"""Pages as somebody reads them: the words, without the markup."""

import re


def words_of(html: str) -> str:
    """Return what is read out, without the markup."""
    body = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("&#39;", "'")


def happenings_of(html: str) -> list[str]:
    """Return the last things that happened, as they read."""
    told = re.findall(r'hubs-events__said">(.*?)</span>', html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", said).split()) for said in told]
