"""Text cells -> numbers: decimal point or comma, thousands, signs, currency, per cent, unit, yes and no, blanks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.tables import affixes, decimals
from explain.tables.truths import truths

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from explain.tables.affixes import Bare
    from explain.types import Column, Flags, Floats, Ints

    Texts = npt.NDArray[np.object_]

MISSING = frozenset(
    {
        "", "na", "n/a", "n.a.", "n.a", "nan", "-nan", "null", "none", "nil", "-", "--", "–", "—", "?", ".", "#n/a",
        "#na", "#nv", "<na>", "missing", "unknown", "not known", "not stated", "not available", "not specified",
        "unspecified", "k.a.", "k. a.", "(blank)", "#n/a n/a", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan",
    }
)  # fmt: skip
"""What people and programs write for a blank, lower case. A category that is called so stays a category."""

PLAIN, BLANK, MISSING_WORD = "", "blank", "missing word"
"""Readings that change nothing, and the one of a word for a blank."""
OTHER_UNIT = "other unit"
"""Cells in a unit that the column does not count in and that does not convert into its own."""
HABIT = 3
"""Cells that make a habit at least."""
HOURS = 24.0
"""Hours of the day, the end of the last included."""


@dataclass(frozen=True)
class Numbers:
    """`values` (n,) with NaN for blanks and for `unread` cells (position -> text).

    `readings` are the ways in which cells that are no plain numbers were read, each with their positions and texts;
    `doubt` is the other way in which the column may be meant, where nothing tells.
    """

    values: Floats
    unread: dict[int, str]
    readings: tuple[Reading, ...] = ()
    doubt: Doubt | None = None

    def read_as(self, kind: str) -> int:
        """How many cells were read in that way."""
        return sum(len(item.rows) for item in self.readings if item.kind == kind)


@dataclass(frozen=True)
class Reading:
    """Cells at `rows` (m,), which held the texts `found` (m,), were read in one way."""

    kind: str
    rows: Ints
    found: npt.NDArray[np.object_]


@dataclass(frozen=True)
class Doubt:
    """Cells at `rows` (m,), which held the texts `found` (m,), may all mean the `other` values (m,) as well."""

    kind: str
    rows: Ints
    found: npt.NDArray[np.object_]
    other: npt.NDArray[np.object_]


@dataclass(frozen=True)
class Distinct:
    """The different cells of a column: `codes` (n,) of its rows, -1 for blank ones; the `cells` (d,) as they came, as
    stripped `texts`, as values where they are `typed` numbers already, else NaN; and `counts` of how often each comes.

    A cell that counts 0 times is read as the others settle it, and settles nothing itself.
    """

    codes: Ints
    cells: npt.NDArray[np.object_]
    texts: pa.StringArray
    typed: Floats
    counts: Ints

    @property
    def bare(self) -> pa.StringArray:
        """The texts (d,) without what stands around numbers."""
        return affixes.bare(self.texts).texts

    def followed_by(self, cells: Texts, counting: int = 0) -> Distinct:
        """Other cells (m,), all different, as if they stood below these; each counts so many times."""
        import numpy as np
        import pyarrow as pa

        texts, typed = _strings(cells)
        return Distinct(
            np.arange(len(self.cells), len(self.cells) + len(cells)),
            np.concatenate([self.cells, cells]),
            pa.concat_arrays([self.texts, texts]),
            np.concatenate([self.typed, typed]),
            np.concatenate([self.counts, np.full(len(cells), counting)]),
        )

    def rows(self, which: Flags) -> Ints:
        """Positions of the rows that hold any of the marked cells (d,)."""
        import numpy as np

        return np.flatnonzero(np.append(which, False)[self.codes])

    def reading(self, kind: str, which: Flags) -> Reading:
        """The rows that hold any of the marked cells (d,), read in one way."""
        rows = self.rows(which)
        return Reading(kind, rows, self.cells[self.codes[rows]])


def distinct(cells: pd.Series) -> Distinct:
    """The different cells of a column (n,)."""
    import numpy as np
    import pandas as pd

    codes, found = pd.factorize(cells.to_numpy(dtype=object))
    texts, typed = _strings(found)
    return Distinct(codes, found, texts, typed, np.bincount(codes[codes >= 0], minlength=len(found)))


def parse_numbers(cells: pd.Series, column: Column, of_file: str = "") -> Numbers:
    """Read a column of numbers (n,); each distinct text is looked at once. Nothing is raised for unreadable cells.

    `of_file` is the decimal mark that other columns of the file tell (see `decimals.file_mark`).
    """
    import numpy as np
    import pandas as pd

    if pd.api.types.is_any_real_numeric_dtype(cells):
        return _finite(cells.to_numpy(dtype=np.float64, na_value=np.nan))
    return read_numbers(distinct(cells), column, of_file)


def read_numbers(found: Distinct, column: Column, of_file: str = "") -> Numbers:
    """The same of the different cells of a column."""
    import numpy as np

    values, kinds, mark = _numbers(found, column, of_file)
    for at in np.flatnonzero(np.isnan(values) & np.isnan(found.typed)):
        text = found.texts[at].as_py()
        if text.casefold() in MISSING:
            kinds[at] = MISSING_WORD if text else BLANK
    # what is no finite number and no blank stays visible as the text that came; typed NaN never gets a code
    bad = ~np.isfinite(values) & (kinds != MISSING_WORD) & (kinds != BLANK)
    kinds = np.where(bad, PLAIN, kinds)
    return Numbers(
        values=np.append(np.where(bad, np.nan, values), np.nan)[found.codes],
        unread={int(row): str(found.cells[found.codes[row]]).strip() for row in found.rows(bad)},
        readings=tuple(found.reading(kind, kinds == kind) for kind in sorted({*kinds} - {PLAIN, BLANK})),
        doubt=None if mark.told else _other_mark(found, values, column, comma=mark.comma),
    )


def _other_mark(found: Distinct, values: Floats, column: Column, *, comma: bool) -> Doubt | None:
    """The cells that the other decimal mark makes another number of, which may as well be the right one."""
    import numpy as np

    others, _, _ = _numbers(found, column, "." if comma else ",", sure=True)
    which = np.isfinite(others) & np.isfinite(values) & (others != values)
    rows = found.rows(which)
    texts = np.array([f"{value:.15g}" for value in others], dtype=object)
    return Doubt("decimal mark", rows, found.cells[found.codes[rows]], texts[found.codes[rows]]) if len(rows) else None


def _finite(values: Floats) -> Numbers:
    """Numbers as they came; infinities cannot be used and are kept as text."""
    import numpy as np

    endless = np.isinf(values)
    unread = {int(row): "inf" if values[row] > 0 else "-inf" for row in np.flatnonzero(endless)}
    return Numbers(np.where(endless, np.nan, values), unread)


def _strings(cells: Texts) -> tuple[pa.StringArray, Floats]:
    """The distinct cells (d,) as stripped texts, and the values of those that are numbers already (else NaN)."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    values = np.full(len(cells), np.nan)
    texts = cells
    if pd.api.types.infer_dtype(cells) != "string":
        given = [_text(item) for item in cells]
        typed = np.array([not isinstance(text, str) for text in given], dtype=bool)
        values[typed] = [text for text in given if not isinstance(text, str)]
        # a typed number is no text, and no blank either
        texts = np.array([text if isinstance(text, str) else "0" for text in given], dtype=object)
    return pc.utf8_trim_whitespace(pa.array(texts, type=pa.string())), values


