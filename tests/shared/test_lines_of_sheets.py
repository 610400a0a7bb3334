"""Whatever is wrong with a line of a file, no other line is lost."""

from itertools import chain

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mathshubs.sheets.lines import rows

WIDTH = 3
Found = list[tuple[int, list[str], str | None]]


def read(*lines: str) -> Found:
    """Read these lines, the first of which is the second of a file."""
    return list(rows([f"{line}\r\n" for line in lines], WIDTH, first=2))


@pytest.mark.parametrize(
    "broken",
    ['1,"Oak,x', '1,Oak,"', '1,"Oak" Park,x', '"', '"1,Oak,x', '1,Oak""Park,"x'],
)
def test_a_misplaced_quotation_mark_costs_its_own_line(broken: str) -> None:
    """Wherever it stands; the row before and the row after are read."""
    assert read("0,Elm,x", broken, "2,Ash,x") == [
        (2, ["0", "Elm", "x"], None),
        (3, [], "quote-misplaced"),
        (4, ["2", "Ash", "x"], None),
    ]


def test_two_stray_quotation_marks_do_not_make_one_row_of_three() -> None:
    """The second would close what the first opened, with a whole row in between."""
    assert read('1,"Oak,x', "2,Ash,x", '3,Elm","x"') == [
        (2, [], "quote-misplaced"),
        (3, ["2", "Ash", "x"], None),
        (4, ["3", 'Elm"', "x"], None),
    ]


def test_a_cell_may_hold_line_breaks() -> None:
    """An address on three lines is one cell, blank lines within it are its own, and the count goes on behind it."""
    assert read('1,"The Lane', "", 'Elmham",x', "2,Ash,x") == [
        (2, ["1", "The Lane\r\n\r\nElmham", "x"], None),
        (5, ["2", "Ash", "x"], None),
    ]


def test_a_quotation_mark_within_a_bare_cell_is_a_letter() -> None:
    """The register writes nicknames so."""
    assert read('1,The "Old" School,x') == [(2, ["1", 'The "Old" School', "x"], None)]


def test_a_quotation_that_never_ends_is_looked_into_a_little_way() -> None:
    """A cell of more lines than an address has is none; each line is then judged on its own."""
    found = read('1,"Oak', *["lost"] * 30, "2,Ash,x")

    assert found[0] == (2, [], "quote-misplaced")
    assert found[1:-1] == [(number, [], "wrong-number-of-fields") for number in range(3, 33)]
    assert found[-1] == (33, ["2", "Ash", "x"], None)


sound = st.tuples(
    st.from_regex(r"[0-9]{6}", fullmatch=True), st.sampled_from(["Oak", 'The "Old" School']), st.just("x")
)
letters = st.text(alphabet='",ab ', max_size=12)


@example([(True, "000000,Oak,x"), (False, '"'), (False, "a")])  # left open to the end of the file
@given(st.lists(st.one_of(sound.map(lambda cells: (True, ",".join(cells))), letters.map(lambda line: (False, line)))))
def test_every_sound_line_is_read_whatever_stands_around_it(lines: list[tuple[bool, str]]) -> None:
    """Each once and as it stands; and every line that is not blank is accounted for, in order."""
    found = read(*(line for _, line in lines))

    good = [(number, line.split(",")) for number, (is_sound, line) in enumerate(lines, start=2) if is_sound]
    taken = {number: cells for number, cells, problem in found if problem is None}
    assert [(number, taken.get(number)) for number, _ in good] == good
    told = [number for number, _, _ in found]
    spanned = chain.from_iterable(
        range(number, number + 1 + sum(cell.count("\r\n") for cell in cells)) for number, cells, _ in found
    )
    assert told == sorted(told)
    blank = {number for number, (_, line) in enumerate(lines, start=2) if not line}
    assert set(spanned) | blank == set(range(2, len(lines) + 2))
