"""The past cases that confidence rests on: held out from training, with a known outcome, and what is fitted on them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from explain import cache
from explain.confidence import difficulty as hard
from explain.confidence.calibrate import Calibrator, fit_calibrator
from explain.confidence.conformal import judged_by, p_values, residuals_of
from explain.types import Judged, Residuals, Weights, cells_of

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from explain.models import Package
    from explain.types import Cells, Floats, Ints, Labels, ModelInfo, Schema

LEAST_ROWS = 30
"""Calibration rows below which nothing is claimed: fewer cannot tell 70 in 100 from 90."""
FORMAT = 3
"""To be raised whenever the same rows would give another difficulty model."""


class Hardness(NamedTuple):
    """The difficulty model; the past cases (c,) left to calibrate, by position, and the difficulty (c,) of each."""

    model: bytes
    rows: Ints
    sizes: Floats


@dataclass(frozen=True, eq=False)
class Calibration:
    """Held-out reference rows: `scores` (m, k) and `outcomes` (m,), class index or target value.

    `frame` (m, p) are their raw columns of `schema`, without which there is no difficulty model; `key` names all of
    this, so that what took long to fit is kept. The order of the rows does not matter.
    """

    scores: Floats
    outcomes: Floats
    info: ModelInfo
    frame: pd.DataFrame | None = None
    schema: Schema | None = None
    key: str = ""
    _usual: dict[bool, Judged] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.outcomes)

    @cached_property
    def cells(self) -> Cells | None:
        """The raw columns as arrays."""
        return None if self.frame is None or self.schema is None else cells_of(self.frame, self.schema)

    @cached_property
    def classes(self) -> Ints:
        """Outcomes as class indices (m,)."""
        import numpy as np

        return self.outcomes.astype(np.int64)

    @cached_property
    def calibrator(self) -> Calibrator:
        """What corrects probabilities, fitted once."""
        return fit_calibrator(self.scores, self.classes)

    def calibrated(self, scores: Floats) -> Floats:
        """(n, k) scores -> (n, k) calibrated probabilities; as they are where there is too little evidence."""
        if len(self) < LEAST_ROWS or self.info.task == "regression":
            return scores
        return self.calibrator(scores)

    @cached_property
    def hardness(self) -> Hardness | None:
        """The difficulty model, fitted on one half of the past cases; None for fewer than 1,000."""
        import numpy as np

        if self.frame is None or self.schema is None or len(self) < hard.LEAST_ROWS or self.info.task != "regression":
            return None
        order = np.lexsort((self.outcomes, self.scores[:, 0]))
        fits = hard.halves(len(self))
        own, rest = order[fits], np.sort(order[~fits])
        content = self._kept_model()
        if content is None:
            errors = self.outcomes[own] - self.scores[own, 0]
            content = hard.fit_difficulty(self.frame.iloc[own], self.schema, self.scores[own, 0], errors)
            if self.key:
                cache.write({"model": np.frombuffer(content, dtype=np.uint8)}, self._path)
        return Hardness(content, rest, hard.difficulty(content, self.frame.iloc[rest], self.scores[rest, 0]))

    def _kept_model(self) -> bytes | None:
        found = cache.read(self._path) if self.key else None
        return None if found is None else found["model"].tobytes()

    @property
    def _path(self) -> Path:
        name = hashlib.sha256(f"{FORMAT} {self.key}".encode()).hexdigest()[:32]
        return cache.folder() / f"difficulty-{name}.npz"

    def residuals(self, weights: Floats | None = None, *, sized: bool) -> Residuals:
        """Past errors, by difficulty (`sized`) or in bands of predicted value; `weights` (m,) as in `Weights`."""
        hardness = self.hardness if sized else None
        if hardness is None:
            return residuals_of(self.scores[:, 0], self.outcomes, weights=weights)
        kept = hardness.rows
        own = None if weights is None else weights[kept]
        return residuals_of(self.scores[kept, 0], self.outcomes[kept], hardness.sizes, own)

    @cached_property
    def ordered(self) -> tuple[Floats, ...]:
        """Of each outcome's past cases their scores for it, in rising order."""
        import numpy as np

        return tuple(np.sort(self.scores[self.classes == k, k]) for k in range(self.scores.shape[1]))

    @cached_property
    def by_score(self) -> tuple[tuple[Floats, Ints], ...]:
        """Of each outcome all scores for it (m,) in rising order, and how many of the first 0, 1, ... m had it."""
        import numpy as np

        orders = np.argsort(self.scores, axis=0, kind="stable").T
        return tuple(
            (self.scores[order, k], np.concatenate([[0], np.cumsum(self.classes[order] == k)]))
            for k, order in enumerate(orders)
        )

    def judged(self, cohorts: Labels | None = None, weights: Floats | None = None, *, sized: bool = True) -> Judged:
        """What really happened in past cases, put to the test: each half, drawn at random, is judged by the other."""
        if cohorts is not None or weights is not None:
            return self._judged(cohorts, weights, sized=sized)
        if sized not in self._usual:
            self._usual[sized] = self._judged(None, None, sized=sized)
        return self._usual[sized]

    def _judged(self, cohorts: Labels | None, weights: Floats | None, *, sized: bool) -> Judged:
        import numpy as np

        hardness = self.hardness if sized else None
        rows = np.arange(len(self)) if hardness is None else hardness.rows
        order = rows[np.lexsort((self.outcomes[rows], *self.scores[rows].T))]
        half = hard.halves(len(order))
        found = np.zeros(len(self))
        for own, others in ((order[half], order[~half]), (order[~half], order[half])):
            if self.info.task == "regression":
                found[own] = self._values(own, others, weights, hardness)
            else:
                found[own] = self._shares(own, others, cohorts, weights)
        return judged_by(found[order], None if weights is None else weights[order])

    def _shares(self, own: Ints, others: Ints, cohorts: Labels | None, weights: Floats | None) -> Floats:
        import numpy as np

        now, past = (None, None) if cohorts is None else (cohorts[own], cohorts[others])
        ratios = None if weights is None else Weights(weights[others], weights[own])
        values = p_values(self.scores[own], self.scores[others], self.classes[others], now, past, ratios)
        return np.asarray(values[np.arange(len(own)), self.classes[own]])

    def _values(self, own: Ints, others: Ints, weights: Floats | None, hardness: Hardness | None) -> Floats:
        import numpy as np

        sizes = np.ones(len(self))
        if hardness is not None:
            sizes[hardness.rows] = hardness.sizes
        past = residuals_of(
            self.scores[others, 0],
            self.outcomes[others],
            None if hardness is None else sizes[others],
            None if weights is None else weights[others],
        )
        ranges = past.on(self.scores[own, 0], sizes[own], None if weights is None else weights[own])
        return ranges.p_values(self.outcomes[own])


@lru_cache(maxsize=8)
def calibration_of(model: Package) -> Calibration:
    """The calibration rows of a package, and whatever is fitted on them: once a model."""
    import numpy as np

    usable = model.reference.held_out & np.isfinite(model.reference.outcomes)
    return Calibration(
        model.reference_scores[usable],
        model.reference.outcomes[usable],
        model.info,
        model.reference.frame[usable].reset_index(drop=True),
        model.schema,
        f"{model.info.sha256} {model.card.files['reference.parquet']}",
    )
