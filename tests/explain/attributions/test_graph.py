"""Graphs written by hand: which node decides, and which raw columns reach its features."""

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper

from explain.attributions import explain
from explain.attributions.choose import build
from explain.models import load_model, write_package
from tests.explain.attributions.brute_force import shapley

DRAW = np.random.default_rng(3)
WEIGHTS = DRAW.normal(size=(3, 2)).astype(np.float32)
BIAS = np.array([0.3, -0.2], dtype=np.float32)
ROWS = pd.DataFrame(DRAW.normal(size=(60, 3)), columns=["a", "b", "c"])


def written(folder, nodes, **constants):
    """A package of a graph over the input `x` (n, 3) that ends in `y`, with the made rows as reference."""
    graph = helper.make_graph(
        [helper.make_node(*node[:3], **(node[3] if len(node) > 3 else {})) for node in nodes],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(proto)
    reference = ROWS.assign(outcome=np.where(ROWS.a > 0, "yes", "no"))
    details = {"onnx": proto.SerializeToString(), "reference": reference, "target": "outcome", "outputs": ["no", "yes"]}
    return load_model(write_package(folder / "model", **details))


SOFT = ("Softmax", ["s"], ["y"], {"axis": 1})
GRAPHS = {
    "Gemm": ([("Gemm", ["x", "w", "c"], ["s"]), SOFT], {"w": WEIGHTS, "c": BIAS}),
    "Gemm, turned and scaled": (
        [("Gemm", ["x", "w", "c"], ["s"], {"transB": 1, "alpha": 0.5}), SOFT],
        {"w": WEIGHTS.T.copy(), "c": BIAS},
    ),
    "MatMul and a bias": (
        [("MatMul", ["x", "w"], ["m"]), ("Add", ["m", "c"], ["s"]), SOFT],
        {"w": WEIGHTS, "c": BIAS},
    ),
    "scaled before": (
        [("Sub", ["x", "mean"], ["z"]), ("MatMul", ["z", "w"], ["s"]), SOFT],
        {"w": WEIGHTS, "mean": BIAS[:1]},
    ),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_product_with_weights_is_a_linear_head(name, tmp_path):
    nodes, constants = GRAPHS[name]
    model = written(tmp_path, nodes, **constants)
    assert build(model, model.reference.frame).method == "linear"
    found = explain(model, ROWS.head(5))
    assert found.gap.max() < 1e-6


def test_shares_of_a_product_equal_brute_force_on_its_margin(tmp_path):
    model = written(tmp_path, *GRAPHS["Gemm"][:1], **GRAPHS["Gemm"][1])
    head = build(model, model.reference.frame).head
    row = ROWS.iloc[[7]]
    expected, base = shapley(lambda frame: frame.to_numpy() @ WEIGHTS[:, 1] + BIAS[1], row, ROWS)
    shares, _ = head.margins(row)
    np.testing.assert_allclose(shares[0, :, 1], expected, atol=1e-6)
    assert head.base[1] == pytest.approx(base, abs=1e-6)


SQUARE = DRAW.normal(size=(2, 2)).astype(np.float32)
OTHERS = {
    "two layers": (
        [("MatMul", ["x", "w"], ["m"]), ("Relu", ["m"], ["r"]), ("MatMul", ["r", "v"], ["s"]), SOFT],
        {"w": WEIGHTS, "v": SQUARE},
    ),
    "bent behind": ([("MatMul", ["x", "w"], ["m"]), ("Relu", ["m"], ["s"]), SOFT], {"w": WEIGHTS}),
}


@pytest.mark.parametrize("name", OTHERS)
def test_more_than_one_product_or_one_that_is_bent_is_no_linear_head(name, tmp_path):
    nodes, constants = OTHERS[name]
    model = written(tmp_path, nodes, **constants)
    assert build(model, model.reference.frame).method == "enumerated"


def test_nothing_times_a_column_that_may_be_blank_still_depends_on_it(tmp_path):
    zero = np.zeros(1, dtype=np.float32)
    nodes = [
        ("Gather", ["x", "first"], ["f"], {"axis": 1}),
        ("Mul", ["f", "zero"], ["z"]),
        ("Add", ["x", "z"], ["m"]),
        ("MatMul", ["m", "w"], ["s"]),
        SOFT,
    ]
    model = written(tmp_path, nodes, first=np.zeros(1, dtype=np.int64), zero=zero, w=WEIGHTS)
    # a blank in the first column makes all three blank: they mix
    assert build(model, model.reference.frame).method == "enumerated"