def _text(item: object) -> str | float:
    """A distinct cell as text, or as the number that it already is."""
    from decimal import Decimal

    if isinstance(item, str):
        return item
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, int | float | Decimal):
        try:
            return float(item)
        except OverflowError:
            return str(item)
    return str(item)


def _numbers(
    found: Distinct, column: Column, of_file: str, *, sure: bool = False
) -> tuple[Floats, Texts, decimals.Mark]:
    """Values (d,) of distinct texts, NaN for what is none, in which way each was read, and the column's decimal mark.

    The mark is chosen for the column, by the numbers alone and by those between other marks; cells that only the other
    one fits are read by that. `sure` takes that `of_file` for granted.
    """
    import numpy as np
    import pyarrow as pa

    is_text = np.isnan(found.typed)
    fits = decimals.fitting(found.texts)
    odd = np.flatnonzero(is_text & ~fits[False] & ~fits[True])
    inner = affixes.bare(found.texts.take(pa.array(odd)))
    texts = _put(found.texts, odd, inner.texts)
    fits = decimals.fitting(texts)
    mark = (
        decimals.Mark(of_file == ",", told=True)
        if sure
        else decimals.choose(*_counted(found, texts, fits), column, of_file)
    )
    values, kinds = _read_marks(texts, fits, comma=mark.comma)
    values[~is_text], kinds[~is_text] = found.typed[~is_text], PLAIN
    changed = odd[inner.kinds != ""]
    kinds[changed] = np.where(np.isnan(values[changed]), PLAIN, inner.kinds[inner.kinds != ""])
    _scale(values, kinds, odd, inner, found.counts, column)
    for read in (_truths, _hours, _constant):
        read(values, kinds, found, column, mark)
    return values, kinds, mark


def _counted(
    found: Distinct, texts: pa.StringArray, fits: dict[bool, Flags]
) -> tuple[pa.StringArray, dict[bool, Flags], Ints]:
    """The texts that count, what they fit, and how often they come as texts."""
    import numpy as np
    import pyarrow as pa

    counts = found.counts * np.isnan(found.typed)
    if found.counts.all():
        return texts, fits, counts
    own = found.counts > 0
    return texts.filter(pa.array(own)), {mark: fit[own] for mark, fit in fits.items()}, counts[own]


