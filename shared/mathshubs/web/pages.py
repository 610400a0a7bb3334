"""Renders a service's pages in the shared layout: strict, escaped, and closed to what others write."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined

from mathshubs.web import words
from mathshubs.web.assets import Assets, assets
from mathshubs.web.components import Components

GUARDED: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
"""Headers of every page: nothing from elsewhere runs in it, and nobody else may frame it."""

_WORDS: Final = (
    words.clock_time,
    words.day,
    words.day_and_year,
    words.moment,
    words.when,
    words.number,
    words.percentage,
    words.counted,
    words.duration,
    words.freshness,
)


class NoTemplates(LookupError):
    """The package has no `templates` folder, nor has any noun in it; the name is mistyped or the folder missing."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The templates of one service with the shared layout; `pages` makes it."""

    environment: Environment

    def render(self, request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
        """Return the page made of `template` and `context`.

        Args:
            request: the request that is answered; the navigation marks its path.
            template: name of a file in a noun's `templates` folder.
            status: status of the response.
            context: what the template names; a name that is missing is an error.
        """
        html = self.environment.get_template(template).render(path=request.url.path, **context)
        return HTMLResponse(html, status, headers=GUARDED)


def pages(package: str, *, invented: bool = False, mailbox: bool = False, served: Assets | None = None) -> Pages:
    """Return the pages of a package: templates of its own and of its nouns, in the shared layout.

    A template begins with `{% extends "web/layout.html" %}`; macros stand in
    `web/parts.html`, the design system's components in `govuk`, and every
    function of `mathshubs.web.words` is at hand by its name.

    Args:
        package: dotted name of a service or noun, such as `reporting`.
        invented: say on each page that people, schools and figures are invented.
        mailbox: offer the local mailbox in the navigation.
        served: other assets than this process's own.

    Raises:
        NoTemplates: if there is no template below the package.
    """
    shared = PrefixLoader({"web": PackageLoader("mathshubs.web")})
    environment = Environment(
        loader=ChoiceLoader([shared, FileSystemLoader(_folders(package))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {word.__name__: word for word in _WORDS}
    environment.globals |= {
        "govuk": Components(),
        "assets": served or assets(),
        "invented": invented,
        "mailbox": mailbox,
    }
    return Pages(environment)


def _folders(package: str) -> list[Path]:
    """Return the `templates` folders of a package and of its nouns."""
    spec = find_spec(package)
    roots = [Path(root) for root in (spec and spec.submodule_search_locations) or []]
    found = [
        folder
        for root in roots
        for folder in (root / "templates", *sorted(root.glob("*/templates")))
        if folder.is_dir()
    ]
    if not found:
        raise NoTemplates(package)
    return found
