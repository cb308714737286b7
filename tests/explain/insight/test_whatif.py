"""Changed values give the decision that an upload with them would have given."""

import numpy as np
import pandas as pd
import pytest

import explain
from explain import pipeline
from explain.insight import whatif
from explain.insight.whatif import (
    at_level,
    compare,
    in_log_odds,
    is_wholly_checked,
    looked_at,
    may_have_log_odds,
    one_row,
    past_cases,
    what_if,
)
from tests.conftest import package
from tests.explain.test_pipeline import FAULTY


def test_no_change_gives_the_same_decision(model):
    decisions = explain.review(FAULTY, model)
    for row in range(4):
        same = what_if(model, decisions, row, {}, 0.9)[0]
        assert same.score == pytest.approx(decisions[row].score, rel=1e-6)
        assert same.grade == decisions[row].grade
        assert [item.message for item in same.warnings] == [item.message for item in decisions[row].warnings]


def test_a_change_gives_what_an_upload_with_it_would_give(model):
    decisions = explain.review(FAULTY, model)
    changed = what_if(model, decisions, 2, {"income": 60.0, "city": "Rome"}, 0.9)[0]
    uploaded = explain.review(FAULTY.assign(income=[55, 41, 60, 38.5], city=["Oslo", "Bern", "Rome", "Lima"]), model)[2]
    assert changed.score == pytest.approx(uploaded.score, rel=1e-6)
    assert {r.column: r.contribution for r in changed.reasons} == pytest.approx(
        {r.column: r.contribution for r in uploaded.reasons}, abs=1e-9
    )
    assert changed.warnings == ()


def test_a_value_can_be_taken_away(boosting):
    table = explain.read_table(FAULTY, boosting.schema)
    changed = one_row(table, 0, {"income": None, "city": None})
    assert np.isnan(changed.frame["income"][0])
    assert changed.frame["city"][0] is None
    assert table.frame["income"][0] == 55.0


def test_repairing_a_text_cell_takes_its_warning_away(boosting):
    decisions = explain.review(FAULTY.assign(age=["31", "two", "40", "41"]), boosting)
    assert what_if(boosting, decisions, 1, {}, 0.9)[0].warnings[0].check == "wrong type"
    assert "wrong type" not in {item.check for item in what_if(boosting, decisions, 1, {"age": 52.0}, 0.9)[0].warnings}


def test_another_level_moves_sets_and_ranges_and_nothing_else(model):
    decisions = explain.review(FAULTY, model)
    wide = at_level(decisions, 0.8)
    assert wide.confidence.level == 0.8
    assert wide.confidence.grade == decisions.confidence.grade
    np.testing.assert_array_equal(wide.confidence.honest, decisions.confidence.honest)
    direct = explain.review(FAULTY, model, level=0.8)
    for name in ("plausible", "low", "high"):
        one, other = getattr(wide.confidence, name), getattr(direct.confidence, name)
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one, other)


def test_past_cases_are_the_nearest_with_what_became_of_them(model):
    table = explain.read_table(model.reference.frame.head(3), model.schema)
    found = past_cases(model, table, 0, ["city"], most=2)
    assert found[0].alike == pytest.approx(1.0)
    assert found[0].same["city"]
    outcome = model.reference.outcomes[0]
    expected = f"{outcome:,.0f}" if model.info.task == "regression" else model.info.outputs[int(outcome)]
    assert found[0].outcome.strip("$") == expected


def test_a_review_made_again_is_the_same(model):
    decisions = explain.review(FAULTY, model)
    facts = compare(decisions, model, explain.review(FAULTY, model))
    assert (facts.same_model, facts.same_version, facts.rows_changed, facts.largest_change) == (True, True, 0, 0.0)


def test_a_changed_score_is_counted(boosting):
    from dataclasses import replace

    decisions = explain.review(FAULTY, boosting)
    scores = decisions.prediction.scores.copy()
    scores[1] += [0.25, -0.25]
    off = replace(decisions, prediction=replace(decisions.prediction, scores=scores))
    facts = compare(off, boosting, decisions)
    assert facts.rows_changed == 1
    assert facts.largest_change == pytest.approx(0.25)


