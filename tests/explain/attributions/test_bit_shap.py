"""The values of a few rows without compiled loops, against those of the loops."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.attributions import bit_shap, choose, compile_loops, explain, warm_up
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


def test_blocks_of_leaves_of_any_length_give_the_same_values(monkeypatch):
    draw = np.random.default_rng(0)
    trees = parse_trees(as_node(random_trees(draw, 5, trees=6, depth=7)), 5)
    background, rows = rows_on_thresholds(draw, 150, 5), rows_on_thresholds(draw, 4, 5)
    whole = bit_values(prepare_bits(trees, list(range(5)), 5, background), rows)
    monkeypatch.setattr(bit_shap, "BLOCK_WORDS", 20)
    np.testing.assert_allclose(bit_values(prepare_bits(trees, list(range(5)), 5, background), rows), whole, atol=1e-14)


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
