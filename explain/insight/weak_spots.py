"""Groups of rows in which a model is worst: found on one half of the rows, tested on the other.

A group is what one or two columns say: a category, a blank, a number up to, between or above reference deciles. Half of
the rows, drawn by a seed, proposes at most `TRIED` groups; what is said of them comes from the other half alone, where
each is tested one-sidedly (Fisher's exact test for right and wrong, Wilcoxon's rank sum for errors) and all of them
together after Holm (1979, "A simple sequentially rejective multiple test procedure"), so that on errors that have
nothing to do with the columns anything at all is found in 5 of 100 cases at most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from explain.types import Column, Flags, Floats, Ints, Schema

ALPHA = 0.05
"""How often a finding may come up where there is none."""
SMALLEST = words.ENOUGH_CASES
"""Rows of a group in each half: below that a share is known to worse than 9 points."""
FEWEST_ROWS = 4 * SMALLEST
"""Rows below which no group is looked for: a group and its rest need the smallest number each, in both halves."""
MOST = 5
"""Groups that are given: more are no longer the worst."""
TRIED = 10
"""Groups that are tested: twice as many as are given, as each one tried makes the test of the others harder."""
MOST_ROWS = 100_000
"""Rows that are looked at, drawn by the seed: 50,000 tell a share of a hundredth of them to 2 points."""
MOST_CATEGORIES = 10
"""Categories of a column that make groups, the most frequent ones; rarer ones hardly reach the smallest size."""
WORSE, FARTHER = 0.05, 1.2
"""What is worth saying: wrong in 5 of 100 rows more than overall; errors a fifth larger."""
SURE = 1.645
"""Normal quantile of 95 of 100, one-sided: groups are ranked by how bad they are at least."""
ADDS = 3.3
"""The same for what a second column adds to the first: one in 2,000, as a group meets hundreds of others."""
ALIKE = 0.5
"""Two groups are alike when the smaller one shares that much of its rows with the other."""
LOOKED_AT = 400
"""Best groups of the first half among which those that are not alike are picked."""
LEVELS = 256
"""Steps that errors are ranked in for the search: whole numbers, whose sums in float32 are exact below 2 ** 24."""
BLOCK = 16_384
"""Rows multiplied in one go: 16,384 x 255 is below 2 ** 24."""


@dataclass(frozen=True)
class WeakSpot:
    """One group in which the model is worse than overall.

    `columns` are the one or two that make it, `described` says them in words, `rows` (g,) are the positions of its
    rows, in both halves. `tested` rows of the held-out half gave `here`, and all of that half `overall`: the share of
    right predictions (0 to 1), or the median absolute error in the target's unit. `chance` is the corrected p-value,
    `sentence` says it all.
    """

    columns: tuple[str, ...]
    described: str
    rows: Ints
    tested: int
    here: float
    overall: float
    chance: float
    sentence: str


@dataclass(frozen=True)
class _Groups:
    """Which rows are in each of g groups of one column: `members` (m, g), `columns` (g,) names, `described` (g,)."""

    members: Flags
    columns: tuple[str, ...]
    described: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """One group that the first half proposes: `members` (m,) of the rows looked at, and which groups make it."""

    members: Flags
    made_of: tuple[int, ...]


@dataclass(frozen=True)
class _Search:
    """The rows looked at (m,), positions among them of the `tested` half, all groups, and those that are proposed."""

    look: Ints
    tested: Ints
    groups: _Groups
    proposed: tuple[_Found, ...]


def weak_spots(frame: pd.DataFrame, right: Flags, schema: Schema, *, seed: int = 0) -> tuple[WeakSpot, ...]:
    """The groups of rows (m, p) with the lowest share of right predictions, from flags (m,); at most five, worst first.

    Every group has at least 30 rows in each half, wrong in 5 of 100 rows more than overall, and none holds half of
    another. Fewer than 120 rows, or none or all wrong, give none. Same rows and seed, same groups.
    """
    import numpy as np

    search = _search(frame, (~np.asarray(right, dtype=bool)).astype(np.int64), schema, seed)
    wrong = ~np.asarray(right, dtype=bool)[search.look][search.tested]
    mine = [item.members[search.tested] for item in search.proposed]
    tests = [fisher(int(wrong[one].sum()), int(one.sum()), int(wrong.sum()), len(wrong)) for one in mine]
    spots = []
    for at, chance in _holm(tests):
        size, here, overall = int(mine[at].sum()), 1 - _mean(wrong[mine[at]]), 1 - _mean(wrong)
        if size >= SMALLEST and overall - here >= WORSE:
            share = words.of_100(overall).removesuffix(" of 100")
            says = f"right in {words.of_100(here)} (tested on {words.count(size, 'row')}), {share} overall."
            spots.append(_spot(search, at, (size, here, overall, chance), says))
    return tuple(sorted(spots, key=lambda spot: spot.here)[:MOST])


def weak_errors(
    frame: pd.DataFrame, errors: Floats, schema: Schema, *, unit: str = "", seed: int = 0
) -> tuple[WeakSpot, ...]:
    """The same for a regression, from absolute errors (m,) in `unit`: the groups whose predictions are farthest off.

    Their median error is a fifth larger than overall, or more.
    """
    import numpy as np

    search = _search(frame, _levels(np.asarray(errors, dtype=np.float64)), schema, seed)
    off = np.asarray(errors, dtype=np.float64)[search.look][search.tested]
    mine = [item.members[search.tested] for item in search.proposed]
    ranks = _ranks(off)
    spots = []
    for at, chance in _holm([rank_sum(ranks, one) for one in mine]):
        size, overall = int(mine[at].sum()), float(np.median(off))
        here = float(np.median(off[mine[at]])) if size else 0.0
        if size >= SMALLEST and here >= FARTHER * overall:
            far, usual = words.difference(here, unit), words.difference(overall, unit)
            says = f"half are off by more than {far} (tested on {words.count(size, 'row')}), {usual} overall."
            spots.append(_spot(search, at, (size, here, overall, chance), says))
    return tuple(sorted(spots, key=lambda spot: -spot.here)[:MOST])


def _mean(flags: Flags) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def _spot(search: _Search, at: int, facts: tuple[int, float, float, float], says: str) -> WeakSpot:
    import numpy as np

    found = search.proposed[at]
    size, here, overall, chance = facts
    described = words.listed([search.groups.described[one] for one in found.made_of])
    described = described[:1].upper() + described[1:]
    columns = tuple(search.groups.columns[one] for one in found.made_of)
    rows = search.look[np.flatnonzero(found.members)]
    return WeakSpot(columns, described, rows, size, here, overall, chance, f"{described}: {says}")


def _search(frame: pd.DataFrame, levels: Ints, schema: Schema, seed: int) -> _Search:
    """Draw the halves, and let the first one propose groups by levels (m,) of badness."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(frame))[:MOST_ROWS]
    look = np.sort(order)
    half = np.zeros(len(frame), dtype=bool)
    half[order[: len(order) // 2]] = True
    first = half[look]
    groups = _groups(frame.iloc[look], schema)
    enough = len(look) >= FEWEST_ROWS and len(np.unique(levels[look])) > 1 and len(groups.described) > 0
    proposed = tuple(_proposed(groups, levels[look], np.flatnonzero(first))) if enough else ()
    return _Search(look, np.flatnonzero(~first), groups, proposed)


def _groups(frame: pd.DataFrame, schema: Schema) -> _Groups:
    """All groups of one column each that hold the smallest number of rows in two halves, and not all rows."""
    import numpy as np

    found: list[tuple[Flags, str, str]] = []
    for column in schema:
        own: list[Flags] = []
        for mine, text in _of_column(frame[column.name], column):
            size = int(mine.sum())
            if 2 * SMALLEST <= size < len(frame) and not any(np.array_equal(mine, other) for other in own):
                own.append(mine)
                found.append((mine, column.name, text))
    members = np.stack([item[0] for item in found], axis=1) if found else np.zeros((len(frame), 0), dtype=bool)
    return _Groups(members, tuple(item[1] for item in found), tuple(item[2] for item in found))


def _of_column(cells: pd.Series, column: Column) -> Iterator[tuple[Flags, str]]:
    """The groups of one column (m,): who is in it, and what it is called."""
    import numpy as np

    yield cells.isna().to_numpy(dtype=bool), f"{column.title} blank"
    if column.kind == "number":
        yield from _of_numbers(cells.to_numpy(dtype=np.float64), column)
        return
    for name in cells.value_counts().index[:MOST_CATEGORIES]:
        yield (cells == name).to_numpy(dtype=bool), f"{column.title} {words.cell(str(name), column)}"


STRETCHES = ((0, 1), (0, 3), (0, 5), (3, 5), (5, 7), (5, 10), (7, 10), (9, 10))
"""Groups of a number from which decile to which: the lowest and highest tenth, three tenths and half, and between."""


def _of_numbers(cells: Floats, column: Column) -> Iterator[tuple[Flags, str]]:
    import numpy as np

    known = cells[np.isfinite(cells)]
    if not len(known):
        return
    tenths = np.array(column.deciles) if len(column.deciles) == 11 else np.quantile(known, np.arange(11) / 10)
    edges = np.floor(tenths) if column.integer else tenths
    for low, high in STRETCHES:
        below = cells <= edges[high] if high < 10 else np.isfinite(cells)
        above = cells > edges[low] if low else np.isfinite(cells)
        yield below & above, f"{column.title} {_stretch(edges, low, high, column)}"


def _stretch(edges: Floats, low: int, high: int, column: Column) -> str:
    """'up to 12 months', 'over 60 months', '12 to 30 months'."""
    if low == 0:
        return f"up to {words.amount_of(float(edges[high]), column)}"
    if high == 10:
        return f"over {words.amount_of(float(edges[low]), column)}"
    start = float(edges[low]) + column.integer
    return words.span(start, float(edges[high]), column, " to ")


def _proposed(groups: _Groups, levels: Ints, half: Ints) -> Iterator[_Found]:
    """The groups (m,) that are worst for sure in one half, by levels (m,) of badness, none like an earlier one."""
    import numpy as np

    counts, sums = _pair_sums(groups.members[half], levels[half])
    own = levels[half].astype(np.float64)
    middle, spread = float(own.mean()), float(own.std())
    mean = sums / np.maximum(counts, 1)
    error = spread / np.sqrt(np.maximum(counts, 1))
    alone = mean.diagonal()
    fits = np.triu(counts >= SMALLEST) & (mean - middle > SURE * error)
    columns = np.array(groups.columns, dtype=object)
    both = columns[:, None] != columns[None, :]
    # a second column must add something to what the first one says
    adds = both & (mean - np.maximum(alone[:, None], alone[None, :]) > ADDS * error)
    fits &= adds | np.eye(len(alone), dtype=bool)
    where = np.flatnonzero(fits.ravel())
    best = where[np.argsort(-(mean - SURE * error).ravel()[where], kind="stable")][:LOOKED_AT]
    taken: list[Flags] = []
    for place in best.tolist():
        one, other = divmod(place, len(alone))
        members = groups.members[:, one] & groups.members[:, other]
        if not any(_alike(members[half], earlier[half]) for earlier in taken):
            taken.append(members)
            yield _Found(members, (one,) if one == other else (one, other))
        if len(taken) == TRIED:
            return


def _pair_sums(members: Flags, levels: Ints) -> tuple[Floats, Floats]:
    """(g, g) rows that two groups share, and the sum of their levels; a group with itself on the diagonal.

    All are sums of whole numbers below 2 ** 24 in float32, and exact whatever adds them up.
    """
    import numpy as np

    size = members.shape[1]
    counts, sums = np.zeros((size, size)), np.zeros((size, size))
    for at in range(0, len(members), BLOCK):
        block = members[at : at + BLOCK].astype(np.float32)
        counts += block.T @ block
        bad = levels[at : at + BLOCK] > 0
        weights = levels[at : at + BLOCK][bad].astype(np.float32)
        block = block[bad]
        # of right and wrong all weights are 1, and a product with itself takes half the time
        sums += block.T @ (block if weights.max(initial=1) == 1 else block * weights[:, None])
    return counts, sums


def _alike(one: Flags, other: Flags) -> bool:
    return int((one & other).sum()) > ALIKE * min(int(one.sum()), int(other.sum()))


def _levels(errors: Floats) -> Ints:
    """(m,) ranks of errors in whole steps from 0 to LEVELS - 1."""
    import numpy as np

    ranks = _ranks(np.asarray(errors, dtype=np.float64))
    return np.asarray(np.floor((ranks - 0.5) * LEVELS / max(len(ranks), 1)), dtype=np.int64)


def _ranks(values: Floats) -> Floats:
    """(m,) ranks from 1; equal values share the middle of theirs."""
    import numpy as np

    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place], dtype=np.float64)


