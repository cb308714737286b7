"""The best way to explain a model: exact for trees and weights where their margins give the model's own scores."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from explain.attributions import ready
from explain.attributions.bit_shap import prepare_bits
from explain.attributions.explainer import ExactExplainer, Explainer, SampledExplainer, telling
from explain.attributions.games import games_of
from explain.attributions.graph import cut
from explain.attributions.heads import LinearHead, TreeHead
from explain.attributions.linear import parse_linear
from explain.attributions.links import find_link
from explain.attributions.tree_shap import prepare_tables
from explain.attributions.trees import parse_trees
from explain.attributions.warm_up import compiled
from explain.errors import ModelError
from explain.models.predict import predict
from explain.types import Table, cells_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from explain.attributions.bit_shap import BitTables
    from explain.attributions.graph import Cut
    from explain.attributions.heads import Head
    from explain.attributions.tree_shap import TreeTables
    from explain.models import Package
    from explain.types import Cells, Explanation, Floats, Ints, Progress

Kept = TypeVar("Kept")
Method: TypeAlias = Literal["exact", "sampled", "path-dependent"]

EXACT_HEADS = {"trees", "linear"}
PROOF = 256
"""Reference rows on which the parsed margins must give the model's own scores."""

METHODS = {
    "trees": "Exact: every path of every tree, against all {rows} reference rows.",
    "linear": "Exact: weights of the model, against all {rows} reference rows.",
    "path-dependent": "Exact by the trees' own training rows: an unknown column lets by as many as in training.",
    "enumerated": "Every combination of columns, against up to {rows} reference rows drawn at random; "
    "the whiskers show the spread from this choice.",
    "sampled": "Estimated: combinations of columns drawn at random, against up to {rows} reference rows drawn so too; "
    "the whiskers show the spread from both.",
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
    default. `method` "exact" refuses what has no exact head, "sampled" samples whatever there is, "path-dependent"
    takes the training rows that the card counts for each node of the trees instead of a background; by default exact
    where possible. Raises ModelError where a model has no such way.
    """
    cells = _cells(model, table, rows)
    explainer = _explainer(model, background, method, progress, len(cells))
    return explainer.explain(cells, predict(model, cells), progress)


def explain_outputs(
    model: Package,
    table: Table | pd.DataFrame,
    rows: Sequence[int] | None = None,
    background: pd.DataFrame | None = None,
    method: Method | None = None,
    progress: Progress | None = None,
) -> dict[str, Explanation]:
    """The same for every output of the model, by its name, whichever of them is predicted."""
    import numpy as np

    cells = _cells(model, table, rows)
    explainer, prediction = _explainer(model, background, method, progress, len(cells)), predict(model, cells)
    return {
        name: explainer.explain(cells, replace(prediction, shown=np.full_like(prediction.shown, at)), progress)
        for at, name in enumerate(model.info.outputs)
    }


def explain_pairs(
    model: Package,
    table: Table | pd.DataFrame,
    rows: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> Floats:
    """(n, p, p) what each two columns do together to the shown score: Shapley interaction values.

    Symmetric, each pair's part halved between the two; a column's own part on the diagonal; each row of a matrix adds
    up to the column's value in `explain`. Exact, against all reference rows. Raises ModelError for a model that is
    neither made of trees nor linear.
    """
    cells = _cells(model, table, rows)
    explainer = explainer_for(model, progress)
    if not isinstance(explainer, ExactExplainer):
        raise ModelError("What pairs of columns do together can be worked out for tree and linear models only.")
    return explainer.pairs(cells, predict(model, cells), progress)


def _cells(model: Package, table: Table | pd.DataFrame, rows: Sequence[int] | None) -> Cells:
    cells = table.cells if isinstance(table, Table) else cells_of(table, model.schema)
    return cells if rows is None else cells.take(_positions(rows))


def _positions(rows: Sequence[int]) -> Ints:
    import numpy as np

    return np.array(list(rows), dtype=np.int64)


def _explainer(
    model: Package, background: pd.DataFrame | None, method: Method | None, progress: Progress | None, rows: int
) -> Explainer:
    if method == "path-dependent":
        return path_dependent(model)
    if background is None and method is None:
        return explainer_for(model, progress, rows)
    past = model.reference.frame if background is None else background
    if method == "sampled":
        return sampled_explainer(model, past)
    found = explainer_for(model, progress) if background is None else build(model, past, progress=progress)
    if method == "exact" and not isinstance(found, ExactExplainer):
        raise ModelError(
            "This model has no exact reasons: it is neither made of trees nor linear, or mixes columns before them. "
            'Leave out method="exact" to have them estimated.'
        )
    return found


MOST_READY = 8
"""Models whose explainers are kept in memory."""
FEW = 4
"""Rows that are explained without the compiled loops as long as those are not compiled, which takes many seconds."""
OFTEN = 10
"""Times that few rows are asked for, one after the other, until compiling the loops pays."""
_READY: OrderedDict[Package, Explainer] = OrderedDict()
_FOR_FEW: OrderedDict[Package, tuple[Explainer, int]] = OrderedDict()


def explainer_for(model: Package, progress: Progress | None = None, rows: int | None = None) -> Explainer:
    """The explainer of a model over its whole reference set, kept for the last few models; for `rows` rows if known."""
    if model not in _READY and rows is not None and rows <= FEW and not compiled():
        found, times = _FOR_FEW.get(model, (None, 0))
        if times < OFTEN:
            found = found or build(model, model.reference.frame, progress=progress, few=True)
            _keep(_FOR_FEW, model, (found, times + 1))
            return found
    return _keep(_READY, model, _READY.get(model) or build(model, model.reference.frame, progress=progress))


def _keep(ready: OrderedDict[Package, Kept], model: Package, found: Kept) -> Kept:
    """Keep what was made of a model, and forget that of the one that was not asked for longest."""
    ready[model] = found
    ready.move_to_end(model)
    while len(ready) > MOST_READY:
        ready.popitem(last=False)
    return found


def build(
    model: Package, background: pd.DataFrame, seed: int = 0, progress: Progress | None = None, *, few: bool = False
) -> Explainer:
    """Prepare a model: try the exact heads, prove that they give the model's own scores, or fall back to sampling.

    `few` prepares trees for a few rows, without compiled loops.
    """
    return _exact(model, background, progress, few=few) or sampled_explainer(model, background, seed, progress, few=few)


def sampled_explainer(
    model: Package, background: pd.DataFrame, seed: int = 0, progress: Progress | None = None, *, few: bool = False
) -> SampledExplainer:
    """Explain from scores alone, against some rows of the background drawn at random; `few` as in `build`."""
    games = games_of(model, background, seed, telling(progress, "Getting the model ready"), few=few)
    method = "sampled" if games.sampled else "enumerated"
    return SampledExplainer(model, method, len(games.past.left), games)


def _exact(model: Package, background: pd.DataFrame, progress: Progress | None, *, few: bool) -> ExactExplainer | None:
    found = cut(model.onnx, model.schema, background.head(2))
    if found is None or found.players is None:
        return None
    features = found.prepare(background)
    if not found.head.op_type.startswith("Tree"):
        linear = parse_linear(found.head, features.shape[1])
        for one in filter(None, [linear.of_the_second, linear]):
            head = LinearHead(found, found.players, one, features.mean(axis=0), len(model.schema))
            proved = _proved(model, "linear", len(background), head)
            if proved:
                return proved
        return None
    trees = parse_trees(found.head, features.shape[1])
    if trees is None:
        return None
    rows, columns = len(background), len(model.schema)
    tables: TreeTables | BitTables | None
    if few:
        tables = prepare_bits(trees, found.players, columns, features)
    else:
        tell = telling(progress, "Getting the model ready")
        tables = ready.tables(model.info.sha256, trees, found.players, columns, features, tell)
    if tables is None:
        return None
    return _proved(model, "trees", rows, TreeHead(found, found.players, trees, tables))


def path_dependent(model: Package) -> ExactExplainer:
    """Explain trees by the training rows that reached each node, which the card must count."""
    if not model.card.covers:
        raise ModelError(
            "The card of this model does not count the training rows of each node, which path-dependent reasons rest "
            "on. Give `covers` to write_package, or leave out the method."
        )
    found = cut(model.onnx, model.schema, model.reference.frame.head(2))
    proved = found and _by_covers(model, found)
    if not proved:
        raise ModelError("Path-dependent reasons are those of tree models whose features come from one column each.")
    return proved


def _by_covers(model: Package, found: Cut) -> ExactExplainer | None:
    owner = found.players
    if owner is None or not found.head.op_type.startswith("Tree"):
        return None
    trees = parse_trees(found.head, len(owner), model.card.covers)
    tables = None if trees is None else prepare_tables(trees, owner, len(model.schema), None)
    if trees is None or tables is None:
        return None
    return _proved(model, "path-dependent", 0, TreeHead(found, owner, trees, tables))


def _proved(model: Package, method: str, rows: int, head: Head) -> ExactExplainer | None:
    """The explainer, if the head's margins give the model's own scores under some link."""
    probe = model.reference.cells.take(slice(PROOF))
    link = find_link(head.totals(probe), model.score(probe))
    return None if link is None else ExactExplainer(model, method, rows, head, link)
