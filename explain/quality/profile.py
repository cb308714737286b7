"""What is usual in the reference rows, column by column: the limits of every check are read off here, once a model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from explain.quality.hashes import column_hashes
from explain.quality.tails import FEWEST, SHARE, tails_of
from explain.types import cells_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from explain.models import Package
    from explain.quality.hashes import Hashes
    from explain.quality.tails import Tail
    from explain.types import Cells, Column, Flags, Floats, Ints, Schema

OUTSIDE = 0.004
"""Share of clean rows with a number said to lie outside: 4 in 1,000, of the 10 that all checks together may take."""
NEAR = 200
"""Reference values on both sides that say how far apart values are at a place: sparse tails get wider limits."""
DENSE = 1_000
"""Values from which on the tails, too, have enough neighbours."""
REACH = 2.0
"""How many times farther from its neighbour than any of those values lies from its own, for a value to be lonely."""
FEW_COLUMNS = 6
"""Number columns up to which that is far enough: about one clean value in 10,000 lies so."""
NEW = 0.005
"""Share of clean rows that may have a category unseen so far, in all columns where that is said to be wrong."""
USUAL_NEW = 0.002
"""Share of unseen categories (Good and Turing: values that the reference has once) from which on they are usual."""


RARE = 2
"""Times at most that a rare category stands in the reference."""
LEAST_ROWS = 1_000
"""Known reference cells from which on twice is rare."""
STRETCHES = 16_384
"""Equal stretches of a column's range of which it is known whether a value in them may be lonely."""


@dataclass(frozen=True)
class Numbers:
    """The known reference values of a number column, sorted (m,), and at each place how lonely a value may be.

    All are as float32 holds them, since reference rows may have gone through it.
    """

    values: Floats
    step: float
    allowed: Floats
    tails: tuple[tuple[Tail, ...], tuple[Tail, ...]]

    def chance(self, cells: Floats) -> Floats:
        """(n,) probability that a new value lies as far out as each cell on its side, or further; 1 for blanks."""
        import numpy as np

        lower, upper = (np.max([tail.chance(as_float32(cells)) for tail in tails], axis=0) for tails in self.tails)
        return np.asarray(np.where(cells < self.tails[0][0].middle, lower, upper))

    def suspects(self, cells: Floats, column: Column, high: float) -> Ints:
        """Positions of the cells that may be outside of the column's low to `high`, no whole number, or lonely."""
        import numpy as np

        from explain.quality.screen import suspects

        low = -np.inf if column.low is None else column.low
        first, width, doubtful = self._stretches
        return np.flatnonzero(suspects(cells, low, high, column.integer, first, width, doubtful))

    def lonely(self, cells: Floats) -> Flags:
        """(n,) which cells are lonelier than reference values around there are; False for blanks."""
        import numpy as np

        return self._lonely(cells) if len(self.values) else np.zeros(len(cells), dtype=bool)

    @cached_property
    def _stretches(self) -> tuple[float, float, Flags]:
        """Where equal stretches of the range begin, how wide they are, and (s + 2,) whether a value before, in each of,
        or behind them may be lonely; most cells of a column lie where none is.
        """
        import numpy as np

        if not len(self.values) or self.values[0] == self.values[-1]:
            return 0.0, 0.0, np.ones(2, dtype=bool)
        edges = np.linspace(self.values[0], self.values[-1], STRETCHES + 1)
        width = edges[1] - edges[0]
        middle = edges[:-1] + width / 2
        place = np.searchsorted(self.values, edges)
        last = len(self.values) - 1
        above = np.minimum(np.searchsorted(self.values, middle), last)
        apart = np.minimum(np.abs(middle - self.values[np.maximum(above - 1, 0)]), np.abs(middle - self.values[above]))
        least = np.minimum.reduceat(self.allowed, np.minimum(place[:-1], last))
        least = np.minimum(least, self.allowed[np.minimum(place[1:], last)])
        # a stretch wider by its rounding on both sides
        doubtful = np.concatenate([[True], apart + width > least, [True]])
        return float(self.values[0]), float(width), doubtful

    def _lonely(self, cells: Floats) -> Flags:
        import numpy as np

        cells = as_float32(cells)
        place = np.searchsorted(self.values, cells)
        above = np.minimum(place, len(self.values) - 1)
        apart = np.minimum(np.abs(cells - self.values[np.maximum(place - 1, 0)]), np.abs(cells - self.values[above]))
        return np.asarray(apart > self.allowed[above])

    def crowd(self, value: float) -> float:
        """How many reference values are about that large (within 5 %), those equal to it counted thrice."""
        import numpy as np

        value = float(np.float32(value))
        width = 0.05 * abs(value)
        edges = np.searchsorted(self.values, [value - width, value + width], side="left")
        same = np.searchsorted(self.values, value, side="right") - np.searchsorted(self.values, value, side="left")
        return float(edges[1] - edges[0] + 3 * same)


