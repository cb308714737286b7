"""Keras files: every network of the fixtures predicts what Keras predicted, and what is no plain layer is refused."""

import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from benchmarks.in_full import play, shares_of
from explain.adding.choices import Choices
from explain.adding.draft import draft, proof
from explain.attributions.black_box import open_box
from explain.attributions.sampled import every_coalition
from explain.errors import ModelError, WhysureError
from explain.models import load_model, write_package
from explain.models.card import propose_schema
from explain.models.runtime import Runtime
from explain.models.sources.open import open_source
from tests.explain.attributions.brute_force import shapley

FIXTURES = Path(__file__).parents[2] / "fixtures" / "keras"
NAMES = sorted(path.parent.name for path in FIXTURES.glob("*/model.keras"))
SINGLE = 2e-6
"""Keras adds up in float32."""


def content_of(name):
    return (FIXTURES / name / "model.keras").read_bytes()


def rows_of(name):
    rows = pd.read_parquet(FIXTURES / name / "rows.parquet")
    return rows, pd.read_parquet(FIXTURES / name / "scores.parquet").to_numpy()


def schema_of(source, rows):
    return propose_schema(rows, {name: {"kind": kind} for name, kind in source.facts.kinds.items()})


@pytest.mark.parametrize("name", NAMES)
def test_a_package_gives_what_keras_gives(name):
    rows, expected = rows_of(name)
    source = open_source(content_of(name), rows)
    schema = schema_of(source, rows)
    found = Runtime(source.to_onnx(schema), schema, source.facts.outputs).score(rows)
    if name == "logits":
        risen = np.exp(expected - expected.max(axis=1, keepdims=True))
        expected = risen / risen.sum(axis=1, keepdims=True)
    found = found[:, 1:] if expected.shape[1] == 1 and found.shape[1] == 2 else found
    np.testing.assert_allclose(found, expected, atol=SINGLE, rtol=SINGLE)


def test_files_say_what_they_predict():
    told = {name: open_source(content_of(name), rows_of(name)[0]).facts for name in NAMES}
    assert {name: (facts.task, facts.outputs) for name, facts in told.items()} == {
        "columns": ("binary", 2), "flags": ("regression", 1), "logits": ("multiclass", 3), "matrices": ("binary", 2),
        "three": ("multiclass", 3), "two": ("binary", 2), "value": ("regression", 1),
    }  # fmt: skip
    assert told["columns"].kinds == {"age": "number", "income": "number", "code": "number", "town": "category"}
    assert told["matrices"].features == told["two"].features == ()
    assert told["logits"].notes == ("It was trained with logits; the link that its loss takes was put behind them.",)


def test_a_word_that_is_not_known_has_the_place_for_such_and_a_code_beyond_all_gets_no_answer():
    rows, _ = rows_of("columns")
    source = open_source(content_of("columns"), rows)
    schema = schema_of(source, rows)
    score = Runtime(source.to_onnx(schema), schema, 2).score
    unknown = score(rows.assign(town="Atlantis"))
    assert np.isfinite(unknown).all()
    np.testing.assert_array_equal(unknown, score(rows.assign(town=None)))
    both, _ = rows_of("matrices")
    source = open_source(content_of("matrices"), both)
    schema = schema_of(source, both)
    beyond = Runtime(source.to_onnx(schema), schema, 2).score(both.assign(code=[90, -1, np.nan, *both["code"][3:]]))
    assert np.isnan(beyond[:3]).all()
    assert np.isfinite(beyond[3:]).all()


def test_reasons_equal_brute_force(tmp_path):
    rows, _ = rows_of("columns")
    source = open_source(content_of("columns"), rows)
    schema = schema_of(source, rows)
    columns = {column.name: {"kind": column.kind} for column in schema}
    model = load_model(write_package(tmp_path, source.to_onnx(schema), rows, columns=columns, outputs=["no", "yes"]))
    past, row = model.reference.frame.head(25), model.reference.frame.iloc[[40]]
    box, design = open_box(model, past), every_coalition(4)
    found = shares_of(design, play(box, box.prepare(row)[0], design.coalitions), 25)
    expected, _ = shapley(lambda frame: model.score(frame)[:, 1], row, past)
    np.testing.assert_allclose(found.shares[:, 1], expected, atol=1e-9)


def test_without_keras_the_proof_says_so_and_expected_predictions_prove_it():
    rows, scores = rows_of("two")
    rows = rows.assign(expected=scores[:, 0], outcome=np.where(scores[:, 0] > 0.4, "late", "early"))
    own = rows.drop(columns="expected")
    found = proof(draft(open_source(content_of("two"), own), own, Choices(target="outcome", outputs=("early", "late"))))
    if found.verdict == "unproven":
        assert found.why.startswith("Keras is not installed here with TensorFlow, PyTorch or JAX")
    choices = Choices(target="outcome", outputs=("early", "late"), expected="expected")
    assert proof(draft(open_source(content_of("two"), rows), rows, choices)).verdict == "same"


