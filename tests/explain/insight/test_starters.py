"""Three decisions to begin with are found by rule, in whatever review there is."""

from dataclasses import replace

import pytest

import explain
from explain.decisions.verdict import verdict
from explain.insight.listing import listing_of
from explain.insight.starters import starters
from explain.models.catalog import sample_uploads


@pytest.fixture(scope="module")
def listing():
    sample = sample_uploads()[0]
    model = explain.load_model(sample.model)
    return listing_of(explain.review(explain.read_table(sample.path, model.schema, columns=sample.columns), model))


def test_the_sample_has_one_of_each_kind(listing):
    assert [item.kind for item in starters(listing)] == ["clean", "slip", "undecided"]


def test_the_clear_case_is_the_surest_of_the_usual_outcome_and_nothing_is_said_of_its_data(listing):
    decision = listing.decisions[starters(listing)[0].position]
    assert verdict(decision.of_predicted).kind == "use"
    assert decision.predicted == "approved"
    assert decision.warnings == ()
    others = [item for item in listing.decisions if item.predicted == "approved" and not item.warnings]
    assert decision.honest == max(item.honest for item in others)


def test_the_slip_is_a_thousand_times_what_is_suggested_and_moves_the_answer_most(listing):
    decision = listing.decisions[starters(listing)[1].position]
    fault = decision.warnings[0]
    cell = listing.decisions.table.frame[fault.column].iloc[decision.position]
    assert cell == 1_000 * float(fault.suggestion)
    assert abs(fault.impact) > 0.2


def test_the_undecided_case_is_sound_and_as_likely_wrong_as_right(listing):
    decision = listing.decisions[starters(listing)[2].position]
    assert verdict(decision.of_predicted).title == "Check first: a coin toss"
    assert decision.warnings == ()
    assert decision.honest == pytest.approx(0.5, abs=0.01)


def test_a_slip_that_turns_the_answer_goes_before_one_that_moves_it_further(listing):
    slips = [item for item in starters(listing) if item.kind == "slip"]
    others = [
        int(row)
        for warning in listing.decisions.warnings
        if warning.column == "amount"
        for row, fix in zip(warning.rows, warning.suggestion, strict=True)
        if fix is not None and row != slips[0].position
    ]
    turning = listing.turns.copy()
    turning[others[0]] = True
    found = {item.kind: item.position for item in starters(replace(listing, turns=turning))}
    assert found["slip"] == others[0]


def test_a_model_without_past_cases_has_no_surest_decision(listing):
    silent = replace(listing.decisions.confidence, honest=None)
    assert starters(replace(listing, decisions=replace(listing.decisions, confidence=silent))) == ()
