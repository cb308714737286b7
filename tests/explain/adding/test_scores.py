"""Scores that are no probabilities are never shown as if they were: logits get their last step, others are refused."""

from dataclasses import replace

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import SVC

from explain.adding.choices import Choices
from explain.adding.draft import draft, proof
from explain.adding.install import install
from explain.adding.request import Request, add
from explain.attributions import explain
from explain.errors import ModelError
from explain.models import write_package
from explain.models.sources.open import open_source

ML = "ai.onnx.ml"
DRAW = np.random.default_rng(0)
NUMBERS = pd.DataFrame(DRAW.normal(size=(300, 3)).astype(np.float32).astype(float), columns=["a", "b", "c"])
MARGIN = 3 * NUMBERS["a"] - 2 * NUMBERS["b"] + DRAW.logistic(size=300)
TWO = NUMBERS.assign(outcome=np.where(MARGIN > 0, "yes", "no"))
IRIS = load_iris(as_frame=True).frame.drop(columns="target").set_axis(["sl", "sw", "pl", "pw"], axis=1)
THREE = IRIS.assign(outcome=load_iris().target_names[load_iris().target])


def file(nodes, constants, columns, outputs):
    given = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, columns])]
    made = [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in outputs]
    graph = helper.make_graph(nodes, "g", given, made, initializer=constants)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(ML, 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()


def linear(weights, offset, last="", label=None):
    """x W + b, the last step behind it, and a label where one is wanted: "the likeliest" or "the least likely"."""
    weights = np.asarray(weights, dtype=np.float32)
    width = weights.shape[1]
    constants = [
        numpy_helper.from_array(weights, "w"),
        numpy_helper.from_array(np.asarray(offset, dtype=np.float32), "o"),
    ]
    nodes = [helper.make_node("Gemm", ["x", "w", "o"], ["margins" if last else "scores"])]
    if last:
        nodes.append(helper.make_node(last, ["margins"], ["scores"]))
    outputs = [("scores", TensorProto.FLOAT, [None, width])]
    if label:
        nodes.append(helper.make_node("ArgMax" if label == "the likeliest" else "ArgMin", ["scores"], ["label"], axis=1,
                                      keepdims=0))  # fmt: skip
        outputs.insert(0, ("label", TensorProto.INT64, [None]))
    return file(nodes, constants, len(weights), outputs)


def fitted(model, table):
    return model.fit(table.drop(columns="outcome").to_numpy(), table["outcome"])


TWO_MODEL = fitted(LogisticRegression(), TWO)
THREE_MODEL = fitted(LogisticRegression(max_iter=1_000), THREE)
CHANCE = TWO_MODEL.predict_proba(NUMBERS.to_numpy())
SHARES = THREE_MODEL.predict_proba(IRIS.to_numpy())
ONE_LOGIT = TWO_MODEL.coef_.T, TWO_MODEL.intercept_
LOGITS = THREE_MODEL.coef_.T, THREE_MODEL.intercept_
OUTSIDE = [0.0, 0.0]


@pytest.mark.parametrize(
    ("content", "table", "expected", "mean"),
    [
        (linear(*ONE_LOGIT), TWO, CHANCE, "logits"),
        (linear(*ONE_LOGIT, last="Sigmoid"), TWO, CHANCE, "probabilities"),
        (linear(*LOGITS), THREE, SHARES, "logits"),
        (linear(*LOGITS, label="the likeliest"), THREE, SHARES, "logits"),
        (linear(*LOGITS, last="Softmax"), THREE, SHARES, "probabilities"),
        (linear(*LOGITS, last="Softmax", label="the likeliest"), THREE, SHARES, "probabilities"),
        (linear(np.hstack([-ONE_LOGIT[0] / 2, ONE_LOGIT[0] / 2]), np.append(-ONE_LOGIT[1] / 2, ONE_LOGIT[1] / 2)),
         TWO, CHANCE, "logits"),
    ],
    ids=["a logit", "a sigmoid", "three logits", "with labels", "a softmax", "a softmax with labels", "two logits"],
)  # fmt: skip
def test_logits_get_the_step_that_makes_them_probabilities_and_others_stay(content, table, expected, mean, tmp_path):
    names = tuple(sorted(table["outcome"].unique()))
    choices = Choices(title="m", target="outcome", outputs=names)
    made = draft(open_source(content, table), table, choices)
    assert made.meaning.mean == mean
    assert bool(made.meaning.asks) == (mean == "logits")
    np.testing.assert_allclose(made.scores, expected, atol=1e-6)
    said = draft(open_source(content, table), table, replace(choices, scores=mean))
    assert (said.meaning.asks, said.onnx) == ("", made.onnx)
    package = install(said, proof(said), tmp_path)
    found = explain(package, made.features.head(20))
    assert found.method == "linear"
    assert found.gap.max() < 1e-6
    if mean == "logits":
        assert "softmax" in package.card.source or "sigmoid" in package.card.source


SUPPORT = fitted(SVC(), TWO)
REGRESSION = LinearRegression().fit(NUMBERS, TWO["outcome"] == "yes")
WRONG = {
    "a label that is never the likeliest": (
        linear(*LOGITS, label="the least likely"), THREE,
        "the file's own label is another outcome than the likeliest in",
    ),
    "probabilities with a label that is never the likeliest": (
        linear(*LOGITS, last="Softmax", label="the least likely"), THREE,
        "the file's own label is another outcome than the likeliest in",
    ),
    "a regression on 0 and 1": (
        linear(REGRESSION.coef_[:, None] * 1.0, [float(REGRESSION.intercept_)]), TWO,
        "they go beyond 0 and 1, but tell past outcomes apart at .5",
    ),
    "a sigmoid each": (linear(*LOGITS, last="Sigmoid"), THREE, "those of a row add up to"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "table", "said"), WRONG.values(), ids=WRONG)
def test_scores_that_are_neither_are_refused_with_what_speaks_against_them(content, table, said):
    choices = Choices(title="m", target="outcome", outputs=tuple(sorted(table["outcome"].unique())))
    with pytest.raises(ModelError) as caught:
        draft(open_source(content, table), table, choices)
    assert "neither probabilities nor logits" in str(caught.value)
    assert said in str(caught.value)
    assert "Export the model so that it gives probabilities" in str(caught.value)


def test_logits_are_not_taken_for_probabilities_whoever_says_so():
    choices = Choices(title="m", target="outcome", outputs=("no", "yes"), scores="probabilities")
    with pytest.raises(ModelError, match="are no probabilities: they lie between -"):
        draft(open_source(linear(*ONE_LOGIT), TWO), TWO, choices)


def test_a_file_of_trees_alone_gets_its_softmax(tmp_path):
    tree = {
        "n_targets": 2, "nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0, 0, 0],
        "nodes_values": [0.5, 0.0, 0.0], "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
        "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0], "target_treeids": [0, 0, 0, 0],
        "target_nodeids": [1, 1, 2, 2], "target_ids": [0, 1, 0, 1], "target_weights": [1.5, -1.5, -2.0, 2.0],
    }  # fmt: skip
    proto = onnx.load_model_from_string(
        file([helper.make_node("TreeEnsembleRegressor", ["x"], ["scores"], domain=ML, **tree)], [], 3,
             [("scores", TensorProto.FLOAT, [None, 2])])
    )  # fmt: skip
    del proto.opset_import[0]
    made = draft(
        open_source(proto.SerializeToString(), TWO), TWO, Choices(title="m", target="outcome", outputs=("no", "yes"))
    )
    np.testing.assert_allclose(
        made.scores[:, 1], np.where(NUMBERS["a"] <= 0.5, 1 / (1 + np.exp(3)), 1 / (1 + np.exp(-4))), atol=1e-6
    )


def test_the_command_line_gives_the_whole_line_to_type(tmp_path):
    (tmp_path / "my net.onnx").write_bytes(linear(*ONE_LOGIT))
    TWO.to_csv(tmp_path / "rows.csv", index=False)
    request = Request(f"{tmp_path}/my net.onnx", f"{tmp_path}/rows.csv", target="outcome", unit=("a=m", "b=s"))
    with pytest.raises(ModelError) as caught:
        add(request, tmp_path)
    line = (
        f"whysure add '{tmp_path}/my net.onnx' --reference {tmp_path}/rows.csv --target outcome --outcomes no,yes "
        "--unit a=m --unit b=s --scores logits"
    )
    assert caught.value.line == line
    assert "They look like logits" in str(caught.value)
    package = add(replace(request, scores="logits", outcomes=("no", "yes")), tmp_path)
    np.testing.assert_allclose(package.score(NUMBERS.head(5)), CHANCE[:5], atol=1e-6)


def test_a_package_of_logits_is_not_written_in_python(tmp_path):
    with pytest.raises(ModelError, match="no probabilities: they lie between"):
        write_package(tmp_path / "m", linear(*LOGITS), THREE, "outcome", held_out=False)