def as_float32(values: Floats) -> Floats:
    """The nearest values that float32 holds."""
    import numpy as np

    return values.astype(np.float32).astype(np.float64)


def reach_of(columns: int) -> float:
    """How lonely a value of one of so many number columns must be, for as few clean rows to have one as with a few.

    Steps between values at a place are exponential: that one is r times as wide as the widest of NEAR others falls with
    NEAR**-r.
    """
    return REACH + math.log(max(columns / FEW_COLUMNS, 1.0)) / math.log(NEAR)


def numbers_of(values: Floats, *, whole: bool, reach: float = REACH) -> Numbers:
    """The profile of reference values (m,), NaN for blanks; `reach` says how lonely a value must be to be told."""
    import numpy as np

    known = as_float32(np.sort(values[~np.isnan(values)]))
    if not len(known):
        return Numbers(known, 0.0, known, tails_of(known, 0.0))
    gaps = np.diff(known)
    step = float(np.median(gaps[gaps > 0])) if (gaps > 0).any() else 0.0
    own = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    own[~np.isfinite(own)] = 0.0
    most = np.lib.stride_tricks.sliding_window_view(own, min(NEAR, len(own))).max(axis=1)
    # near an end the window is that of the end
    at = np.clip(np.arange(len(known)) - NEAR // 2, 0, len(most) - 1)
    # between two whole numbers there is none that could have been there
    least = max(1.01 * step, 1.5) if whole else 1.01 * step
    allowed = np.maximum(reach * most[at], least)
    # in the tails of few values these are too sparse to tell a gap
    ends = 0 if len(known) >= DENSE else min(max(FEWEST, int(SHARE * len(known))), len(known))
    if ends:
        allowed[: ends + 1], allowed[len(known) - ends :] = np.inf, np.inf
    return Numbers(known, step, allowed, tails_of(known, 1.0 if whole else 0.0))


@dataclass(frozen=True)
class Categories:
    """How often each category occurs in the reference, of `rows` that are not blank.

    `plain` (c + 1,) says which of the column's own are not rare; blanks, which stand at -1, have nothing of that.
    """

    counts: Mapping[str, int]
    rows: int
    plain: Flags

    @property
    def new_share(self) -> float:
        """The share of rows to come with a category unseen so far (Good 1953): that of categories seen once."""
        once = sum(count == 1 for count in self.counts.values())
        return once / self.rows if self.rows else 1.0


def categories_of(counts: Mapping[str, int], column: Column) -> Categories:
    """The profile of a category column, of which reference rows have so many of each."""
    import numpy as np

    rows = sum(counts.values())
    plain = [rows < LEAST_ROWS or counts.get(name, 0) > RARE for name in column.categories]
    return Categories(counts, rows, np.array([*plain, True]))


@dataclass(frozen=True)
class Profile:
    """The reference rows `frame` (m, p) of a model, and what is usual in them."""

    schema: Schema
    frame: pd.DataFrame

    @cached_property
    def cells(self) -> Cells:
        """The reference rows as arrays."""
        return cells_of(self.frame, self.schema)

    @cached_property
    def numbers(self) -> dict[str, Numbers]:
        """Of every number column."""
        columns = [column for column in self.schema if column.kind == "number"]
        reach = reach_of(len(columns))
        return {
            column.name: numbers_of(self.cells.numbers(column.name), whole=column.integer, reach=reach)
            for column in columns
        }

    @cached_property
    def limit(self) -> float:
        """How unlikely a number must be to be said to lie outside: all columns, with two sides each, share OUTSIDE."""
        return OUTSIDE / (2 * max(len(self.numbers), 1))

    @cached_property
    def categories(self) -> dict[str, Categories]:
        """Of every category column."""
        found = {}
        for column in self.schema:
            if column.kind == "category":
                counts = self.frame[column.name].value_counts()
                found[column.name] = categories_of({str(k): int(v) for k, v in counts.items()}, column)
        return found

    @cached_property
    def new_categories(self) -> float:
        """How many of the rows to come may have an unseen category in a column where none is usual, as a share.

        A column with a category that came once tells that another like it is still to come, and so, once more, does
        that the reference ends here (Good 1953; each column counts once, as those of many names are usual anyway).
        """
        ends = sum(1 in known.counts.values() for known in self.categories.values())
        return (ends + 1) / max(len(self.frame), 1)

    def new_is_usual(self, name: str) -> bool:
        """Whether unseen categories of a column only inform: it has had such, or the reference is too small to tell."""
        return self.categories[name].new_share > USUAL_NEW or self.new_categories > NEW

    @cached_property
    def blanks(self) -> dict[str, int]:
        """How many reference cells are blank, by column."""
        return {column.name: int(self.cells.blank(column.name).sum()) for column in self.schema}

    @cached_property
    def never_above(self) -> tuple[tuple[str, str], ...]:
        """Pairs of number columns of which the first is never larger than the second though it well could be."""
        return tuple(_orders(self.frame[list(self.numbers)]))

    @cached_property
    def never_together(self) -> tuple[tuple[str, str, Flags], ...]:
        """Pairs of category columns, and which of their categories never meet though chance alone would have them."""
        return tuple(_never_together(self))

    @cached_property
    def repeats(self) -> float:
        """Share of reference rows that another one equals."""
        return float(self.frame.duplicated(keep=False).mean()) if len(self.frame) else 0.0

    @cached_property
    def near_repeats(self) -> float:
        """Share of reference rows that another one equals in all columns but one."""
        return float((near_twins(self.cells) >= 0).mean()) if len(self.frame) else 0.0


LEAST_TOGETHER = 200
"""Rows with both values that a rule of order rests on."""
EXCEPTIONS = 0.0005
"""Share of reference rows that may break it: slips of the reference itself."""
BY_CHANCE = 12
"""Reference rows that would break the order if the two columns had nothing to do with each other; none does so by
chance in one case of 160,000 only.
"""
STRIDE = 997
"""Rows that values drawn apart lie apart."""


def _orders(frame: pd.DataFrame) -> list[tuple[str, str]]:
    import numpy as np

    cells = frame.to_numpy(dtype=np.float64)
    found = []
    names = [str(name) for name in frame.columns]
    for a, first in enumerate(names):
        mine = cells[:, [a]]
        together = (~np.isnan(mine) & ~np.isnan(cells)).sum(axis=0)
        broken = (mine > cells).sum(axis=0)
        apart = (np.roll(mine, STRIDE, axis=0) > cells).sum(axis=0)
        # of columns that hardly overlap the order says nothing that their ranges do not
        overlap = np.nanquantile(mine, 0.95) > np.nanquantile(cells, 0.05, axis=0)
        holds = (together >= LEAST_TOGETHER) & (broken <= EXCEPTIONS * together) & (apart >= BY_CHANCE) & overlap
        found += [(first, names[int(b)]) for b in np.flatnonzero(holds) if b != a]
    return found


EXPECTED = 25.0
"""Reference rows that would have both categories if they had nothing to do with each other, where none has."""


def _never_together(profile: Profile) -> list[tuple[str, str, Flags]]:
    import numpy as np

    names = list(profile.categories)
    codes = {name: profile.cells.codes(name).known(profile.schema[name]) for name in names}
    found = []
    for at, first in enumerate(names):
        for second in names[at + 1 :]:
            known = (codes[first] >= 0) & (codes[second] >= 0)
            sizes = len(profile.schema[first].categories), len(profile.schema[second].categories)
            counts = np.zeros(sizes)
            np.add.at(counts, (codes[first][known], codes[second][known]), 1.0)
            chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(counts.sum(), 1.0)
            never = (counts == 0) & (chance >= EXPECTED)
            if never.any():
                found.append((first, second, never))
    return found


@lru_cache(maxsize=8)
def profile_of(model: Package) -> Profile:
    """The profile of a model's reference rows, made once."""
    return Profile(model.schema, model.reference.frame)


def near_twins(cells: Cells) -> Ints:
    """(n,) an earlier row that equals each row in all columns but one; -1 where there is none."""
    import numpy as np

    own_hashes = [own * np.uint64(2 * at + 1) for at, own in enumerate(column_hashes(cells))]
    whole: Hashes = np.add.reduce(own_hashes)
    found = np.full(len(cells), -1, dtype=np.int64)
    for own in own_hashes:
        rest = whole - own
        _, first, group = np.unique(rest, return_index=True, return_inverse=True)
        earlier = first[group]
        twin = (earlier < np.arange(len(cells))) & (whole[earlier] != whole) & (found < 0)
        found[twin] = earlier[twin]
    return found
