"""What is served is what was trained: every booster's scores, on thresholds, beside them, on blanks and the unseen."""

import dataclasses

import numpy as np
import onnx
import pytest

from benchmarks.in_full import play, shares_of
from explain.attributions.black_box import open_box
from explain.attributions.choose import build
from explain.attributions.graph import cut
from explain.attributions.links import logistic, scores_of
from explain.attributions.sampled import every_coalition
from explain.attributions.trees import parse_trees
from explain.errors import ModelError
from explain.models import load_model, write_package
from explain.models.boosters import write_onnx
from explain.models.boosters.forest import APART, LEAF
from explain.models.predict import predict
from explain.models.runtime import Runtime
from explain.types import Column, Schema
from tests.explain.attributions.brute_force import shapley
from tests.explain.models.boosters import JOINT, LINEAR, LINES, NAMES, leaves, packed, read, rows_of, schema_of

DOUBLE = 1e-13
"""Of the score: LightGBM and CatBoost add up in doubles, too."""
APART_NAMES = [name for name in NAMES if name not in [*JOINT, *LINEAR, *LINES]]
SINGLE = 1e-6
"""Of the largest score: XGBoost adds up in float32 (see the test of that)."""


def score(name, rows):
    ensemble, content = packed(name)
    found = Runtime(content, schema_of(name), ensemble.outputs).score(rows)
    return found[:, 1:] if ensemble.task == "binary" else found


@pytest.mark.parametrize("name", NAMES)
def test_a_package_gives_what_the_library_gives_on_every_row(name):
    rows, expected = rows_of(name)
    found = score(name, rows)
    assert found.shape == expected.shape
    scale = max(1.0, abs(expected).max()) if name.startswith("xgb") else np.maximum(1.0, abs(expected))
    with np.errstate(invalid="ignore"):  # a line goes on to infinity, two of them to no number
        apart = np.where((found == expected) | np.isnan(expected), 0.0, abs(found - expected) / scale)
    assert apart.max() <= (SINGLE if name.startswith("xgb") else DOUBLE)


def test_what_is_left_of_a_difference_to_xgboost_is_its_own_rounding():
    rows, expected = rows_of("xgb_value")
    ensemble = read("xgb_value")
    weights = ensemble.nodes.weight[leaves(ensemble, rows.to_numpy())]
    total = np.full(len(rows), np.float32(ensemble.offset[0]))
    for tree in range(weights.shape[1]):
        total += weights[:, tree].astype(np.float32)
    np.testing.assert_array_equal(total, expected[:, 0].astype(np.float32))


@pytest.mark.parametrize("name", APART_NAMES)
def test_the_trees_are_read_exactly_by_the_explanations(name):
    ensemble, content = packed(name)
    rows, schema = rows_of(name)[0], schema_of(name)
    found = cut(content, schema, rows.head(2))
    owners = [
        schema.names.index(column)
        for column in {item.name for item in onnx.load_model_from_string(content).graph.input}
    ]
    assert set(found.players) == set(owners)
    features = found.prepare(rows)
    trees = parse_trees(found.head, features.shape[1])
    margins = walk(trees, features)
    np.testing.assert_allclose(linked(ensemble, margins), score(name, rows), rtol=1e-12, atol=1e-14)


def walk(trees, features):
    at = np.tile(trees.roots, (len(features), 1))
    while (trees.feature[at] >= 0).any():
        value = np.take_along_axis(features, np.maximum(trees.feature[at], 0), axis=1)
        low = np.where(trees.closed[at], value <= trees.bound[at], value < trees.bound[at])
        for node in np.unique(at):
            if trees.members[node]:
                low[at == node] = np.isin(value[at == node], trees.members[node])
        low = np.where(np.isnan(value), trees.missing_low[at], low)
        at = np.where(trees.feature[at] < 0, at, np.where(low, trees.low[at], trees.high[at]))
    return trees.weights[at].sum(axis=1) + trees.offset


def linked(ensemble, margins):
    ways = {
        "identity": lambda m: m,
        "logistic": logistic,
        "one-vs-all": logistic,
        "softmax": lambda m: scores_of(m, "softmax"),
        "exponential": np.exp,
        "square": lambda m: m * abs(m),
        "softplus": lambda m: np.logaddexp(0, m),
    }
    return ways[ensemble.link](margins)


