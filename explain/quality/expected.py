"""What is to be expected in a cell beside the rest of its row, and how surprising what stands there is.

For every column a forest foretells it from the others. Every reference row is foretold by trees that have not seen it
(out of bag, Breiman 2001), so the surprises of reference rows are those of new ones. One limit for the most surprising
cell of a row lets by all but a stated share of them (split conformal on the largest, as for any score).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from explain.forests.forest import grove
from explain.forests.learn import Growth, averaged, grown
from explain.types import Codes, as_cells

if TYPE_CHECKING:
    import pandas as pd

    from explain.forests.forest import Forest, Grove, Rows
    from explain.parallel import Tell
    from explain.quality.profile import Profile
    from explain.types import Cells, Column, Floats, Ints, Schema

ALARMS = 0.004
"""Share of clean rows with a cell said to be unlikely: 4 in 1,000, of the 10 that all checks together may take."""
LEAST_ROWS = 200
"""Reference rows that a column is learned from at least, and that know its value."""
MOST_ROWS = 5_000
MOST_CATEGORIES = 60
"""Categories of a column at most: more are names, which nothing foretells."""
GROWN, KEPT = 80, 30
"""Trees grown, and those of them kept: a row is out of bag for 37 % of the grown, about as many as are kept."""
LEAF = 3
SOME = 0.6
"""Share of the columns that a split may choose from."""
MOST_TRIED = 8
"""The same in columns, at most: with many columns a split looks at as many, and learning takes as long a column."""
WEIGHT = 50.0
"""Rows' worth of evidence in a foretold share; one more row is the column's usual shares."""
FLOOR = 0.3
"""Spread added to every foretold one, in median misses: a lucky leaf is not certain."""
TAIL = 0.05
"""Share of surprises that are taken as the tail, in which a power law says how rare larger ones are (Hill 1975)."""
LEAST_SHAPE, UNKNOWN_SHAPE = 0.02, 0.1


@dataclass(frozen=True)
class Expectation:
    """What foretells column `at` of the schema from the others.

    A number is foretold on the scale of a normal distribution by its rank among the reference's `values` (sorted):
    the forest gives its mean and mean square. Of a category it gives the shares of the classes `values` (positions in
    the schema's categories), whose usual shares are `usual`. `misses` are the reference's own surprises, sorted.
    """

    at: int
    number: bool
    forest: Forest
    values: Floats
    usual: Floats
    floor: float
    misses: Floats

    def missed(self, cells: Floats, foretold: Floats) -> Floats:
        """(n,) the same for known cells and what was foretold (n, k)."""
        import numpy as np

        if self.number:
            return missed(as_normal(cells, self.values), foretold[:, 0], foretold[:, 1], self.floor)
        shares = (WEIGHT * foretold + self.usual) / (WEIGHT + 1)
        own = shares[np.arange(len(cells)), np.searchsorted(self.values, cells)]
        # 1 for the likeliest category, so that the tail of a column that is all but sure does not begin at nothing
        return np.asarray(1 + np.log(shares.max(axis=1) / own))

    def surprise(self, miss: Floats, *, own: bool = False) -> Floats:
        """-ln of the share of reference rows with as large a miss; beyond the tail's start by the power law.

        `own` ones are among the reference's misses themselves: each is compared with all others, as a new one is.
        """
        import numpy as np

        tail = self.tail
        larger = len(self.misses) - np.searchsorted(self.misses, miss, side="left")
        return tail.surprise(miss, larger - own, own=own)

    @cached_property
    def tail(self) -> Tail:
        """The tail of its misses."""
        import numpy as np

        start = max(float(np.quantile(self.misses, 1 - TAIL)), 1e-6)
        logs = np.log(self.misses[self.misses > start] / start)
        return Tail(start, float(logs.sum()), len(logs), len(self.misses))


class Tail(NamedTuple):
    """The largest of `whole` misses: those beyond `start`, `size` of them, whose logarithms over it add up to `logs`.

    Each may be arrays (q,), for the misses (n, q) of several columns.
    """

    start: Floats | float
    logs: Floats | float
    size: Ints | int
    whole: Ints | int

    def surprise(self, miss: Floats, larger: Ints, *, own: bool = False) -> Floats:
        """-ln of the share of misses as large, of which there are `larger` ones."""
        import numpy as np

        share = (larger + 1) / (self.whole - own + 1)
        beyond = np.log(np.maximum(miss, self.start) / self.start)
        others = self.size - (own & (beyond > 0))
        shape = np.where(others > 0, (self.logs - own * beyond) / np.maximum(others, 1), UNKNOWN_SHAPE)
        tail = -np.log(TAIL) + beyond / np.maximum(shape, LEAST_SHAPE)
        return np.asarray(np.where(np.isnan(miss), 0.0, np.where(miss > self.start, tail, -np.log(share))))


@dataclass(frozen=True)
class Expected:
    """The expectations of all columns that can be foretold, and the `limit` beyond which a surprise is said."""

    schema: Schema
    columns: tuple[Expectation, ...]
    limit: float

    def surprises(self, rows: Rows) -> Floats:
        """(n, p) surprise of every cell; 0 for blanks and columns that are not foretold."""
        import numpy as np

        found = np.zeros(rows.shape)
        if not self.columns:
            return found
        foretold, cells = self._grove(rows), rows.astype(np.float64)
        misses, larger = np.full((2, len(rows), len(self.columns)), np.nan)
        numbers = [at for at, column in enumerate(self.columns) if column.number]
        if numbers:
            normal = np.column_stack(
                [as_rank(cells[:, self.columns[at].at], self.columns[at].values) for at in numbers]
            )
            first = self._grove.starts[numbers]
            misses[:, numbers] = missed(to_normal(normal), foretold[:, first], foretold[:, first + 1], self._floors)
        for at, column in enumerate(self.columns):
            if not column.number:
                own = cells[:, column.at]
                known = np.isin(own, column.values)
                shares = foretold[:, self._grove.starts[at] : self._grove.starts[at + 1]]
                misses[known, at] = column.missed(own[known], shares[known])
            larger[:, at] = len(column.misses) - np.searchsorted(column.misses, misses[:, at], side="left")
        found[:, [column.at for column in self.columns]] = self._tails.surprise(misses, larger)
        return found

    @cached_property
    def _grove(self) -> Grove:
        return grove([column.forest for column in self.columns])

    @cached_property
    def _floors(self) -> Floats:
        import numpy as np

        return np.array([column.floor for column in self.columns if column.number])

    @cached_property
    def _tails(self) -> Tail:
        import numpy as np

        return Tail(*(np.array(each) for each in zip(*(column.tail for column in self.columns), strict=True)))


def as_rows(rows: pd.DataFrame | Cells, schema: Schema) -> Rows:
    """(n, p) numbers as they are and categories as their positions; NaN for blanks and unknown ones."""
    import numpy as np

    cells = as_cells(rows, schema)
    found = np.full((len(cells), len(schema)), np.nan, dtype=np.float32)
    for at, column in enumerate(schema):
        own = cells.columns[column.name]
        if isinstance(own, Codes):
            places = own.known(column)
            found[:, at] = np.where(places < 0, np.nan, places)
        else:
            found[:, at] = own
    return found


def missed(normal: Floats, mean: Floats, square: Floats, floor: Floats | float) -> Floats:
    """How many foretold spreads numbers lie from what was foretold, on the scale of a normal distribution."""
    import numpy as np

    spread = np.sqrt(np.maximum(square - mean**2, 0.0)) + floor
    return np.asarray(np.abs(normal - mean) / spread)


def as_normal(cells: Floats, values: Floats) -> Floats:
    """The quantile of a normal distribution at a value's rank among sorted `values`; equal values get the middle."""
    return to_normal(as_rank(cells, values))


def as_rank(cells: Floats, values: Floats) -> Floats:
    """(n,) the rank of each cell among sorted values, as a share; NaN for blanks."""
    import numpy as np

    rank = np.searchsorted(values, cells, side="left") + np.searchsorted(values, cells, side="right") + 1
    return np.asarray(np.where(np.isnan(cells), np.nan, rank / (2 * (len(values) + 1))))


def to_normal(ranks: Floats) -> Floats:
    """Quantiles of a normal distribution."""
    import numpy as np
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(ranks, 1e-6, 1 - 1e-6)))


