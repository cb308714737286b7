"""Categories that CatBoost counts outcomes by: one or several columns, blanks, unknown words, broken tables."""

import copy
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.in_full import play, shares_of
from explain.attributions.black_box import open_box
from explain.attributions.choose import build
from explain.attributions.graph import cut, hoist
from explain.attributions.sampled import every_coalition
from explain.errors import ModelError
from explain.models import load_model, write_package
from explain.models.boosters.ctr import NEVER
from explain.models.predict import predict
from explain.models.runtime import Runtime
from explain.models.sources.booster import open_booster
from explain.types import Column, Schema
from tests.explain.attributions.brute_force import shapley
from tests.explain.models.boosters import JOINT, NAMES, file_of, packed, read, rows_of, schema_of

SINGLE = [name for name in NAMES if name.startswith("cat_ctr")]


def package(name, folder):
    rows, schema = rows_of(name)[0], schema_of(name)
    rows = rows[np.isfinite(rows.select_dtypes("number").fillna(0)).all(axis=1)].head(60)
    ensemble, content = packed(name)
    details = {"task": "regression"} if ensemble.task == "regression" else {
        "outputs": [f"class {at}" for at in range(ensemble.outputs)]
    }  # fmt: skip
    columns = {column.name: {"kind": column.kind} for column in schema}
    return load_model(write_package(folder, content, rows, columns=columns, **details))


@pytest.mark.parametrize("name", SINGLE)
def test_reasons_of_single_categories_equal_brute_force(name, tmp_path):
    model = package(name, tmp_path)
    past = model.reference.frame.head(25)
    head = build(model, past).head
    rows = model.reference.frame.iloc[[30, 41]]
    values, base = head.margins(rows)[0], head.base
    for row in range(len(rows)):
        for margin in range(values.shape[2]):
            expected, start = shapley(lambda frame, at=margin: head.margins(frame)[1][:, at], rows.iloc[[row]], past)
            np.testing.assert_allclose(values[row, :, margin], expected, atol=1e-9)
            assert base[margin] == pytest.approx(start, abs=1e-9)


@pytest.mark.parametrize("name", JOINT)
def test_reasons_of_several_categories_together_equal_brute_force(name, tmp_path):
    model = package(name, tmp_path)
    past, row = model.reference.frame.head(20), model.reference.frame.iloc[[31]]
    assert cut(model.onnx, model.schema, past.head(2)).players is None
    box, design = open_box(model, past), every_coalition(len(model.schema))
    found = shares_of(design, play(box, box.prepare(row)[0], design.coalitions), len(past))
    for output in range(len(model.info.outputs)):
        expected, _ = shapley(lambda frame, at=output: model.score(frame)[:, at], row, past)
        np.testing.assert_allclose(found.shares[:, output], expected, atol=1e-12)
    explained = build(model, past).explain(row, predict(model, row))
    assert explained.gap.max() < 1e-9


@pytest.mark.parametrize("name", JOINT)
def test_what_hangs_on_one_column_alone_is_worked_out_once_a_row(name):
    ensemble, content = packed(name)
    found = hoist(content, schema_of(name), ensemble.outputs, rows_of(name)[0].head(2))
    assert set(found.owner) == {0, 1, 2, 3, 4}


def test_a_blank_is_the_word_that_it_was_in_training_and_that_is_said():
    ensemble = read("cat_ctr_blank")
    assert ensemble.blanks == {3: "nan"}
    assert ensemble.notes == ("A blank in 'city' is taken as 'nan', which is what the model met in training.",)
    rows = rows_of("cat_ctr_blank")[0].head(30)
    scores = Runtime(packed("cat_ctr_blank")[1], schema_of("cat_ctr_blank"), 2).score
    unseen = scores(rows.assign(city="never met"))
    assert (scores(rows.assign(city=None)) != unseen).any()
    assert read("cat_ctr").blanks == {}


def test_a_category_that_the_file_does_not_know_is_taken_as_never_met():
    rows = rows_of("cat_ctr")[0].head(30)
    scores = Runtime(packed("cat_ctr")[1], schema_of("cat_ctr"), 2).score
    np.testing.assert_array_equal(scores(rows.assign(city="Atlantis")), scores(rows.assign(city="never met")))


