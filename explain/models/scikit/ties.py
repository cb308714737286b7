"""Rows whose answer is an accident: where the last neighbour that counts is as far as the first that does not.

Run in the limited process, over the library's own objects, to leave such rows out of the proof.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]
    Object: TypeAlias = Any
    """A model, a step or a table of a library without types."""

TIED = 1e-6
"""Distances that differ by less, or a share of a weight that nobody sees."""
NOISE = 1e-7
"""Of a row's length: how far the library's own distances, which come out of products, are off where they are small."""


def tied(step: Object, rows: Object) -> Array:
    """(n,) which rows have a tie in a step or model, or in any that it is made of."""
    import numpy as np

    if not _remembers(step):
        return np.zeros(rows.shape[0], dtype=bool)
    return LOOKS[type(step).__name__](step, rows)


def _remembers(step: Object) -> bool:
    """Whether a step or model, or any that it is made of, asks neighbours: most do not, and are not run again."""
    parts = {"Pipeline": "steps", "ColumnTransformer": "transformers_"}.get(type(step).__name__)
    if parts is None:
        return type(step).__name__ in LOOKS
    return any(_remembers(part[1]) for part in getattr(step, parts))


def _pipeline(pipeline: Object, rows: Object) -> Array:
    found = tied(pipeline.steps[0][1], rows)
    for before, step in itertools.pairwise(step for _, step in pipeline.steps):
        rows = rows if isinstance(before, str | None) else before.transform(rows)
        found = found | tied(step, rows)
    return found


def _by_column(transformer: Object, rows: Object) -> Array:
    import numpy as np
    from sklearn.utils import _safe_indexing

    found = np.zeros(rows.shape[0], dtype=bool)
    for _, step, columns in transformer.transformers_:
        if not isinstance(step, str):
            found |= tied(step, _safe_indexing(rows, columns, axis=1))
    return found


def _model(model: Object, rows: Object) -> Array:
    import numpy as np

    nearest = model.n_neighbors
    apart, _ = model.kneighbors(rows, min(nearest + 1, model.n_samples_fit_))
    plain = rows.toarray() if hasattr(rows, "toarray") else rows
    return _accidents(model, np.asarray(apart), np.asarray(plain, dtype=np.float64))


def _imputer(imputer: Object, rows: Object) -> Array:
    import numpy as np
    from sklearn.metrics.pairwise import nan_euclidean_distances

    cells = np.asarray(rows, dtype=np.float64)
    past = imputer._fit_X  # noqa: SLF001 - the rows that it remembers stand nowhere else
    blank, found = np.isnan(cells), np.zeros(len(cells), dtype=bool)
    some = np.flatnonzero(blank.any(axis=1))
    apart = nan_euclidean_distances(cells[some], past)
    for column in np.flatnonzero(blank.any(axis=0)):
        own = np.sort(apart[:, ~np.isnan(past[:, column])], axis=1)
        found[some] |= _accidents(imputer, own, cells[some]) & blank[some, column]
    return found


def _accidents(thing: Object, apart: Array, rows: Array) -> Array:
    """(n,) where ascending distances (n, m) of rows (n, p) leave open who counts, or what one over nothing is."""
    import numpy as np

    found, nearest = np.zeros(len(apart), dtype=bool), thing.n_neighbors
    if nearest < apart.shape[1]:
        last, following = apart[:, nearest - 1], apart[:, nearest]
        found |= (following - last <= TIED * (1 + following)) | np.isnan(last)
    if thing.weights == "distance" and apart.shape[1] > 1:
        noise = NOISE * np.sqrt(np.nansum(rows**2, axis=1))
        found |= (apart[:, 0] <= noise) & (noise > TIED * apart[:, 1])
    return found


LOOKS: Mapping[str, Callable[[Object, Object], Array]] = {
    "Pipeline": _pipeline,
    "ColumnTransformer": _by_column,
    "KNNImputer": _imputer,
    "KNeighborsClassifier": _model,
    "KNeighborsRegressor": _model,
}