def _put(texts: pa.StringArray, at: Ints, new: pa.StringArray) -> pa.StringArray:
    """The texts with others at some positions."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(at):
        return texts
    where = np.zeros(len(texts), dtype=bool)
    where[at] = True
    return pc.replace_with_mask(texts, pa.array(where), new)


def _read_marks(strings: pa.StringArray, fits: dict[bool, Flags], *, comma: bool) -> tuple[Floats, Texts]:
    """Values (d,) by the decimal marks alone, and what they are called."""
    import numpy as np
    import pyarrow.compute as pc

    mine, other = (decimals.parsed(strings, fits[mark], comma=mark) for mark in (comma, not comma))
    swapped = np.isnan(mine) & ~np.isnan(other)
    values = np.where(swapped, other, mine)
    by_comma = np.where(swapped, not comma, comma)
    kinds = np.full(len(values), PLAIN, dtype=object)
    for mark in (False, True):
        kinds[(by_comma == mark) & decimals.matches(strings, decimals.GROUPED[mark]) & ~np.isnan(values)] = "thousands"
    has_comma = np.asarray(pc.match_substring(strings, ",").to_numpy(zero_copy_only=False), dtype=bool)
    kinds[by_comma & has_comma & ~np.isnan(values)] = "decimal comma"
    kinds[swapped & ~by_comma] = "decimal point"
    return values, kinds


def _scale(values: Floats, kinds: Texts, odd: Ints, inner: Bare, counts: Ints, column: Column) -> None:
    """Multiply what stood beside a per cent sign, a power of a thousand or a unit; each mark by one factor a column."""
    import numpy as np

    for mark in sorted({*inner.marks.tolist()} - {""}):
        at = odd[inner.marks == mark]
        at = at[~np.isnan(values[at])]
        kind = affixes.kind_of_mark(mark)
        tries = affixes.factors(mark, kind, column.unit)
        values[at] *= _one_factor(tries, values[at], counts[at], column)
        if kind == "unit" and column.unit and affixes.conversion(mark, column.unit) is None:
            kinds[at] = OTHER_UNIT


def _one_factor(tries: tuple[float, ...], values: Floats, counts: Ints, column: Column) -> float:
    """The factor that puts most cells (m,) among past values, of equal ones that which puts their middle nearest to the
    middle of these; the first where no past value is known, and for a single cell or two.
    """
    import numpy as np

    low, high = column.low, column.high
    if len(tries) == 1 or low is None or high is None:
        return tries[0]
    if tries == (1.0, 0.01) and high <= 1:
        tries = (0.01, 1.0)
    if counts.sum() < HABIT:
        return tries[0]
    middle = float(column.typical) if isinstance(column.typical, int | float) else 0.0
    values, counts = values[counts > 0], counts[counts > 0]

    def fit(factor: float) -> tuple[int, float]:
        tried = values * factor
        inside = counts[(tried >= low) & (tried <= high)].sum()
        off = abs(np.log(abs(np.median(tried) / middle))) if middle and np.median(tried) else 0.0
        return int(inside), -float(off)

    return max(tries, key=fit)


def is_truth(column: Column) -> bool:
    """Whether past values are 0 and 1 and nothing between."""
    return column.integer and column.low in {0.0, 1.0} and column.high in {0.0, 1.0}


def _truths(values: Floats, kinds: Texts, found: Distinct, column: Column, _mark: decimals.Mark) -> None:
    """Yes and no as 1 and 0, in a column that holds nothing else."""
    import numpy as np

    at = np.flatnonzero(np.isnan(values) & np.isnan(found.typed)) if is_truth(column) else ()
    texts = {place: found.texts[place].as_py().casefold() for place in at}
    said = truths(texts.values())
    for place, text in texts.items():
        if text in said:
            values[place], kinds[place] = float(said[text]), "truth"


def _hours(values: Floats, kinds: Texts, found: Distinct, column: Column, _mark: decimals.Mark) -> None:
    """Times of day as hours, in a column that holds hours: 21:30 is 21.5."""
    import numpy as np

    if column.low is None or column.high is None or not 0 <= column.low <= column.high <= HOURS:
        return
    for place in np.flatnonzero(
        np.isnan(values) & decimals.matches(found.texts, r"^[0-9]{1,2}:[0-5][0-9](?::[0-5][0-9])?$")
    ):
        hour, minute, *second = map(int, found.texts[place].as_py().split(":"))
        values[place] = hour + minute / 60 + (second[0] if second else 0) / 3600
        kinds[place] = "time of day"


def _constant(values: Floats, kinds: Texts, found: Distinct, column: Column, mark: decimals.Mark) -> None:
    """Numbers that have the same before and behind them throughout a column of numbers, whatever it is."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.low is None:
        return
    blank = pc.is_in(pc.utf8_lower(found.texts), value_set=pa.array(sorted(MISSING)))
    open_cells = (
        np.isnan(values) & np.isnan(found.typed) & ~np.asarray(blank.to_numpy(zero_copy_only=False), dtype=bool)
    )
    count = found.counts[open_cells].sum()
    if count < HABIT or 2 * count <= found.counts[open_cells | ~np.isnan(values)].sum():
        return
    affix = affixes.constant_affix(found.texts.filter(pa.array(open_cells & (found.counts > 0))))
    if affix is None:
        return
    inner = affixes.without(found.texts.filter(pa.array(open_cells)), *affix)
    values[open_cells], _ = _read_marks(inner, decimals.fitting(inner), comma=mark.comma)
    kinds[open_cells & ~np.isnan(values)] = "affix"
