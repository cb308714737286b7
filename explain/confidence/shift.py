"""Whether uploaded rows come from where the calibration rows came from, and how to weigh these if not.

A classifier that can tell the two apart shows that they differ, and by which columns (Lopez-Paz and Oquab 2017); its
odds are the likelihood ratios by which past cases are weighted (Tibshirani et al. 2019, 2.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from explain.forests.learn import Growth, boosted, coded
from explain.parallel import together
from explain.types import Codes, as_cells

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from explain.forests.forest import Forest
    from explain.types import Cells, Flags, Floats, Ints, Schema

    Rows = npt.NDArray[np.float32]

LEAST_ROWS = 200
"""Rows of each side below which telling them apart is luck: the AUC of exchangeable halves then strays past .60."""
MOST_ROWS = 5_000
"""Rows of each side that the classifier learns from: Hanley and McNeil's error of the AUC is then below .006."""
FOLDS = 3
NOTABLE = 0.60
"""AUC from which a difference is said; .50 is none, 1 complete."""
STANDARD_ERRORS = 4.0
"""The AUC must also exceed .50 by this many of its standard errors: folds share rows, so that it strays further than
Hanley and McNeil's error says. It binds where there are few rows; beyond, .60 does."""
DRIVES = 0.01
"""AUC that mixing up a column's cells must take away for the column to be named; less is what chance takes."""
DRIVES_SHARE = 0.15
"""As above, as a share of what the first column takes away."""
MOST_COLUMNS = 3
HEAVIEST = 20.0
"""Largest likelihood ratio, and one over the smallest: odds beyond it rest on next to no rows."""
LEAST_EFFECTIVE = 200.0
"""Effective calibration rows that a claim needs: with fewer, nine in ten is known to no better than 4 points."""
OWN_CODE = 20
"""Rows of both sides together that a category needs to be told from other rare ones: a leaf of the trees needs as many,
so that fewer could only be learned by luck."""
ROUNDS, LEAVES, RATE = 25, 8, 0.15


class Classifier(NamedTuple):
    """What tells the two sides apart: trees that add up to log-odds, from `start`."""

    forest: Forest
    start: float

    def __call__(self, rows: Rows) -> Floats:
        """(n, p) cells -> (n,) probability of being new."""
        import numpy as np

        return np.asarray(1 / (1 + np.exp(-(self.start + self.forest(rows)[:, 0]))))


@dataclass(frozen=True)
class Shift:
    """How uploaded rows (n,) differ from calibration rows (m,).

    `auc` is the share of pairs, one of each, that a classifier fitted on other rows puts in the right order (.50: no
    difference), `error` its standard error. `columns` are the names by which they differ, most first, none where they
    do not. `past` (m,) and `rows` (n,) are likelihood ratios, upload against calibration, for `conformal.Weights`.
    """

    auc: float
    error: float
    columns: tuple[str, ...]
    past: Floats
    rows: Floats

    @property
    def notable(self) -> bool:
        """Whether the difference is large enough to be said, and larger than chance would make it."""
        return _is_notable(self.auc, self.error)

    @cached_property
    def effective_size(self) -> float:
        """How many equally weighted calibration rows the weighted ones are worth: (sum w)² / sum w² (Kish 1965)."""
        return float(self.past.sum() ** 2 / (self.past**2).sum())

    @property
    def withdrawn(self) -> bool:
        """Whether too few past cases resemble the upload for any claim of coverage."""
        return self.notable and self.effective_size < LEAST_EFFECTIVE


def shift(
    uploaded: pd.DataFrame | Cells, calibration: pd.DataFrame | Cells, schema: Schema, seed: int = 0
) -> Shift | None:
    """How (n, p) uploaded rows differ from (m, p) calibration rows; None where either has fewer than 200.

    Boosted trees judge rows they were not fitted on: three folds over at most 5,000 rows of each side, drawn by `seed`;
    rows beyond get the mean of the three. Odds over the share of rows of each side
    are the likelihood ratio (Bayes).
    """
    import numpy as np

    if min(len(uploaded), len(calibration)) < LEAST_ROWS:
        return None
    cells = _cells(as_cells(calibration, schema), as_cells(uploaded, schema))
    is_new = np.arange(len(cells)) >= len(calibration)
    fold = _folds(is_new, seed)
    columns: tuple[str, ...] = ()
    models = _fitted(cells, is_new, fold)
    said = _out_of_fold(models, cells, fold)
    auc, error = _auc(said, is_new, fold)
    if _is_notable(auc, error):
        columns = _drivers(models, cells, (is_new, fold), schema, auc)
    old_to_new = min(len(calibration), MOST_ROWS) / min(len(uploaded), MOST_ROWS)
    weights = np.clip(said / (1 - said) * old_to_new, 1 / HEAVIEST, HEAVIEST)
    return Shift(auc, error, columns, weights[~is_new], weights[is_new])


def _is_notable(auc: float, error: float) -> bool:
    return auc > NOTABLE and auc - STANDARD_ERRORS * error > 0.5


