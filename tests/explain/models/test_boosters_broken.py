"""A booster file from a stranger is read, or refused with a sentence: never another error, never a hang."""

import copy
import json
import struct
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.attributions.graph import cut
from explain.attributions.trees import parse_trees
from explain.errors import ModelError
from explain.models import runtime
from explain.models.boosters import catboost_json, read_lightgbm, read_xgboost, write_onnx
from explain.models.boosters.ubjson import parse_ubjson
from tests.explain.models.boosters import NAMES, file_of, read, rows_of, schema_of

JSONS = [name for name in NAMES if file_of(name).suffix == ".json"]
OTHERS = [name for name in NAMES if file_of(name).suffix != ".json"]
LONGEST = 5.0
"""Seconds for one small file, broken in whatever way, on a busy machine."""
ODD = [None, True, -1, 0, 1, 7, 2**31, 10**30, 10**400, -0.5, 1e308, float("nan"), float("inf"), "", "x", "1", [], {},
       [[]], [None], ["x"], [1] * 3, {"a": 1}]  # fmt: skip


def outcome(name, content):
    """The sentence of a refusal, or "" for a file that is read, written and run."""
    begin = time.monotonic()
    try:
        ensemble = read(name, content)
        written = write_onnx(ensemble, schema_of(name))
    except ModelError as error:
        said = str(error)
        assert said.endswith((".", "…")), said
        assert len(said) < 700
        assert time.monotonic() - begin < LONGEST
        return said
    rows = rows_of(name)[0].head(3)
    found = cut(written, schema_of(name), rows)
    features = found.prepare(rows)
    if found.head.op_type.startswith("Tree"):  # a booster of weights has none
        parse_trees(found.head, features.shape[1])
    assert runtime.Runtime(written, schema_of(name), ensemble.outputs).score(rows).shape == (3, ensemble.outputs)
    assert time.monotonic() - begin < LONGEST
    return ""


def places(content, way=()):
    """The ways to everything inside of a JSON value."""
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, item in items:
        yield (*way, key)
        yield from places(item, (*way, key))


PARSED = {name: json.loads(file_of(name).read_bytes()) for name in JSONS}
PLACES = {name: [way for way in places(PARSED[name]) if "parameters" not in way] for name in JSONS}
SHALLOW = {name: [way for way in PLACES[name] if not isinstance(way[-1], int) or len(way) < 6] for name in JSONS}


def changed(content, way, change):
    """A copy with what lies at `way` put through `change`, taken out where that gives `...`."""
    content = copy.deepcopy(content)
    holder = content
    for key in way[:-1]:
        holder = holder[key]
    found = change(holder[way[-1]])
    if found is ...:
        del holder[way[-1]]
    else:
        holder[way[-1]] = found
    return json.dumps(content).encode()


@settings(max_examples=400)
@given(data=st.data())
def test_json_with_a_field_changed_is_read_or_refused_with_a_sentence(data):
    name = data.draw(st.sampled_from(JSONS))
    way = data.draw(st.sampled_from(SHALLOW[name]) | st.sampled_from(PLACES[name]))
    change = data.draw(
        st.sampled_from(ODD).map(lambda odd: lambda _: odd)
        | st.just(lambda _: ...)
        | st.just(lambda item: item[:-1] if isinstance(item, list | str) else ...)
        | st.just(lambda item: [*item, *item] if isinstance(item, list) else -item if type(item) is int else str(item))
    )
    outcome(name, changed(PARSED[name], way, change))


