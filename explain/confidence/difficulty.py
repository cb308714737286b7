"""How far off a regression is likely to be on a row: a small model of the size of its errors, kept as an ONNX file.

Errors divided by it make intervals that are wide where the model errs much and narrow where it errs little
(Papadopoulos, Vovk and Gammerman 2011). It is fitted on one half of the calibration rows; only the other half may then
calibrate, or the intervals would be too narrow.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from explain.forests.learn import Growth, grown
from explain.models.boosters.forest import AT_MOST, LEAF, MEMBER, Ensemble, Nodes, check, join
from explain.models.boosters.write import write_onnx
from explain.types import Column, Schema, as_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from explain.forests.learn import Tree
    from explain.models.runtime import Runtime
    from explain.types import Cells, Flags, Floats

PREDICTED = "whysure.predicted"
"""Name of the prediction among the model's inputs; the dot keeps it apart from a model's own columns."""
LEAST_ROWS = 1_000
"""Calibration rows below which bands of the prediction stand in: a half has under 500 rows then."""
MOST_ROWS = 10_000
"""Rows a forest is fitted on at most, so that fitting stays a matter of seconds."""
TREES = 60
LEAST_PER_LEAF = 15
MOST_LEAVES = 128
FLOOR = 0.1
"""Smallest difficulty, in shares of the median absolute error: keeps one lucky leaf from claiming certainty."""


def halves(rows: int, seed: int = 0) -> Flags:
    """(rows,) which calibration rows fit the difficulty model; the others calibrate. Half each, drawn by `seed`."""
    import numpy as np

    fits = np.zeros(rows, dtype=bool)
    fits[np.random.default_rng(seed).permutation(rows)[: rows // 2]] = True
    return fits


def fit_difficulty(frame: pd.DataFrame, schema: Schema, predicted: Floats, residuals: Floats, seed: int = 0) -> bytes:
    """An ONNX model: raw columns of (m, p) rows and their prediction -> expected absolute error, in target units.

    A random forest (Breiman 2001) learns the log of |residual|, so that a few large errors do not decide every split;
    the answer is its exponential, never below a tenth of the median, as no size that it learns from is. It is
    proportional to the expected error where errors have one shape; a constant factor cancels in the intervals.
    """
    import numpy as np

    kept = np.sort(np.random.default_rng(seed).permutation(len(frame))[:MOST_ROWS])
    frame, predicted, sizes = frame.iloc[kept], predicted[kept], np.abs(residuals[kept])
    floor = max(FLOOR * float(np.median(sizes)), float(np.finfo(np.float32).tiny))
    target = np.log(np.maximum(sizes, floor))
    codes = {column.name: _codes(frame[column.name], target) for column in schema if column.kind == "category"}
    cells = _matrix(frame, schema, predicted, codes)
    growth = Growth(LEAST_PER_LEAF, tried=max(1, cells.shape[1] // 2), most=MOST_LEAVES)
    trees, _ = grown(cells, target[:, None], growth, trees=TREES, seed=seed)
    inputs = Schema((*schema, Column(PREDICTED, "number")))
    return write_onnx(check(_as_ensemble(trees, schema, codes)), inputs)


def difficulty(content: bytes, rows: pd.DataFrame | Cells, predicted: Floats) -> Floats:
    """(n,) expected absolute error of each row, positive, in target units; raises ModelError when it cannot be run."""
    runtime = _runtime(content)
    own = Schema(tuple(column for column in runtime.schema if column.name != PREDICTED))
    return runtime.score(as_cells(rows, own).with_column(PREDICTED, predicted))[:, 0]


@lru_cache(maxsize=4)
def _runtime(content: bytes) -> Runtime:
    import onnx

    from explain.models.runtime import Runtime, parse

    text = onnx.TensorProto.STRING
    columns = [
        Column(item.name, "category" if item.type.tensor_type.elem_type == text else "number")
        for item in parse(content).graph.input
    ]
    return Runtime(content, Schema(tuple(columns)), 1)


def _codes(values: pd.Series, target: Floats) -> dict[str, float]:
    """A number for each category, in the order of its mean target, which is where one split cuts best."""
    import pandas as pd

    known = pd.Series(target, index=values.index).groupby(values.dropna().astype(str)).mean()
    ordered = sorted(known.items(), key=lambda pair: (pair[1], str(pair[0])))
    return {str(name): float(at) for at, (name, _) in enumerate(ordered)}


def _matrix(
    frame: pd.DataFrame, schema: Schema, predicted: Floats, codes: dict[str, dict[str, float]]
) -> npt.NDArray[np.float32]:
    """(m, p + 1) what the forest sees, as the ONNX graph makes it: codes for categories, NaN for blanks."""
    import numpy as np

    columns = [_column(frame[column.name], codes.get(column.name)) for column in schema]
    return np.column_stack([*columns, predicted]).astype(np.float32)


def _column(values: pd.Series, codes: dict[str, float] | None) -> Floats:
    import numpy as np

    return np.asarray((values if codes is None else values.map(codes)).to_numpy(dtype=np.float64, na_value=np.nan))


def _as_ensemble(trees: list[Tree], schema: Schema, codes: dict[str, dict[str, float]]) -> Ensemble:
    """A fitted forest over the raw columns and the prediction, in the form that is written to ONNX."""
    import numpy as np

    names = (*schema.names, PREDICTED)
    categories = {at: tuple(codes[name]) for at, name in enumerate(names) if name in codes}
    return Ensemble(
        source="difficulty",
        objective="log of the absolute error",
        names=names,
        named=True,
        categories=categories,
        narrow=True,
        nodes=join([_nodes(tree, len(trees), categories) for tree in trees]),
        offset=np.zeros(1),
        link="exponential",
        task="regression",
    )


def _nodes(tree: Tree, trees: int, categories: Mapping[int, tuple[str, ...]]) -> Nodes:
    """One tree of so many, whose mean is the answer; a limit on a category's code is the set of codes up to it."""
    import numpy as np

    inner = tree.feature >= 0
    member = inner & np.isin(tree.feature, list(categories))
    count = len(tree.feature)
    return Nodes(
        feature=np.where(inner, tree.feature, LEAF),
        comparison=np.where(member, MEMBER, AT_MOST),
        bound=np.where(inner, tree.threshold, 0.0),
        true=np.where(inner, tree.low, LEAF),
        false=np.where(inner, tree.high, LEAF),
        missing_true=tree.blank_low,
        zero_missing=np.zeros(count, dtype=bool),
        weight=np.where(inner, 0.0, tree.answers[np.where(inner, 0, tree.low), 0]) / trees,
        target=np.zeros(count, dtype=np.int64),
        roots=np.zeros(1, dtype=np.int64),
        members={int(at): _codes_up_to(tree, int(at), categories) for at in np.flatnonzero(member)},
    )


def _codes_up_to(tree: Tree, node: int, categories: Mapping[int, tuple[str, ...]]) -> tuple[int, ...]:
    """The codes of a category that a node sends low; an endless limit only parts blanks from all others."""
    most = len(categories[int(tree.feature[node])])
    return tuple(range(int(min(tree.threshold[node] + 1, most))))
