"""Take the extract beside this file from the whole files: `python extract.py FOLDER`.

A spread of types, phases and regions, every link within the register and every name that needs cp1252;
then the links of each school taken, the whole family. Rows are copied byte for byte, in their order.
"""

import csv
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

REGISTER = "edubasealldata20170701"
LINKS = "links_edubasealldata20250422"
MOST = 300

Row = dict[str, str]


def main(folder: Path) -> None:
    """Write both extracts here."""
    schools, links = read(folder / f"{REGISTER}.csv"), read(folder / f"{LINKS}.csv")
    taken = choose(schools, links)
    family = families(taken, links)
    here = Path(__file__).parent
    copy(folder / f"{REGISTER}.csv", here / f"{REGISTER}-extract.csv", lambda row: row["URN"] in taken)
    copy(
        folder / f"{LINKS}.csv",
        here / f"{LINKS}-extract.csv",
        lambda row: {row["URN"], row["LinkURN"]} & family != set(),
    )


def choose(schools: list[Row], links: list[Row]) -> set[str]:
    """Return the URNs to take: what is rare first, then an even spread of what is common."""
    known = {row["URN"] for row in schools}
    taken = {urn for row in links if {row["URN"], row["LinkURN"]} <= known for urn in (row["URN"], row["LinkURN"])}
    taken |= {row["URN"] for row in schools if not row["EstablishmentName"].isascii()}
    for kind in sorted({row["TypeOfEstablishment (code)"] for row in schools}, key=int):
        taken |= spread([row for row in schools if row["TypeOfEstablishment (code)"] == kind], 4)
    for phase in ("3", "5", "6", "7"):
        taken |= spread([row for row in schools if row["PhaseOfEducation (code)"] == phase], 8)
    for region in sorted({row["GOR (name)"] for row in schools}):
        within = [row for row in schools if row["GOR (name)"] == region]
        taken |= spread([row for row in within if row["PhaseOfEducation (code)"] == "4"], 8)
        taken |= spread([row for row in within if row["PhaseOfEducation (code)"] == "2"], 2)
    if len(taken) > MOST:
        raise SystemExit(f"{len(taken)} rows are more than {MOST}")
    return taken


def spread(rows: list[Row], most: int) -> set[str]:
    """Return up to `most` URNs, evenly over the rows, which lie by local authority."""
    step = max(1, len(rows) // most)
    return {row["URN"] for row in rows[::step][:most]}


def families(taken: Iterable[str], links: list[Row]) -> set[str]:
    """Return every URN that a chain of links, of any kind and either way, leads to."""
    family = set(taken)
    while True:
        more = {urn for row in links for urn in (row["URN"], row["LinkURN"]) if {row["URN"], row["LinkURN"]} & family}
        if more <= family:
            return family
        family |= more


def read(path: Path) -> list[Row]:
    """Return the rows by column."""
    with path.open(encoding="cp1252", newline="") as file:
        return list(csv.DictReader(file))


def copy(source: Path, target: Path, keep: Callable[[Row], bool]) -> None:
    """Copy the header and the rows to keep; no row of these files goes over two lines."""
    header, *lines = source.read_bytes().splitlines(keepends=True)
    rows = read(source)
    kept = [line for line, row in zip(lines, rows, strict=True) if keep(row)]
    target.write_bytes(header + b"".join(kept))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