@settings(max_examples=500)
@given(data=st.data())
def test_files_with_bytes_changed_are_read_or_refused_with_a_sentence(data):
    name = data.draw(st.sampled_from(NAMES))
    content = bytearray(file_of(name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["set", "cut", "out", "in", "digit"]))
        if kind == "set":
            content[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del content[at + 1 :]
        elif kind == "out":
            del content[at : at + data.draw(st.integers(1, 40))]
        elif kind == "in":
            content[at:at] = data.draw(st.binary(max_size=9))
        else:
            content[at] = data.draw(st.sampled_from(list(b"0123456789-e.n")))
        content = content or bytearray(b" ")
    outcome(name, bytes(content))


@settings(max_examples=300)
@given(data=st.data())
def test_text_with_a_line_changed_is_read_or_refused_with_a_sentence(data):
    name = data.draw(st.sampled_from([name for name in NAMES if name.startswith("lgb")]))
    lines = file_of(name).read_text().partition("\nfeature_importances")[0].split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    key, mark, value = lines[at].partition("=")
    words = value.split(" ")
    place = data.draw(st.integers(0, len(words) - 1))
    words[place : place + 1] = data.draw(
        st.sampled_from(
            [["-1"], ["99999"], ["-99999"], ["nan"], ["inf"], ["1e400"], ["x"], [], ["0", "0"], ["2"], ["1_0"]]
        )
    )
    lines[at : at + 1] = data.draw(st.sampled_from([[f"{key}{mark}{' '.join(words)}"], [], [lines[at]] * 2]))
    outcome(name, "\n".join(lines).encode())


TREE = ("learner", "gradient_booster", "model", "trees", 0)


@pytest.mark.parametrize(
    ("way", "odd", "sentence"),
    [
        ((*TREE, "left_children", 0), 900, "tree 0 points to a node that is not among its"),
        ((*TREE, "left_children", 1), 0, "run in a circle or share a node"),
        ((*TREE, "left_children"), True, "'left_children' of trees[0] should be a list of numbers, but is a bool"),
        ((*TREE, "right_children", 0), 1, "run in a circle or share a node"),
        ((*TREE, "split_indices", 0), 3, "ask for a feature that is not among its 3"),
        ((*TREE, "split_indices", 0), "x", "'split_indices' of trees[0] should be a list of 31 numbers"),
        ((*TREE, "split_conditions", 0), float("nan"), "a threshold is not a number"),
        ((*TREE, "split_conditions", -1), float("nan"), "a leaf or the base is not a finite number"),
        ((*TREE, "split_conditions", -1), 1e300, "a leaf or the base is not a finite number"),
        ((*TREE, "default_left"), ..., "trees[0] lacks 'default_left'"),
        ((*TREE, "default_left"), [0], "should be a list of 31 numbers, but is a list of 1"),
        ((*TREE, "tree_param", "size_leaf_vector"), "3", "multi_strategy='multi_output_tree'"),
        ((*TREE[:-1],), [], "'tree_info' of model should be a list of 0 numbers"),
        (("learner", "gradient_booster", "name"), "odd", "This XGBoost model is a 'odd' booster"),
        (("learner", "gradient_booster", "name"), "gblinear", "model lacks 'weights'"),
        (("learner", "objective", "name"), "rank:ndcg", "has the objective 'rank:ndcg', whose scores are not known"),
        (("learner", "objective", "name"), "survival:cox", "the objective 'survival:cox'"),
        (("learner", "objective", "name"), "multi:softprob", "its objective does not go with its 0 classes"),
        (("learner", "learner_model_param", "base_score"), "[1.5E0]", "'base_score' should lie between 0 and 1"),
        (("learner", "learner_model_param", "base_score"), "x", "should be a number or a list of numbers in brackets"),
        (("learner", "learner_model_param", "num_target"), "2", "This XGBoost model has 2 targets"),
        (("learner", "learner_model_param", "num_feature"), "99999999", "should be a whole number from 1 to 50,000"),
        (("learner", "attributes", "best_iteration"), "99", "'best_iteration' of attributes should be a whole number"),
        (("learner", "feature_names"), ["a"], "should be a list of 3 texts, but is a list of 1"),
        (("learner",), [], "'learner' of the file should be an object, but is a list"),
    ],
)  # fmt: skip
def test_broken_xgboost_files_are_refused_with_the_reason(way, odd, sentence):
    content = copy.deepcopy(PARSED["xgb_binary"])
    assert len(content["learner"]["gradient_booster"]["model"]["trees"][0]["left_children"]) == 31
    if way[-2:] == ("attributes", "best_iteration"):
        content["learner"]["attributes"]["best_iteration"] = "1"
    assert sentence in outcome("xgb_binary", changed(content, way, lambda _: odd))


CATEGORIES = (*TREE, "categories_segments", 0)


@pytest.mark.parametrize("odd", [-1, 10**6, 2**52])
def test_sets_outside_of_the_list_of_categories_are_refused(odd):
    content = copy.deepcopy(PARSED["xgb_categories"])
    assert "sets of categories that are not among its" in outcome(
        "xgb_categories", changed(content, CATEGORIES, lambda _: odd)
    )


def test_names_of_categories_that_xgboost_cut_are_set_right_or_asked_for():
    content = file_of("xgb_categories").read_bytes()
    names = schema_of("xgb_categories")["city"].categories
    assert read_xgboost(content, {"city": names}).categories[3] == names
    with pytest.raises(ModelError, match="'city' have letters beyond ASCII, which XGBoost cuts in the wrong places"):
        read_xgboost(content)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("split_feature=", "split_feature=9", "'split_feature' of tree 0 should hold|a feature that is not among"),
        ("left_child=1 ", "left_child=0 ", "run in a circle or share a node"),
        ("left_child=1 ", "left_child=99 ", "points to a node that is not among its 23"),
        ("left_child=1 ", "left_child=-99 ", "points to a node that is not among its 23"),
        ("leaf_value=", "leaf_value=nan ", "'leaf_value' of tree 0 should hold 12 numbers, but holds 13"),
        ("num_leaves=12", "num_leaves=99999999", "'num_leaves' of tree 0 is 99,999,999, expected 1 to 2,000,000"),
        ("num_leaves=12", "num_leaves=12000", "'leaf_value' of tree 0 should hold 12,000 numbers"),
        ("decision_type=", "decision_type=64", "a decision_type that is not known"),
        ("is_linear=0", "is_linear=1", "tree 0 lacks 'num_features'"),
        ("objective=binary sigmoid:1.7", "objective=lambdarank", "has the objective 'lambdarank', whose scores"),
        ("objective=binary sigmoid:1.7", "objective=binary sigmoid:0", "the scale of its sigmoid is '0'"),
        ("objective=binary sigmoid:1.7", "objective=multiclass num_class:3", "does not go with 1 trees an iteration"),
        ("objective=binary sigmoid:1.7", "objective=binary odd", "has the option 'odd', which is not known"),
        ("objective=binary sigmoid:1.7", "objective=custom", "does not say what its scores are"),
        ("objective=binary sigmoid:1.7\n", "", "does not say what its scores are"),
        ("max_feature_idx=2", "max_feature_idx=3", "it names 3 features, but has 4"),
        ("\nend of trees", "", "up to 'end of trees'"),
        ("\nTree=3\n", "\nTreo=3\n", "it announces 12 trees, but holds 11"),
        ("tree\n", "three\n", "it should begin with 'tree'"),
        ("pandas_categorical:null", "pandas_categorical:[1]", "is not a list of lists of names"),
        ("pandas_categorical:null", 'pandas_categorical:[["a"]]', "but not which they are"),
    ],
)  # fmt: skip
def test_broken_lightgbm_files_are_refused_with_the_reason(old, new, sentence):
    text = file_of("lgb_binary").read_text()
    if "pandas_categorical:null" not in text and old.startswith("pandas"):
        text += "\npandas_categorical:null\n"
    assert old in text
    said = outcome("lgb_binary", text.replace(old, new, 1).encode())
    assert any(part in said for part in sentence.split("|")), said


