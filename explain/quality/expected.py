"""What is to be expected in a cell beside the rest of its row, and how surprising what stands there is.

For every column a forest foretells it from the others. Every reference row is foretold by trees that have not seen it
(out of bag, Breiman 2001), so the surprises of reference rows are those of new ones. One limit for the most surprising
cell of a row lets by all but a stated share of them (split conformal on the largest, as for any score).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.forests.learn import Growth, averaged, grown
from explain.types import Codes, as_cells

if TYPE_CHECKING:
    import pandas as pd

    from explain.forests.forest import Forest
    from explain.forests.learn import Rows
    from explain.parallel import Tell
    from explain.quality.profile import Profile
    from explain.types import Cells, Column, Floats, Schema

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

    def miss(self, rows: Rows) -> Floats:
        """(n,) how far each cell is from what was foretold; NaN for blanks and categories unheard of."""
        import numpy as np

        cells = rows[:, self.at].astype(np.float64)
        known = ~np.isnan(cells)
        if not self.number:
            known &= np.isin(cells, self.values)
        found = np.full(len(rows), np.nan)
        if known.any():
            foretold = self.forest(np.ascontiguousarray(np.delete(rows[known], self.at, axis=1)))
            found[known] = self.missed(cells[known], foretold)
        return found

    def missed(self, cells: Floats, foretold: Floats) -> Floats:
        """(n,) the same for known cells and what was foretold (n, k)."""
        import numpy as np

        if self.number:
            return self.miss_of(as_normal(cells, self.values), foretold)
        shares = (WEIGHT * foretold + self.usual) / (WEIGHT + 1)
        own = shares[np.arange(len(cells)), np.searchsorted(self.values, cells)]
        # 1 for the likeliest category, so that the tail of a column that is all but sure does not begin at nothing
        return np.asarray(1 + np.log(shares.max(axis=1) / own))

    def miss_of(self, normal: Floats, foretold: Floats) -> Floats:
        """(n,) the same for numbers on the scale of a normal distribution."""
        import numpy as np

        spread = np.sqrt(np.maximum(foretold[:, 1] - foretold[:, 0] ** 2, 0.0)) + self.floor
        return np.asarray(np.abs(normal - foretold[:, 0]) / spread)

    def surprise(self, miss: Floats, *, own: bool = False) -> Floats:
        """-ln of the share of reference rows with as large a miss; beyond the tail's start by the power law.

        `own` ones are among the reference's misses themselves: each is compared with all others, as a new one is.
        """
        import numpy as np

        count = len(self.misses) - own
        share = (count - np.searchsorted(self.misses, miss, side="left") + 1) / (count + 1)
        start = max(float(np.quantile(self.misses, 1 - TAIL)), 1e-6)
        beyond = np.log(np.maximum(miss, start) / start)
        logs = np.log(self.misses[self.misses > start] / start)
        others = len(logs) - (own & (beyond > 0))
        with np.errstate(invalid="ignore", divide="ignore"):
            shape = np.where(others > 0, (logs.sum() - own * beyond) / others, UNKNOWN_SHAPE)
        tail = -np.log(TAIL) + beyond / np.maximum(shape, LEAST_SHAPE)
        return np.asarray(np.where(np.isnan(miss), 0.0, np.where(miss > start, tail, -np.log(share))))


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
        for column in self.columns:
            found[:, column.at] = column.surprise(column.miss(rows))
        return found


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


def as_normal(cells: Floats, values: Floats) -> Floats:
    """The quantile of a normal distribution at a value's rank among sorted `values`; equal values get the middle."""
    import numpy as np
    from scipy.special import ndtri

    rank = np.searchsorted(values, cells, side="left") + np.searchsorted(values, cells, side="right") + 1
    return np.asarray(ndtri(np.clip(rank / (2 * (len(values) + 1)), 1e-6, 1 - 1e-6)))


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
    others = np.delete(rows, at, axis=1)
    if number:
        values, usual = np.sort(cells), np.zeros(0)
        target = _among_others(cells, values)
        forest, foretold = _grown(others, np.column_stack([target, target**2]), (True,), seed)
        miss = np.abs(target - foretold[:, 0])
        draft = Expectation(at, number, forest, values, usual, FLOOR * float(np.median(miss)) + 1e-3, values)
    else:
        values, place, counts = np.unique(cells, return_inverse=True, return_counts=True)
        forest, foretold = _grown(others, place[:, None].astype(np.float64), (True, False), seed, len(values))
        draft = Expectation(at, number, forest, values, counts / len(cells), 0.0, values)
    missed = draft.miss_of(target, foretold) if number else draft.missed(cells, foretold)
    return Expectation(at, number, forest, values, draft.usual, draft.floor, np.sort(missed)), missed


def _grown(rows: Rows, target: Floats, kinds: tuple[bool, ...], seed: int, classes: int = 0) -> tuple[Forest, Floats]:
    """A forest of trees cut at random places (True) or at the best (False), and what it foretells of each row (m, k)
    out of bag.
    """
    import numpy as np

    tried = max(1, min(int(SOME * rows.shape[1]), MOST_TRIED))
    trees, foretold = [], []
    for random in kinds:
        growth = Growth(LEAF, tried, random=random)
        found, said = grown(rows, target, growth, trees=GROWN // len(kinds), classes=classes, seed=seed)
        trees += found[: KEPT // len(kinds)]
        foretold.append(said)
    return averaged(trees), np.asarray(np.mean(foretold, axis=0))
