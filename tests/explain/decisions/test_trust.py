"""What the card says of past cases, word for word."""

import math
from dataclasses import replace

import pytest

import explain
from explain.decisions import CellWarning, Decision, trust
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

FAULT = CellWarning("sentinel", "amount", "error", "Amount is -1.", "-1", None, None, None, None, None)
THREE = replace(OUTCOME, scores={"adelie": 0.6, "gentoo": 0.3, "chinstrap": 0.1})


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.74, 0.8, ", and put it between 74 and 80"),
        (0.741, 0.744, ""),
        (0.0, 0.03, ", and put it between <1 and 3"),
    ],
)
def test_how_well_a_number_is_known(low, high, text):
    assert trust.known(low, high) == text


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        (OUTCOME, "On the shortlist: approve alone."),
        (
            replace(OUTCOME, plausible=("approve", "decline")),
            "It could be either: approve and decline are both on the shortlist.",
        ),
        (
            replace(OUTCOME, plausible=("approve", "decline"), warnings=(FAULT,)),
            "With this fault it could be either: approve and decline are both on the shortlist.",
        ),
        (
            replace(OUTCOME, warnings=(FAULT, FAULT)),
            "On the shortlist, even with these faults: approve alone.",
        ),
        (
            replace(THREE, plausible=("adelie", "gentoo")),
            "On the shortlist: adelie and gentoo.",
        ),
        (
            replace(THREE, plausible=("adelie", "gentoo"), warnings=(FAULT,)),
            "On the shortlist with this fault: adelie and gentoo.",
        ),
        (replace(OUTCOME, plausible=None), ""),
        (VALUE, "Range: $3,100 to $4,800."),
    ],
)
def test_what_cannot_be_ruled_out_is_one_sentence(decision, text):
    assert trust.left(decision) == text


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


def test_a_range_is_shown_within_what_values_can_be():
    below = replace(VALUE, low=-200.0, high=900.0)
    assert trust.extent(below) == "Range: -$200 to $900"
    assert trust.extent(replace(below, least=0.0)) == "Range: $0 to $900"
    assert trust.extent(replace(below, low=-math.inf, least=0.0)) == "Range: $0 to $900"
    assert trust.extent(replace(below, high=130.0, least=0.0, most=100.0)) == "Range: $0 to $100"
    # what is kept, and goes into files, stays as it is
    assert replace(below, least=0.0).low == -200.0


def test_measured_coverage_stands_beside_the_level():
    assert trust.coverage(OUTCOME) == "Tested: in 89 of 100 past cases the true answer was on such a shortlist."
    assert trust.coverage(replace(VALUE, level=0.95, coverage=0.951, weighted=True)) == (
        "Tested: in 95 of 100 past cases the true value lay within such a range, those most like these "
        "rows counted most."
    )


def test_no_share_of_past_cases_is_all_of_them():
    assert trust.coverage(replace(OUTCOME, coverage=1.0)) == (
        "Tested: in more than 99 of 100 past cases the true answer was on such a shortlist."
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
    assert trust.left(decisions["d"]).endswith(", widened by what the faulty values might be.")
    above = trust.above(decisions.confidence.ranges, decisions["d"], 5.0)
    assert above.endswith("by the errors in past cases. This holds if the faulty values are right.")


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
        "no letter, no range, no shortlist."
    )
    assert trust.silence(replace(silent, withdrawn="Too different.")) == "Too different."