def _among_others(cells: Floats, values: Floats) -> Floats:
    """The same for the reference's own values, each by its rank among all others, as a new one has it."""
    import numpy as np
    from scipy.special import ndtri

    rank = np.searchsorted(values, cells, side="left") + np.searchsorted(values, cells, side="right")
    return np.asarray(ndtri(np.clip(rank / (2 * len(values)), 1e-6, 1 - 1e-6)))


def learn(profile: Profile, seed: int = 0, tell: Tell | None = None) -> Expected:
    """Learn every column of the reference from the others; nothing where there are too few rows."""
    import numpy as np

    frame = profile.frame
    if len(frame) > MOST_ROWS:
        kept = np.sort(np.random.default_rng(seed).permutation(len(frame))[:MOST_ROWS])
        frame = frame.iloc[kept]
    rows = as_rows(frame, profile.schema)
    found: list[Expectation] = []
    surprises = np.zeros(rows.shape)
    for at, column in enumerate(profile.schema):
        known = np.flatnonzero(~np.isnan(rows[:, at]))
        if len(profile.schema) > 1 and len(known) >= LEAST_ROWS and _can_be_foretold(rows[known, at], column):
            learned, missed = _learned(rows[known], at, number=column.kind == "number", seed=seed)
            found.append(learned)
            surprises[known, at] = learned.surprise(missed, own=True)
        if tell:
            tell((at + 1) / len(profile.schema))
    return Expected(profile.schema, tuple(found), conformal_limit(surprises.max(axis=1, initial=0.0)))