def test_line_ends_of_windows_change_nothing():
    content = file_of("lgb_categories").read_bytes()
    plain, windows = read("lgb_categories", content), read("lgb_categories", content.replace(b"\n", b"\r\n"))
    assert write_onnx(plain, schema_of("lgb_categories")) == write_onnx(windows, schema_of("lgb_categories"))


def test_an_objective_of_ones_own_is_what_the_person_says():
    content = file_of("lgb_binary").read_bytes().replace(b"objective=binary sigmoid:1.7", b"objective=custom")
    assert read_lightgbm(content, objective="binary sigmoid:1.7").link == "logistic"
    assert read_lightgbm(content, objective="poisson").link == "exponential"


FLAT = ("oblivious_trees", 0)


@pytest.mark.parametrize(
    ("way", "odd", "sentence"),
    [
        ((*FLAT, "leaf_values"), [0.0], "'leaf_values' of oblivious_trees[0] should be a list of 16 numbers"),
        ((*FLAT, "leaf_values", 0), float("inf"), "a leaf or the base is not a finite number"),
        ((*FLAT, "splits", 0, "split_type"), "Odd", "has splits of the kind 'Odd', which are not read"),
        ((*FLAT, "splits", 0, "split_type"), "OnlineCtr", "a split asks for a CTR that it does not have"),
        ((*FLAT, "splits"), [{}] * 17, "should be a list of at most 16 objects"),
        (("scale_and_bias",), [1, []], "its scale and its 0 biases do not go with its loss"),
        (("scale_and_bias",), [1, [0, 0]], "its scale and its 2 biases do not go with its loss"),
        (("features_info", "ctrs"), [1], "'ctrs' of features_info should be a list of at most 20,000 objects"),
        (("features_info", "ctrs"), [{}], "it has CTRs but no table for them"),
        (("features_info", "text_features"), [1], "has columns of text, which are not read"),
        (("features_info", "float_features", 0, "nan_value_treatment"), "Odd", "one of AsIs, AsFalse, AsTrue"),
        (("features_info", "float_features", 0, "flat_feature_index"), 9, "not counted one after the other"),
        (("model_info", "params", "loss_function", "type"), "YetiRank", "has the loss 'YetiRank', whose"),
        (("oblivious_trees",), [], "This booster has no trees"),
    ],
)  # fmt: skip
def test_broken_catboost_files_are_refused_with_the_reason(way, odd, sentence):
    content = copy.deepcopy(PARSED["cat_binary"])
    params = content["model_info"]["params"]
    content["model_info"]["params"] = json.loads(params) if isinstance(params, str) else params
    content["features_info"] |= {"ctrs": None, "text_features": None}
    assert sentence in outcome("cat_binary", changed(content, way, lambda _: odd))