@pytest.mark.parametrize("name", APART_NAMES)
def test_a_package_of_a_booster_has_exact_reasons(name, tmp_path):
    ensemble, content = packed(name)
    rows = rows_of(name)[0]
    # a card holds finite numbers only
    reference = rows[np.isfinite(rows.select_dtypes("number").fillna(0)).all(axis=1)].head(150)
    details = {"task": "regression"} if ensemble.task == "regression" else {
        "outputs": [f"class {at}" for at in range(ensemble.outputs)]
    }  # fmt: skip
    columns = {column.name: {"kind": column.kind} for column in schema_of(name)}
    model = load_model(write_package(tmp_path, content, reference, columns=columns, **details))
    explainer = build(model, model.reference.frame.head(40))
    assert explainer.method == "trees"
    found = explainer.explain(model.reference.frame.head(20), predict(model, model.reference.frame.head(20)))
    scale = max(1.0, abs(model.reference_scores).max())
    assert found.gap.max() <= 1e-5 * scale


@pytest.mark.parametrize("name", LINES)
def test_reasons_of_lines_in_leaves_equal_brute_force(name, tmp_path):
    ensemble, content = packed(name)
    details = {"task": "regression"} if ensemble.task == "regression" else {
        "outputs": [f"class {at}" for at in range(ensemble.outputs)]
    }  # fmt: skip
    rows = rows_of(name)[0].head(60)
    model = load_model(write_package(tmp_path, content, rows, **details))
    past, row = model.reference.frame.head(20), model.reference.frame.iloc[[33]]
    box, design = open_box(model, past), every_coalition(len(model.schema))
    found = shares_of(design, play(box, box.prepare(row)[0], design.coalitions), len(past))
    for output in range(len(model.info.outputs)):
        expected, base = shapley(lambda frame, at=output: model.score(frame)[:, at], row, past)
        np.testing.assert_allclose(found.shares[:, output], expected, atol=1e-9 * max(1.0, abs(base)))


@pytest.mark.parametrize("name", LINEAR)
def test_a_booster_of_weights_has_exact_reasons(name, tmp_path):
    ensemble, content = packed(name)
    reference = rows_of(name)[0].head(60)
    details = {"task": "regression"} if ensemble.task == "regression" else {
        "outputs": [f"class {at}" for at in range(ensemble.outputs)]
    }  # fmt: skip
    model = load_model(write_package(tmp_path, content, reference, **details))
    explainer = build(model, model.reference.frame)
    assert explainer.method == "linear"
    rows = model.reference.frame.head(20)
    assert explainer.explain(rows, predict(model, rows)).gap.max() <= 1e-9 * max(1.0, abs(model.reference_scores).max())


def test_an_early_stopped_model_is_followed_to_its_best_iteration_and_says_so():
    ensemble = read("xgb_early")
    assert len(ensemble.nodes.roots) == 3
    (said, start) = ensemble.notes
    assert start.startswith("Predictions start from its base score, ")
    assert said.startswith("Training stopped early: the best iteration is number 2 (counted from 0), and 3 of 8 trees")


def test_the_raw_columns_are_the_inputs_as_doubles_and_texts():
    proto = onnx.load_model_from_string(packed("lgb_categories")[1])
    kinds = {item.name: item.type.tensor_type.elem_type for item in proto.graph.input}
    double, text = onnx.TensorProto.DOUBLE, onnx.TensorProto.STRING
    assert kinds == {"income": double, "age": double, "debt": double, "city": text}
    assert [item.name for item in proto.graph.output] == ["probabilities"]
    assert [item.name for item in onnx.load_model_from_string(packed("xgb_value")[1]).graph.output] == ["value"]


def test_columns_called_like_the_writers_own_names_are_no_trouble():
    rows, expected = rows_of("lgb_value")
    ensemble = read("lgb_value")
    names = {"income": "value", "age": "booster.concat_0", "debt": "booster.treeensemble_1"}
    ensemble = dataclasses.replace(ensemble, names=tuple(names[name] for name in ensemble.names))
    schema = Schema(tuple(Column(name, "number") for name in names.values()))
    found = Runtime(write_onnx(ensemble, schema), schema, 1).score(rows.rename(columns=names))
    np.testing.assert_allclose(found, expected, rtol=DOUBLE)


