"""The components of govuk-frontend, called from our templates as `govuk.table({…})`."""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader, TemplateNotFound
from markupsafe import Markup

Component = Callable[[dict[str, Any]], Markup]
"""Options, as the design system documents them, to HTML; text among them is escaped."""

_PACKAGE = "govuk_frontend_jinja"


class Components:
    """Each component as an attribute, by its name with underscores: `govuk.skip_link`.

    They live in an environment of their own: their macros read options that
    were left out, which our strict one would refuse.
    """

    def __getattr__(self, name: str) -> Component:
        """Return the component of that name.

        Raises:
            AttributeError: if govuk-frontend has none.
        """
        try:
            return _component(name)
        except TemplateNotFound as absent:
            raise AttributeError(f"govuk-frontend has no component {name}") from absent


@cache
def _component(name: str) -> Component:
    """Load one component's macro: `skip_link` is `govukSkipLink` in `skip-link/macro.html`."""
    template = _environment().get_template(f"{_PACKAGE}/components/{name.replace('_', '-')}/macro.html")
    return cast("Component", getattr(template.module, "govuk" + name.title().replace("_", "")))


@cache
def _environment() -> Environment:
    """Return the environment in which an option that was left out is simply empty."""
    loader = PrefixLoader({_PACKAGE: PackageLoader(_PACKAGE)})
    return Environment(loader=loader, autoescape=True, undefined=ChainableUndefined)
