"""A model made ready to be explained: exactly from its margins, or from its scores alone; checked on every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from explain.attributions.links import Link, carry, of_margin
from explain.errors import ModelError
from explain.parallel import within
from explain.types import Explanation, as_cells

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from explain.attributions.games import Games
    from explain.attributions.heads import Head
    from explain.models import Package
    from explain.parallel import Tell
    from explain.types import Cells, Flags, Floats, Prediction, Progress, Space

DOING = "Working out the reasons"
STEP = 8_192
"""Rows between two reports of progress and two chances to cancel."""


BLOCK = 512
"""Rows whose members are explained at once before each is played."""


@dataclass(frozen=True)
class ExactExplainer:
    """`method` is "trees", "linear" or "path-dependent"; exact over `background_rows` reference rows."""

    model: Package
    method: str
    background_rows: int
    head: Head
    link: Link

    @property
    def has_log_odds(self) -> bool:
        """Whether the model adds up log-odds, which its probabilities are made of."""
        return self.link in {"logistic", "softmax"}

    def explain(
        self, rows: pd.DataFrame | Cells, prediction: Prediction, progress: Progress | None = None
    ) -> Explanation:
        """Explain the shown score of every one of (n, p) rows."""
        import numpy as np

        cells = as_cells(rows, self.model.schema)
        values, base = np.zeros((len(cells), len(self.model.schema))), np.zeros(len(cells))
        tell = telling(progress, DOING)
        for at in range(0, len(cells), STEP):
            block, shown = cells.take(slice(at, at + STEP)), prediction.shown[at : at + STEP]
            part = within(tell, at / len(cells), len(block) / len(cells))
            shares, _ = self.head.margins(block, part)
            values[at : at + STEP], base[at : at + STEP] = carry(shares, self.head.base, self.link, shown)
            if part:
                part(1.0)
        return _checked(self, values, base, _own(prediction), space_of(self.model))

    def log_odds(self, rows: pd.DataFrame | Cells, prediction: Prediction) -> Explanation:
        """The same reasons in log-odds, before they are carried to probability; needs `has_log_odds`."""
        values, totals = self.head.margins(rows)
        shares, start = of_margin(values, self.head.base, self.link, prediction.shown)
        own = of_margin(totals[:, None, :], self.head.base, self.link, prediction.shown)[0][:, 0]
        return _checked(self, shares, start, own, "log-odds")

    def pairs(self, rows: pd.DataFrame | Cells, prediction: Prediction, progress: Progress | None = None) -> Floats:
        """(n, p, p) what each two columns do together to the shown score, each pair's part halved between the two.

        A column's own part stands on the diagonal; each row of the matrix adds up to the column's share.
        """
        if self.method == "path-dependent":
            raise ModelError("Pairs are worked out against the reference rows. Leave out the path-dependent method.")
        past = self.model.reference.cells
        shares = self.head.pairs(rows, past, telling(progress, "Working out what columns do together"))
        count, columns, _, margins = shares.shape
        flat = shares.reshape(count, columns * columns, margins)
        return carry(flat, self.head.base, self.link, prediction.shown)[0].reshape(count, columns, columns)


@dataclass(frozen=True)
class SampledExplainer:
    """`method` is "enumerated" (all coalitions) or "sampled"; over `background_rows` reference rows drawn at random."""

    model: Package
    method: str
    background_rows: int
    games: Games

    def explain(
        self, rows: pd.DataFrame | Cells, prediction: Prediction, progress: Progress | None = None
    ) -> Explanation:
        """Explain the shown score of every one of (n, p) rows."""
        import numpy as np

        every = as_cells(rows, self.model.schema)
        shape = (len(every), len(self.model.schema))
        values, error, spread = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        tell = telling(progress, DOING)
        own, games = _own(prediction), self.games
        for at in range(0, len(every), BLOCK):
            block = slice(at, at + BLOCK)
            cells = self._prepared(every.take(block), np.isfinite(own[block]))
            exact = np.zeros((len(cells), games.columns, 1)) if games.control is None else games.control.exact(cells)
            for row, output in enumerate(prediction.shown[block].tolist()):
                if tell:
                    tell((at + row) / len(every))
                known = exact[row, :, output if games.control else 0]
                values[at + row], error[at + row], spread[at + row] = games.play(cells[row], known, output)
        errors = error if games.sampled else None
        return _checked(self, values, games.past.base[prediction.shown], own, space_of(self.model), errors, spread)

    def _prepared(self, rows: Cells, answered: Flags) -> np.ndarray[Any, Any]:
        """The cells (n, f) of rows, each prepared by itself: what comes of one must not hang on its place among others.

        Of a row without an answer only the base is shown, and a model may fail on its cells: a usual one stands for it.
        """
        import numpy as np

        usual = self.model.reference.cells.take(slice(1))
        found = [rows.take(slice(row, row + 1)) if known else usual for row, known in enumerate(answered.tolist())]
        return np.concatenate([self.games.box.prepare(row) for row in found])


Explainer: TypeAlias = ExactExplainer | SampledExplainer


def _checked(  # noqa: PLR0913, PLR0917 - the parts of an explanation
    explainer: Explainer,
    values: Floats,
    base: Floats,
    own: Floats,
    space: Space,
    error: Floats | None = None,
    background_error: Floats | None = None,
) -> Explanation:
    """With the gap measured: `own` (n,) are the model's own scores; where there is none, nothing has a share."""
    import numpy as np

    known = np.isfinite(own)
    values = np.where(known[:, None], values, 0.0)
    return Explanation(
        values=values,
        base=base,
        space=space,
        method=explainer.method,
        gap=np.where(known, np.abs(base + values.sum(axis=1) - own), 0.0),
        background_rows=explainer.background_rows,
        error=error,
        background_error=background_error,
    )


def _own(prediction: Prediction) -> Floats:
    import numpy as np

    return np.asarray(prediction.scores[np.arange(len(prediction.shown)), prediction.shown])


def space_of(model: Package) -> Space:
    """What the reasons of a model are measured in."""
    return "target" if model.info.task == "regression" else "probability"


def telling(progress: Progress | None, doing: str) -> Tell | None:
    """A progress callback that always names the same work."""
    if progress is None:
        return None
    return lambda share: progress(share, doing)
