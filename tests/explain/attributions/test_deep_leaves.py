"""Leaves whose tables are made in passing: the same values as of rows met one by one; sizes given up in time."""

import numpy as np
import pytest

from explain.attributions import tree_shap
from explain.attributions.tree_layout import _Builder, lay_out
from explain.attributions.tree_shap import tree_values
from explain.attributions.trees import parse_trees
from tests.explain.attributions.test_tree_shap import as_node, many_trees, random_trees


@pytest.mark.parametrize("most", [13, 3])
def test_deep_leaves_give_a_few_rows_what_passing_tables_give_many_to_the_bit(monkeypatch, most):
    monkeypatch.setattr(tree_shap, "SIZES", ((0, 0),))
    deep, rows = many_trees(np.random.default_rng(8), 9, 400, trees=5, depth=9)
    values, margins = tree_values(deep, rows)
    assert np.abs(values).max() > 0.1
    for few in (rows[:1], rows[:most]):
        found = tree_values(deep, few)
        np.testing.assert_array_equal(found[0], values[: len(few)])
        np.testing.assert_array_equal(found[1], margins[: len(few)])


def test_rows_cut_into_several_blocks_have_the_same_values(monkeypatch):
    monkeypatch.setattr(tree_shap, "SIZES", ((0, 0),))
    deep, rows = many_trees(np.random.default_rng(9), 6, 300, trees=4, depth=6)
    whole = tree_values(deep, rows)[0]
    monkeypatch.setattr(tree_shap, "DEEP_ROWS", 100)
    np.testing.assert_array_equal(tree_values(deep, rows)[0], whole)


def test_a_forest_that_cannot_fit_gives_up_a_size_after_a_few_trees(monkeypatch):
    draw = np.random.default_rng(4)
    usual = lay_out(parse_trees(as_node(random_trees(draw, 7, trees=40, depth=6)), 7), list(range(7)), 7, (6, 6), 10**9)
    walked = []
    walk = _Builder._tree
    monkeypatch.setattr(_Builder, "_tree", lambda self, *given: walked.append(1) or walk(self, *given))
    trees = parse_trees(as_node(random_trees(np.random.default_rng(4), 7, trees=40, depth=6)), 7)
    assert lay_out(trees, list(range(7)), 7, (6, 6), usual.cells // 2) is None
    assert len(walked) < 20
