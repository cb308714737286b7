"""The best way to explain a model: exact for tree and linear heads, sampled for anything else; checked on every row."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from explain.attributions import sampled
from explain.attributions.graph import Cut, cut
from explain.attributions.linear import Linear, linear_values, parse_linear
from explain.attributions.links import Link, carry, find_link, of_margin
from explain.attributions.parallel import within
from explain.attributions.tree_shap import TreeTables, prepare_tables, tree_values
from explain.attributions.trees import parse_trees
from explain.errors import ModelError
from explain.models.predict import predict
from explain.types import Explanation, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from explain.attributions.parallel import Tell
    from explain.models import Package
    from explain.types import Floats, Prediction, Progress, Space

Method: TypeAlias = Literal["exact", "sampled"]
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

    @property
    def has_log_odds(self) -> bool:
        """Whether the model adds up log-odds, which its probabilities are made of."""
        return self.method in EXACT_HEADS and self.link in {"logistic", "softmax"}

    def explain(self, frame: pd.DataFrame, prediction: Prediction, progress: Progress | None = None) -> Explanation:
        """Explain the shown score of every row of `frame` (n, p)."""
        import numpy as np

        exact = self.method in EXACT_HEADS
        step = STEP if exact else 1
        tell = _telling(progress, DOING)
        parts: list[tuple[Floats, Floats, Floats | None]] = []
        for at in range(0, len(frame), step):
            if tell:
                tell(at / len(frame))
            block, shown = frame.iloc[at : at + step], prediction.shown[at : at + step]
            if exact:
                values, base, _ = self.margins(block, within(tell, at / len(frame), len(block) / len(frame)))
                parts.append((*carry(values, base, self.link, shown), None))
            else:
                parts.append(self._sampled(block, int(shown[0])))
        if not parts:
            parts = [(np.zeros((0, frame.shape[1])), np.zeros(0), None)]
        errors = [part[2] for part in parts if part[2] is not None]
        return self._explanation(
            np.concatenate([part[0] for part in parts]),
            np.concatenate([part[1] for part in parts]),
            prediction.scores[np.arange(len(frame)), prediction.shown],
            self.space,
            np.concatenate(errors) if errors else None,
        )

    def log_odds(self, frame: pd.DataFrame, prediction: Prediction) -> Explanation:
        """The same reasons in log-odds, before they are carried to probability; needs `has_log_odds`."""
        values, base, totals = self.margins(frame)
        shares, start = of_margin(values, base, self.link, prediction.shown)
        own = of_margin(totals[:, None, :], base, self.link, prediction.shown)[0][:, 0]
        return self._explanation(shares, start, own, "log-odds", None)

    def _explanation(
        self, values: Floats, base: Floats, own: Floats, space: Space, error: Floats | None
    ) -> Explanation:
        """With the gap measured: `own` (n,) are the model's own scores."""
        import numpy as np

        return Explanation(
            values=values,
            base=base,
            space=space,
            method=self.method,
            gap=np.abs(base + values.sum(axis=1) - own),
            background_rows=self.background_rows,
            error=error,
        )

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
    table: Table | pd.DataFrame,
    rows: Sequence[int] | None = None,
    background: pd.DataFrame | None = None,
    method: Method | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Explain the shown score of rows of a table, or of a frame of the model's raw columns, without anything else.

    `rows` are positions, all by default. `background` (m, p) stands for "value unknown": all reference rows by
    default. `method` "exact" refuses what has no exact head, "sampled" samples whatever there is; by default exact
    where possible. Raises ModelError where "exact" is asked of a model that has no exact way.
    """
    frame = table.frame if isinstance(table, Table) else table
    if rows is not None:
        frame = frame.iloc[list(rows)]
    if background is None and method is None:
        explainer = explainer_for(model, progress)
    else:
        past = model.reference.frame if background is None else background
        explainer = sampled_explainer(model, past) if method == "sampled" else build(model, past, progress=progress)
    if method == "exact" and explainer.method not in EXACT_HEADS:
        raise ModelError(
            "This model has no exact reasons: it is neither made of trees nor linear, or mixes columns before them. "
            'Leave out method="exact" to have them estimated.'
        )
    return explainer.explain(frame, predict(model, frame), progress)


MOST_READY = 8
"""Models whose explainers are kept."""
_READY: OrderedDict[Package, Explainer] = OrderedDict()


def explainer_for(model: Package, progress: Progress | None = None) -> Explainer:
    """The explainer of a model over its whole reference set, kept for the last few models."""
    ready = _READY.get(model) or build(model, model.reference.frame, progress=progress)
    _READY[model] = ready
    _READY.move_to_end(model)
    while len(_READY) > MOST_READY:
        _READY.popitem(last=False)
    return ready


def build(model: Package, background: pd.DataFrame, seed: int = 0, progress: Progress | None = None) -> Explainer:
    """Prepare a model: try the exact heads, prove that they give the model's own scores, or fall back to sampling."""
    return _exact_explainer(model, background, progress) or sampled_explainer(model, background, seed)


def sampled_explainer(model: Package, background: pd.DataFrame, seed: int = 0) -> Explainer:
    """Explain from scores alone, against some rows of the background drawn at random."""
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
        trees = parse_trees(found.head, features.shape[1])
        tables = prepare_tables(trees, found.players, columns, features, tell) if trees else None
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
