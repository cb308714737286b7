"""What the card says of past cases, word for word."""

import math
from dataclasses import replace

import pytest

import explain
from explain import trust
from explain.decisions import Decision
from explain.types import ModelInfo
from tests.conftest import package
from tests.explain.test_pipeline import FAULTY

LOAN = ModelInfo("m", "M", "binary", ("approve", "decline"), "outcome", "0" * 64, shown=0)
PRICE = ModelInfo("m", "M", "regression", ("price",), "price", "0" * 64, unit="$")
FACTS = {
    "row_id": "1", "position": 0, "base": 0.3, "gap": 0.0, "method": "trees", "reasons": (), "warnings": (),
    "level": 0.9, "calibration_rows": 4_000, "grade": "B", "coverage": 0.893,
}  # fmt: skip
OUTCOME = Decision(
    **FACTS, model=LOAN, predicted="approve", shown="approve", score=0.81, scores={"approve": 0.81, "decline": 0.19},
    space="probability", honest=0.78, calibrated={"approve": 0.78, "decline": 0.22}, plausible=("approve",),
    low=None, high=None, past_cases=1_240, past_hits=955, known_low=0.74, known_high=0.8, corrected_by="Platt",
)  # fmt: skip
VALUE = Decision(
    **FACTS, model=PRICE, predicted="price", shown="price", score=4_000.0, scores={"price": 4_000.0}, space="target",
    honest=0.84, calibrated=None, plausible=None, low=3_100.0, high=4_800.0, past_cases=None, past_hits=None,
    corrected_by="difficulty",
)  # fmt: skip


def said(decision, about):
    return dict(trust.sentences(decision))[about]


def test_the_number_stands_with_what_became_of_past_cases():
    assert said(OUTCOME, "number") == ("Approve: 78 in 100. In 1,240 past cases with scores like this, 77 of 100 were.")


def test_fewer_than_thirty_similar_cases_say_nothing():
    assert said(replace(OUTCOME, past_cases=29, past_hits=20), "number") == (
        "Approve: 78 in 100. There are too few similar cases to say how many were (29 of the 30 needed)."
    )


@pytest.mark.parametrize(("share", "words"), [(0.001, "<1"), (0.9999, ">99"), (0.0, "<1"), (1.0, ">99")])
def test_nothing_is_certain(share, words):
    sure = replace(
        OUTCOME, calibrated={"approve": share, "decline": 1 - share}, past_hits=round(1_240 * share), honest=share
    )
    assert said(sure, "number") == (
        f"Approve: {words} in 100. In 1,240 past cases with scores like this, {words} of 100 were."
    )
    assert f"in about {words} of 100 cases" in said(sure, "grade")


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [(0.74, 0.8, "between 74 and 80"), (0.741, 0.744, "at 74"), (0.0, 0.03, "between <1 and 3")],
)
def test_how_well_a_number_is_known(low, high, ends):
    assert trust.known(low, high) == f"How well that is known: past cases alone put it {ends} in 100."


def test_the_grade_is_about_predictions_like_this():
    assert said(OUTCOME, "grade") == ("Grade B: predictions of “approve” like this are right in about 78 of 100 cases.")
    assert said(VALUE, "grade") == (
        "Grade B: for predictions like this the truth is within 20 % in about 84 of 100 cases."
    )


def test_a_range_says_of_whom_it_is_true():
    assert said(VALUE, "range") == "Range: $3,100 to $4,800, made so that 90 of 100 past cases lie within theirs."


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (-math.inf, math.inf, "Range: endless, since so few past cases set no limit at this level"),
        (-math.inf, 5.0, "Range: up to $5"),
        (5.0, math.inf, "Range: $5 and more"),
    ],
)
def test_a_range_without_an_end_says_so(low, high, text):
    assert trust.extent(replace(VALUE, low=low, high=high)) == text


def test_measured_coverage_stands_beside_the_level():
    assert trust.coverage(OUTCOME) == (
        "Measured at 90 %: the truth was in the set for 89 of 100 past cases, each judged by the others."
    )
    assert trust.coverage(replace(VALUE, level=0.95, coverage=0.951, weighted=True)) == (
        "Measured at 95 %: the truth was in the range for 95 of 100 past cases, each counted by how much it is like "
        "these rows, each judged by the others."
    )


def test_the_making_of_the_number_is_named_in_the_fields_terms():
    assert trust.how(OUTCOME) == (
        "From the model's probability, corrected by Platt's curve (logistic, on the log-odds), the best of four ways "
        "by 5-fold log loss; 4,000 past cases that the model was not trained on."
    )
    assert trust.how(replace(VALUE, corrected_by="bands", calibration_rows=180)) == (
        "From past errors among cases with a similar prediction (conformal ranges in bands); 180 past cases that the "
        "model was not trained on."
    )


def test_warned_rows_say_what_they_hold_under():
    decisions = explain.review(FAULTY, package("forest_value"))
    assert said(decisions["d"], "range").endswith(" It is widened by what the warned values might be.")
    assert "Grade D: with the data warnings counted in, for predictions like this" in said(decisions["d"], "grade")
    above = trust.above(decisions.confidence.ranges, decisions["d"], 5.0)
    assert above.endswith("by the errors in past cases. This holds if the warned values are right.")


def test_how_likely_a_value_is_to_exceed_a_threshold():
    model = package("boosting_value")
    decisions = explain.review(model.reference.frame.head(5), model)
    ranges, third = decisions.confidence.ranges, decisions[3]
    for threshold in (third.low, third.score, third.high):
        share = float(ranges.share_above(threshold)[3])
        expected = f"{100 * share:.0f} in 100" if 0.01 <= share <= 0.99 else None
        text = trust.above(ranges, third, threshold)
        assert text.startswith("More than ")
        assert expected is None or f": {expected}, by the errors in past cases." in text
    assert trust.above(None, third, 3.0) == trust.above(ranges, third, None) == ""


def test_without_claims_the_reason_is_said():
    silent = replace(OUTCOME, calibration_rows=0)
    assert not trust.claims(silent)
    assert trust.silence(silent) == (
        "This model came without past cases whose outcome is known, so nothing is claimed of how often it is right: "
        "no grade, no range, no plausible set."
    )
    assert trust.silence(replace(silent, withdrawn="Too different.")) == "Too different."


def test_no_sentence_about_any_model_is_a_promise(model):
    decisions = explain.review(model.reference.frame.head(20), model)
    for decision in decisions:
        for about, sentence in trust.sentences(decision):
            assert about in trust.TERMS
            assert not {"certain", "certainly", "guaranteed", "sure", "will"} & set(sentence.lower().split())