def _cells(calibration: Cells, uploaded: Cells) -> Rows:
    """(m + n, p) numbers in float32, categories as codes, of both sides alike: see `_codes`.

    A reference kept in float32 holds 5.8499999 where an upload says 5.85: told apart in float64 though no row differs.
    """
    import numpy as np

    columns = []
    for name, past in calibration.columns.items():
        now = uploaded.columns[name]
        both = _codes(past, now) if isinstance(past, Codes) and isinstance(now, Codes) else np.concatenate([past, now])
        columns.append(both)
    largest = float(np.finfo(np.float32).max)
    return np.asarray(np.clip(np.column_stack(columns), -largest, largest), dtype=np.float32)


def _codes(past: Codes, now: Codes) -> Floats:
    """A number for each category by how often both sides together have it, 0 the most frequent; rare ones share one.

    Nothing in it may hang on the side that a row came from: a code of categories that past rows lack, or an order by
    their counts in past rows, would tell any two halves of one table apart, since luck alone puts some in one half.
    """
    import numpy as np

    words = tuple(dict.fromkeys([*past.words, *now.words]))
    places = np.concatenate([past.among(words), now.among(words)])
    counts = np.bincount(places[places >= 0], minlength=len(words)).tolist()
    order = sorted(range(len(words)), key=lambda at: (-counts[at], words[at]))
    own = sum(count >= OWN_CODE for count in counts)
    lookup = np.full(len(words) + 1, np.nan)
    lookup[order] = np.minimum(np.arange(len(words)), own)
    return np.asarray(lookup[places])


def _folds(is_new: Flags, seed: int) -> Ints:
    """(m + n,) fold of each row, dealt out evenly within a side; -1 for rows beyond the most that are used."""
    import numpy as np

    draw = np.random.default_rng(seed)
    fold = np.full(len(is_new), -1, dtype=np.int64)
    for side in (False, True):
        own = draw.permutation(np.flatnonzero(is_new == side))[:MOST_ROWS]
        fold[own] = np.arange(len(own)) % FOLDS
    return fold


def _fitted(cells: Rows, is_new: Flags, fold: Ints) -> list[Classifier]:
    """A classifier for each fold, fitted on the others."""
    import numpy as np

    used = np.flatnonzero(fold >= 0)
    data = coded(cells[used])
    growth = Growth(least=OWN_CODE, tried=cells.shape[1], most=LEAVES)

    def one(at: int, _end: int) -> Classifier:
        others = np.flatnonzero(fold[used] != at)
        return Classifier(*boosted(data, is_new[used], others, growth, rounds=ROUNDS, rate=RATE))

    return together(one, [(at, at + 1) for at in range(FOLDS)])


def _out_of_fold(models: list[Classifier], cells: Rows, fold: Ints) -> Floats:
    """(m + n,) probability of being new, by models that did not see the row."""
    import numpy as np

    said = np.zeros(len(cells))
    for at, model in enumerate(models):
        own = fold == at
        said[own] = model(cells[own])
    beyond = fold < 0
    if beyond.any():
        said[beyond] = np.mean([model(cells[beyond]) for model in models], axis=0)
    return said


def _auc(said: Floats, is_new: Flags, fold: Ints) -> tuple[float, float]:
    """Mean area under the ROC curve over the folds, and its standard error (Hanley and McNeil 1982)."""
    import numpy as np

    areas = [_area(said[own & is_new], said[own & ~is_new]) for own in (fold == at for at in range(FOLDS))]
    auc = float(np.mean(areas))
    new, old = int((is_new & (fold >= 0)).sum()), int((~is_new & (fold >= 0)).sum())
    both_new, both_old = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (new - 1) * (both_new - auc**2) + (old - 1) * (both_old - auc**2)
    return auc, float(np.sqrt(max(spread, 0.0) / (new * old)))


def _area(new: Floats, old: Floats) -> float:
    """Share of pairs, one of each side, of which the new one has the higher value; ties are halves."""
    import numpy as np

    ordered = np.sort(old)
    below, upto = (np.searchsorted(ordered, new, side=side) for side in ("left", "right"))
    return float((below + upto).mean() / (2 * len(old)))


def _drivers(
    models: list[Classifier], cells: Rows, sides: tuple[Flags, Ints], schema: Schema, auc: float
) -> tuple[str, ...]:
    """Names of the columns whose mixing-up takes most of the AUC away (Breiman 2001), most first."""
    import numpy as np

    is_new, fold = sides
    used = fold >= 0
    cells, is_new, fold = cells[used], is_new[used], fold[used]
    mixed = np.random.default_rng(len(cells)).permutation(len(cells))
    taken = np.zeros(len(schema))
    for at in range(len(schema)):
        changed = cells.copy()
        changed[:, at] = cells[mixed, at]
        taken[at] = auc - _auc(_out_of_fold(models, changed, fold), is_new, fold)[0]
    order = np.argsort(-taken, kind="stable")[:MOST_COLUMNS]
    least = max(DRIVES, DRIVES_SHARE * float(taken.max()))
    return tuple(schema.names[at] for at in order if taken[at] >= least)
