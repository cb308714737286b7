"""The best way to explain a model: exact for tree and linear heads, sampled for anything else; checked on every row."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explain.attributions import sampled
from explain.attributions.graph import Cut, cut
from explain.attributions.linear import Linear, linear_values, parse_linear
from explain.attributions.links import Link, carry, find_link
from explain.attributions.tree_shap import TreeTables, prepare_tables, tree_values, within
from explain.attributions.trees import parse_trees
from explain.types import Explanation

if TYPE_CHECKING:
    import pandas as pd

    from explain.attributions.tree_shap import Tell
    from explain.models import Package
    from explain.types import Floats, Ints, Prediction, Progress, Space

DOING = "Working out the reasons"
STEP = 8_192
"""Rows between two reports of progress and two chances to cancel."""


@dataclass(frozen=True)
class Explainer:
    """A model made ready to be explained; build it once with `explainer_for` and keep it.

    `method` says in one word how: "trees" and "linear" are exact over `background_rows` reference rows, "enumerated"
    is exact over a sample of them, "permuted" is an estimate with standard errors.
    """

    model: Package
    method: str
    background_rows: int
    cut: Cut | None = None
    tables: TreeTables | None = None
    linear: Linear | None = None
    mean: Floats | None = None
    link: Link = "identity"
    background: pd.DataFrame | None = None

    @property
    def space(self) -> Space:
        """What the values are counted in."""
        return "target" if self.model.info.task == "regression" else "probability"

    def explain(self, frame: pd.DataFrame, prediction: Prediction, progress: Progress | None = None) -> Explanation:
        """Explain the shown score of every row of `frame` (n, p)."""
        import numpy as np

        exact = self.method in EXACT_HEADS
        step = STEP if exact else 1
        parts: list[tuple[Floats, Floats, Floats | None]] = []
        for at in range(0, len(frame), step):
            if progress:
                progress(at / len(frame), DOING)
            rows = slice(at, at + step)
            block, shown = frame.iloc[rows], prediction.shown[rows]
            if exact:
                parts.append(
                    self._exact(
                        block, shown, within(_telling(progress, DOING), at / len(frame), len(block) / len(frame))
                    )
                )
            else:
                parts.append(self._sampled(block, int(shown[0])))
        if not parts:
            parts = [(np.zeros((0, frame.shape[1])), np.zeros(0), None)]
        values = np.concatenate([part[0] for part in parts])
        base = np.concatenate([part[1] for part in parts])
        errors = [part[2] for part in parts if part[2] is not None]
        own = prediction.scores[np.arange(len(frame)), prediction.shown]
        return Explanation(
            values=values,
            base=base,
            space=self.space,
            method=self.method,
            gap=np.abs(base + values.sum(axis=1) - own),
            background_rows=self.background_rows,
            error=np.concatenate(errors) if errors else None,
        )

    def _exact(self, frame: pd.DataFrame, shown: Ints, tell: Tell | None) -> tuple[Floats, Floats, None]:
        values, base, _ = self.margins(frame, tell)
        carried, base_scores = carry(values, base, self.link, shown)
        return carried, base_scores, None

    def margins(self, frame: pd.DataFrame, tell: Tell | None = None) -> tuple[Floats, Floats, Floats]:
        """Exact heads only: values (n, p, t) of the margins, base (t,), and the margins themselves (n, t)."""
        assert self.cut is not None  # noqa: S101 - for the type checker; exact heads always have a cut
        features = self.cut.prepare(frame)
        if self.tables is not None:
            values, totals = tree_values(self.tables, features, tell)
            return values, self.tables.base, totals
        assert self.linear is not None and self.mean is not None  # noqa: S101, PT018 - as above
        owner = self.cut.players or []
        values = linear_values(self.linear, owner, len(self.model.schema), features, self.mean)
        base = self.mean @ self.linear.weights + self.linear.offset
        return values, base, features @ self.linear.weights + self.linear.offset

    def _sampled(self, row: pd.DataFrame, shown: int) -> tuple[Floats, Floats, Floats | None]:
        import numpy as np

        assert self.background is not None  # noqa: S101 - as above
        values, error, base = sampled.sampled_row(lambda rows: self.model.score(rows)[:, shown], row, self.background)
        return values[None, :], np.array([base]), None if error is None else error[None, :]


def _telling(progress: Progress | None, doing: str) -> Tell | None:
    if progress is None:
        return None
    return lambda share: progress(share, doing)


EXACT_HEADS = {"trees", "linear"}

METHODS = {
    "trees": "Exact: every path of every tree, against all {rows} reference rows.",
    "linear": "Exact: weights of the model, against all {rows} reference rows.",
    "enumerated": "Exact over a sample: every combination of columns, against {rows} reference rows drawn at random.",
    "permuted": "Estimated: random orders of the columns, against {rows} reference rows drawn at random; "
    "the whiskers show the spread from this sampling.",
}
"""What each method promises, in words for the screen."""


def explain(
    model: Package,
    frame: pd.DataFrame,
    prediction: Prediction,
    background: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Explain the shown score of every row of `frame` (n, p), against `background` (all reference rows by default)."""
    explainer = explainer_for(model) if background is None else build(model, background)
    return explainer.explain(frame, prediction, progress)


MOST_READY = 8
"""Models whose explainers are kept."""
_READY: OrderedDict[Package, Explainer] = OrderedDict()


def explainer_for(model: Package, progress: Progress | None = None) -> Explainer:
    """The explainer of a model over its whole reference set, kept for the last few models."""
    ready = _READY.get(model)
    if ready is None:
        ready = _READY[model] = build(model, model.reference.frame, progress=progress)
        while len(_READY) > MOST_READY:
            _READY.popitem(last=False)
    return ready


def build(model: Package, background: pd.DataFrame, seed: int = 0, progress: Progress | None = None) -> Explainer:
    """Prepare a model: try the exact heads, prove that they give the model's own scores, or fall back to sampling."""
    exact = _exact_explainer(model, background, progress)
    if exact is not None:
        return exact
    most = min(len(background), sampled.BACKGROUND)
    drawn = background.sample(most, random_state=seed)
    method = "enumerated" if background.shape[1] <= sampled.MOST_EXACT else "permuted"
    return Explainer(model, method, most, background=drawn)


def _exact_explainer(model: Package, background: pd.DataFrame, progress: Progress | None) -> Explainer | None:
    found = cut(model.onnx, model.schema, background.head(2))
    if found is None or found.players is None:
        return None
    features = found.prepare(background)
    columns = len(model.schema)
    rows = len(background)
    if found.head.op_type.startswith("Tree"):
        tell = _telling(progress, "Getting the model ready")
        tables = prepare_tables(parse_trees(found.head, features.shape[1]), found.players, columns, features, tell)
        if tables is None:
            return None
        ready = Explainer(model, "trees", rows, cut=found, tables=tables)
    else:
        linear = parse_linear(found.head, features.shape[1])
        ready = Explainer(model, "linear", rows, cut=found, linear=linear, mean=features.mean(axis=0))
    probe = background.head(256)
    margins = ready.margins(probe)[2]
    link = find_link(margins, model.score(probe))
    if link is None:
        return None
    return replace(ready, link=link)