def conformal_limit(largest: Floats) -> float:
    """The surprise that at most a share ALARMS of new rows exceeds; infinite where there are too few rows to say."""
    import numpy as np

    allowed = int(np.floor(ALARMS * (len(largest) + 1)))
    return float(np.sort(largest)[len(largest) - allowed]) if allowed >= 1 else np.inf


def _can_be_foretold(cells: Rows, column: Column) -> bool:
    import numpy as np

    different = len(np.unique(cells))
    return different > 1 and (column.kind == "number" or different <= MOST_CATEGORIES)


def _learned(rows: Rows, at: int, *, number: bool, seed: int) -> tuple[Expectation, Floats]:
    """What foretells the column, and by how much it misses each of the rows (m, p) out of bag."""
    import numpy as np

    cells = rows[:, at].astype(np.float64)
    if number:
        values, usual = np.sort(cells), np.zeros(0)
        target = _among_others(cells, values)
        forest, foretold = _grown(rows, at, np.column_stack([target, target**2]), (True,), seed)
        miss = np.abs(target - foretold[:, 0])
        draft = Expectation(at, number, forest, values, usual, FLOOR * float(np.median(miss)) + 1e-3, values)
    else:
        values, place, counts = np.unique(cells, return_inverse=True, return_counts=True)
        forest, foretold = _grown(rows, at, place[:, None].astype(np.float64), (True, False), seed, len(values))
        draft = Expectation(at, number, forest, values, counts / len(cells), 0.0, values)
    misses = missed(target, foretold[:, 0], foretold[:, 1], draft.floor) if number else draft.missed(cells, foretold)
    return replace(draft, misses=np.sort(misses)), misses


def _grown(
    rows: Rows, at: int, target: Floats, kinds: tuple[bool, ...], seed: int, classes: int = 0
) -> tuple[Forest, Floats]:
    """A forest over all columns but one, of trees cut at random places (True) or at the best (False), and what it
    foretells of each row (m, k) out of bag.
    """
    import numpy as np

    others = np.delete(rows, at, axis=1)
    tried = max(1, min(int(SOME * others.shape[1]), MOST_TRIED))
    trees, foretold = [], []
    for random in kinds:
        growth = Growth(LEAF, tried, random=random)
        found, said = grown(others, target, growth, trees=GROWN // len(kinds), classes=classes, seed=seed)
        trees += found[: KEPT // len(kinds)]
        foretold.append(said)
    forest = averaged(trees)
    # asked of whole rows, so that all columns can be asked at once
    whole = forest._replace(feature=forest.feature + (forest.feature >= at))
    return whole, np.asarray(np.mean(foretold, axis=0))
