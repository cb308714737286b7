"""Shares carried from margins to probability add up, and binary is plain scaling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explain.attributions.links import carry, find_link, logistic, scores_of

MARGINS = st.floats(-15, 15, allow_subnormal=False)


@given(values=arrays(float, (3, 4, 1), elements=MARGINS), base=arrays(float, 1, elements=MARGINS))
def test_binary_shares_add_up_to_the_change_in_probability(values, base):
    shown = np.array([1, 0, 1])
    carried, start = carry(values, base, "logistic", shown)
    end = scores_of(base + values.sum(axis=1), "logistic")[np.arange(3), shown]
    np.testing.assert_allclose(start + carried.sum(axis=1), end, atol=1e-7)


@given(values=arrays(float, (3, 4, 3), elements=st.floats(-4, 4)), base=arrays(float, 3, elements=st.floats(-4, 4)))
def test_multiclass_shares_add_up_to_the_change_in_probability(values, base):
    shown = np.array([0, 1, 2])
    carried, start = carry(values, base, "softmax", shown)
    end = scores_of(base + values.sum(axis=1), "softmax")[np.arange(3), shown]
    np.testing.assert_allclose(start + carried.sum(axis=1), end, atol=1e-6)


def test_binary_shares_are_the_margins_scaled():
    values = np.array([[[2.0], [-0.5]]])
    carried, start = carry(values, np.array([-1.0]), "logistic", np.array([1]))
    factor = (logistic(np.array(0.5)) - logistic(np.array(-1.0))) / 1.5
    np.testing.assert_allclose(carried[0], [2.0 * factor, -0.5 * factor])
    assert start[0] == pytest.approx(0.26894142)


def test_shares_for_the_other_class_are_the_mirror():
    values = np.array([[[2.0], [-0.5]], [[2.0], [-0.5]]])
    carried, start = carry(values, np.array([-1.0]), "logistic", np.array([1, 0]))
    np.testing.assert_allclose(carried[0], -carried[1])
    assert start.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("margins", "scores", "link"),
    [
        ([[0.2], [0.7]], [[0.8, 0.2], [0.3, 0.7]], "complement"),
        ([[0.0], [2.0]], [[0.5, 0.5], [0.11920292, 0.88079708]], "logistic"),
        ([[3.0], [4.0]], [[3.0], [4.0]], "identity"),
        ([[1.0, 1.0, 1.0]], [[1 / 3, 1 / 3, 1 / 3]], "softmax"),
        ([[0.2, 0.8]], [[0.2, 0.8]], "identity"),
        ([[5.0], [6.0]], [[3.0], [4.0]], None),
    ],
)
def test_the_link_is_the_one_that_gives_the_models_own_scores(margins, scores, link):
    assert find_link(np.array(margins), np.array(scores)) == link
