"""The verdict on a decision: what to do with it, one number, and how that comes about."""

from dataclasses import replace

import numpy as np
import pytest

import explain
from explain.decisions.decision import CellWarning, Reason
from explain.decisions.verdict import KINDS, faults_counted, kinds, other_answer, turns, verdict
from explain.types import Cut
from tests.conftest import package
from tests.explain.decisions.test_trust import LOAN, OUTCOME, VALUE
from tests.explain.test_pipeline import FAULTY

AMOUNT = Reason("amount", "Amount", "3,017,000 DM", 0.2)


def fault(check="out of range", severity="error", repaired=None, flips=0, score=0.81):
    impact = None if repaired is None else repaired - score
    return CellWarning(
        check, "amount", severity, "Amount is wrong.", "3,017,000", None, repaired, impact, impact, impact, flips=flips
    )


def faulty(*faults, **changes):
    return replace(OUTCOME, reasons=(AMOUNT,), warnings=faults, **changes)


@pytest.mark.parametrize(
    ("decision", "kind", "title"),
    [
        (OUTCOME, "use", "Use it"),
        (replace(OUTCOME, honest=0.74), "check", "Check first: a close call"),
        (replace(OUTCOME, honest=0.55), "check", "Check first: a coin toss"),
        (replace(OUTCOME, honest=0.45), "check", "Check first: a coin toss"),
        (replace(OUTCOME, honest=0.56), "check", "Check first: a close call"),
        (replace(OUTCOME, honest=0.41), "check", "Check first: past cases with such scores were more often decline"),
        (
            replace(OUTCOME, honest=None, calibration_rows=0),
            "check",
            "Check first: nothing is known of how often the model is right here",
        ),
        (replace(VALUE, honest=0.6), "check", "Check first: the value is a rough guide only"),
        (
            replace(OUTCOME, score=float("nan"), honest=None),
            "none",
            "No answer: the model gives no number for this row",
        ),
        (
            faulty(fault("missing", "warning"), score=float("nan"), honest=None),
            "none",
            "No answer: fix Amount (blank)",
        ),
        # an error stops where it turns the decision, or where the decision is not sure with it
        (faulty(fault(repaired=0.3)), "stop", "Do not use yet: fix Amount (out of range)"),
        (faulty(fault(repaired=0.7), honest=0.6), "stop", "Do not use yet: fix Amount (out of range)"),
        (faulty(fault(repaired=0.7)), "check", "Check first: Amount (out of range)"),
        (faulty(fault(severity="warning", repaired=0.3)), "check", "Check first: Amount (out of range)"),
        # a warning that was priced, and changes nothing, stops nobody
        (faulty(fault(severity="warning", repaired=0.7)), "use", "Use it: Amount (out of range) does not change it"),
        (
            faulty(fault(severity="warning", repaired=0.7), fault("missing", "warning", 0.8)),
            "use",
            "Use it: Amount (out of range) and 1 other fault do not change it",
        ),
        (faulty(fault("duplicate row", "warning")), "check", "Check first: Amount (same row twice)"),
        (
            faulty(fault("new category", "warning", 0.7), fault(repaired=0.3)),
            "stop",
            "Do not use yet: fix Amount (out of range) and 1 other fault",
        ),
        # remarks cast no doubt
        (faulty(fault("rare category", "info")), "use", "Use it"),
    ],
)
def test_the_title_says_what_to_do_and_why(decision, kind, title):
    found = verdict(decision)
    assert (found.kind, found.title) == (kind, title)


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (OUTCOME, "Approve: right in about 78 of 100 such cases."),
        (replace(OUTCOME, honest=None), "Approve; the model alone says 81 in 100."),
        (replace(OUTCOME, honest=0.5), "Approve: a coin toss, right in about 50 of 100 such cases."),
        (
            replace(OUTCOME, honest=0.4),
            "Approve: more likely wrong than right, right in about 40 of 100 such cases.",
        ),
        (
            replace(OUTCOME, honest=0.004),
            "Approve: almost always wrong, in more than 99 of 100 such cases.",
        ),
        (VALUE, "$4,000: within 20 % of the truth in about 84 of 100 such cases."),
        (
            replace(VALUE, honest=0.01),
            "$4,000: almost always wrong, by more than 20 % in about 99 of 100 such cases.",
        ),
        (replace(VALUE, honest=None), "$4,000, as the model says."),
    ],
)
def test_the_decision_has_one_number(decision, sentence):
    assert verdict(decision).sentence == sentence


