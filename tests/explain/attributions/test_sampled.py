"""The sampled path against known answers."""

import numpy as np
import pandas as pd
import pytest

from explain.attributions.sampled import sampled_row

NAMES = [f"c{at}" for at in range(12)]


def frames(columns):
    draw = np.random.default_rng(1)
    background = pd.DataFrame(draw.normal(size=(30, columns)), columns=NAMES[:columns])
    row = pd.DataFrame(draw.normal(size=(1, columns)), columns=NAMES[:columns])
    return row, background


def test_an_additive_model_gets_each_columns_difference_to_the_background_mean():
    row, background = frames(12)
    weights = np.arange(12)
    values, error, base = sampled_row(lambda frame: frame.to_numpy() @ weights, row, background)
    expected = weights * (row.to_numpy()[0] - background.mean().to_numpy())
    np.testing.assert_allclose(values, expected, atol=1e-12)
    np.testing.assert_allclose(error, 0, atol=1e-12)
    assert base == pytest.approx((background.to_numpy() @ weights).mean())


def test_few_columns_are_enumerated_and_a_product_is_shared_equally():
    row = pd.DataFrame([[1.0, 1.0]], columns=["a", "b"])
    background = pd.DataFrame([[0.0, 0.0]], columns=["a", "b"])
    values, error, base = sampled_row(lambda frame: (frame.a * frame.b).to_numpy(), row, background)
    assert error is None
    np.testing.assert_allclose(values, [0.5, 0.5])
    assert base == 0.0


def test_the_standard_error_is_honest():
    row, background = frames(10)

    def score(frame):
        cells = frame.to_numpy()
        return cells[:, 0] * cells[:, 1] * cells[:, 2] + np.sin(cells[:, 3] * cells[:, 4]) + cells[:, 5] ** 2

    truth, _, _ = sampled_row(score, row, background, seed=99, pairs=1500)
    off = []
    for seed in range(40):
        values, error, _ = sampled_row(score, row, background, seed=seed)
        active = error > 1e-12
        off.append(((values - truth) / np.where(active, error, 1))[active] ** 2)
    assert 0.6 < np.sqrt(np.mean(np.concatenate(off))) < 1.6


def test_estimates_add_up_exactly():
    row, background = frames(10)
    score = lambda frame: np.tanh(frame.to_numpy()).prod(axis=1)  # noqa: E731 - a formula
    values, _, base = sampled_row(score, row, background)
    assert base + values.sum() == pytest.approx(score(row)[0], abs=1e-12)


def test_the_seed_decides():
    row, background = frames(10)
    score = lambda frame: frame.to_numpy().prod(axis=1)  # noqa: E731 - a formula
    first, again, other = (sampled_row(score, row, background, seed=seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0