def test_columns_are_found_by_name_in_any_order_and_others_left_out():
    rows, expected = rows_of("xgb_binary")
    schema = Schema((Column("other", "number"), *reversed(schema_of("xgb_binary").columns)))
    found = Runtime(write_onnx(read("xgb_binary"), schema), schema, 2).score(rows.assign(other=1.0))
    np.testing.assert_allclose(found[:, 1:], expected, rtol=SINGLE)


def test_a_model_without_names_takes_columns_by_position():
    ensemble = dataclasses.replace(read("xgb_binary"), named=False, names=("f0", "f1", "f2"))
    rows, expected = rows_of("xgb_binary")
    schema = schema_of("xgb_binary")
    found = Runtime(write_onnx(ensemble, schema), schema, 2).score(rows)
    np.testing.assert_allclose(found[:, 1:], expected, rtol=SINGLE)
    with pytest.raises(ModelError, match="takes 3 columns that it has no names for, but the reference has 2"):
        write_onnx(ensemble, Schema(schema.columns[:2]))


@pytest.mark.parametrize(
    ("name", "schema", "sentence"),
    [
        ("xgb_binary", {"income": "number"}, "was trained on columns that the reference does not have: age, debt"),
        ("lgb_value", {"income": "category", "age": "number", "debt": "number"}, "compares 'income' as a number"),
        ("lgb_categories", {"income": "number", "age": "number", "debt": "number", "city": "number"}, "with names"),
    ],
)  # fmt: skip
def test_a_schema_that_does_not_fit_is_refused_with_a_sentence(name, schema, sentence):
    with pytest.raises(ModelError, match=sentence):
        write_onnx(read(name), Schema(tuple(Column(column, kind) for column, kind in schema.items())))


def test_codes_in_a_text_column_are_the_codes():
    rows, expected = rows_of("lgb_codes")
    whole = rows["kind"].isna() | (rows["kind"] == rows["kind"].round()) & (rows["kind"] >= 0)
    texts = rows[whole].assign(kind=[None if value != value else str(value) for value in rows["kind"][whole]])
    schema = Schema(
        tuple(
            Column(column.name, "category" if column.name == "kind" else "number") for column in schema_of("lgb_codes")
        )
    )
    found = Runtime(write_onnx(read("lgb_codes"), schema), schema, 3).score(texts)
    np.testing.assert_allclose(found, expected[whole], rtol=DOUBLE)


@pytest.mark.parametrize("name", ["lgb_numbered", "xgb_numbered"])
@pytest.mark.parametrize("form", ["{}", "{}.0"])
def test_numbered_categories_in_a_text_column_are_the_same_with_and_without_a_point(name, form):
    rows, expected = rows_of(name)
    texts = rows.assign(kind=[form.format(value) for value in rows["kind"]])
    schema = Schema(
        tuple(Column(column.name, "category" if column.name == "kind" else "number") for column in schema_of(name))
    )
    found = Runtime(write_onnx(read(name), schema), schema, 2).score(texts)
    np.testing.assert_allclose(found[:, 1:], expected, atol=SINGLE)


def test_codes_without_names_do_not_meet_names_in_silence():
    schema = Schema(
        tuple(
            Column(column.name, "category", categories=("Bern", "Oslo")) if column.name == "kind" else column
            for column in schema_of("lgb_codes")
        )
    )
    with pytest.raises(ModelError, match="has codes for the categories of 'kind', but not their names"):
        write_onnx(read("lgb_codes"), schema)


def test_a_model_of_leaves_alone_gives_its_base():
    ensemble, _ = packed("xgb_constant")
    assert (ensemble.nodes.feature == LEAF).all()
    rows, expected = rows_of("xgb_constant")
    np.testing.assert_allclose(score("xgb_constant", rows), expected, rtol=SINGLE)


@pytest.mark.parametrize("name", NAMES)
def test_of_classes_that_stand_apart_it_is_said_that_they_do_not_add_up(name):
    ensemble, _ = packed(name)
    assert (APART in ensemble.notes) == (ensemble.link == "one-vs-all")
