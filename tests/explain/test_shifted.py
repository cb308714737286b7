"""Uploads unlike past cases: said, weighed on request, and nothing claimed where too few past cases are like them."""

import numpy as np
import pandas as pd
import pytest

import explain
from explain import pipeline
from explain.commands.main import main
from explain.decisions import Decisions, runs
from explain.insight.undecided import undecided
from explain.insight.whatif import at_level, what_if
from tests.conftest import package

KINDS = ["boosting_three", "forest", "forest_value", "logistic"]


@pytest.fixture(scope="module", params=KINDS)
def large(request, tmp_path_factory):
    """A package with 600 past cases, for which outcomes are drawn from what the model says."""
    model = package(request.param)
    draw = np.random.default_rng(5)
    source = model.reference.frame
    frame = source.iloc[draw.integers(0, len(source), 600)].reset_index(drop=True)
    frame["income"] += draw.normal(0, 5, 600)
    scores = model.score(frame)
    details = {"columns": {"income": {"label": "Income"}}}
    if model.info.task == "regression":
        outcome = scores[:, 0] + draw.normal(0, 0.1 * scores.std(), 600)
    else:
        picked = (draw.random(600)[:, None] > scores.cumsum(axis=1)).sum(axis=1).clip(0, scores.shape[1] - 1)
        outcome = np.array(model.info.outputs)[picked]
        details["outputs"] = model.info.outputs
    folder = tmp_path_factory.mktemp("large") / request.param
    explain.write_package(folder, onnx=model.onnx, reference=frame.assign(outcome=outcome), target="outcome", **details)
    return explain.load_model(folder)


def upload(model, rows=300, *, beyond=0.5):
    """Rows of which the share `beyond` comes from the upper half of incomes; .5 are like past cases."""
    draw = np.random.default_rng(6)
    frame = model.reference.frame
    order = np.argsort(frame["income"].fillna(0).to_numpy())
    high, low = order[len(order) // 2 :], order[: len(order) // 2]
    many = round(beyond * rows)
    picked = np.concatenate([draw.choice(high, many), draw.choice(low, rows - many)])
    return frame.iloc[picked].reset_index(drop=True).assign(id=[f"r{at}" for at in range(rows)])


def differing(decisions: Decisions):
    return [item for item in decisions.warnings if item.check == "different rows"]


def test_rows_like_past_cases_and_small_uploads_are_not_spoken_of(large):
    assert differing(explain.review(upload(large), large)) == []
    assert differing(explain.review(upload(large, 199, beyond=0.95), large)) == []


def test_rows_that_differ_are_said_to_and_in_what(large):
    decisions = explain.review(upload(large, beyond=0.85), large)
    warning = differing(decisions)[0]
    assert (warning.severity, warning.column, warning.whole_column) == ("warning", "", True)
    assert warning.messages == (
        "These rows differ from past cases, mostly in: Income. What past cases say may not hold for them.",
    )
    assert decisions.confidence.calibration_rows == 600
    assert decisions.confidence.weights is None


def test_weighted_past_cases_count_by_likeness(large):
    table = upload(large, beyond=0.85)
    plain, weighted = (explain.review(table, large, weighted=each) for each in (False, True))
    assert differing(weighted)[0].messages == (
        "These rows differ from past cases, mostly in: Income. Past cases count by how much they are like these rows.",
    )
    weights = weighted.confidence.weights
    income = large.reference.frame["income"].fillna(0)
    assert weights.past[income > income.median()].mean() > 2 * weights.past[income < income.median()].mean()
    np.testing.assert_array_equal(weighted.prediction.scores, plain.prediction.scores)
    if large.info.task == "regression":
        assert not np.array_equal(weighted.confidence.low, plain.confidence.low)
    else:
        assert not np.array_equal(weighted.confidence.p_values, plain.confidence.p_values)
    assert weighted[0].weighted
    assert weighted.run["weighted"]


def test_a_changed_row_and_a_stored_review_keep_the_weights(large, tmp_path):
    decisions = explain.review(upload(large, beyond=0.85), large, weighted=True)
    for row in (0, 299):
        same = what_if(large, decisions, row, {}, 0.9)[0]
        assert same.plausible == decisions[row].plausible
        if same.low is not None:
            assert same.low == pytest.approx(decisions[row].low, rel=1e-4)
        assert same.coverage == pytest.approx(decisions[row].coverage)
    again = at_level(runs.load(runs.save(decisions, tmp_path), tmp_path), 0.8).confidence
    moved = at_level(decisions, 0.8).confidence
    np.testing.assert_array_equal(again.plausible, moved.plausible)
    np.testing.assert_array_equal(again.low, moved.low)
    np.testing.assert_array_equal(again.weights.rows, moved.weights.rows)
    open_ = [] if moved.plausible is None else np.flatnonzero(moved.plausible.sum(axis=1) > 1)
    for at in open_[:2]:
        assert undecided(large, at_level(decisions, 0.8), int(at)) is not None


def test_weighted_and_plain_reviews_have_addresses_of_their_own(large, tmp_path):
    table = explain.read_table(upload(large, beyond=0.85), large.schema)
    plain, weighted = (pipeline.reviewed(table, large, tmp_path, weighted=each) for each in (False, True))
    assert plain != weighted
    assert pipeline.reviewed(table, large, tmp_path, weighted=True) == weighted
    assert runs.load(weighted, tmp_path).confidence.weights is not None


def test_where_too_few_past_cases_are_like_them_nothing_is_claimed(large, tmp_path):
    table = upload(large, beyond=1.0)
    top = large.reference.frame["income"].quantile(0.9)
    table = table[table["income"] > top]
    table = pd.concat([table] * (1 + 250 // len(table)), ignore_index=True)
    decisions = explain.review(table.drop(columns=["id"]), large)
    said = (
        "These rows differ from past cases, mostly in: Income. Too few past cases are like them, so nothing is claimed "
        "of how often such predictions are right."
    )
    assert differing(decisions)[0].messages == (said,)
    assert differing(decisions)[0].severity == "error"
    for item in (decisions[0], what_if(large, decisions, 0, {"age": 40.0}, 0.9)[0]):
        assert (item.withdrawn, item.calibration_rows, item.grade) == (said, 0, "")
        assert (item.honest, item.plausible, item.low, item.coverage) == (None, None, None, None)
    again = runs.load(runs.save(decisions, tmp_path), tmp_path)
    assert again[0].withdrawn == said


def test_the_command_line_takes_cohort_and_weights(tmp_path, large, caplog):
    upload(large, beyond=0.85).to_csv(tmp_path / "t.csv", index=False)
    arguments = ["review", str(tmp_path / "t.csv"), "--model", str(large.path), "--out", str(tmp_path / "out")]
    regression = large.info.task == "regression"
    asked = [*arguments, "--weighted"] if regression else [*arguments, "--weighted", "--cohort", "city"]
    assert main(asked) == 0
    import json

    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert (run["weighted"], run["cohort"]) == (True, "" if regression else "city")
    assert run["confidence"]["cohort"] == run["cohort"]
    assert main([*arguments, "--cohort", "branch"]) == 1
