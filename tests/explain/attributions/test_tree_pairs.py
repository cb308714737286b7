"""What pairs of columns do together, against brute force over all coalitions."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.attributions import tree_pairs as module
from explain.attributions.tree_pairs import prepare_pairs, tree_pairs
from explain.attributions.tree_shap import prepare_tables, tree_values
from explain.attributions.trees import parse_trees
from tests.explain.attributions.test_tree_shap import as_node, random_trees, rows_on_thresholds


def made(seed, features=5, past=20, **shape):
    draw = np.random.default_rng(seed)
    trees = parse_trees(as_node(random_trees(draw, features, **shape)), features)
    return draw, trees, rows_on_thresholds(draw, past, features)


def interactions_by_hand(trees, background, row, owner, columns):
    """The Shapley interaction index of every pair by its definition: a weighted sum over all coalitions."""
    tables = prepare_tables(trees, owner, columns, background)
    worth = {}
    for size in range(columns + 1):
        for known in combinations(range(columns), size):
            mine = np.isin(owner, known)
            worth[frozenset(known)] = tree_values(tables, np.where(mine, row, background))[1][:, 0].mean()
    found = np.zeros((columns, columns))
    for i, j in combinations(range(columns), 2):
        others = [at for at in range(columns) if at not in {i, j}]
        for size in range(len(others) + 1):
            weight = factorial(size) * factorial(columns - size - 2) / factorial(columns - 1)
            for known in combinations(others, size):
                base = frozenset(known)
                together = worth[base | {i, j}] - worth[base | {i}] - worth[base | {j}] + worth[base]
                found[i, j] += weight * together
    return found + found.T


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), features=st.integers(2, 5))
def test_pairs_equal_brute_force_when_features_share_a_column(seed, features):
    draw, trees, background = made(seed, features)
    owner = [int(item) for item in draw.integers(0, max(1, features - 1), features)]
    columns = max(owner) + 1
    rows = rows_on_thresholds(draw, 2, features)
    found = tree_pairs(prepare_pairs(trees, owner, columns, background), rows)[:, :, :, 0]
    off = ~np.eye(columns, dtype=bool)
    for at, row in enumerate(rows):
        expected = interactions_by_hand(trees, background, row, owner, columns) / 2
        np.testing.assert_allclose(found[at][off], expected[off], atol=1e-10)


def test_each_row_of_the_matrix_adds_up_to_the_columns_share():
    _, trees, rows = made(3, features=8, past=300, trees=6, depth=7)
    found = tree_pairs(prepare_pairs(trees, list(range(8)), 8, rows), rows[:40])
    shares = tree_values(prepare_tables(trees, list(range(8)), 8, rows), rows[:40])[0]
    np.testing.assert_allclose(found.sum(axis=2), shares, atol=1e-11)
    np.testing.assert_array_equal(found, np.swapaxes(found, 1, 2))


@pytest.mark.parametrize("most", [0, 4])
def test_leaves_worked_out_one_by_one_and_all_at_once_give_the_same(monkeypatch, most):
    _, trees, rows = made(5, features=7, past=200, trees=4, depth=7)
    ready = prepare_pairs(trees, list(range(7)), 7, rows)
    usual = tree_pairs(ready, rows)
    few = np.concatenate([tree_pairs(ready, rows[at : at + 1]) for at in range(20)])
    np.testing.assert_allclose(few, usual[:20], atol=1e-12)
    monkeypatch.setattr(module, "MOST_CELLS", 16 * 49 * (most + 1))
    np.testing.assert_allclose(tree_pairs(ready, rows), usual, atol=1e-12)


def test_an_additive_model_has_no_pairs():
    draw = np.random.default_rng(0)
    trees = parse_trees(as_node(random_trees(draw, 4, trees=9, depth=1)), 4)
    rows = rows_on_thresholds(draw, 60, 4)
    found = tree_pairs(prepare_pairs(trees, [0, 1, 2, 3], 4, rows), rows)[:, :, :, 0]
    assert (found[:, ~np.eye(4, dtype=bool)] == 0).all()
    assert np.abs(found).max() > 0.1