def fisher(wrong: int, size: int, all_wrong: int, rows: int) -> float:
    """The chance of at least `wrong` among `size` rows drawn from `rows`, `all_wrong` of which are (Fisher 1935)."""
    import numpy as np

    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, rows + 1)))])

    def choose(n: int, k: npt.NDArray[np.int64]) -> Floats:
        return np.asarray(logs[n] - logs[k] - logs[n - k])

    found = np.arange(max(wrong, size - (rows - all_wrong)), min(size, all_wrong) + 1, dtype=np.int64)
    total = choose(rows, np.array([size]))[0]
    return min(1.0, float(np.exp(choose(all_wrong, found) + choose(rows - all_wrong, size - found) - total).sum()))


def rank_sum(ranks: Floats, mine: Flags) -> float:
    """The chance of a mean rank as high in a group (m,) of ranks (m,), by the normal approximation (Wilcoxon 1945).

    Ties are counted in the variance, which is that of drawing without putting back.
    """
    import numpy as np

    size, rows = int(mine.sum()), len(ranks)
    variance = float(ranks.var(ddof=1)) * (rows - size) / (rows * max(size, 1))
    if size == 0 or variance <= 0:
        return 1.0
    z = (float(ranks[mine].mean()) - float(np.mean(ranks))) / math.sqrt(variance)
    return 0.5 * math.erfc(z / math.sqrt(2))


def _holm(chances: list[float]) -> Iterator[tuple[int, float]]:
    """Positions of the tests that hold after Holm, with their corrected chances."""
    worst = 0.0
    for done, at in enumerate(sorted(range(len(chances)), key=lambda i: chances[i])):
        worst = max(worst, min(1.0, chances[at] * (len(chances) - done)))
        if worst > ALPHA:
            return
        yield at, worst