@pytest.mark.parametrize(
    ("decision", "corrected"),
    [
        (OUTCOME, ""),
        (
            faulty(replace(fault(repaired=0.04), suggestion="19")),
            "As it stands the model alone says approve 81; with Amount corrected decline 96.",
        ),
        (
            faulty(fault(repaired=0.04)),
            "The right Amount is not known; with that of similar cases it would more often be decline.",
        ),
        (
            faulty(fault(repaired=0.7)),
            "With Amount corrected: still approve; the model alone says 70 instead of 81.",
        ),
        (faulty(fault(repaired=0.8101)), "With Amount corrected: still approve, with the same score."),
        (
            replace(VALUE, reasons=(AMOUNT,), warnings=(fault(repaired=3_000.0, score=4_000.0),)),
            "With Amount corrected: $3,000 instead of $4,000.",
        ),
        (
            replace(VALUE, reasons=(AMOUNT,), warnings=(fault(repaired=4_100.0, score=4_000.0),)),
            "With Amount corrected: $4,100 instead of $4,000.",
        ),
    ],
)
def test_what_a_correction_changes_is_one_sentence(decision, corrected):
    assert verdict(decision).corrected == corrected


def test_the_steps_lead_from_the_models_number_to_the_one_on_top_and_their_interval_holds_it():
    assert verdict(OUTCOME).steps == (
        "The model says approve: 81 in 100; for a typical past case it is 30 in 100.",
        (
            "Past cases correct this to 78 in 100, and put it between 74 and 80. Of 1,240 past cases with scores "
            "like this, 77 of 100 were approve."
        ),
        "Data: nothing takes away from that.",
    )
    outside = replace(OUTCOME, known_low=0.33, known_high=0.4)
    assert "78 in 100, and put it between 33 and 78." in verdict(outside).steps[1]
    doubted = faulty(fault(repaired=0.3), honest=0.41)
    assert verdict(doubted).steps[2] == "The faults in the data take that down to 41 in 100."
    assert verdict(doubted).sentence == ("Approve: more likely wrong than right, right in about 41 of 100 such cases.")
    ranged = "Range: $3,100 to $4,800, so that 90 of 100 past cases lie within theirs."
    assert verdict(VALUE).steps[1] == ranged


def test_a_threshold_of_the_model_decides_what_a_correction_turns():
    strict = replace(LOAN, cut=Cut(0.9, 0))
    assert other_answer(replace(OUTCOME, model=strict, predicted="decline", shown="decline", score=0.19), fault()) == ""
    turned = replace(OUTCOME, model=strict, predicted="approve", score=0.95)
    assert other_answer(turned, fault(repaired=0.85)) == "decline"
    assert other_answer(turned, fault(repaired=0.91)) == ""


def test_a_decision_told_of_the_predicted_outcome_mirrors_every_number():
    said = replace(
        faulty(fault(repaired=0.3, score=0.19)), predicted="decline", shown="approve", score=0.19, base=0.7,
        scores={"approve": 0.19, "decline": 0.81},
    )  # fmt: skip
    told = said.of_predicted
    assert (told.shown, told.score, told.base) == ("decline", 0.81, pytest.approx(0.3))
    assert told.reasons[0].contribution == -0.2
    assert told.warnings[0].repaired == pytest.approx(0.7)
    assert told.warnings[0].impact == pytest.approx(-0.11)
    assert (told.past_cases, told.past_hits) == (1_240, 285)
    assert (told.known_low, told.known_high) == (pytest.approx(0.2), pytest.approx(0.26))
    assert told.of_predicted == told
    assert replace(said, space="log-odds", score=-1.4, base=0.8).of_predicted.score == 1.4


