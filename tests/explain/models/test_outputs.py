"""Of several outputs that could be the scores one has to be named; a label and probabilities are no question."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper

from explain.adding.choices import guess
from explain.adding.draft import draft
from explain.adding.request import Request, add
from explain.errors import ModelError
from explain.models import load_model, write_package
from explain.models.outputs import likeliest, score_outputs, with_output
from explain.models.runtime import parse
from explain.models.sources.open import open_source

FLOAT, INT64, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING
DRAW = np.random.default_rng(0)
ROWS = pd.DataFrame({"a": DRAW.normal(size=60), "b": DRAW.normal(size=60)})
ROWS["outcome"] = np.where(ROWS.a - ROWS.b > 0, "yes", "no")
WEIGHTS = np.array([[-1.0, 1.0], [1.0, -1.0]], dtype=np.float32)


def two_heads(first="logits", second="probabilities"):
    """x (n, 2) -> both the margins and the probabilities of no and yes."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], [first]),
        helper.make_node("Softmax", [first], [second], axis=1),
    ]
    given = [helper.make_tensor_value_info("x", FLOAT, [None, 2])]
    made = [helper.make_tensor_value_info(name, FLOAT, [None, 2]) for name in (first, second)]
    graph = helper.make_graph(nodes, "g", given, made, initializer=[numpy_helper.from_array(WEIGHTS, "w")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()


def declared(*outputs):
    """A graph that says of its outputs: name, type, shape."""
    made = [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in outputs]
    return helper.make_model(helper.make_graph([], "g", [], made))


@pytest.mark.parametrize(
    ("outputs", "found"),
    [
        ([("label", INT64, [None]), ("probabilities", FLOAT, [None, 2])], ("probabilities",)),
        ([("output_label", STRING, [None]), ("output_probability", FLOAT, [None, 3])], ("output_probability",)),
        ([("label", FLOAT, [None]), ("probabilities", FLOAT, [None, 2])], ("probabilities",)),
        ([("variable", FLOAT, [None, 1])], ("variable",)),
        ([("output_0", FLOAT, None)], ("output_0",)),
        ([("logits", FLOAT, [None, 2]), ("attention", FLOAT, [None, 4, 8])], ("logits",)),
        ([("logits", FLOAT, [None, 2]), ("probabilities", FLOAT, [None, 2])], ("logits", "probabilities")),
        ([("late", FLOAT, [None, 1]), ("lost", TensorProto.DOUBLE, [None, 1])], ("late", "lost")),
        ([("label", FLOAT, [None, 1])], ("label",)),
        ([("label", INT64, [None])], ()),
    ],
)
def test_outputs_that_could_be_scores_are_told_by_type_shape_and_name(outputs, found):
    assert score_outputs(declared(*outputs)) == found


def test_a_zip_map_names_the_probabilities():
    proto = declared(("label", INT64, [None]), ("decision", FLOAT, [None, 2]), ("maps", FLOAT, None))
    proto.graph.node.append(helper.make_node("ZipMap", ["p"], ["maps"], domain="ai.onnx.ml"))
    assert score_outputs(proto) == ("maps",)


def test_what_is_called_probabilities_is_proposed_else_the_last():
    assert likeliest(["probabilities", "logits"]) == "probabilities"
    assert likeliest(["first", "second"]) == "second"


def test_a_file_with_one_output_of_scores_stays_as_it_is(model):
    assert with_output(model.onnx, "") == model.onnx


ASKED = "The model has 2 outputs that could be its scores: “logits” and “probabilities”. Say which one is meant."


def test_a_draft_asks_which_output_is_meant_and_takes_the_one_that_is_named():
    source = open_source(two_heads(), ROWS)
    assert source.facts.score_outputs == ("logits", "probabilities")
    choices = guess(source, ROWS)
    with pytest.raises(ModelError) as caught:
        draft(source, ROWS, choices)
    assert str(caught.value) == ASKED
    margins = ROWS[["a", "b"]].to_numpy(np.float32) @ WEIGHTS
    made = draft(source, ROWS, replace(choices, output="logits"))
    assert made.meaning.mean == "logits"
    np.testing.assert_allclose(made.scores[:, 1], 1 / (1 + np.exp(margins[:, 0] - margins[:, 1])), rtol=1e-5)
    made = draft(source, ROWS, replace(choices, output="probabilities"))
    np.testing.assert_allclose(made.scores[:, 1], 1 / (1 + np.exp(margins[:, 0] - margins[:, 1])), rtol=1e-5)
    assert [out.name for out in parse(made.onnx).graph.output] == ["probabilities"]


def test_the_command_asks_and_takes_the_answer(tmp_path):
    (tmp_path / "model.onnx").write_bytes(two_heads())
    ROWS.to_csv(tmp_path / "rows.csv", index=False)
    asked = Request(str(tmp_path / "model.onnx"), str(tmp_path / "rows.csv"), outcomes=("no", "yes"))
    with pytest.raises(ModelError) as caught:
        add(asked, tmp_path)
    line = f"whysure add {asked.model} --reference {asked.reference} --outcomes no,yes --output probabilities"
    assert str(caught.value) == f"{ASKED} Say it with:"
    assert caught.value.line == line
    package = add(Request(**(vars(asked) | {"output": "probabilities"})), tmp_path)
    assert package.score(ROWS)[0].sum() == pytest.approx(1)


def test_a_package_in_python_asks_and_takes_the_answer(tmp_path):
    with pytest.raises(ModelError) as caught:
        write_package(tmp_path / "p", onnx=two_heads(), reference=ROWS, target="outcome")
    assert str(caught.value) == ASKED
    with pytest.raises(ModelError, match="2 outputs that could be its scores"):
        write_package(tmp_path / "p", onnx=two_heads(), reference=ROWS, target="outcome", scores="nothing")
    made = write_package(tmp_path / "p", onnx=two_heads(), reference=ROWS, target="outcome", scores="probabilities")
    np.testing.assert_allclose(load_model(made).score(ROWS).sum(axis=1), 1, rtol=1e-6)