def test_a_decision_in_log_odds_has_the_same_reasons_on_the_models_own_scale(model):
    decisions = explain.review(FAULTY, model)
    decision = decisions[1]
    found = in_log_odds(model, decisions.table, decision) if may_have_log_odds(decision) else None
    if found is None:
        assert model.info.task == "regression" or decision.method == "enumerated" or "forest" in model.card.name
        return
    assert found.space == "log-odds"
    assert found.base + sum(reason.contribution for reason in found.reasons) == pytest.approx(found.score)
    if model.info.task == "binary":
        assert found.score == pytest.approx(np.log(decision.score / (1 - decision.score)), abs=1e-4)
        # two outcomes: the probability shares are these, scaled by one factor
        points = {reason.column: reason.contribution for reason in decision.reasons}
        factors = [points[reason.column] / reason.contribution for reason in found.reasons if reason.contribution]
        assert factors == pytest.approx([factors[0]] * len(factors))


def test_reasons_of_another_outcome_lead_to_its_own_score():
    from explain.insight.whatif import about_output, in_log_odds

    model = package("boosting_three")
    decisions = explain.review(model.reference.frame.head(3), model)
    for output in model.info.outputs:
        asked = about_output(model, decisions.table, decisions[0], output)
        assert asked.shown == output
        assert asked.score == decisions[0].scores[output]
        assert asked.base + sum(reason.contribution for reason in asked.reasons) == pytest.approx(asked.score, abs=1e-6)
        logs = in_log_odds(model, decisions.table, asked)
        assert logs.space == "log-odds"
        assert logs.shown == output
    usual = decisions[0]
    same = about_output(model, decisions.table, usual, usual.shown)
    # before the loops are compiled, a few rows are added up in another order
    usually = [reason.contribution for reason in usual.reasons]
    assert [reason.contribution for reason in same.reasons] == pytest.approx(usually, abs=1e-12)


def test_a_changed_row_can_be_seen_in_log_odds_and_about_another_outcome():
    from explain.insight.whatif import about_output

    model = package("boosting_three")
    decisions = explain.review(model.reference.frame.head(5), model)
    reviewed = what_if(model, decisions, 3, {"income": 60.0}, 0.9)
    changed = reviewed[0]
    for output in model.info.outputs:
        asked = about_output(model, reviewed.table, changed, output)
        assert asked.score == pytest.approx(changed.scores[output])
        assert asked.base + sum(reason.contribution for reason in asked.reasons) == pytest.approx(asked.score, abs=1e-6)
    assert in_log_odds(model, reviewed.table, changed).space == "log-odds"


def test_an_opened_row_of_a_long_table_is_held_against_the_rest_of_it(monkeypatch):
    model = explain.load_model("penguins")
    # the bill of a Gentoo on an Adelie
    rows = pd.concat([model.reference.frame.dropna().iloc[[0]]] * 3, ignore_index=True)
    rows.loc[1, "bill_length_mm"] = 58.0
    rows["case_id"] = ["a", "b", "a"]
    rows.loc[2] = rows.loc[0]
    whole = explain.review(rows, model)
    assert "unlikely" in {item.check for item in whole["b"].warnings}
    for module in (whatif, pipeline):
        monkeypatch.setattr(module, "MOST_ROWS", 2)
    decisions = explain.review(rows, model)
    assert not is_wholly_checked(decisions)
    assert "unlikely" not in {item.check for item in decisions["b"].warnings}
    opened = looked_at(model, decisions, 1, 0.9)
    assert [item.check for item in opened[0].warnings] == [item.check for item in whole["b"].warnings]
    twin = looked_at(model, decisions, 2, 0.9)
    assert [item.messages for item in twin.warnings if item.check == "duplicate row"] == [
        ("This row repeats row a in every column. Is it one case or two?",)
    ]
