"""ONNX inputs in the shapes that exporters give them: (n,) a column, one row at a time, whole numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper

from explain.adding.choices import Choices
from explain.adding.draft import draft
from explain.adding.install import install
from explain.attributions import explain
from explain.errors import ModelError
from explain.models.parity import Parity
from explain.models.sources.open import open_source

DRAW = np.random.default_rng(0)
ROWS = pd.DataFrame({"a": DRAW.normal(size=80).round(3), "b": DRAW.integers(0, 9, 80) * 1.0})
CHANCE = 1 / (1 + np.exp(-(ROWS["a"] + 0.5 * ROWS["b"] - 2)))
ROWS["outcome"] = np.where(CHANCE > 0.5, "yes", "no")
SAID = Choices(title="m", target="outcome", outputs=("no", "yes"))


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def file(nodes, constants, given, shape):
    graph = helper.make_graph(nodes, "g", given, [value("p", TensorProto.FLOAT, shape)], initializer=constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()


def by_column(kind=TensorProto.FLOAT, axes=1):
    """sigmoid(a + b / 2 - 2) of one input a column."""
    cast = [helper.make_node("Cast", ["b"], ["b as number"], to=TensorProto.FLOAT)]
    nodes = [
        *cast,
        helper.make_node("Mul", ["b as number", "half"], ["part"]),
        helper.make_node("Add", ["a", "part"], ["sum"]),
        helper.make_node("Sub", ["sum", "two"], ["margin"]),
        helper.make_node("Sigmoid", ["margin"], ["p"]),
    ]
    constants = [numpy_helper.from_array(np.float32(0.5), "half"), numpy_helper.from_array(np.float32(2), "two")]
    shape = [None] if axes == 1 else [None, 1]
    return file(nodes, constants, [value("a", TensorProto.FLOAT, shape), value("b", kind, shape)], shape)


def of_matrix(rows, *, reshape=False):
    nodes = [
        *([helper.make_node("Reshape", ["x", "shape"], ["given"])] if reshape else []),
        helper.make_node("Gemm", ["given" if reshape else "x", "w", "o"], ["margin"]),
        helper.make_node("Sigmoid", ["margin"], ["p"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([[1.0], [0.5]], dtype=np.float32), "w"),
        numpy_helper.from_array(np.array([-2.0], dtype=np.float32), "o"),
        *([numpy_helper.from_array(np.array([1, 2]), "shape")] if reshape else []),
    ]
    return file(nodes, constants, [value("x", TensorProto.FLOAT, [rows, 2])], [rows, 1])


def of_matrices(kinds=(TensorProto.FLOAT, TensorProto.INT64), widths=(1, 1), name="x"):
    """sigmoid(a + half of b looked up) of two matrices: numbers, and codes for an embedding."""
    nodes = [
        helper.make_node("Gather", ["table", "codes"], ["met"], axis=0),
        helper.make_node("ReduceSum", ["met", "last"], ["sum of met"], keepdims=0),
        helper.make_node("Concat", [name, "sum of met"], ["both"], axis=1),
        helper.make_node("Gemm", ["both", "w", "o"], ["margin"]),
        helper.make_node("Sigmoid", ["margin"], ["p"]),
    ]
    wide, coded = widths
    weights = np.zeros((wide + coded, 1), dtype=np.float32)
    weights[0] = weights[-1] = 1.0
    constants = [
        numpy_helper.from_array(np.repeat(np.arange(10, dtype=np.float32)[:, None] / 4, 2, axis=1), "table"),
        numpy_helper.from_array(weights, "w"),
        numpy_helper.from_array(np.array([-2.0], dtype=np.float32), "o"),
        numpy_helper.from_array(np.array([2]), "last"),
    ]
    given = [value(name, kinds[0], [None, wide]), value("codes", kinds[1], [None, coded])]
    return file(nodes, constants, given, [None, 1])


WIDE = ROWS[["a", "b", "outcome"]].assign(more=1.0, other=DRAW.integers(0, 9, 80) * 1.0)[
    ["a", "more", "other", "b", "outcome"]
]


def test_columns_go_to_several_matrices_in_order_and_reasons_add_up(tmp_path):
    source = open_source(of_matrices(widths=(2, 2)), WIDE)
    assert source.facts.notes == ("Columns go to its inputs in the table's order: 2 to “x”, then 2 to “codes”.",)
    made = draft(source, WIDE, SAID)
    np.testing.assert_allclose(made.scores[:, 1], CHANCE, atol=1e-6)
    package = install(made, Parity("unproven"), tmp_path)
    found = explain(package, made.features.head(20))
    assert found.gap.max() < 1e-6
    assert (np.abs(found.values).max(axis=0) > 1e-5).tolist() == [True, False, False, True]
    blank = made.features.head(2).assign(b=[np.nan, 3.0])
    assert np.isnan(package.score(blank)).any(axis=1).tolist() == [True, False]


def test_a_row_that_the_model_fails_on_gets_no_answer_and_the_others_theirs(tmp_path):
    made = draft(open_source(of_matrices(widths=(2, 2)), WIDE), WIDE, SAID)
    package = install(made, Parity("unproven"), tmp_path)
    rows = made.features.head(40).reset_index(drop=True)
    right = package.score(rows)
    beyond = rows.assign(b=np.where(np.isin(rows.index, [3, 17, 39]), 90.0, rows["b"]))
    found = package.score(beyond)
    assert np.flatnonzero(np.isnan(found[:, 0])).tolist() == [3, 17, 39]
    np.testing.assert_array_equal(np.delete(found, [3, 17, 39], axis=0), np.delete(right, [3, 17, 39], axis=0))
    reasons = explain(package, beyond.head(4))
    assert reasons.values[3].tolist() == [0.0] * 4
    assert reasons.gap.max() < 1e-6
    with pytest.raises(ModelError, match="The model failed on these rows: .* Do they fit it"):
        package.score(rows.assign(b=90.0))


@pytest.mark.parametrize(
    ("content", "rows", "said"),
    [
        (of_matrices(widths=(3, 2)), WIDE, "takes 5 columns, but the reference has 4. Columns go to its inputs in the"),
        (of_matrices(widths=(2, 2)), WIDE.rename(columns={"a": "margin"}), "calls a tensor of its own 'margin'"),
        (of_matrices(widths=(2, 2)), WIDE.assign(more=["red", "blue"] * 40), "takes 'more' as numbers, in “x”"),
    ],
)
def test_what_does_not_go_into_matrices_is_said(content, rows, said):
    with pytest.raises(ModelError, match=said):
        draft(open_source(content, rows), rows, SAID)


FILES = {
    "(n,) a column": by_column(),
    "(n, 1) a column": by_column(axes=2),
    "whole numbers (n,)": by_column(kind=TensorProto.INT64),
    "whole numbers (n, 1)": by_column(kind=TensorProto.INT64, axes=2),
    "one row at a time": of_matrix(1),
    "any number of rows": of_matrix("n"),
}


@pytest.mark.parametrize("name", FILES)
def test_it_scores_and_its_reasons_add_up(name, tmp_path):
    source = open_source(FILES[name], ROWS)
    made = draft(source, ROWS, SAID)
    np.testing.assert_allclose(made.scores[:, 1], CHANCE, atol=1e-6)
    assert bool(source.facts.notes) == (name == "one row at a time")
    package = install(made, Parity("unproven"), tmp_path)
    found = explain(package, made.features.head(20))
    assert found.gap.max() < 1e-6
    assert np.abs(found.values).sum() > 0


def test_one_that_can_take_a_single_row_only_is_refused_with_what_to_do():
    with pytest.raises(ModelError, match=r"Do they fit it\?|Expected one line a row"):
        draft(open_source(of_matrix(1, reshape=True), ROWS), ROWS, replace(SAID))


@pytest.mark.parametrize("name", ["whole numbers (n,)", "whole numbers (n, 1)"])
def test_a_blank_where_whole_numbers_are_wanted_gets_no_answer(name, tmp_path):
    made = draft(open_source(FILES[name], ROWS), ROWS, SAID)
    package = install(made, Parity("unproven"), tmp_path)
    rows = made.features.head(3).copy()
    rows.loc[1, "b"] = np.nan
    scores = package.score(rows)
    assert np.isnan(scores[1]).all()
    np.testing.assert_allclose(scores[[0, 2], 1], CHANCE[[0, 2]], atol=1e-6)