def changed(name, change, files=None):
    """The file with its configuration put through `change`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content_of(name))) as old, zipfile.ZipFile(stream, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            if member == "config.json":
                config = json.loads(data)
                change(config)
                data = json.dumps(config).encode()
            new.writestr(member, (files or {}).get(member, data))
    return stream.getvalue()


def layers_of(config):
    return {item["config"]["name"]: item for item in config["config"]["layers"]}


def into(name, **entries):
    """Change entries of a layer; those of its settings have a double underline in front."""

    def change(config):
        layer = layers_of(config)[name]
        for key, value in entries.items():
            (layer["config"] if key.startswith("__") else layer)[key.removeprefix("__")] = value

    return change


def without(key):
    return lambda config: config["config"].pop(key)


REFUSED = {
    "lambda": ("two", into("dropout", class_name="Lambda"), r"\(Lambda\) holds Python code, which is never run here"),
    "convolution": ("two", into("dropout", class_name="Conv1D"), r"\(Conv1D\) is of a kind that is not read here"),
    "custom": ("two", into("dropout", class_name="MyLayer", module="mine"), r"\(MyLayer\) is of a kind that is not"),
    "function": ("two", into("leaky_re_lu", class_name="Activation", __activation={"class_name": "function"}),
                 "has the activation .*, which is not read here"),
    "odd activation": ("value", into("dense_16", __activation="hard_sigmoid"), 'has the activation "hard_sigmoid"'),
    "axis": ("two", into("batch_normalization", __axis=0), "works along the axis 0"),
    "subclass": ("two", lambda config: config.update(class_name="Mine"), "a model of a class of its own"),
    "no layers": ("two", without("layers"), "its configuration is malformed"),
    "too many": ("two", lambda config: config["config"].update(layers=[{}] * 2001), "at most 2,000 layers"),
    "circle": ("columns", lambda config: layers_of(config)["flatten"]["inbound_nodes"].__setitem__(
        0, layers_of(config)["out"]["inbound_nodes"][0]), "run in a circle"),
    "twice": ("columns", lambda config: layers_of(config)["flatten"]["inbound_nodes"].extend(
        layers_of(config)["flatten"]["inbound_nodes"]), "is used more than once"),
    "two outputs": ("columns", lambda config: config["config"].update(output_layers=[["out", 0, 0], ["add", 0, 0]]),
                    "has 2 outputs"),
    "picture": ("two", lambda config: config["config"]["layers"][0]["config"].update(batch_shape=[None, 28, 28]),
                "takes something else than columns"),
    "any width": ("two", lambda config: config["config"]["layers"][0]["config"].update(batch_shape=[None, None]),
                  "does not say how many columns it takes"),
    "other shape": ("two", into("dense", __units=9), "missing or of another shape"),
    "huge": ("two", into("leaky_re_lu", __negative_slope=1e99), "should have a number as 'negative_slope'"),
    "no number": ("two", into("leaky_re_lu", __negative_slope="x"), "should have a number as 'negative_slope'"),
    "sigmoids": ("three", into("dense_14", __activation="sigmoid"), ""),
    "no softmax": ("three", into("softmax", class_name="ReLU"), "ends in 3 numbers .numbers without a softmax."),
    "words twice": ("columns", into("string_lookup", __vocabulary=["a", "a"]), "has no words, or one twice"),
    "many unknown": ("columns", into("string_lookup", __num_oov_indices=3), "knows several places for what it does"),
    "tf idf": ("columns", into("string_lookup", __output_mode="tf_idf"), 'gives "tf_idf"'),
}  # fmt: skip


@pytest.mark.parametrize("case", [case for case in REFUSED if REFUSED[case][2]])
def test_what_is_no_plain_layer_is_refused_by_name(case):
    name, change, said = REFUSED[case]
    with pytest.raises(ModelError, match=said):
        open_source(changed(name, change), rows_of(name)[0])


def weights(fill):
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        fill(file)
    return stream.getvalue()


HOSTILE = {
    "no weights": b"",
    "noise": b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 20,
    "cut off": None,
    "a link to another file": weights(lambda file: file.update({"layers": h5py.ExternalLink("/etc/passwd", "/")})),
    "a soft link in a circle": weights(lambda file: file.update({"layers": h5py.SoftLink("/layers")})),
    "rows of another file": weights(lambda file: file.create_dataset(
        "layers/dense/vars/0", (3, 8), "f4", external=[("/etc/passwd", 0, 96)])),
    "texts": weights(lambda file: file.create_dataset("layers/dense/vars/0", data=b"x" * 100)),
    "a bomb": weights(lambda file: file.create_dataset(
        "layers/dense/vars/0", (10**6, 10**5), "f4", chunks=(1000, 1000), compression="gzip")),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_weights_that_are_none_are_refused_with_a_sentence(name):
    content = HOSTILE[name]
    if content is None:
        with zipfile.ZipFile(io.BytesIO(content_of("two"))) as file:
            content = file.read("model.weights.h5")[:9000]
    with pytest.raises(WhysureError) as found:
        open_source(changed("two", lambda _: None, {"model.weights.h5": content}), rows_of("two")[0])
    assert str(found.value).endswith(".")
