"""Nearest neighbours: what the past rows nearest to a row say, and blanks that they fill.

Distances are sums of squares column by column, as trees of neighbours reckon them, not by way of products; of past rows
that are equally far the first count (sklearn/neighbors/_base.py, sklearn/impute/_knn.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain.models.scikit.answers import outcomes_of
from explain.models.scikit.cells import CONVERT, Block, Cells
from explain.models.scikit.scaling import missing
from explain.models.scikit.thing import is_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.models.scikit.cells import Writer
    from explain.models.scikit.thing import Thing
    from explain.types import Flags, Floats

NEIGHBOURS = frozenset(
    {"sklearn.neighbors._classification.KNeighborsClassifier", "sklearn.neighbors._regression.KNeighborsRegressor"}
)
"""What keeps a compiled tree for its search beside the rows: the rows are enough."""
MOST_ROWS = 10_000
"""Past rows: a distance to each for every row."""
POWERS = {"euclidean": 2.0, "sqeuclidean": 2.0, "l2": 2.0, "manhattan": 1.0, "cityblock": 1.0, "l1": 1.0}
LARGEST = ("chebyshev", "infinity")
FAR = 1e300
"""Beyond every distance."""
TIES = (
    "Of past rows that are equally far from a row the first ones count here, while scikit-learn takes those that its "
    "search comes upon first; rows where this could matter are left out of the proof."
)


def searched_whole(kind: str, state: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state of a model of neighbours without its compiled tree: the library then compares with every past row."""
    return {**state, "_tree": None, "_fit_method": "brute"} if kind in NEIGHBOURS and "_fit_X" in state else state


def classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """KNeighborsClassifier: the share of each outcome among the nearest past rows, by their weights."""
    import numpy as np

    count = outcomes_of(thing)
    codes = thing.floats("_y", -1)
    if len(codes) and not (codes == codes.astype(np.int64)).all():
        raise thing.broken("has an outcome that is none")
    if codes.min(initial=0) < 0 or codes.max(initial=0) >= count:
        raise thing.broken("has an outcome that is none")
    return _mean(thing, cells, writer, np.eye(count)[codes.astype(np.int64)])


def regressor(thing: Thing, cells: Cells, writer: Writer) -> str:
    """KNeighborsRegressor: the mean of the nearest past rows' values, by their weights."""
    values = thing.floats("_y", -1, 1) if _wide(thing) else thing.floats("_y", -1)[:, None]
    return _mean(thing, cells, writer, values)


def _wide(thing: Thing) -> bool:
    import numpy as np

    return np.ndim(thing.need("_y")) > 1


def _mean(thing: Thing, cells: Cells, writer: Writer, said: Floats) -> str:
    """(n, k) the mean of what the nearest past rows say, (m, k); no number for a row with a blank."""
    past = thing.floats("_fit_X", -1, cells.width)
    nearest = thing.whole("n_neighbors", 1, MOST_ROWS)
    if not nearest <= len(past) == len(said) <= MOST_ROWS:
        raise thing.refused(f"remembers {len(past):,} rows", f"Between {nearest:,} and {MOST_ROWS:,} are taken.")
    writer.note(TIES)
    graph = writer.graph
    columns = [writer.numbers(block) for block in writer.each(cells)]
    apart, places = _top(writer, _distances(thing, writer, columns, past), nearest)
    lent = graph.add("Gather", graph.array(said), places, axis=0)
    weights = _weights(thing, writer, apart, nearest)
    total = graph.add("ReduceSum", weights, graph.array([1], "int64"), keepdims=1)
    each = graph.add("Unsqueeze", graph.add("Div", weights, total), graph.array([2], "int64"))
    found = graph.add("ReduceSum", graph.add("Mul", lent, each), graph.array([1], "int64"), keepdims=0)
    blank = graph.add("IsNaN", graph.add("Sum", *columns))
    return graph.add("Where", blank, graph.number(float("nan")), found)


def _distances(thing: Thing, writer: Writer, columns: list[str], past: Floats) -> str:
    """(n, m) distances between rows and past rows, in the metric that was fitted."""
    graph = writer.graph
    metric = thing.text("effective_metric_") or thing.text("metric", "minkowski")
    settings = thing.get("effective_metric_params_") or {}
    if settings.get("w") is not None:
        raise thing.refused("weighs columns in its distances", CONVERT)
    if metric in LARGEST:
        parts = [graph.add("Abs", _apart(writer, one, past[:, at])) for at, one in enumerate(columns)]
        return parts[0] if len(parts) == 1 else graph.add("Max", *parts)
    power = float(settings.get("p", thing.get("p", 2))) if metric == "minkowski" else POWERS.get(metric, 0.0)
    if not power >= 1:
        raise thing.refused(f"measures distances by '{metric[:40]}'", "Train it with the metric 'minkowski'.")
    parts = []
    for at, one in enumerate(columns):
        apart = _apart(writer, one, past[:, at])
        size = graph.add("Abs", apart)
        parts.append(graph.add("Mul", apart, apart) if power == 2 else size if power == 1 else
                     graph.add("Pow", size, graph.number(power)))  # fmt: skip
    total = parts[0] if len(parts) == 1 else graph.add("Sum", *parts)
    if power == 2:
        return total if metric == "sqeuclidean" else graph.add("Sqrt", total)
    return total if power == 1 else graph.add("Pow", total, graph.number(1 / power))


