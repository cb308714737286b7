"""How far off a regression is likely to be on a row: a small model of the size of its errors, kept as an ONNX file.

Errors divided by it make intervals that are wide where the model errs much and narrow where it errs little
(Papadopoulos, Vovk and Gammerman 2011). It is fitted on one half of the calibration rows; only the other half may then
calibrate, or the intervals would be too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import onnx
    import pandas as pd

    from explain.models.runtime import Runtime
    from explain.types import Column, Flags, Floats, Schema

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
OPSETS = {"": 18, "ai.onnx.ml": 3}
IR_VERSION = 8


def halves(rows: int, seed: int = 0) -> Flags:
    """(rows,) which calibration rows fit the difficulty model; the others calibrate. Half each, drawn by `seed`."""
    import numpy as np

    fits = np.zeros(rows, dtype=bool)
    fits[np.random.default_rng(seed).permutation(rows)[: rows // 2]] = True
    return fits


def fit_difficulty(frame: pd.DataFrame, schema: Schema, predicted: Floats, residuals: Floats, seed: int = 0) -> bytes:
    """An ONNX model: raw columns of (m, p) rows and their prediction -> expected absolute error, in target units.

    A random forest (Breiman 2001) learns the log of |residual|, so that a few large errors do not decide every split;
    the answer is its exponential, never below a tenth of the median. It is proportional to the expected error where
    errors have one shape; a constant factor cancels in the intervals.
    """
    import numpy as np
    from sklearn.ensemble import RandomForestRegressor

    kept = np.sort(np.random.default_rng(seed).permutation(len(frame))[:MOST_ROWS])
    frame, predicted, sizes = frame.iloc[kept], predicted[kept], np.abs(residuals[kept])
    floor = max(FLOOR * float(np.median(sizes)), float(np.finfo(np.float32).tiny))
    target = np.log(np.maximum(sizes, floor))
    codes = {column.name: _codes(frame[column.name], target) for column in schema if column.kind == "category"}
    forest = RandomForestRegressor(
        TREES,
        min_samples_leaf=LEAST_PER_LEAF,
        max_leaf_nodes=MOST_LEAVES,
        max_features=0.5,
        random_state=seed,
    ).fit(_matrix(frame, schema, predicted, codes), target)
    return _write(schema, codes, _Trees.of(forest), floor)


def difficulty(content: bytes, frame: pd.DataFrame, predicted: Floats) -> Floats:
    """(n,) expected absolute error of each row, positive, in target units; raises ModelError when it cannot be run."""
    return _runtime(content).score(frame.assign(**{PREDICTED: predicted}))[:, 0]


@lru_cache(maxsize=4)
def _runtime(content: bytes) -> Runtime:
    import onnx

    from explain.models.runtime import Runtime, parse
    from explain.types import Column, Schema

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


@dataclass(frozen=True)
class _Trees:
    """The nodes (t,) of all trees one after another: `tree`, `node` number within it, children, and leaf values."""

    tree: list[int]
    node: list[int]
    feature: list[int]
    threshold: list[float]
    left: list[int]
    right: list[int]
    blanks_left: list[int]
    value: list[float]

    @classmethod
    def of(cls, forest: Any) -> _Trees:  # noqa: ANN401 - scikit-learn has no types
        """The trees of a fitted RandomForestRegressor; leaf values are parts of the mean; trees add up to it."""
        import numpy as np

        parts = [item.tree_ for item in forest.estimators_]

        def joined(name: str) -> npt.NDArray[Any]:
            return np.concatenate([getattr(part, name) for part in parts])

        return cls(
            tree=np.repeat(np.arange(len(parts)), [part.node_count for part in parts]).tolist(),
            node=np.concatenate([np.arange(part.node_count) for part in parts]).tolist(),
            feature=np.maximum(joined("feature"), 0).tolist(),
            threshold=_as_float32(joined("threshold")).tolist(),
            left=joined("children_left").tolist(),
            right=joined("children_right").tolist(),
            blanks_left=joined("missing_go_to_left").astype(int).tolist(),
            value=(joined("value")[:, 0, 0] / len(parts)).tolist(),
        )


def _as_float32(thresholds: Floats) -> Floats:
    """The largest float32 not above each threshold: float32 cells then fall on the same side as in float64."""
    import numpy as np

    near = thresholds.astype(np.float32).astype(np.float64)
    below = np.nextafter(near.astype(np.float32), np.float32(-np.inf)).astype(np.float64)
    return np.where(near > thresholds, below, near)


def _write(schema: Schema, codes: dict[str, dict[str, float]], trees: _Trees, floor: float) -> bytes:
    """The graph: categories to codes, all columns to one matrix, trees, exponential, floor."""
    from onnx import TensorProto, helper

    inputs = [_input(column) for column in schema]
    inputs.append(helper.make_tensor_value_info(PREDICTED, TensorProto.DOUBLE, [None, 1]))
    nodes = [_encode(item.name, codes.get(item.name)) for item in inputs]
    nodes += [
        helper.make_node("Concat", [f"{item.name}.cell" for item in inputs], ["cells"], axis=1),
        _tree_node(trees),
        helper.make_node("Exp", ["log"], ["size"]),
        helper.make_node("Max", ["size", "floor"], ["difficulty"]),
    ]
    graph = helper.make_graph(
        nodes,
        "difficulty",
        inputs,
        [helper.make_tensor_value_info("difficulty", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor("floor", TensorProto.FLOAT, [1], [floor])],
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="whysure")
    return bytes(model.SerializeToString())


def _input(column: Column) -> onnx.ValueInfoProto:
    from onnx import TensorProto, helper

    kind = TensorProto.STRING if column.kind == "category" else TensorProto.DOUBLE
    return helper.make_tensor_value_info(column.name, kind, [None, 1])


def _encode(name: str, codes: dict[str, float] | None) -> onnx.NodeProto:
    """One raw column to float32: a number as it is, a category by its code, NaN for a blank or unknown one."""
    from onnx import TensorProto, helper

    if codes is None:
        return helper.make_node("Cast", [name], [f"{name}.cell"], to=TensorProto.FLOAT)
    return helper.make_node(
        "LabelEncoder",
        [name],
        [f"{name}.cell"],
        domain="ai.onnx.ml",
        # an encoder needs one key at least; no cell of a column without categories has this one
        keys_strings=list(codes) or [PREDICTED],
        values_floats=list(codes.values()) or [0.0],
        default_float=float("nan"),
    )


def _tree_node(trees: _Trees) -> onnx.NodeProto:
    from onnx import helper

    leaf = [at for at, left in enumerate(trees.left) if left < 0]
    return helper.make_node(
        "TreeEnsembleRegressor",
        ["cells"],
        ["log"],
        domain="ai.onnx.ml",
        n_targets=1,
        nodes_treeids=trees.tree,
        nodes_nodeids=trees.node,
        nodes_featureids=trees.feature,
        nodes_values=trees.threshold,
        nodes_modes=["LEAF" if left < 0 else "BRANCH_LEQ" for left in trees.left],
        nodes_truenodeids=[max(left, 0) for left in trees.left],
        nodes_falsenodeids=[max(right, 0) for right in trees.right],
        nodes_missing_value_tracks_true=trees.blanks_left,
        target_treeids=[trees.tree[at] for at in leaf],
        target_nodeids=[trees.node[at] for at in leaf],
        target_ids=[0] * len(leaf),
        target_weights=[trees.value[at] for at in leaf],
    )