def test_trees_too_deep_for_onnx_runtime_are_refused():
    deep = {"value": 1.0}
    info = PARSED["cat_free"]
    split = info["trees"][0]["split"]
    for _ in range(450):
        deep = {"split": split, "left": deep, "right": {"value": 0.0}}
    assert outcome("cat_free", json.dumps(info | {"trees": [deep]}).encode()) == ""
    nested = b'{"left":' * 100_000 + b"0" + b"}" * 100_000
    assert "is not JSON" in outcome("cat_free", nested)


def test_a_long_chain_of_nodes_is_refused_before_onnx_runtime_sees_it():
    count = 20_001
    text = file_of("lgb_value").read_text()
    head = text.partition("\nTree=0")[0].split("\n")
    inner = range(count - 1)
    tree = {
        "num_leaves": count, "num_cat": 0, "split_feature": "0 " * (count - 1), "threshold": "1 " * (count - 1),
        "decision_type": "2 " * (count - 1), "left_child": " ".join(str(~at) for at in inner),
        "right_child": " ".join(str(at + 1 if at + 2 < count else ~(count - 1)) for at in inner),
        "leaf_value": "1 " * count,
    }  # fmt: skip
    lines = [line if not line.startswith("tree_sizes") else "tree_sizes=1" for line in head]
    made = "\n".join([*lines, "", "Tree=0", *(f"{key}={value}" for key, value in tree.items()), "", "end of trees"])
    assert "are more than 2,000 steps deep" in outcome("lgb_value", made.encode())


