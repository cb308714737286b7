"""What is usual in a column's numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.quality.profile import numbers_of
from explain.types import Column


def made(kind, draw):
    return {
        "even": draw.uniform(0, 100, 700),
        "long tail": draw.lognormal(0, 2, 700),
        "whole": draw.poisson(3, 700).astype(float),
        "two heaps": np.concatenate([draw.normal(0, 1, 350), draw.normal(50, 1, 350)]),
        "one value": np.full(300, 7.0),
    }[kind]


KINDS = ("even", "long tail", "whole", "two heaps", "one value")


@given(kind=st.sampled_from(KINDS), seed=st.integers(0, 1_000))
def test_no_cell_that_may_have_something_wrong_is_passed_over_at_a_glance(kind, seed):
    draw = np.random.default_rng(seed)
    known = numbers_of(made(kind, draw), whole=kind == "whole")
    low, high = float(known.values[0]), float(known.values[-1])
    cells = np.concatenate(
        [draw.uniform(low - 9, high + 9, 400), known.values, known.values + 0.01, [np.nan, low, high, -np.inf, np.inf]]
    )
    column = Column("x", "number", low=low, high=high, integer=kind == "whole")
    wrong = known.lonely(cells) | (cells < low) | (cells > high)
    if column.integer:
        wrong |= ~np.isnan(cells) & (cells != np.round(cells))
    assert set(np.flatnonzero(wrong)) <= set(known.suspects(cells, column, high))
    assert not np.isnan(cells[known.suspects(cells, column, high)]).any()


@pytest.mark.parametrize("kind", KINDS)
def test_hardly_a_new_value_of_the_same_kind_is_lonely(kind):
    draw = np.random.default_rng(3)
    shares = []
    for _ in range(20):
        known = numbers_of(made(kind, draw), whole=kind == "whole")
        shares.append(known.lonely(made(kind, draw)).mean())
    # with 700 past values one new one in 700 lies beyond them on each side
    assert np.mean(shares) <= 2 / 700


def test_a_value_in_a_gap_is_lonely_and_one_among_many_is_not():
    draw = np.random.default_rng(1)
    known = numbers_of(made("two heaps", draw), whole=False)
    assert known.lonely(np.array([25.0, 0.0, 50.0, np.nan])).tolist() == [True, False, False, False]
