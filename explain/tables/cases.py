"""Rows that are no cases: totals, averages, units, legends, sources, the header once more; left out, and said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from explain import words
from explain.tables import units
from explain.tables.likeness import fold
from explain.types import Note

if TYPE_CHECKING:
    Row = list[Any]

SUMS = re.compile(
    r"(?:grand |sub[- ]?|overall )?totals?|sums?|gesamt(?:summe)?|summen?|zwischensumme|insgesamt|totaux|somme|suma|"
    r"totale|somma|totaal|soma"
)
MEANS = re.compile(
    r"(?:overall |grand )?(?:averages?|avg\.?|means?)|mittel(?:wert)?|durchschnitt|moyennes?|promedio|media|gemiddelde|"
    r"média"
)
"""What a row that sums up others is called."""
REMARKS = re.compile(
    r"(?:sources?|notes?|remarks?|legend|key|as of|generated|created|exported|report|page|copyright|footnotes?|quelle|"
    r"anmerkungen?|hinweise?|legende|stand|erstellt|seite|fuente|nota|fonte|bron)\b.*|[©*#(†].*",
    re.DOTALL,
)
_INITIALS = frozenset("tsgoizam")
"""First letters of the words above for sums and means: most texts are passed over at a glance."""
LONGEST_LABEL = 24
LEAST_WIDE = 3
"""Columns from which on a row with a single cell is a remark."""
SEEN = 20
"""Rows around a row that show what others have."""
MOST_SUMS = 0.2
"""Share of rows from which on a word for a total is a value like any other: groups have more members."""
MOST_ADDED_UP = 50
"""Rows that are compared with what they may add up."""
AGREES = 1e-3
"""How far a total may be off, in parts of it, through rounding."""
QUOTED = 3
LONGEST_QUOTE = 30
_DIGITS = re.compile(r"[-+(]?[^\w\s]?\s?[0-9][0-9.,'\s]*[^\w\s]?\)?")


_BRACKETS = re.compile(r"[(\[].*[)\]]")
_SIGNS = frozenset("€$£¥%") | {"EUR", "USD", "GBP", "CHF"}


class Cases(NamedTuple):
    """The `rows` that are kept, the `numbers` of their lines, notes on those that were not, and how many were empty."""

    rows: list[Row]
    numbers: list[int]
    notes: list[Note]
    empty: int = 0


def filled(cell: object) -> bool:
    """Whether something stands in a cell."""
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def cases_of(header: Row, rows: list[Row], numbers: list[int], what: str = "line") -> Cases:
    """Keep the rows (n of them, each of some cells) that are cases; in doubt they are kept as well, and a note says so.

    `numbers` are those of their lines, which `what` names.
    """
    names = [fold(_text(cell)) for cell in header]
    initials = {_text(cell).strip()[:1].casefold() for cell in header}
    odd: dict[str, list[int]] = {kind: [] for kind in (EMPTY, *WHY)}
    for at, row in enumerate(rows):
        kind = _kind(row, at, names, initials, rows)
        if kind:
            odd[kind].append(at)
    sums, kept = _sums(odd.pop(SUM), rows)
    notes = [Note(f"{_named(rows, numbers, kept, what)}: kept, though it may sum up other rows.")] if kept else []
    empty = odd.pop(EMPTY)
    odd = {kind: found for kind, found in (odd | {SUM: sums}).items() if found}
    notes += [
        Note(f"{_named(rows, numbers, found, what)}: left out, {WHY[kind][len(found) > 1]}.")
        for kind, found in odd.items()
    ]
    out = {*empty, *(at for found in odd.values() for at in found)}
    if not out:
        return Cases(rows, numbers, notes)
    left = [at for at in range(len(rows)) if at not in out]
    return Cases([rows[at] for at in left], [numbers[at] for at in left], notes, len(empty))


EMPTY, HEADER, REMARK, UNITS, SUM = "empty", "header", "remark", "units", "sum"
WHY = {
    HEADER: ("as it repeats the header", "as they repeat the header"),
    REMARK: ("as it is a remark, not a case", "as they are remarks, not cases"),
    UNITS: ("as it holds units and is not a case", "as they hold units and are not cases"),
    SUM: ("as it sums up other rows", "as they sum up other rows"),
}
"""Why a row is left out, and why several are."""


def _kind(row: Row, at: int, names: list[str], initials: set[str], rows: list[Row]) -> str:
    """What a row is instead of a case, or may be; "" for a case. Most rows are passed over at a glance."""
    first = row[0] if row and filled(row[0]) else next((cell for cell in row if filled(cell)), None)
    if first is None:
        return EMPTY if len(names) > 1 else ""
    if not isinstance(first, str):
        return ""
    word = first.strip()
    initial = word[:1].casefold()
    kind = ""
    if initial in initials and fold(word) in names and _names_again(row, names):
        kind = HEADER
    elif (len(row) != len(names) or "" in row or None in row) and _is_remark(row, word, at, names, rows):
        kind = REMARK
    elif initial in _INITIALS and len(word) <= LONGEST_LABEL and len(row) == len(names) and _label(word):
        kind = SUM
    elif at == 0 and _is_units(row, rows[1 : 1 + SEEN]):
        kind = UNITS
    return kind


def _label(word: str) -> re.Match[str] | None:
    text = word.casefold().rstrip(":. ")
    return SUMS.fullmatch(text) or MEANS.fullmatch(text)


def _is_remark(row: Row, word: str, at: int, names: list[str], rows: list[Row]) -> bool:
    """Whether a row is a sentence beside nothing else, or one of the last lines that begins like a remark.

    A lone word may be the name of a case without any values.
    """
    if len(row) != len(names):
        said = REMARKS.fullmatch(word.casefold()) or (len(row) == 1 and " " in word)
        return bool(said) and (len(row) == 1 or all(len(later) != len(names) for later in rows[at:]))
    if len(names) < LEAST_WIDE or row.count("") + row.count(None) < len(row) - 1:
        return False
    return bool(" " in word or REMARKS.fullmatch(word.casefold())) and not _DIGITS.fullmatch(word)


def _sums(found: list[int], rows: list[Row]) -> tuple[list[int], list[int]]:
    """The rows that sum up others, and those that may; none of either where the word is a value like any other."""
    if len(found) > max(2, MOST_SUMS * len(rows)):
        return [], []
    sure = [at for place, at in enumerate(found) if _sums_up(at, rows, found, added=place < MOST_ADDED_UP)]
    word = {at: next(cell for cell in rows[at] if filled(cell)).strip().casefold().rstrip(":. ") for at in found}
    return sure, [at for at in found if at not in sure and SUMS.fullmatch(word[at])]


def _names_again(row: Row, names: list[str]) -> bool:
    """Whether nearly all cells of a row are the names of their columns."""
    same = sum(fold(_text(cell)) == name for cell, name in zip(row, names, strict=False))
    return same >= max(1, 0.8 * len(names))


def _is_units(row: Row, below: list[Row]) -> bool:
    """Whether columns of numbers have texts in this row, one of which at least is a unit or stands in brackets."""
    if len(below) < 2 or any(len(other) != len(row) for other in below):
        return False
    columns = [at for at in range(len(row)) if _all_numbers([other[at] for other in below])]
    texts = [row[at].strip() for at in columns if isinstance(row[at], str) and row[at].strip()]
    known = _SIGNS | units.UNITS
    said = any(_BRACKETS.fullmatch(text) or text in known or units.folded_unit(text) in known for text in texts)
    return said and not any(_is_number(row[at]) for at in columns if filled(row[at]))


def _all_numbers(cells: list[Any]) -> bool:
    known = [cell for cell in cells if filled(cell)]
    return len(known) > 1 and all(_is_number(cell) for cell in known)


def _is_number(cell: object) -> bool:
    return not isinstance(cell, str) or bool(_DIGITS.fullmatch(cell.strip()))


def _sums_up(at: int, rows: list[Row], found: list[int], *, added: bool) -> bool:
    """Whether a row lacks what others have, or (`added`) a number of it is the sum or mean of the rows above it."""
    row = rows[at]
    others = [other for other in rows[max(0, at - SEEN) : at + SEEN] if other is not row and len(other) == len(row)]
    for place, cell in enumerate(row):
        if not filled(cell) and len(others) > 1 and sum(filled(other[place]) for other in others) > 0.9 * len(others):
            return True
    if not added:
        return False
    # from the row of a sum before, or from the top
    before = max((other + 1 for other in found if other < at), default=0)
    return any(_adds_up(row, rows[start:at]) for start in {0, before})


def _adds_up(row: Row, above: list[Row]) -> bool:
    for place, cell in enumerate(row):
        own = _value(cell)
        values = [value for other in above if len(other) == len(row) and (value := _value(other[place])) is not None]
        if (
            own
            and len(values) > 1
            and any(abs(wanted - own) <= AGREES * abs(own) for wanted in (sum(values), sum(values) / len(values)))
        ):
            return True
    return False


def _value(cell: object) -> float | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    try:
        return float(str(cell).replace(",", ""))
    except ValueError:
        return None


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _named(rows: list[Row], numbers: list[int], found: list[int], what: str) -> str:
    """'Lines 4, 9 and 2 more (“Total” and “Sum”)'."""
    places = words.listed([f"{numbers[at]:,}" for at in found], QUOTED)
    texts = dict.fromkeys(_text(next((cell for cell in rows[at] if filled(cell)), "")).strip() for at in found)
    quoted = [f"“{text[:LONGEST_QUOTE]}{'…' if len(text) > LONGEST_QUOTE else ''}”" for text in texts if text]
    said = f" ({words.listed(quoted, QUOTED)})" if quoted else ""
    return f"{what.capitalize()}{'s' if len(found) > 1 else ''} {places}{said}"