def _apart(writer: Writer, column: str, past: Floats) -> str:
    return writer.graph.add("Sub", column, writer.graph.array([past]))


def _top(writer: Writer, distances: str, nearest: int) -> tuple[str, str]:
    """The smallest distances (n, nearest), and the past rows that they belong to."""
    graph = writer.graph
    most = graph.array([nearest], "int64")
    values, places = graph.several("TopK", (distances, most), 2, axis=1, largest=0, sorted=1)
    return values, places


def _weights(thing: Thing, writer: Writer, apart: str, nearest: int) -> str:
    """(n or 1, nearest) all the same, or one over the distance: where some are 0, these alone."""
    import numpy as np
    from onnx import TensorProto

    graph, kind = writer.graph, thing.get("weights", "uniform")
    if kind is None or kind == "uniform":
        return graph.array(np.ones((1, nearest)))
    if kind != "distance":
        raise thing.refused("weighs neighbours by a function of one's own", CONVERT)
    none = graph.add("Equal", apart, graph.number(0.0))
    flags = graph.add("Cast", none, to=TensorProto.DOUBLE)
    met = graph.add("ReduceMax", flags, graph.array([1], "int64"), keepdims=1)
    some = graph.add("Greater", met, graph.number(0.0))
    safe = graph.add("Where", none, graph.number(1.0), apart)
    return graph.add("Where", some, flags, graph.add("Reciprocal", safe))


def impute_by_neighbours(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """KNNImputer: a blank is the mean of the nearest past rows that have a value there."""
    import numpy as np

    if not is_missing(thing.get("missing_values", float("nan"))):
        raise thing.refused("fills another code than blanks", CONVERT)
    if thing.text("metric", "nan_euclidean") != "nan_euclidean":
        raise thing.refused("measures distances by a metric of one's own", CONVERT)
    past = thing.floats("_fit_X", -1, cells.width, finite=False)
    gone: Flags = np.asarray(np.isnan(past), dtype=np.bool_)
    if not 0 < len(past) <= MOST_ROWS:
        raise thing.refused(f"remembers {len(past):,} rows", f"At most {MOST_ROWS:,} are taken.")
    kept = [at for at in range(cells.width) if not gone[:, at].all()]
    if len(kept) < cells.width and thing.flag("keep_empty_features"):
        raise thing.refused("was fitted on a column of blanks alone", "Leave that column out.")
    writer.note(TIES)
    columns = [writer.numbers(block) for block in writer.each(cells)]
    apart = _without_blanks(writer, columns, past, gone)
    parts = [Block(_lent(thing, writer, columns[at], apart, past[:, at]), 1) for at in kept]
    if thing.flag("add_indicator"):
        parts += missing(thing.thing("indicator_"), cells, writer).blocks
    return Cells(tuple(parts))


def _without_blanks(writer: Writer, columns: list[str], past: Floats, gone: Flags) -> str:
    """(n, m) distances over the columns that both have, scaled up to all; far where they share none."""
    import numpy as np
    from onnx import TensorProto

    graph = writer.graph
    squares, shared = [], []
    for at, one in enumerate(columns):
        there = graph.add("Cast", graph.add("Not", graph.add("IsNaN", one)), to=TensorProto.DOUBLE)
        both = graph.add("Mul", there, graph.array([np.where(gone[:, at], 0.0, 1.0)]))
        filled = graph.add("Where", graph.add("IsNaN", one), graph.number(0.0), one)
        apart = _apart(writer, filled, np.where(gone[:, at], 0.0, past[:, at]))
        squares.append(graph.add("Mul", graph.add("Mul", apart, apart), both))
        shared.append(both)
    total, count = (parts[0] if len(parts) == 1 else graph.add("Sum", *parts) for parts in (squares, shared))
    none = graph.add("Equal", count, graph.number(0.0))
    share = graph.add("Div", graph.number(float(len(columns))), graph.add("Where", none, graph.number(1.0), count))
    return graph.add("Where", none, graph.number(FAR), graph.add("Sqrt", graph.add("Mul", total, share)))


def _lent(thing: Thing, writer: Writer, column: str, apart: str, past: Floats) -> str:
    """One column (n, 1) with its blanks filled."""
    import numpy as np

    graph = writer.graph
    donors = np.flatnonzero(~np.isnan(past))
    nearest = min(thing.whole("n_neighbors", 1, MOST_ROWS), len(donors))
    own = graph.add("Gather", apart, graph.array(donors, "int64"), axis=1)
    distances, places = _top(writer, own, nearest)
    lent = graph.add("Gather", graph.array(past[donors]), places, axis=0)
    weights = _weights(thing, writer, distances, nearest)
    total = graph.add("ReduceSum", weights, graph.array([1], "int64"), keepdims=1)
    mean = graph.add("ReduceSum", graph.add("Mul", lent, graph.add("Div", weights, total)),
                     graph.array([1], "int64"), keepdims=1)  # fmt: skip
    least = graph.add("ReduceMin", own, graph.array([1], "int64"), keepdims=1)
    alone = graph.add("GreaterOrEqual", least, graph.number(FAR))
    usual = graph.number(float(past[donors].mean()))
    found = graph.add("Where", alone, usual, mean)
    return graph.add("Where", graph.add("IsNaN", column), found, column)
