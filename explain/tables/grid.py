"""Lines of cells, as a text file, a sheet or a web page has them -> header and rows: which line names the columns."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from explain import words
from explain.errors import TableError
from explain.tables.cases import cases_of, filled
from explain.tables.likeness import fold
from explain.tables.raw import NUMBERED, Raw, checked
from explain.tables.sniff import WANTED
from explain.types import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    Row = list[Any]

LOOKED_AT = 40
"""Lines among which the header is looked for: titles, dates and remarks above a table hardly fill a page."""
LEAST_NAMES = 2
"""Columns up to which one of their names makes a header."""
MOST_LINES_NAMED = 5
LONGEST_QUOTE = 40
"""Letters of a line that a note quotes."""
_NUMBER = re.compile(r"[-+(]?[$€£]?\s?[0-9][0-9.,'\s]*%?\)?")


@dataclass(frozen=True)
class Lines:
    """`rows` of cells, the `numbers` of the lines at which they end, and how many lines without any cell were passed
    over. `what` they are called ("line" of a text, "row" of a sheet).
    """

    rows: list[Row]
    numbers: list[int]
    empty: int = 0
    what: str = "line"


def table_of(lines: Lines, names: frozenset[str], notes: Sequence[Note] = (), delimiter: str = "") -> Raw:
    """The table in some lines; `names` are the folded names of the columns that are looked for, none where any will do.

    The line that names most of them is the header. Lines above it, and rows that are no cases, are left out and said.
    Raises TableError where rows do not have as many cells as the header.
    """
    import pandas as pd

    top = _header_at(lines.rows, names)
    headless = top is None
    top = -1 if top is None else top
    body, numbers = lines.rows[top + 1 :], lines.numbers[top + 1 :]
    header = [f"{NUMBERED}{at}" for at in range(1, 1 + _width(body))] if headless else lines.rows[top]
    header, body = _without_last(_trimmed(header), body)
    found = cases_of(header, body, numbers, lines.what)
    counter = _counts_rows(header, found.rows)
    columns, said = checked([header_text(cell) for cell in header[counter:]], len(found.rows))
    _refuse_ragged(found.rows, found.numbers, len(header), lines.what)
    rows = [row[1:] for row in found.rows] if counter else found.rows
    if not rows:
        raise TableError(
            f"The {'file' if lines.what == 'line' else 'sheet'} has a header with "
            f"{words.count(len(header), 'column')}, but no rows below it."
        )
    said = [*notes, *said, *_above(lines, top), *found.notes]
    if lines.empty + found.empty:
        said.append(Note(f"{words.count(lines.empty + found.empty, f'empty {lines.what}')} left out."))
    cells = zip(*rows, strict=True)
    frame = pd.DataFrame({name: pd.Series(own, dtype=object) for name, own in zip(columns, cells, strict=True)})
    return Raw(frame, tuple(said), delimiter, headless)


def _width(rows: list[Row]) -> int:
    return max(len(_trimmed(row)) for row in rows[:LOOKED_AT])


def _counts_rows(header: Row, rows: list[Row]) -> bool:
    """Whether the first column is the one in which pandas counts rows: it has no name and runs from 0, or from 1."""
    if len(header) < 2 or header_text(header[0]).strip() not in {"", "Unnamed: 0"} or not rows:
        return False
    first = header_text(rows[0][0]).strip()
    if first not in {"0", "1"}:
        return False
    return all(header_text(row[0]).strip() == str(at) for at, row in enumerate(rows, start=int(first)))


def header_text(cell: object) -> str:
    """A cell of a header as the name of a column."""
    return f"{cell:.15g}" if isinstance(cell, float) else "" if cell is None else str(cell)


def named(row: Row, names: frozenset[str]) -> int:
    """How many of the folded names stand in a row."""
    return len({fold(header_text(cell)) for cell in row} & names)


def _header_at(rows: list[Row], names: frozenset[str]) -> int | None:
    """The place of the header, None where the first row is one of data."""
    head = rows[:LOOKED_AT]
    first = _first_full(head)
    score = [named(row, names) for row in head]
    best = score.index(max(score))
    # of many columns a single name may be a word of a title, or a cell
    if score[best] > 1 or (score[best] == 1 and (len(names) <= LEAST_NAMES or best == first)):
        return best
    texts = [header_text(cell).strip() for cell in _trimmed(rows[first])]
    numbers = [text for text in texts if _NUMBER.fullmatch(text)]
    return None if len(texts) > 1 and 2 * len(numbers) >= len(texts) and not _run(numbers) else first


def _run(numbers: list[str]) -> bool:
    """Whether numbers follow one another, as places and years do in a header."""
    return all(text.isdigit() and len(text) < 10 for text in numbers) and all(
        int(later) == int(earlier) + 1 for earlier, later in pairwise(numbers)
    )


def _first_full(head: list[Row]) -> int:
    """The first row as wide as most are."""
    widths = [sum(map(filled, row)) for row in head]
    usual = Counter(len(_trimmed(row)) for row in head[1:]).most_common(1)
    wide = usual[0][0] if usual else 1
    if wide < 2:
        return 0
    return next((at for at, row in enumerate(head) if len(row) >= wide and 2 * widths[at] >= wide), 0)


def _trimmed(row: Row) -> Row:
    """A row without its last cells, where they are empty."""
    width = len(row)
    while width > 1 and not filled(row[width - 1]):
        width -= 1
    return row[:width]


def _without_last(header: Row, body: list[Row]) -> tuple[Row, list[Row]]:
    """Header and rows without the empty cells that a delimiter at the end of each row adds."""
    width = len(header)
    if all(len(row) == width for row in body):
        return header, body
    if any(filled(cell) for row in body[:LOOKED_AT] for cell in row[width:]):
        widest = max((len(_trimmed(row)) for row in body), default=width)
        sheet = body and len({len(row) for row in body}) == 1
        header = header + [""] * (widest - width) if sheet else header
        width = len(header)
    return header, [row[:width] if len(row) > width and not any(map(filled, row[width:])) else row for row in body]


def _above(lines: Lines, top: int) -> list[Note]:
    """What stood above the header."""
    if top < 1:
        return []
    texts = [" ".join(header_text(cell).strip() for cell in row if filled(cell)) for row in lines.rows[:top]]
    quoted = [f"“{text[:LONGEST_QUOTE]}{'…' if len(text) > LONGEST_QUOTE else ''}”" for text in texts]
    return [Note(f"{words.count(top, lines.what)} above the header left out: {words.listed(quoted, 3)}.")]


def _refuse_ragged(rows: list[Row], numbers: list[int], width: int, what: str) -> None:
    odd = [(line, len(row)) for row, line in zip(rows, numbers, strict=True) if len(row) != width]
    if not odd:
        return
    if len(odd) == len(rows) and width == 1:
        raise TableError(f"This does not look like a table: the lines have no common number of fields. {WANTED}")
    said = [f"{what} {line:,} has {count}" for line, count in odd[:MOST_LINES_NAMED]]
    more = f" ({len(odd):,} such {what}s in all)" if len(odd) > MOST_LINES_NAMED else ""
    raise TableError(
        f"The header has {words.count(width, 'field')}, but {words.listed(said)}{more}. Mend or remove these {what}s."
    )