def test_a_number_that_the_model_knows_as_a_category_is_asked_to_be_one():
    from explain.models.boosters import write_onnx

    columns = [Column(name=column.name, kind="number") if column.name == "kind" else column
               for column in schema_of("cat_ctr")]  # fmt: skip
    with pytest.raises(ModelError, match="knows 'kind' as a category with names, but it is a number here"):
        write_onnx(read("cat_ctr"), Schema(tuple(columns)))


def test_means_in_json_are_refused_as_catboost_itself_cannot_read_them():
    from explain.models.boosters import catboost_json

    content = catboost_json(file_of("cat_ctr_means").read_bytes())
    with pytest.raises(ModelError, match=r"does not read the means .* Save the model with save_model\('model.cbm'\)"):
        open_booster("catboost", content, rows_of("cat_ctr_means")[0])


@given(st.integers(-(2**31), 2**31 - 1))
def test_every_hash_is_found_or_never_met(hashed):
    ctr = next(ctr for ctr in read("cat_ctr").ctrs if ctr.alone)
    assert ctr.of(hashed) is None or ctr.of(hashed) in ctr.values
    assert abs(hashed) < NEVER


TABLE = ("ctr_data", 0)
CTR = ("features_info", "ctrs", 0)


def broken(way, odd):
    """The joint model with one entry put in another's place; `...` takes it out. 0 is the first table."""
    content = copy.deepcopy(json.loads(file_of("cat_joint").read_bytes()))
    holder = content
    for key in way[:-1]:
        holder = holder[next(iter(holder))] if isinstance(holder, dict) and key == 0 else holder[key]
    if odd is ...:
        del holder[way[-1]]
    else:
        holder[way[-1]] = odd
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("way", "odd", "sentence"),
    [
        (("ctr_data",), ..., "it has CTRs but no table for them"),
        ((*CTR, "identifier"), "none", "ctr_data lacks 'none'"),
        ((*CTR, "ctr_type"), "Odd", "has CTRs of the kind 'Odd', which are not read"),
        ((*CTR, "target_border_idx"), 7, "a table of Borders has 2 counts a row"),
        ((*CTR, "ctr_type"), "Counter", ""),
        ((*CTR, "prior_denomerator"), "many", "should be a list of 1 numbers"),
        ((*CTR, "scale"), 1e39, "a CTR is not a finite number"),
        ((*CTR, "borders"), [], "a split asks for a CTR that it does not have"),
        ((*CTR, "elements"), [], "a CTR is made of no category"),
        ((*CTR, "elements"), [{}] * 65, "should be a list of at most 64 objects"),
        ((*CTR, "elements"), [{"combination_element": "odd", "cat_feature_index": 0}], "a CTR is made of 'odd'"),
        ((*CTR, "elements"), [{"combination_element": "cat_feature_value", "cat_feature_index": 9}],
         "a CTR asks for the feature 9, which it does not have"),
        ((*TABLE, "hash_stride"), 1, "'hash_stride' of"),
        ((*TABLE, "hash_stride"), 2000, "'hash_stride' of"),
        ((*TABLE, "hash_map"), ["1", 2], "a list in parts of 3"),
        ((*TABLE, "hash_map"), ["x", 2, 3], "a list with whole numbers as keys"),
        ((*TABLE, "hash_map"), [str(2**64), 2, 3], "a list with keys of 64 bits"),
        ((*TABLE, "hash_map"), ["9" * 5000, 2, 3], "a list with whole numbers as keys"),
        ((*TABLE, "hash_map"), ["1", "2", 3], "should be a list of 1 numbers"),
        ((*TABLE, "hash_map"), [], ""),
        ((*TABLE, "counter_denominator"), -1, "'counter_denominator' of"),
    ],
)  # fmt: skip
def test_a_broken_table_is_refused_with_the_reason(way, odd, sentence):
    from explain.models.boosters import write_onnx

    content = broken(way, odd)
    if sentence:
        with pytest.raises(ModelError) as found:
            read("cat_joint", content)
        assert sentence in str(found.value)
    else:
        Runtime(write_onnx(read("cat_joint", content), schema_of("cat_joint")), schema_of("cat_joint"), 2).score(
            rows_of("cat_joint")[0].head(3)
        )
