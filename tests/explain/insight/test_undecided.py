"""What speaks for each of two outcomes adds up to the difference of their scores, and what would settle it does."""

import re
from dataclasses import replace

import numpy as np
import pytest

import explain
from explain.attributions import explain_outputs
from explain.insight.undecided import Rivals, Settling, Share, undecided
from explain.insight.whatif import at_level, what_if
from explain.types import DataWarning, Schema
from tests.conftest import package


def open_rows(model, level=0.99):
    decisions = at_level(explain.review(model.reference.frame.head(40), model), level)
    sets = decisions.confidence.plausible
    return decisions, [] if sets is None else np.flatnonzero(sets.sum(axis=1) > 1)[:4]


def test_the_shares_add_up_to_the_difference_of_the_scores(model):
    decisions, rows = open_rows(model)
    for at in rows:
        found = undecided(model, decisions, int(at))
        scores = decisions[int(at)].scores
        assert found.lead == scores[found.first] - scores[found.second] >= 0
        scale = 2e-5
        assert found.start + sum(item.lead for item in found.shares) == pytest.approx(found.lead, abs=scale)
        assert {found.first, found.second} <= set(decisions[int(at)].plausible)


def test_a_share_is_the_difference_of_the_two_outcomes_reasons(model):
    decisions, rows = open_rows(model)
    for at in rows[:2]:
        found = undecided(model, decisions, int(at))
        each = explain_outputs(model, decisions.table, [int(at)])
        apart = each[found.first].values[0] - each[found.second].values[0]
        own = {item.column: item.lead for item in found.shares}
        np.testing.assert_allclose([own[name] for name in model.schema.names], apart, atol=1e-5)


def test_one_plausible_outcome_is_not_undecided(model):
    decisions = at_level(explain.review(model.reference.frame.head(40), model), 0.5)
    sets = decisions.confidence.plausible
    if sets is None:
        assert undecided(model, decisions, 0) is None
        return
    for at in np.flatnonzero(sets.sum(axis=1) <= 1)[:3]:
        assert undecided(model, decisions, int(at)) is None


def test_the_value_that_would_settle_it_does_when_it_is_tried():
    model = package("boosting_three")
    decisions = explain.review(model.reference.frame.head(120), model)
    open_ = np.flatnonzero(decisions.confidence.plausible.sum(axis=1) > 1)
    tried = 0
    for at in open_:
        found = undecided(model, decisions, int(at)).settling
        if found is None or found.title != "city":
            continue
        again = what_if(model, decisions, int(at), {"city": found.value}, 0.9)[0]
        assert again.plausible == (found.outcome,)
        assert 0 < found.settled <= found.tried <= 25
        tried += 1
    assert tried


SHARES = (
    Share("a", "Amount", "9,055 DM", -0.16),
    Share("s", "Savings", "none", 0.071),
    Share("d", "Duration", "36 months", -0.1),
    Share("p", "Purpose", "car", -0.02),
    Share("r", "Rent", "no", -0.01),
    Share("o", "Other", "no", 0.0),
)


def test_the_sentences_word_for_word():
    settling = Settling("Savings", "none", "over 500 DM", "approved", 13, 19)
    rivals = Rivals("approved", "declined", 0.05, 0.2, SHARES, settling, 0.9)
    assert rivals.title == "Approved or declined?"
    assert rivals.sentences == [
        "For approved over declined: Savings none (+7.1 points).",
        (
            "For declined, against approved: Amount 9,055 DM (−16 points), Duration 36 months (−10 points), "
            "Purpose car (−2.0 points) and 1 more column."
        ),
        (
            "The model would be clear if Savings were over 500 DM instead of none: then approved alone would be on "
            "the shortlist at 90 %. This says how the model works, and is no advice."
        ),
    ]
    open_end = Rivals("approved", "declined", 0.05, 0.2, SHARES[:1], None, 0.95)
    assert open_end.sentences[0] == "Nothing speaks for approved."
    assert len(open_end.sentences) == 2
    # of two outcomes the chart shows half of a lead: what one gains the other loses
    mirrored = Rivals("approved", "declined", 0.05, 0.2, SHARES, settling, 0.9, mirrored=True)
    assert mirrored.sentences[0] == "For approved over declined: Savings none (+3.5 points)."


def test_what_speaks_for_each_of_two_outcomes_has_the_signs_and_sizes_of_the_chart(boosting):
    decisions, rows = open_rows(boosting)
    assert len(rows)
    for at in rows[:20].tolist():
        found = undecided(boosting, decisions, at)
        view = decisions[at].of_predicted
        assert found.first == view.predicted
        drawn = {reason.column: reason.contribution for reason in view.reasons}
        assert {item.column: item.lead / 2 for item in found.shares} == pytest.approx(drawn)


def test_no_sentence_says_nan(model):
    decisions, rows = open_rows(model)
    for at in rows:
        assert not re.search(r"\b(nan|None)\b", " ".join(undecided(model, decisions, int(at)).sentences))


def test_too_few_past_cases_to_rule_anything_out_are_said():
    model = package("boosting_three")
    decisions = at_level(explain.review(model.reference.frame.head(3), model), 0.99)
    found = undecided(model, decisions, 0)
    assert (found.too_few, found.settling) == (True, None)
    assert found.sentences[2] == (
        "There are too few past cases for a shorter list at 99 %; a lower level may settle it."
    )


def test_nothing_is_said_to_settle_it_while_an_error_stands_nor_of_personal_columns():
    model = package("boosting_three")
    decisions = explain.review(model.reference.frame.head(120), model)
    rows = np.flatnonzero(decisions.confidence.plausible.sum(axis=1) > 1)
    settled = {int(at): undecided(model, decisions, int(at)).settling for at in rows}
    settled = {at: found for at, found in settled.items() if found is not None}
    assert settled
    personal = Schema(tuple(replace(column, personal=True) for column in model.schema))
    marked = replace(model, card=replace(model.card, schema=personal))
    for at in settled:
        error = DataWarning("sentinel", "age", "error", np.array([at]), ("-1",), (None,), ("Age is -1.",))
        broken = replace(decisions, warnings=(*decisions.warnings, error))
        assert undecided(model, broken, at).settling is None
        assert undecided(marked, decisions, at).settling is None
