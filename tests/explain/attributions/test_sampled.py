"""Designs of coalitions against known answers and against brute force."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.in_full import make_design, play, shares_of
from explain.attributions import sampled
from explain.attributions.black_box import BlackBox
from explain.attributions.sampled import background_size, every_coalition, sampled_design


def found_by(design, score, row, background, reference=10**9):
    """Shares of one row of numbers under a function of the cells (n, p)."""
    box = BlackBox(lambda frame: frame, lambda cells: score(cells)[:, None], list(range(len(row))), background)
    return shares_of(design, play(box, row, design.coalitions), reference)


def rough(cells):
    return cells[:, 0] * cells[:, 1] * cells[:, 2] + np.sin(cells[:, 3] * cells[:, 4]) + cells[:, 5] ** 2


@settings(max_examples=20, deadline=None)
@given(columns=st.integers(1, 14), seed=st.integers(0, 10**6))
def test_an_additive_model_gets_each_columns_difference_to_the_background_mean(columns, seed):
    draw = np.random.default_rng(seed)
    row, background, weights = draw.normal(size=columns), draw.normal(size=(9, columns)), draw.normal(size=columns)
    found = found_by(make_design(columns, 9, seed), lambda cells: cells @ weights, row, background)
    np.testing.assert_allclose(found.shares[:, 0], weights * (row - background.mean(axis=0)), atol=1e-9)
    assert found.base[0] == pytest.approx((background @ weights).mean())
    assert (found.error is None) == (columns <= sampled.MOST_EXACT)
    if found.error is not None:
        np.testing.assert_allclose(found.error, 0, atol=1e-9)


def test_a_product_is_shared_equally():
    found = found_by(every_coalition(2), lambda cells: cells.prod(axis=1), np.ones(2), np.zeros((1, 2)))
    np.testing.assert_allclose(found.shares[:, 0], [0.5, 0.5])
    assert found.base[0] == 0.0


@pytest.mark.parametrize("columns", [1, 2, 5, 12])
def test_few_columns_are_all_enumerated_once(columns):
    design = make_design(columns, 100)
    assert not design.sampled
    assert len({tuple(item) for item in design.coalitions[0]}) == design.coalitions.shape[1] == 2**columns
    assert not design.coalitions[0, 0].any()
    assert design.coalitions[0, 1].all()


@pytest.mark.parametrize("columns", [13, 20, 41])
def test_many_columns_are_sampled_in_pairs_that_complete_each_other_and_none_is_run_twice(columns):
    design = make_design(columns, 7)
    assert design.sampled
    assert len(design.coalitions) == 7
    for coalitions in design.coalitions:
        np.testing.assert_array_equal(coalitions[2::2], ~coalitions[3::2])
        assert len({tuple(item) for item in coalitions}) == len(coalitions)
    assert (design.coalitions[0] != design.coalitions[1]).any()
    # each size is drawn alike often, but for those of which there are not so many
    sizes = np.bincount(design.coalitions[:, 2:].sum(axis=2).ravel(), minlength=columns)[1:columns] / 7
    enough = [size for size in range(2, columns - 1) if comb(columns, size) > 100 and 2 * size != columns]
    assert max(sizes[np.array(enough) - 1]) - min(sizes[np.array(enough) - 1]) <= 1


def test_a_sample_of_all_coalitions_gives_the_enumeration():
    draw = np.random.default_rng(3)
    row, background = draw.normal(size=6), draw.normal(size=(5, 6))
    whole = sampled_design(6, 5, 2**6 - 2, draw)
    assert whole.coalitions.shape[1] == 2**6
    exact = found_by(every_coalition(6), rough, row, background)
    np.testing.assert_allclose(found_by(whole, rough, row, background).shares, exact.shares, atol=1e-10)


def test_estimates_add_up_exactly():
    draw = np.random.default_rng(1)
    row, background = draw.normal(size=15), draw.normal(size=(8, 15))
    found = found_by(make_design(15, 8), rough, row, background)
    assert found.base[0] + found.shares.sum() == pytest.approx(rough(row[None])[0], abs=1e-10)


def test_the_standard_error_from_sampling_is_honest():
    draw = np.random.default_rng(5)
    row, background = draw.normal(size=10), draw.normal(size=(20, 10))
    truth = found_by(every_coalition(10), rough, row, background).shares
    off, said = [], []
    for seed in range(60):
        design = sampled_design(10, 20, 60, np.random.default_rng(seed))
        found = found_by(design, rough, row, background)
        off.append(found.shares - truth)
        said.append(found.error)
    ratio = np.sqrt(np.mean(np.square(off)) / np.mean(np.square(said)))
    assert 0.75 < ratio < 1.15


def test_the_spread_from_the_choice_of_background_rows_is_honest():
    draw = np.random.default_rng(6)
    row, whole = draw.normal(size=6), draw.normal(size=(400, 6))
    design = every_coalition(6)
    truth = found_by(design, rough, row, whole, 400)
    assert (truth.background_error == 0).all()
    parts = [found_by(design, rough, row, whole[draw.choice(400, 50, replace=False)], 400) for _ in range(60)]
    off = np.mean([np.square(item.shares - truth.shares) for item in parts])
    assert 0.8 < np.sqrt(off / np.mean([item.background_error**2 for item in parts])) < 1.2


def test_the_seed_decides():
    first, again, other = (make_design(15, 3, seed).coalitions for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize(("columns", "rows"), [(5, 100), (20, 100), (60, 100), (200, 24), (900, 10)])
def test_very_many_columns_get_fewer_background_rows(columns, rows):
    assert background_size(columns) == rows
