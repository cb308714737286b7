"""What is claimed of scores, and what warnings take away: known answers, simulation, every kind of model."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.confidence import (
    Calibration,
    Terms,
    Weights,
    assess,
    at_level,
    calibration_of,
    temper,
    widen_ranges,
    widen_sets,
)
from explain.confidence.assess import ROWS_FOR_A, bounds, grades
from explain.confidence.calibrate import fit_curve
from explain.confidence.conformal import judged_by
from explain.models.predict import predict
from explain.types import Column, Confidence, ModelInfo, Prediction, Schema

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


def test_too_few_cases_make_no_claims():
    scores, outcomes = binary_cases(np.random.default_rng(6), 29)
    found = assess(prediction_of(scores), Calibration(scores, outcomes.astype(float), BINARY))
    assert found.calibration_rows == 0
    assert found.calibrated is None
    assert found.known_low is None
    assert found.p_values is None
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
    found = assess(predict(model, frame), calibration_of(model), frame=frame)
    assert found.calibration_rows == 180
    assert 0.75 < found.coverage <= 1
    assert set(found.grade) <= set("BCD")
    if model.info.task == "regression":
        assert (found.low <= found.high).all()
        assert found.plausible is None
        assert found.method == "bands"
    else:
        assert found.method in {"raw", "Platt", "beta", "Venn-Abers"}
        assert (found.known_low <= found.known_high).all()
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


LEVELS = st.sampled_from([0.8, 0.9, 0.95])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), level=LEVELS)
def test_sets_hold_the_truth_as_often_as_they_say_and_as_is_measured(seed, level):
    draw = np.random.default_rng(seed)
    past, known = binary_cases(draw, 1_000, 2.0)
    scores, outcomes = binary_cases(draw, 4_000, 2.0)
    found = assess(prediction_of(scores), Calibration(past, known.astype(float), BINARY), level)
    covered = found.plausible[np.arange(len(scores)), outcomes].mean()
    # five standard errors of both samples together; each half of the past cases judges the other
    assert abs(covered - level) < 5 * np.sqrt(level * (1 - level) * (1 / 500 + 1 / 4_000))
    assert abs(found.coverage - level) < 5 * np.sqrt(level * (1 - level) * (1 / 250 + 1 / 1_000))


@pytest.fixture(scope="module")
def values():
    """1,200 past cases of a value whose errors grow with a column, and 4,000 fresh ones."""
    import pandas as pd

    draw = np.random.default_rng(11)
    x = draw.uniform(0, 1, 5_200)
    predicted = draw.uniform(50, 100, 5_200)
    truth = predicted + draw.normal(0, 1, 5_200) * (1 + 9 * x)
    schema = Schema((Column("x", "number"),))
    frame = pd.DataFrame({"x": x})
    past = Calibration(predicted[:1_200, None], truth[:1_200], VALUE, frame[:1_200], schema)
    return past, predicted[1_200:], truth[1_200:], frame[1_200:].reset_index(drop=True)


def values_of(predicted):
    none = np.zeros(len(predicted), dtype=np.int64)
    return Prediction(predicted[:, None], none, none)


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_ranges_follow_the_difficulty_of_the_row_and_hold_the_truth_as_often_as_they_say(values, level):
    past, predicted, truth, frame = values
    found = assess(values_of(predicted), past, level, frame)
    assert found.method == "difficulty"
    inside = (truth >= found.low) & (truth <= found.high)
    assert abs(inside.mean() - level) < 5 * np.sqrt(level * (1 - level) * (1 / 600 + 1 / 4_000))
    assert abs(found.coverage - level) < 5 * np.sqrt(level * (1 - level) * (1 / 300 + 1 / 600))
    width = found.high - found.low
    hard, easy = frame["x"] > 0.8, frame["x"] < 0.2
    assert width[hard].mean() > 3 * width[easy].mean()


def test_without_their_columns_rows_get_ranges_by_bands(values):
    past, predicted, _, _ = values
    found = assess(values_of(predicted[:50]), past)
    assert found.method == "bands"
    assert np.isfinite(found.low).all()


def test_the_difficulty_model_is_fitted_on_one_half_and_the_other_calibrates(values):
    past, _, _, _ = values
    assert len(past.hardness.rows) == 600
    assert len(past.residuals(sized=True)) == 600
    assert past.hardness is past.hardness


def test_fewer_than_a_thousand_values_make_bands(values):
    past, predicted, _, frame = values
    few = replace(past, scores=past.scores[:999], outcomes=past.outcomes[:999], frame=past.frame[:999])
    assert few.hardness is None
    assert assess(values_of(predicted[:5]), few, frame=frame[:5]).method == "bands"


def test_the_order_of_past_values_does_not_matter(values):
    past, predicted, _, frame = values
    order = np.random.default_rng(12).permutation(1_200)
    turned = replace(past, scores=past.scores[order], outcomes=past.outcomes[order], frame=past.frame.iloc[order])
    first, second = (assess(values_of(predicted[:20]), item, frame=frame[:20]) for item in (past, turned))
    np.testing.assert_allclose(first.low, second.low, atol=1e-9)
    assert first.coverage == second.coverage


def test_a_difficulty_model_is_kept_on_disk(values, tmp_path, monkeypatch):
    from explain.confidence import difficulty

    monkeypatch.setenv("WHYSURE_HOME", str(tmp_path))
    past, _, _, _ = values
    first = replace(past, key="one").hardness
    monkeypatch.setattr(difficulty, "fit_difficulty", None)
    assert replace(past, key="one").hardness.model == first.model
    with pytest.raises(TypeError):
        _ = replace(past, key="another").hardness


def test_moving_the_level_is_monotone_and_the_same_as_assessing_anew(model):
    frame = model.reference.frame.head(40)
    prediction, past = predict(model, frame), calibration_of(model)
    usual = assess(prediction, past, 0.9, frame)
    before = at_level(usual, 0.5)
    for level in (0.8, 0.9, 0.95, 0.99):
        moved, anew = at_level(usual, level), assess(prediction, past, level, frame)
        for name in ("coverage", "plausible", "low", "high", "honest"):
            np.testing.assert_array_equal(getattr(moved, name), getattr(anew, name))
        assert moved.coverage >= before.coverage
        if model.info.task == "regression":
            assert (moved.low <= before.low).all()
            assert (moved.high >= before.high).all()
        else:
            assert (moved.plausible >= before.plausible).all()
        before = moved


def test_the_order_of_rows_does_not_matter(model):
    frame = model.reference.frame.head(30)
    order = np.random.default_rng(13).permutation(30)
    straight, turned = (
        assess(predict(model, rows), calibration_of(model), frame=rows) for rows in (frame, frame.iloc[order])
    )
    for name in ("honest", "plausible", "low", "high", "known_low", "past_cases"):
        one, other = getattr(straight, name), getattr(turned, name)
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_allclose(other, one[order], atol=1e-6)


def test_the_level_moves_a_hundred_thousand_rows_in_five_milliseconds():
    import time

    draw = np.random.default_rng(14)
    past, known = binary_cases(draw, 4_000)
    scores, _ = binary_cases(draw, 100_000)
    value = 50 + 10 * draw.normal(size=(104_000, 1))
    truth = value[:4_000, 0] + draw.normal(size=4_000)
    sets = assess(prediction_of(scores), Calibration(past, known.astype(float), BINARY))
    ranges = assess(values_of(value[4_000:, 0]), Calibration(value[:4_000], truth, VALUE))
    for found in (sets, ranges):
        times = []
        for level in (0.8, 0.95, 0.99, 0.9, 0.8):
            start = time.perf_counter()
            at_level(found, level)
            times.append(time.perf_counter() - start)
        assert min(times) < 0.005


def test_known_low_and_high_are_venn_abers_for_the_shown_outcome():
    scores, outcomes = binary_cases(np.random.default_rng(15), 500)
    past = Calibration(scores, outcomes.astype(float), BINARY)
    rows = scores[:40]
    for shown in (0, 1):
        found = assess(prediction_of(rows, shown), past)
        low, high = past.calibrator.known(rows)
        np.testing.assert_array_equal(found.known_low, low[:, shown])
        np.testing.assert_array_equal(found.known_high, high[:, shown])


def test_honest_is_the_calibrated_probability_of_the_predicted_outcome():
    scores, outcomes = binary_cases(np.random.default_rng(16), 2_000, sharpen=3.0)
    found = assess(prediction_of(scores), Calibration(scores, outcomes.astype(float), BINARY))
    assert found.method != "raw"
    np.testing.assert_array_equal(found.honest, found.calibrated[np.arange(2_000), scores.argmax(axis=1)])


def test_withdrawn_terms_make_no_claims_and_keep_their_reason():
    scores, outcomes = binary_cases(np.random.default_rng(17), 500)
    past = Calibration(scores, outcomes.astype(float), BINARY)
    found = assess(prediction_of(scores[:3]), past, terms=Terms(withdrawn="Too different."))
    assert (found.calibration_rows, found.withdrawn, found.grade) == (0, "Too different.", ("", "", ""))
    assert (found.honest, found.plausible, found.coverage, found.calibrated) == (None, None, None, None)


def test_equal_weights_change_nothing():
    scores, outcomes = binary_cases(np.random.default_rng(18), 500)
    past = Calibration(scores, outcomes.astype(float), BINARY)
    plain = assess(prediction_of(scores[:50]), past)
    weighted = assess(prediction_of(scores[:50]), past, terms=Terms(weights=Weights(np.ones(500), np.ones(50))))
    np.testing.assert_allclose(weighted.p_values, plain.p_values, atol=1e-12)
    assert weighted.coverage == pytest.approx(plain.coverage)


def test_each_cohort_is_covered_where_all_together_would_not_be():
    """Model and outcomes fit in cohort a; in b outcomes are drawn regardless of the score."""
    draw = np.random.default_rng(19)
    scores, outcomes = binary_cases(draw, 4_000)
    labels = np.where(draw.random(4_000) < 0.8, "a", "b").astype(object)
    outcomes = np.where(labels == "b", draw.integers(0, 2, 4_000), outcomes)
    past = Calibration(scores[:2_000], outcomes[:2_000].astype(float), BINARY)
    rows = prediction_of(scores[2_000:])
    own = np.arange(2_000), outcomes[2_000:]
    b = labels[2_000:] == "b"
    together = assess(rows, past).plausible[own][b].mean()
    apart = assess(rows, past, terms=Terms("g", (labels[2_000:], labels[:2_000])))
    assert together < 0.85
    # five standard errors of 400 past cases and as many rows
    assert abs(apart.plausible[own][b].mean() - 0.9) < 5 * np.sqrt(0.9 * 0.1 * 2 / 400)
    assert apart.cohort == "g"


@given(doubted=st.floats(0, 1), sureness=st.floats(0, 1))
def test_warnings_only_let_outcomes_in(doubted, sureness):
    scores, outcomes = binary_cases(np.random.default_rng(20), 200)
    before = assess(prediction_of(scores[:30]), Calibration(scores, outcomes.astype(float), BINARY))
    after = widen_sets(before, np.array([4, 7]), np.full((2, 2), doubted), np.full(2, sureness))
    assert (after.p_values >= before.p_values).all()
    assert (after.plausible >= before.plausible).all()
    others = np.setdiff1d(np.arange(30), [4, 7])
    np.testing.assert_array_equal(after.p_values[others], before.p_values[others])


def test_a_sure_warning_takes_the_p_value_of_similar_cases_and_a_soft_one_part_of_it():
    before = Confidence(0.9, 600, p_values=np.array([[0.02, 0.6], [0.02, 0.6]]), judged=judged_by(np.array([0.5])))
    after = widen_sets(before, np.array([0, 1]), np.array([[0.42, 0.1]] * 2), np.array([1.0, 0.1]))
    np.testing.assert_allclose(after.p_values, [[0.42, 0.6], [0.06, 0.6]])
    np.testing.assert_array_equal(after.plausible, [[True, True], [False, True]])


def test_ranges_reach_as_far_as_the_warned_values_might_lead():
    past = np.linspace(0, 100, 500)
    spread = np.random.default_rng(21).normal(0, 5, 500)
    before = assess(values_of(np.array([20.0, 50.0])), Calibration(past[:, None], past + spread, VALUE))
    draws = np.array([np.linspace(40, 80, 11)])
    # of 11 draws 5 % on each side are none, and 10 %, twice as many for half a chance, are one
    for sureness, below, above in ((0.0, 0, 0), (0.05, 0, 0), (0.5, 6, 26), (1.0, 10, 30)):
        after = widen_ranges(before, np.array([1]), draws, np.array([sureness]))
        assert after.low[1] == pytest.approx(before.low[1] - below)
        assert after.high[1] == pytest.approx(before.high[1] + above)
        assert (after.low[0], after.high[0]) == (before.low[0], before.high[0])
        wide = at_level(after, 0.95)
        assert wide.low[1] <= after.low[1]
        assert wide.high[1] >= after.high[1]


@pytest.mark.parametrize(
    ("outcomes", "unit", "ends"),
    [
        ([3.0, 250.0], "$", (0.0, None)),
        ([0.0, 7.0], "", (0.0, None)),
        ([-3.0, 7.0], "", (None, None)),
        ([-3.0, -1.0], "", (None, 0.0)),
        ([1.0, 99.0], "%", (0.0, 100.0)),
        ([1.0, 120.0], "%", (0.0, None)),
    ],
)
def test_what_a_value_can_be_at_all_is_told_by_past_ones(outcomes, unit, ends):
    assert bounds(np.array(outcomes), unit) == ends
