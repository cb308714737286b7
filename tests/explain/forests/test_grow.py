"""Trees cut where they explain most, whatever road finds the place; forests foretell as well as scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.metrics import roc_auc_score

from explain import parallel
from explain.forests.grow import FEW
from explain.forests.learn import Growth, Known, averaged, boosted, coded, grow_tree, grown

ALL = 1 << 30


def squared_error(values, weights):
    """What is left of the squared error of rows around their mean."""
    if not len(values):
        return 0.0
    mean = values.sum(axis=0) / weights.sum()
    return float((weights[:, None] * (values / weights[:, None] - mean) ** 2).sum())


def gini(labels, classes):
    shares = np.bincount(labels, minlength=classes) / max(len(labels), 1)
    return len(labels) * (1 - float((shares**2).sum()))


def best_by_hand(rows, loss, least):
    """The least loss that one cut of one column leaves, with blanks on either side."""
    found = np.inf
    for column in rows.T:
        blank = np.isnan(column)
        for place in np.unique(column[~blank]):
            for low in (column <= place, (column <= place) | blank):
                if min(low.sum(), (~low).sum()) >= least:
                    found = min(found, loss(low) + loss(~low))
    return found


def sides_of(tree, rows):
    cells = rows[:, tree.feature[0]]
    return np.where(np.isnan(cells), tree.blank_low[0], cells <= tree.threshold[0])


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    count=st.sampled_from([5, 20, FEW - 1, FEW + 1, 90]),
    different=st.sampled_from([2, 5, 1000]),
    blanks=st.sampled_from([0.0, 0.2, 0.9]),
    classes=st.sampled_from([0, 2, 4]),
    least=st.sampled_from([1, 3]),
)
def test_the_first_cut_is_the_best_there_is(seed, count, different, blanks, classes, least):
    draw = np.random.default_rng(seed)
    rows = draw.integers(0, different, (count, 3)).astype(np.float32)
    rows[draw.random(rows.shape) < blanks] = np.nan
    weights = draw.uniform(0.5, 2, count) if not classes else np.ones(count)
    labels = draw.integers(0, max(classes, 1), count)
    values = labels[:, None].astype(float) if classes else draw.normal(size=(count, 2))

    def loss(own):
        return gini(labels[own], classes) if classes else squared_error(values[own], weights[own])

    known = Known(values, weights, classes)
    tree = grow_tree(coded(rows), known, np.arange(count), Growth(least, tried=3, most=2), seed)
    everything = np.ones(count, dtype=bool)
    best, whole = best_by_hand(rows, loss, least), loss(everything)
    if len(tree.feature) == 1:
        assert best >= whole * (1 - 1e-9) - 1e-9
    else:
        low = sides_of(tree, rows)
        assert min(low.sum(), (~low).sum()) >= least
        assert loss(low) + loss(~low) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("random", [False, True])
@pytest.mark.parametrize("blanks", [0.0, 0.3])
def test_a_tree_without_limits_knows_every_row_that_differs(random, blanks):
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(300, 4)).astype(np.float32)
    rows[:, 1:][draw.random((300, 3)) < blanks] = np.nan
    values = draw.normal(size=(300, 2))
    tree = grow_tree(coded(rows), Known(values, np.ones(300)), np.arange(300), Growth(1, 4, random=random), 0)
    # codes are bytes: of 300 values some share one
    assert len(tree.answers) > 250
    np.testing.assert_allclose(np.corrcoef(averaged([tree])(rows)[:, 0], values[:, 0])[0, 1], 1, atol=0.05)


def test_a_tree_stops_at_its_most_leaves_and_gives_the_rows_of_each():
    draw = np.random.default_rng(1)
    rows, values = draw.normal(size=(500, 3)).astype(np.float32), draw.normal(size=(500, 1))
    order = np.arange(500)
    tree = grow_tree(coded(rows), Known(values, np.ones(500)), order, Growth(20, 3, most=8), 0)
    assert len(tree.answers) == 8
    assert sorted(order) == list(range(500))
    assert min(tree.spans[:, 1] - tree.spans[:, 0]) >= 20
    for (first, last), answer in zip(tree.spans, tree.answers, strict=True):
        own = order[first:last]
        np.testing.assert_allclose(values[own].mean(axis=0), answer)
        np.testing.assert_allclose(averaged([tree])(rows[own])[:, 0], answer[0], rtol=1e-6)


def test_the_same_rows_grow_the_same_forest_on_any_number_of_threads(monkeypatch):
    draw = np.random.default_rng(2)
    rows, values = draw.normal(size=(400, 5)).astype(np.float32), draw.normal(size=(400, 2))
    found = []
    for count in (1, 2, 3):
        monkeypatch.setattr(parallel, "threads", lambda count=count: count)
        trees, foretold = grown(rows, values, Growth(3, 3), trees=7, seed=5)
        found.append((averaged(trees), foretold))
    for forest, foretold in found[1:]:
        np.testing.assert_array_equal(foretold, found[0][1])
        for own, first in zip(forest, found[0][0], strict=True):
            np.testing.assert_array_equal(own, first)
    other, _ = grown(rows, values, Growth(3, 3), trees=7, seed=6)
    assert not np.array_equal(averaged(other).threshold, found[0][0].threshold)


def told(seed=0, count=3_000):
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(count, 8)).astype(np.float32)
    rows[draw.random(rows.shape) < 0.05] = np.nan
    cells = np.nan_to_num(rows)
    return rows, cells[:, 0] ** 2 + cells[:, 1] * cells[:, 2] + draw.normal(0, 0.3, count)


@pytest.mark.parametrize(("random", "theirs"), [(True, ExtraTreesRegressor), (False, RandomForestRegressor)])
def test_numbers_are_foretold_as_well_as_by_scikit_learn(random, theirs):
    rows, target = told()
    settings = {"min_samples_leaf": 3, "max_features": 4, "bootstrap": True, "oob_score": True, "random_state": 0}
    peer = theirs(60, **settings).fit(rows, target)
    _, foretold = grown(rows, target[:, None], Growth(3, 4, random=random), trees=60)
    assert np.corrcoef(foretold[:, 0], target)[0, 1] > np.corrcoef(peer.oob_prediction_, target)[0, 1] - 0.01


def test_categories_are_foretold_as_well_as_by_scikit_learn():
    rows, target = told()
    labels = np.digitize(target, [0, 1, 2])
    peer = RandomForestClassifier(60, min_samples_leaf=3, max_features=4, oob_score=True, random_state=0)
    theirs = peer.fit(rows, labels).oob_decision_function_
    _, mine = grown(rows, labels[:, None].astype(float), Growth(3, 4), trees=60, classes=4)
    np.testing.assert_allclose(mine.sum(axis=1), 1, atol=1e-6)
    assert (mine.argmax(axis=1) == labels).mean() > (theirs.argmax(axis=1) == labels).mean() - 0.01


def test_two_sides_are_told_apart_as_well_as_by_scikit_learn():
    rows, target = told(count=4_000)
    labels, fitted = target > 1, np.arange(2_000)
    peer = HistGradientBoostingClassifier(max_iter=25, max_leaf_nodes=8, learning_rate=0.15, early_stopping=False)
    theirs = peer.fit(rows[fitted], labels[fitted]).predict_proba(rows[2_000:])[:, 1]
    forest, start = boosted(coded(rows), labels, fitted, Growth(20, 8, most=8), rounds=25, rate=0.15)
    mine = 1 / (1 + np.exp(-start - forest(rows[2_000:])[:, 0]))
    assert roc_auc_score(labels[2_000:], mine) > roc_auc_score(labels[2_000:], theirs) - 0.01
    assert np.abs(mine - theirs).mean() < 0.03