def test_every_row_of_every_model_has_the_verdict_that_its_card_says(model):
    decisions = explain.review(FAULTY, model)
    views = [decision.of_predicted for decision in decisions]
    assert [KINDS[kind] for kind in kinds(decisions)] == [verdict(view).kind for view in views]
    assert turns(decisions).tolist() == [any(other_answer(view, item) for item in view.warnings) for view in views]
    for decision, view in zip(decisions, views, strict=True):
        # reasons and base still add up to the number beside them
        assert view.base + sum(item.contribution for item in view.reasons) == pytest.approx(
            view.score, abs=1e-5, rel=1e-6
        )
        assert decision.plausible is None or decision.predicted in decision.plausible
        said = " ".join([verdict(view).title, verdict(view).sentence, verdict(view).corrected, *verdict(view).steps])
        assert not {"certain", "certainly", "guaranteed", "sure", "will", "nan", "None"} & set(said.split())


def test_no_letter_stands_beside_an_error():
    assert OUTCOME.letter == OUTCOME.grade == "B"
    assert faulty(fault(repaired=0.7)).letter == ""
    assert faulty(fault(severity="warning", repaired=0.7)).letter == "B"


def test_every_number_on_the_card_that_is_not_the_one_on_top_says_whose_it_is():
    found = verdict(faulty(fault(repaired=0.7), honest=0.6))
    for said in (found.corrected, *found.steps):
        for number in ("81", "70"):
            assert number not in said or "the model alone says" in said or "The model says" in said


def whole(severity, check):
    return CellWarning(check, "amount", severity, "Amount is odd in all rows.", "", None, None, None, None, None)


@pytest.mark.parametrize(
    ("fault_of_column", "kind", "title"),
    [
        (whole("error", "unit of column"), "check", "Check first: Amount in all rows (column in another unit)"),
        (whole("warning", "sorted apart"), "check", "Check first: Amount in all rows (sorted apart from its rows)"),
        (whole("warning", "constant column"), "use", "Use it"),
    ],
)
def test_a_column_that_is_faulty_as_a_whole_lets_no_row_of_it_be_used_unseen(fault_of_column, kind, title):
    found = verdict(replace(OUTCOME, reasons=(AMOUNT,), column_faults=(fault_of_column,)))
    assert (found.kind, found.title) == (kind, title)


def test_a_column_in_another_unit_is_said_of_each_of_its_rows():
    model = package("histogram_boosting")
    frame = model.reference.frame.head(60).copy()
    frame["income"] *= 1_000
    decisions = explain.review(frame, model)
    assert ("unit of column", "income") in {(item.check, item.column) for item in decisions.warnings}
    for row in (0, 59):
        assert decisions[row].column_faults[0].check == "unit of column"
        assert "in all rows" in verdict(decisions[row]).title or decisions[row].faults
    assert "use" not in {KINDS[kind] for kind in kinds(decisions)}


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ((), "No faults in the data"),
        ((fault(),), "1 fault"),
        ((fault(), fault(severity="warning"), fault(severity="info")), "2 faults and 1 remark"),
        ((fault(severity="info"), fault(severity="info")), "2 remarks"),
    ],
)
def test_faults_and_remarks_are_counted_apart(faults, said):
    assert faults_counted(faulty(*faults)) == said


def test_at_any_level_the_set_holds_the_predicted_outcome():
    decisions = explain.review(package("forest_three").reference.frame, package("forest_three"))
    confidence = decisions.confidence
    from explain.confidence import at_level

    for level in (0.05, 0.5, 0.8, 0.99):
        kept = at_level(confidence, level).plausible
        assert kept[np.arange(len(decisions)), decisions.prediction.chosen].all()
        assert (kept >= (confidence.p_values > 1 - level + 1e-9)).all()
