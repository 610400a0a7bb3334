"""Looks at the pages of a running system: pictures at two widths, axe on each, and once without JavaScript.

    python -m hubs.screenshots --url http://127.0.0.1:8000 / /inbox "/inbox?show=calendar"

Pictures go to `build/pages`. Exits with 1 where a page has a fault, each printed
with its mend. Needs the development dependencies and Debian's chromium.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, sync_playwright
from playwright.sync_api import Error as BrowserFault

CHROMIUM: Final = Path("/usr/bin/chromium")
WIDTHS: Final = (1280, 390)
"""CSS pixels: a desk and a phone."""
OK: Final = 200

_FLAGS: Final = (
    "--no-sandbox",  # root, in a container, has no namespaces to build one from
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_OVERFLOW: Final = "document.documentElement.scrollWidth - window.innerWidth"
_HEIGHT: Final = "document.documentElement.scrollHeight"
_SAID: Final = "document.body.innerText"
_NOT_OF_A_MAIL: Final = {rule: {"enabled": False} for rule in ("region", "landmark-one-main")}
"""Landmarks are the mail program's to give."""
_SCREEN: Final = 900  # pixels in height
_PATIENCE: Final = 15_000  # milliseconds for a page to load


class NoBrowser(LookupError):
    """The browser is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something on a page that must be mended."""

    path: str
    seen: str
    """At which width, or without JavaScript."""
    said: str
    mend: str


@dataclass(frozen=True, slots=True)
class Look:
    """One way of looking at a page."""

    width: int
    scripts: bool = True

    @property
    def name(self) -> str:
        """The look in words, as it stands in the name of a picture."""
        return f"{self.width}" if self.scripts else f"{self.width}-without-scripts"


LOOKS: Final = (*(Look(width) for width in WIDTHS), Look(WIDTHS[-1], scripts=False))


def main(
    paths: Annotated[list[str], typer.Argument(help="Paths to look at, such as / and /inbox.")],
    url: Annotated[str, typer.Option(help="Where the system runs.")] = "http://127.0.0.1:8000",
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("build/pages"),
    chromium: Annotated[Path, typer.Option(help="The browser.")] = CHROMIUM,
) -> None:
    """Take pictures of pages and say what bars people from using them."""
    try:
        faults = faults_of(url, dict.fromkeys(paths, OK), out, chromium)
    except NoBrowser as absent:
        typer.echo(str(absent), err=True)
        raise typer.Exit(1) from None
    for fault in faults:
        typer.echo(f"✗ {fault.path} ({fault.seen}): {fault.said}\n    mend: {fault.mend}", err=True)
    typer.echo(f"{len(paths)} pages, {len(paths) * len(LOOKS)} pictures in {out}, {len(faults)} faults")
    raise typer.Exit(1 if faults else 0)


def faults_of(url: str, paths: Mapping[str, int], out: Path, chromium: Path = CHROMIUM) -> list[Fault]:
    """Take pictures of pages into a folder and return what bars people from using them.

    Args:
        url: where the system runs.
        paths: below it, with their queries, each with the HTTP status of its answer.
        out: folder for the pictures, made where it is missing.
        chromium: the browser's program.

    Raises:
        NoBrowser: if it is not there.
    """
    if not chromium.exists():
        raise NoBrowser(f"There is no browser at {chromium}. Mend: apt-get install chromium")
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        return list(_look_at_all(driver, chromium, url.rstrip("/"), paths, out))


def _look_at_all(driver: Playwright, chromium: Path, url: str, paths: Mapping[str, int], out: Path) -> Iterator[Fault]:
    """Look at every page in every way, with a fresh profile for each run."""
    browser = driver.chromium.launch(executable_path=chromium, args=list(_FLAGS))
    try:
        for path, status in paths.items():
            said: dict[Look, str] = {}
            for look in LOOKS:
                with _opened(browser, look) as page:
                    for fault in _look_at(
                        page, (url + path, status), out / f"{_file_name(path)}-{look.name}.png", look
                    ):
                        yield replace(fault, path=path, seen=look.name)
                    said[look] = page.evaluate(_SAID)
            if said[LOOKS[-1]] != said[LOOKS[-2]]:
                yield Fault(path, LOOKS[-1].name, "says something else without scripts", "render it on the server")
    finally:
        browser.close()


@contextmanager
def _opened(browser: Browser, look: Look) -> Iterator[Page]:
    """Open an empty page in one way."""
    size: Any = {"width": look.width, "height": _SCREEN}
    with browser.new_context(viewport=size, java_script_enabled=look.scripts, reduced_motion="reduce") as context:
        page = context.new_page()
        page.set_default_timeout(_PATIENCE)
        yield page


def _look_at(page: Page, asked: tuple[str, int], picture: Path, look: Look) -> Iterator[Fault]:
    """Load a page, take its picture and yield its faults."""
    address, status = asked
    complaints: list[str] = []

    def complain(line: ConsoleMessage) -> None:
        of_its_status = status != OK and line.location["url"] == address
        if line.type == "error" and not of_its_status:
            complaints.append(line.text)

    page.on("console", complain)
    page.on("pageerror", lambda error: complaints.append(error.message))
    try:
        answer = page.goto(address, wait_until="load")
    except BrowserFault as fault:
        yield _fault(f"did not load: {fault.message.splitlines()[0]}", "see that the system runs and answers there")
        return
    _photograph(page, look, picture)
    if answer is None or answer.status != status:
        found = answer.status if answer else "nothing"
        yield _fault(f"answered {found}, not {status}", "see the log of the service behind it")
    yield from (_fault(said, "mend the script, the address or the policy that it names") for said in complaints)
    if (overflow := page.evaluate(_OVERFLOW)) > 0:
        yield _fault(f"is {overflow} pixels wider than the screen", "let the wide part wrap or scroll by itself")
    if look.scripts and answer is not None:
        yield from _barriers(page, answer)


def _photograph(page: Page, look: Look, picture: Path) -> None:
    """Take the whole page at once: what lies below the screen, a frame above all, is not painted else."""
    page.set_viewport_size({"width": look.width, "height": max(_SCREEN, page.evaluate(_HEIGHT))})
    page.screenshot(path=picture)


def _barriers(page: Page, answer: Response) -> Iterator[Fault]:
    """Yield what axe finds, which needs scripts: a document whose policy forbids them is judged in a copy."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if "sandbox" in answer.headers.get("content-security-policy", ""):
        options["rules"] = _NOT_OF_A_MAIL
        html = answer.text()
        page.goto("about:blank")
        page.set_content(html)
    for violation in Axe().run(page, options=options).response["violations"]:
        for node in violation["nodes"]:
            where = ", ".join(map(str, node["target"]))
            mend = " ".join(node["failureSummary"].split())
            yield _fault(f"{violation['id']} ({violation['impact']}) at {where}: {violation['help']}", mend)


def _fault(said: str, mend: str) -> Fault:
    """Return a fault whose page the caller adds."""
    return Fault(path="", seen="", said=said, mend=mend)


def _file_name(path: str) -> str:
    """Return a path as part of a file's name: `/` is `home`."""
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"


if __name__ == "__main__":
    typer.run(main)
