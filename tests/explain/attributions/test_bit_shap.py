"""The values of a few rows without compiled loops, against those of the loops."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.attributions import bit_paths, bit_shap, choose, compile_loops, explain, warm_up
from explain.attributions.bit_shap import bit_margins, bit_values, prepare_bits
from explain.attributions.choose import FEW, build
from explain.attributions.tree_shap import prepare_tables, tree_values
from explain.attributions.trees import parse_trees
from explain.models.predict import predict
from tests.explain.attributions.test_tree_shap import MODES, as_node, random_trees, rows_on_thresholds


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    features=st.integers(1, 7),
    mode=st.sampled_from(MODES),
    past=st.sampled_from([1, 63, 64, 65, 200]),
)
def test_values_equal_those_of_the_compiled_loops_for_every_size_of_the_background(seed, features, mode, past):
    draw = np.random.default_rng(seed)
    trees = parse_trees(as_node(random_trees(draw, features, depth=6, mode=mode)), features)
    owner = [int(item) for item in draw.integers(0, max(1, features - 1), features)]
    columns = max(owner) + 1
    background, rows = rows_on_thresholds(draw, past, features), rows_on_thresholds(draw, 3, features)
    tables = prepare_tables(trees, owner, columns, background)
    values, totals = tree_values(tables, rows)
    bits = prepare_bits(trees, owner, columns, background)
    np.testing.assert_allclose(bit_values(bits, rows), values, atol=1e-12)
    np.testing.assert_allclose(bit_margins(bits, rows), totals, atol=1e-12)
    np.testing.assert_allclose(bits.base, tables.base, atol=1e-12)


@pytest.mark.parametrize("leaves", [1, 2, 5, 1_000])
@pytest.mark.parametrize(("words", "cells", "nodes", "walkers"), [(20, 1, 1, 1), (50, 2_000, 100, 400)])
def test_trees_cut_and_joined_in_any_way_give_the_same_values(monkeypatch, leaves, words, cells, nodes, walkers):
    draw = np.random.default_rng(0)
    trees = parse_trees(as_node(random_trees(draw, 5, trees=6, depth=7)), 5)
    background, rows = rows_on_thresholds(draw, 150, 5), rows_on_thresholds(draw, 4, 5)
    whole = prepare_bits(trees, [0, 1, 2, 2, 3], 4, background)
    monkeypatch.setattr(bit_paths, "LEAVES", leaves)
    for name, most in (("WORDS", words), ("CELLS", cells)):
        monkeypatch.setattr(bit_shap, f"BLOCK_{name}", most)
    monkeypatch.setattr(bit_shap, "PART_NODES", nodes)
    monkeypatch.setattr(bit_shap, "WALKERS", walkers)
    cut = prepare_bits(trees, [0, 1, 2, 2, 3], 4, background)
    np.testing.assert_allclose(cut.base, whole.base, atol=1e-14)
    np.testing.assert_allclose(bit_values(cut, rows), bit_values(whole, rows), atol=1e-14)
    np.testing.assert_allclose(bit_margins(cut, rows), bit_margins(whole, rows), atol=1e-14)


def test_a_tree_that_is_one_leaf_gives_its_value_to_the_base_alone():
    fields = random_trees(np.random.default_rng(1), 3, trees=1, depth=3)
    fields = {name: list(value) if isinstance(value, list) else value for name, value in fields.items()}
    for name, value in zip(
        [name for name in fields if name.startswith("nodes_")], (9, 0, 0, 0.0, "LEAF", 0, 0, 0), strict=True
    ):
        fields[name].append(value)
    for name, value in (("treeids", 9), ("nodeids", 0), ("ids", 0), ("weights", 4.0)):
        fields[f"target_{name}"].append(value)
    draw = np.random.default_rng(2)
    background, rows = rows_on_thresholds(draw, 30, 3), rows_on_thresholds(draw, 2, 3)
    trees = parse_trees(as_node(fields), 3)
    tables, bits = (make(trees, [0, 1, 2], 3, background) for make in (prepare_tables, prepare_bits))
    np.testing.assert_allclose(bits.base, tables.base, atol=1e-12)
    np.testing.assert_allclose(bit_values(bits, rows), tree_values(tables, rows)[0], atol=1e-12)


def test_every_kind_has_the_same_reasons_with_and_without_compiled_loops(model):
    frame = model.reference.frame.head(3)
    prediction = predict(model, frame)
    few = build(model, model.reference.frame, few=True)
    many = build(model, model.reference.frame)
    assert few.method == many.method
    found, expected = few.explain(frame, prediction), many.explain(frame, prediction)
    np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
    np.testing.assert_allclose(found.base, expected.base, atol=1e-12)


@pytest.fixture
def not_compiled(monkeypatch, tmp_path):
    """As after an installation: no mark of compiled loops, no model made ready."""
    monkeypatch.setenv("WHYSURE_HOME", str(tmp_path))
    monkeypatch.setattr(choose, "_READY", type(choose._READY)())
    monkeypatch.setattr(choose, "_FOR_FEW", type(choose._FOR_FEW)())


def test_rows_asked_for_one_after_the_other_are_got_ready_once_and_compiled_once_it_pays(
    boosting, not_compiled, monkeypatch
):
    used = []
    monkeypatch.setattr(choose, "OFTEN", 3)
    monkeypatch.setattr(choose, "prepare_bits", lambda *given: used.append(given) or prepare_bits(*given))
    asked = [explain(boosting, boosting.reference.frame.iloc[[at]]) for at in (0, 0, 0, 0)]
    assert len(used) == 1
    assert boosting in choose._READY
    for found in asked:
        np.testing.assert_allclose(found.values, asked[0].values, atol=1e-12)


def test_a_lone_row_does_not_wait_for_the_compiler_and_a_table_does(boosting, not_compiled, monkeypatch):
    used = []
    monkeypatch.setattr(choose, "prepare_bits", lambda *given: used.append(given) or prepare_bits(*given))
    explain(boosting, boosting.reference.frame.head(FEW))
    assert len(used) == 1
    explain(boosting, boosting.reference.frame.head(FEW + 1))
    assert len(used) == 1
    # the model is ready now
    explain(boosting, boosting.reference.frame.head(1))
    assert len(used) == 1


def test_compiling_leaves_a_mark_for_the_next_process(not_compiled, monkeypatch):
    assert not warm_up.compiled()
    compile_loops()
    assert warm_up.compiled()
    monkeypatch.setattr(warm_up, "version", lambda name: "another numba")
    assert not warm_up.compiled()


def test_a_home_that_cannot_be_written_to_leaves_no_mark_and_no_error(monkeypatch, tmp_path):
    file = tmp_path / "a file"
    file.touch()
    monkeypatch.setenv("WHYSURE_HOME", str(file))
    compile_loops()
    assert not warm_up.compiled()
    assert Path(file).read_bytes() == b""
