"""Calibrators against refits by definition, other libraries, and what they promise on fresh rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.confidence.calibrate import (
    METHODS,
    BetaCurve,
    Curve,
    fit_beta,
    fit_calibrator,
    fit_curve,
    fit_venn_abers,
    log_odds,
)


def cases(seed, rows, slope=1.0, shift=0.0):
    """Scores of a model that says slope x log-odds + shift, and outcomes that follow the true log-odds."""
    draw = np.random.default_rng(seed)
    odds = draw.normal(-1, 1.5, rows)
    said = 1 / (1 + np.exp(-(slope * odds + shift)))
    outcomes = (draw.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    return np.column_stack([1 - said, said]), outcomes


def three_cases(seed, rows, sharpen=1.0):
    draw = np.random.default_rng(seed)
    truth = draw.dirichlet(np.ones(3), rows)
    outcomes = (draw.random(rows)[:, None] > truth.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    said = np.clip(truth, 1e-4, 1) ** sharpen
    return said / said.sum(axis=1, keepdims=True), outcomes


def log_loss(scores, outcomes):
    return -np.log(np.clip(scores[np.arange(len(scores)), outcomes], 1e-15, 1)).mean()


def refit(scores, happened, new, label):
    """The isotonic fit at a new case that is counted as `label`: the definition of Venn-Abers."""
    from sklearn.isotonic import IsotonicRegression

    return IsotonicRegression().fit(np.append(scores, new), np.append(happened, label)).predict([new])[0]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(1, 50),
    digits=st.integers(1, 4),
    rate=st.sampled_from([0.0, 0.1, 0.5, None, 1.0]),
)
def test_venn_abers_is_isotonic_regression_with_the_case_taken_as_0_and_as_1(seed, rows, digits, rate):
    draw = np.random.default_rng(seed)
    scores = np.round(draw.random(rows), digits)
    happened = (draw.random(rows) < (scores if rate is None else rate)).astype(float)
    new = np.concatenate([[0, 1], draw.choice(scores, 3), np.round(draw.random(5), digits + 1)])
    low, high = fit_venn_abers(scores, happened).known(new)
    np.testing.assert_allclose(low, [refit(scores, happened, at, 0) for at in new], atol=1e-9)
    np.testing.assert_allclose(high, [refit(scores, happened, at, 1) for at in new], atol=1e-9)


@pytest.mark.parametrize("rows", [40, 700])
def test_venn_abers_equals_the_venn_abers_package(rows):
    # that package silences numpy for good when it is imported, and divides by zero
    with np.errstate(divide="ignore", invalid="ignore"):
        referee_type = pytest.importorskip("venn_abers").VennAbers
        scores, outcomes = cases(1, rows, slope=2)
        new, _ = cases(2, 300)
        referee = referee_type()
        referee.fit(scores, outcomes)
        said, bounds = referee.predict_proba(new)
    own = fit_venn_abers(scores[:, 1], outcomes.astype(float))
    low, high = own.known(new[:, 1])
    np.testing.assert_allclose(low, bounds[:, 0], atol=1e-9)
    np.testing.assert_allclose(high, bounds[:, 1], atol=1e-9)
    np.testing.assert_allclose(own(new[:, 1]), said[:, 1], atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), outputs=st.sampled_from([2, 3]))
def test_the_number_is_known_between_two_bounds_that_close_with_more_cases(seed, outputs):
    make = cases if outputs == 2 else three_cases
    scores, outcomes = make(seed, 4_000)
    few, many = (fit_calibrator(scores[:rows], outcomes[:rows]) for rows in (200, 4_000))
    widths = []
    for found in (few, many):
        low, high = found.known(scores[:500])
        assert (low <= high).all()
        assert (low >= 0).all()
        assert (high <= 1).all()
        widths.append((high - low).mean())
    assert widths[1] < widths[0] / 2


def test_what_is_known_of_two_outcomes_is_mirrored():
    scores, outcomes = cases(3, 300)
    low, high = fit_calibrator(scores, outcomes).known(scores)
    np.testing.assert_allclose(low[:, 0], 1 - high[:, 1])
    np.testing.assert_allclose(high[:, 0], 1 - low[:, 1])


def test_bounds_say_how_well_a_number_is_known_not_how_sure_the_model_is():
    draw = np.random.default_rng(4)
    said = np.where(np.arange(2_000) < 1_960, 0.5, 0.99)
    outcomes = (draw.random(2_000) < said).astype(np.int64)
    found = fit_calibrator(np.column_stack([1 - said, said]), outcomes)
    low, high = found.known(np.array([[0.5, 0.5], [0.01, 0.99]]))
    assert high[0, 1] - low[0, 1] < 0.001
    assert high[1, 1] - low[1, 1] > 0.01


def test_the_beta_curve_is_the_one_of_greatest_likelihood():
    from sklearn.linear_model import LogisticRegression

    scores, outcomes = cases(5, 3_000, 2, 0.5)
    kept = np.clip(scores[:, 1], 1e-6, 1 - 1e-6)
    x = np.column_stack([np.log(kept), -np.log(1 - kept)])
    referee = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(x, outcomes)
    found = fit_beta(scores[:, 1], outcomes.astype(float))
    assert [found.a, found.b, found.c] == pytest.approx([*referee.coef_[0], referee.intercept_[0]], abs=2e-3)


def test_a_beta_curve_never_turns_the_order_around():
    draw = np.random.default_rng(6)
    said = draw.random(500)
    for happened in (said < 0.5, said > 0.98, draw.random(500) < 4 * said * (1 - said)):
        found = fit_beta(said, happened.astype(float))
        assert min(found.a, found.b) >= 0
        assert (np.diff(found(np.linspace(0, 1, 101))) >= -1e-12).all()


def test_identity_curves_leave_probabilities_as_they_are():
    said = np.linspace(0.001, 0.999, 99)
    np.testing.assert_allclose(Curve(1, 0)(said), said)
    np.testing.assert_allclose(BetaCurve(1, 1, 0)(said), said)


def test_the_curve_is_on_the_log_odds_because_a_sigmoid_of_the_probability_ruins_a_good_model():
    from sklearn.linear_model import LogisticRegression

    scores, outcomes = cases(7, 4_000)
    fresh, truth = cases(8, 20_000)
    wrong = LogisticRegression(C=np.inf).fit(scores[:, [1]], outcomes).predict_proba(fresh[:, [1]])
    right = fit_curve(scores[:, 1], outcomes.astype(float))(fresh[:, 1])
    assert log_loss(wrong, truth) > log_loss(fresh, truth) + 0.004
    assert log_loss(np.column_stack([1 - right, right]), truth) < log_loss(fresh, truth) + 0.001


@pytest.mark.parametrize("rows", [250, 1_000, 4_000])
@pytest.mark.parametrize(
    "make",
    [
        cases,
        three_cases,
        lambda seed, rows: cases(seed, rows, 1.3),
        lambda seed, rows: cases(seed, rows, 1.0, 0.3),
        lambda seed, rows: three_cases(seed, rows, 1.5),
    ],
    ids=["good", "good, three outcomes", "a little too sure", "a little too high", "too sure, three outcomes"],
)
def test_calibration_never_costs_more_than_three_thousandths_of_log_loss(make, rows):
    fresh, truth = make(10**6, 20_000)
    for seed in range(12):
        found = fit_calibrator(*make(seed, rows))
        assert log_loss(found(fresh), truth) <= log_loss(fresh, truth) + 0.003, (seed, found.method)


@pytest.mark.parametrize(("slope", "shift", "gain"), [(2.0, 0.0, 0.06), (1.0, 1.0, 0.06), (0.5, 0.0, 0.02)])
def test_a_wrong_model_is_set_right(slope, shift, gain):
    fresh, truth = cases(10**6, 20_000, slope, shift)
    found = fit_calibrator(*cases(9, 1_000, slope, shift))
    assert found.method in METHODS[1:]
    assert log_loss(found(fresh), truth) < log_loss(fresh, truth) - gain


def test_an_overfitted_forest_that_says_never_and_always_is_set_right():
    from sklearn.ensemble import ExtraTreesClassifier

    draw = np.random.default_rng(10)
    x = draw.normal(size=(9_000, 6))
    y = (draw.random(9_000) < 1 / (1 + np.exp(-x[:, 0] * 1.5 - x[:, 1] + 0.5))).astype(np.int64)
    scores = ExtraTreesClassifier(8, random_state=0).fit(x[:2_000], y[:2_000]).predict_proba(x)
    found = fit_calibrator(scores[2_000:6_000], y[2_000:6_000])
    truth = 1 / (1 + np.exp(-x[6_000:, 0] * 1.5 - x[6_000:, 1] + 0.5))
    at_best = log_loss(np.column_stack([1 - truth, truth]), y[6_000:])
    assert log_loss(scores[6_000:], y[6_000:]) > at_best + 0.5
    assert log_loss(found(scores[6_000:]), y[6_000:]) < at_best + 0.1


def test_probabilities_that_called_impossible_what_happened_are_never_kept():
    scores, outcomes = cases(11, 400)
    assert fit_calibrator(scores, outcomes).method == "raw"
    scores[np.flatnonzero(outcomes == 1)[0]] = [1.0, 0.0]
    assert fit_calibrator(scores, outcomes).method != "raw"


def test_a_model_that_needs_a_step_gets_venn_abers():
    draw = np.random.default_rng(12)
    said = draw.random(4_000)
    happened = draw.random(4_000) < np.choose(np.digitize(said, [0.3, 0.7]), [0.3, 0.5, 0.95])
    found = fit_calibrator(np.column_stack([1 - said, said]), happened.astype(np.int64))
    assert found.method == "Venn-Abers"
    assert found(np.array([[0.5, 0.5]]))[0, 1] == pytest.approx(0.5, abs=0.06)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), outputs=st.sampled_from([2, 3, 5]), rows=st.integers(30, 200))
def test_rows_sum_to_one_whatever_the_method_even_when_an_outcome_never_happened(seed, outputs, rows):
    draw = np.random.default_rng(seed)
    scores = draw.dirichlet(np.full(outputs, 0.3), rows)
    found = fit_calibrator(scores, draw.integers(0, outputs - 1, rows))
    calibrated = found(scores)
    np.testing.assert_allclose(calibrated.sum(axis=1), 1)
    assert (calibrated >= 0).all()
    assert set(found.losses) == set(METHODS)


@pytest.mark.parametrize(("slope", "make"), [(1.0, cases), (1.6, cases), (2.0, three_cases)])
def test_the_order_of_past_cases_does_not_matter(slope, make):
    scores, outcomes = make(13, 500, slope)
    order = np.random.default_rng(14).permutation(500)
    one, other = fit_calibrator(scores, outcomes), fit_calibrator(scores[order], outcomes[order])
    assert one.method == other.method
    assert one.losses == other.losses
    np.testing.assert_array_equal(one(scores), other(scores))


def test_losses_are_those_of_rows_the_method_was_not_fitted_on():
    scores, outcomes = cases(15, 300)
    found = fit_calibrator(scores, outcomes)
    assert found.losses["raw"] == pytest.approx(log_loss(scores, outcomes))
    inside = fit_venn_abers(scores[:, 1], outcomes.astype(float))(scores[:, 1])
    assert found.losses["Venn-Abers"] > log_loss(np.column_stack([1 - inside, inside]), outcomes)


def test_log_odds_and_curves_stay_finite_at_the_ends():
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
    ends = np.array([0.0, 1.0])
    assert ((Curve(200, 0)(ends) > 0) & (Curve(200, 0)(ends) < 1)).all()
    assert ((BetaCurve(200, 200, 0)(ends) > 0) & (BetaCurve(200, 200, 0)(ends) < 1)).all()
