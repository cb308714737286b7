"""Calibration and conformal sets against simulation, definitions and known answers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.confidence import Calibration, assess, calibration_of, temper
from explain.confidence.assess import ROWS_FOR_A, grades
from explain.confidence.calibrate import apply_curves, fit_curve, fit_curves
from explain.confidence.conformal import bands, intervals, p_values, plausible_sets, within
from explain.models.predict import predict
from explain.types import Confidence, ModelInfo, Prediction

BINARY = ModelInfo("m", "M", "binary", ("no", "yes"), "t", "0" * 64, shown=1)
VALUE = ModelInfo("m", "M", "regression", ("price",), "price", "0" * 64, unit="$")


def binary_cases(draw, rows, sharpen=1.0):
    """Log-odds, the scores of a model that is `sharpen` times too sure, and outcomes that follow the truth."""
    odds = draw.normal(0, 1.5, rows)
    outcomes = draw.random(rows) < 1 / (1 + np.exp(-odds))
    second = 1 / (1 + np.exp(-sharpen * odds))
    return np.column_stack([1 - second, second]), outcomes.astype(np.int64)


def prediction_of(scores, shown=1):
    chosen = scores.argmax(axis=1)
    return Prediction(scores, chosen, np.full(len(scores), shown))


@pytest.mark.parametrize("sharpen", [0.5, 1.0, 3.0])
def test_the_curve_undoes_a_model_that_is_too_sure_or_too_timid(sharpen):
    scores, outcomes = binary_cases(np.random.default_rng(1), 20_000, sharpen)
    curve = fit_curve(scores[:, 1], outcomes.astype(float))
    assert curve.slope == pytest.approx(1 / sharpen, rel=0.06)
    assert curve.shift == pytest.approx(0, abs=0.06)


def test_the_curve_is_the_one_of_greatest_likelihood():
    from sklearn.linear_model import LogisticRegression

    scores, outcomes = binary_cases(np.random.default_rng(2), 2_000, 2.0)
    odds = np.log(scores[:, 1] / scores[:, 0])[:, None]
    referee = LogisticRegression(C=np.inf, tol=1e-10).fit(odds, outcomes)
    curve = fit_curve(scores[:, 1], outcomes.astype(float))
    assert curve.slope == pytest.approx(referee.coef_[0, 0], abs=2e-4)
    assert curve.shift == pytest.approx(referee.intercept_[0], abs=2e-4)


def test_calibrated_probabilities_add_up_to_one_for_two_and_more_outcomes():
    draw = np.random.default_rng(3)
    for outputs in (2, 4):
        scores = draw.dirichlet(np.ones(outputs), 300)
        curves = fit_curves(scores, draw.integers(0, outputs, 300))
        np.testing.assert_allclose(apply_curves(curves, scores).sum(axis=1), 1)


def test_p_values_are_counts_of_past_cases_of_the_same_outcome():
    past = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
    outcomes = np.array([0, 0, 1, 0])
    found = p_values(np.array([[0.5, 0.5], [0.95, 0.05]]), past, outcomes)
    # outcome 0 has past scores .9 .8 .4: one of them is no higher than .5, all three than .95
    np.testing.assert_allclose(found, [[2 / 4, 1 / 2], [4 / 4, 1 / 2]])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), level=st.sampled_from([0.8, 0.9, 0.95]))
def test_sets_hold_the_truth_as_often_as_they_say(seed, level):
    draw = np.random.default_rng(seed)
    past, known = binary_cases(draw, 1_000, 2.0)
    scores, outcomes = binary_cases(draw, 4_000, 2.0)
    sets = plausible_sets(p_values(scores, past, known), level)
    covered = sets[np.arange(len(sets)), outcomes].mean()
    # five standard errors of both samples together
    assert abs(covered - level) < 5 * np.sqrt(level * (1 - level) * (1 / 500 + 1 / 4_000))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), level=st.sampled_from([0.8, 0.9, 0.95]))
def test_ranges_hold_the_truth_as_often_as_they_say_for_cheap_and_expensive_things(seed, level):
    draw = np.random.default_rng(seed)
    past, fresh = draw.uniform(100, 1_000, (2, 3_000))
    truth, outcome = (x + draw.normal(0, 0.1 * x) for x in (past, fresh))
    low, high = intervals(fresh, past, truth, level)
    inside = (outcome >= low) & (outcome <= high)
    assert inside.mean() > level - 0.04
    assert (high - low)[fresh > 900].mean() > 2 * (high - low)[fresh < 250].mean()


def test_a_level_that_the_past_cases_cannot_support_gives_an_endless_range():
    low, high = intervals(np.array([5.0]), np.arange(10.0), np.arange(10.0), 0.99)
    assert (low[0], high[0]) == (-np.inf, np.inf)


def test_a_higher_level_never_narrows():
    draw = np.random.default_rng(4)
    past, known = binary_cases(draw, 400)
    scores, _ = binary_cases(draw, 50)
    values = p_values(scores, past, known)
    assert (plausible_sets(values, 0.8) <= plausible_sets(values, 0.95)).all()


def test_bands_hold_at_least_a_hundred_cases_each():
    band, edges = bands(np.random.default_rng(5).random(537))
    assert len(edges) == 4
    assert np.bincount(band).min() >= 100


def test_within_counts_past_errors_of_similar_predictions():
    past = np.arange(100.0)
    found = within(np.array([50.0]), past, past + np.where(np.arange(100) < 30, 5, 1), np.array([2.0]))
    assert found[0] == pytest.approx(70 / 101)


def test_too_few_cases_make_no_claims():
    scores, outcomes = binary_cases(np.random.default_rng(6), 29)
    found = assess(prediction_of(scores), Calibration(scores, outcomes.astype(float), BINARY))
    assert found.calibration_rows == 0
    assert found.calibrated is None
    assert set(found.grade) == {""}


def test_past_cases_are_counted_within_five_points():
    scores = np.array([[0.5, 0.5], [0.46, 0.54], [0.44, 0.56], [0.2, 0.8]] * 10)
    outcomes = np.array([0, 1, 1, 1] * 10)
    found = assess(prediction_of(np.array([[0.5, 0.5]])), Calibration(scores, outcomes.astype(float), BINARY))
    assert found.past_cases[0] == 20
    assert found.past_hits[0] == 10


@pytest.mark.parametrize(
    ("honest", "rows", "letter"),
    [
        (0.95, ROWS_FOR_A, "A"),
        (0.95, ROWS_FOR_A - 1, "B"),
        (0.9, 600, "A"),
        (0.8999, 600, "B"),
        (0.75, 600, "B"),
        (0.6, 600, "C"),
        (0.59, 600, "D"),
    ],
)
def test_grades_follow_the_honest_probability_and_an_a_needs_five_hundred_cases(honest, rows, letter):
    assert grades(np.array([honest]), rows) == (letter,)


@given(honest=st.floats(0, 1), doubted=st.floats(0, 1), sureness=st.floats(0, 1))
def test_warnings_never_raise_the_honest_probability(honest, doubted, sureness):
    before = Confidence(0.9, 600, honest=np.array([honest, 0.5]), grade=("A", "D"))
    after = temper(before, np.array([0]), np.array([doubted]), np.array([sureness]))
    assert after.honest[0] <= honest + 1e-12
    assert after.honest[1] == 0.5
    assert after.grade == grades(after.honest, 600)


def test_a_sure_warning_counts_fully_and_a_soft_one_in_part():
    before = Confidence(0.9, 600, honest=np.array([0.9, 0.9]), grade=("A", "A"))
    after = temper(before, np.array([0, 1]), np.array([0.5, 0.5]), np.array([1.0, 0.25]))
    np.testing.assert_allclose(after.honest, [0.5, 0.8])


def test_only_held_out_rows_with_outcomes_calibrate(model):
    calibration = calibration_of(model)
    assert len(calibration) == int(model.reference.held_out.sum()) == 180
    np.testing.assert_array_equal(calibration.scores, model.reference_scores[model.reference.held_out])


def test_every_kind_of_model_is_assessed(model):
    frame = model.reference.frame.head(12)
    found = assess(predict(model, frame), calibration_of(model))
    assert found.calibration_rows == 180
    assert 0.75 < found.coverage <= 1
    assert set(found.grade) <= set("BCD")
    if model.info.task == "regression":
        assert (found.low <= found.high).all()
        assert found.plausible is None
    else:
        assert found.plausible.shape == (12, len(model.info.outputs))
        assert (found.past_hits <= found.past_cases).all()


def test_the_order_of_past_cases_does_not_matter():
    scores, outcomes = binary_cases(np.random.default_rng(7), 200)
    order = np.random.default_rng(8).permutation(200)
    one = Calibration(scores, outcomes.astype(float), BINARY)
    other = replace(one, scores=scores[order], outcomes=outcomes[order].astype(float))
    first, second = (assess(prediction_of(scores[:20]), item) for item in (one, other))
    np.testing.assert_array_equal(first.plausible, second.plausible)
    np.testing.assert_allclose(first.calibrated, second.calibrated, atol=1e-9)
