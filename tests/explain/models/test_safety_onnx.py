"""An ONNX file that could harm is refused by name before any library runs it."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from explain.errors import ModelError, TooLargeError, WhysureError
from explain.models import load_model, runtime
from explain.models.safety import onnx_check
from explain.models.safety.onnx_check import check_onnx
from explain.models.safety.operators import ALLOWED
from explain.models.safety.sizes import ROWS
from tests.conftest import package
from tests.explain.models import made_onnx as made

BESIDE = "A row's answer depends on the rows beside it"
ADD = made.node("Add", "x k", "y")


def grown(kind, given, constants, **settings):
    """A constant made by a growing operator, added to the rows."""
    return made.file([made.node(kind, given, "k", **settings), ADD], constants)


def over_rows(kind, given="x", constants=(), opset=18, **settings):
    nodes = [made.node(kind, given, "k", **settings), ADD]
    return made.file(nodes, constants, opset=opset)


def negative(proto):
    proto.graph.initializer[0].dims[0] = -1


def short(proto):
    proto.graph.initializer[0].dims[0] = 5


def huge(proto):
    proto.graph.initializer[0].dims[:] = [2**22, 2**22]


def other_opset(proto):
    proto.opset_import.append(helper.make_opsetid("ai.onnx", 13))


def future(proto):
    proto.opset_import[0].version = 99


def unnamed(proto):
    del proto.opset_import[1:]


def training(proto):
    proto.training_info.add()


def many(proto):
    proto.graph.node.extend(made.node("Neg", "x", f"n{at}") for at in range(20_001))


WEIGHTS = made.file([made.node("MatMul", "x w", "y")], [made.constant("w", np.zeros((2, 1)), np.float32)])
ONES = made.constant("one", np.ones(1), np.float32)
ATTACKS = {
    "a second file": (
        made.external(),
        (
            "The model keeps weights in a second file, and only one is read. "
            "Save it with its weights inside (onnx.save_model(…, save_as_external_data=False))."
        ),
    ),
    "functions": (
        made.nested_functions(),
        "The model brings functions of its own, which can nest without end. Export it without.",
    ),
    "If": (
        made.block("If"),
        "The model runs a program of its own inside (If), which is off. Export it without.",
    ),
    "Loop": (
        made.block("Loop"),
        "The model runs a program of its own inside (Loop), which is off. Export it without.",
    ),
    "Scan": (
        made.block("Scan"),
        "The model runs a program of its own inside (Scan), which is off. Export it without.",
    ),
    "a custom domain": (
        made.file([made.node("Evil", "x", "y", domain="com.evil")]),
        (
            "The model uses the operator Evil of 'com.evil', which is not part of ONNX. "
            "Export it with the standard operators only."
        ),
    ),
    "a strange operator": (
        made.file([made.node("STFT", "x", "y")]),
        "The model uses the operator STFT, which no tabular model needs. Export it without.",
    ),
    "chance": (
        made.file([made.node("RandomNormalLike", "x", "y")]),
        "The model throws dice (RandomNormalLike), so that its answers differ each time. Export it without.",
    ),
    "training dropout": (
        made.file(
            [made.node("Dropout", "x r t", "y")],
            [made.constant("r", 0.5, np.float32), made.constant("t", True, np.bool_)],
        ),
        "The model throws dice (Dropout in training mode). Export it for inference.",
    ),
    "training normalization": (
        made.file(
            [made.node("BatchNormalization", "x a a a a", "y m v", training_mode=1)],
            [made.constant("a", np.ones(2), np.float32)],
        ),
        f"{BESIDE}: BatchNormalization is in training mode. Export the model for inference.",
    ),
    "axes from a row": (
        made.file([made.node("Cast", "x", "a", to=7), made.node("ReduceSum", "x a", "y")]),
        f"{BESIDE}: ReduceSum says only while it runs what it sums up. Export the model anew.",
    ),
    "12 GB": (
        grown("Expand", "one size", [ONES, made.constant("size", [3_000_000_000])]),
        "The operator Expand of the model makes 3,000,000,000 numbers; at most 10,000,000 are computed.",
    ),
    "16 TiB": (
        grown("ConstantOfShape", "size", [made.constant("size", [2**21, 2**21])]),
        f"The operator ConstantOfShape of the model makes {2**42:,} numbers; at most 10,000,000 are computed.",
    ),
    "a long range": (
        grown("Range", "a b c", [made.constant("a", 0), made.constant("b", 10**12), made.constant("c", 1)]),
        f"The operator Range of the model makes {10**12:,} numbers; at most 10,000,000 are computed.",
    ),
    "a wide tile": (
        made.file([made.node("Tile", "x r", "y")], [made.constant("r", [1, 1_000_000])]),
        (
            f"The operator Tile of the model makes {ROWS * 2_000_000:,} numbers for {ROWS:,} rows; "
            f"at most {ROWS * 10_000:,} are computed."
        ),
    ),
    "a wide pad": (
        made.file([made.node("Pad", "x p", "y")], [made.constant("p", [0, 0, 0, 10**9])]),
        (
            f"The operator Pad of the model makes {ROWS * (10**9 + 2):,} numbers for {ROWS:,} rows; "
            f"at most {ROWS * 10_000:,} are computed."
        ),
    ),
    "a wide vector": (
        made.file([made.node("FeatureVectorizer", "x", "y", domain=made.ML, inputdimensions=[10**9])]),
        (
            f"The operator FeatureVectorizer of the model makes {ROWS * 10**9:,} numbers for {ROWS:,} rows; "
            f"at most {ROWS * 10_000:,} are computed."
        ),
    ),
    "a fold that doubles": (
        made.doubled(),
        "The operator Concat of the model makes 16,777,216 numbers; at most 10,000,000 are computed.",
    ),
    "a size out of a row": (
        made.file([made.node("Cast", "x", "s", to=7), made.node("Expand", "x s", "y")]),
        "The size of what Expand makes depends on the cells of a row. Export the model anew.",
    ),
    "a negative size": (
        made.changed(WEIGHTS, negative),
        "A constant of the model has a negative size. Export the model anew.",
    ),
    "a short constant": (
        made.changed(WEIGHTS, short),
        "A constant of the model says that it has 5 elements, but holds 2. Export it anew.",
    ),
    "a huge constant": (
        made.changed(WEIGHTS, huge),
        f"A constant of the model has {2**44:,} numbers; at most 100,000,000 are read.",
    ),
    "two opsets": (
        made.changed(WEIGHTS, other_opset),
        "The model names two versions of one operator set. Export it anew.",
    ),
    "a future opset": (
        made.changed(WEIGHTS, future),
        (
            "The model is written for version 99 of the operators 'ai.onnx'; 7 to 28 can be run. "
            "Export it with another target_opset."
        ),
    ),
    "no opset": (
        made.changed(made.regressor(), unnamed),
        "The model uses an operator set that it does not name. Export it anew.",
    ),
    "training": (
        made.changed(WEIGHTS, training),
        "The model brings its training along. Export it for inference.",
    ),
    "many operators": (
        made.changed(WEIGHTS, many),
        "The model has 20,002 operators; at most 20,000 are read.",
    ),
    "no operators": (
        made.file([]),
        "The model file is empty. Expected an ONNX graph with an output.",
    ),
    "deep messages": (
        made.deep_messages(),
        "The model file is not ONNX. Expected a file made by an ONNX exporter.",
    ),
    "a graph in a plain operator": (
        made.changed(made.block("If"), lambda proto: setattr(proto.graph.node[0], "op_type", "Neg")),
        "The operator Neg of the model has a graph of its own inside. Export it anew.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_by_name_in_a_moment(content, sentence):
    began = time.monotonic()
    with pytest.raises(WhysureError) as caught:
        check_onnx(content)
    assert str(caught.value) == sentence
    assert time.monotonic() - began < 10


ZERO, BOTH = made.constant("a", [0]), made.constant("a", [0, 1])
OVER_ROWS = {
    "ReduceMean": over_rows("ReduceMean", "x a", [ZERO]),
    "ReduceSum": over_rows("ReduceSum", "x a", [BOTH]),
    "ReduceMax": over_rows("ReduceMax"),
    "ReduceL2": over_rows("ReduceL2", axes=[-2], opset=13),
    "Softmax": over_rows("Softmax", axis=0),
    "LogSoftmax": over_rows("LogSoftmax", axis=-2),
    "CumSum": over_rows("CumSum", "x a", [made.constant("a", 0)]),
    "ArgMax": over_rows("ArgMax"),
    "TopK": made.file([made.node("TopK", "x k", "y i", axis=0)], [made.constant("k", [1])]),
    "LayerNormalization": over_rows(
        "LayerNormalization", "x s", [made.constant("s", np.ones(2), np.float32)], axis=0
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", OVER_ROWS)
def test_an_operator_that_goes_over_the_rows_is_refused(kind):
    with pytest.raises(ModelError) as caught:
        check_onnx(OVER_ROWS[kind])
    assert str(caught.value) == f"{BESIDE}: {kind} goes over the rows. Export the model so that it answers row by row."


@pytest.mark.parametrize(
    "content",
    [
        over_rows("ReduceMean", "x a", [made.constant("a", [1])]),
        over_rows("ReduceMean", "x a", [made.constant("a", [-1])]),
        over_rows("Softmax"),
        over_rows("Softmax", opset=11),
        over_rows("ReduceSum", noop_with_empty_axes=1),
        made.file([made.node("ReduceSum", "w", "k"), ADD], [made.constant("w", np.ones(3), np.float32)]),
        made.file([made.node("Dropout", "x", "y")]),
        made.file([made.node("Expand", "one size", "k"), ADD], [ONES, made.constant("size", [1, 2])]),
        made.file(
            [
                made.node("Shape", "x", "s"),
                made.node("Gather", "s zero", "rows", axis=0),
                made.node("Concat", "rows two", "size", axis=0),
                made.node("Expand", "one size", "k"),
                ADD,
            ],
            [ONES, made.constant("zero", [0]), made.constant("two", [2])],
        ),
    ],
    ids=[
        "mean of a row", "from behind", "softmax", "old softmax", "no axes, no sum", "sum of a constant",
        "dropout at rest", "small", "as many as rows",
    ],
)  # fmt: skip
def test_what_stays_within_a_row_passes(content):
    check_onnx(content)


@pytest.mark.parametrize("kind", ["If", "Loop", "Scan"])
def test_a_block_passes_when_it_is_asked_for(kind):
    check_onnx(made.block(kind), allow={kind})


def test_what_lies_in_a_block_is_looked_at_too():
    def change(proto):
        for item in proto.graph.node[0].attribute:
            item.g.node[0].op_type = "RandomNormalLike"

    with pytest.raises(ModelError, match=r"The model throws dice \(RandomNormalLike\)"):
        check_onnx(made.changed(made.block("If"), change), allow={"If"})


def test_a_file_beyond_the_limit_is_not_even_parsed(monkeypatch):
    monkeypatch.setattr(onnx_check, "LARGEST_FILE", 1_000_000)
    with pytest.raises(TooLargeError) as caught:
        check_onnx(b"x" * 2_000_000)
    assert str(caught.value) == "The model file has 2 MB; at most 1 MB are read."


def test_every_kind_of_model_passes(model):
    assert check_onnx(model.onnx).asks == {}


@pytest.mark.parametrize("name", ["german_credit", "diamonds", "penguins"])
def test_every_sample_model_passes(name):
    check_onnx(load_model(name).onnx)


def test_the_list_holds_nothing_that_onnx_does_not_know():
    import onnx

    known = {(schema.domain, schema.name) for schema in onnx.defs.get_all_schemas()}
    assert {(domain, name) for domain, names in ALLOWED.items() for name in names} <= known


def test_the_rows_of_a_run_are_those_of_the_runtime():
    assert ROWS == runtime.BLOCK


def test_a_constant_of_another_type_is_refused():
    def change(proto):
        proto.graph.initializer[0].data_type = TensorProto.FLOAT8E4M3FN

    with pytest.raises(ModelError, match="The model has a constant of an unusual type"):
        check_onnx(made.changed(WEIGHTS, change))


@settings(max_examples=200)
@given(data=st.data(), kind=st.sampled_from(["lightgbm", "logistic_binned", "network", "keras_three"]))
def test_no_mutation_of_a_file_escapes_as_another_error(data, kind):
    content = bytearray(package(kind).onnx)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        check_onnx(bytes(content))
    except WhysureError as error:
        assert str(error)[-1] in ".?"  # noqa: PT017 - any sentence will do, no other error may come