def length(count):
    return b"L" + struct.pack(">q", count)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is not JSON"),
        (b"{", "byte 1 announces 1 bytes, but 0 are left"),
        (b"[]", "it is JSON, but not an object"),
        (b"{" + length(1) + b"a" + b"[$d#" + length(2**40), "announces 4,398,046,511,104 bytes"),
        (b"{" + length(1) + b"a" + b"[$d#" + length(-1), "announces a length of -1"),
        (b"{" + length(1) + b"a" + b"[$Z#" + length(2**40), "is of a kind without content"),
        (b"{" + length(1) + b"a" + b"[#" + length(2**40), "items, but 0 bytes are left"),
        (b"{" + length(2**62) + b"a", "announces 4,611,686,018,427,387,904 bytes"),
        (b"{" + length(1) + b"a" + b"[" * 5000, "nested more than 32 deep"),
        (b"{" + length(1) + b"\xffZ}", "is not UTF-8"),
        (b"{" + length(1) + b"aH", "is not the beginning of a value"),
        (b"{" + length(1) + b"a" + b"[$d]", "has a kind but no length"),
        (b"{#" + length(0), "the file lacks 'learner'"),
    ],
)  # fmt: skip
def test_ubjson_that_lies_about_sizes_is_refused(content, sentence):
    with pytest.raises(ModelError, match=sentence):
        read_xgboost(content)


def test_every_kind_of_ubjson_value_is_read():
    def key(name):
        return b"i" + bytes([len(name)]) + name

    content = (
        b"{" + key(b"a") + b"i\xff" + key(b"b") + b"U\xff" + key(b"c") + b"I\x01\x00" + key(b"d") + b"l\x00\x01\x00\x00"
        + key(b"e") + b"d" + struct.pack(">f", 0.5) + key(b"f") + b"D" + struct.pack(">d", 0.1) + key(b"g") + b"T"
        + key(b"h") + b"Z" + key(b"i") + b"Cx" + key(b"j") + b"Si\x02hi" + key(b"k") + b"[$I#U\x02\x00\x01\x00\x02"
        + key(b"l") + b"[TNF]" + key(b"m") + b"{$i#i\x01" + key(b"n") + b"\x05"
        + key(b"o") + b"[#i\x02i\x01i\x02" + b"}"
    )  # fmt: skip
    found = parse_ubjson(content, "XGBoost")
    assert found.pop("k").tolist() == [1, 2]
    assert found == {
        "a": -1, "b": 255, "c": 256, "d": 65536, "e": 0.5, "f": 0.1, "g": True, "h": None, "i": "x", "j": "hi",
        "l": [True, False], "m": {"n": 5}, "o": [1, 2],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "head", "sentence"),
    [("xgb_binary", b"binf", "XGBoost's old binary format"), ("cat_binary", b"CBM1", "CatBoost's binary format")],
)
def test_binary_formats_are_refused_with_the_way_out(name, head, sentence):
    said = outcome(name, head + b"\0" * 100)
    assert sentence in said
    assert "save" in said


def test_without_catboost_its_binary_file_asks_for_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "catboost", None)
    with pytest.raises(ModelError, match="is not installed. Install it with: pip install catboost - or save the model"):
        catboost_json(b"CBM1")


def test_all_numbers_of_a_file_reach_the_arrays_as_they_are():
    tree = PARSED["xgb_binary"]["learner"]["gradient_booster"]["model"]["trees"][0]
    nodes = read("xgb_binary").nodes
    inner = [at for at, child in enumerate(tree["left_children"]) if child >= 0]
    np.testing.assert_array_equal(nodes.bound[inner], np.float32(np.array(tree["split_conditions"])[inner]))
