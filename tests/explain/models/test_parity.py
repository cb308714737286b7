"""The parity proof: differences, flips and refusals are counted, in probability or in shares of the spread."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from explain.errors import ModelError
from explain.models.parity import compare, prove_expected, read_parity
from explain.models.proven import headline, mark, sentences

WHAT = np.array(["reference"] * 3 + ["blanks in age"])
SOURCE = np.array([[0.2, 0.8], [0.6, 0.4], [0.499999, 0.500001], [0.1, 0.9]])
ALL = np.ones(4, dtype=bool)


def shifted(row, by):
    found = SOURCE.copy()
    found[row] += [by, -by]
    return found


def test_equal_scores_are_the_same_and_tiny_differences_pass():
    assert compare(SOURCE, SOURCE, ALL, "binary", WHAT).verdict == "same"
    found = compare(SOURCE, shifted(0, 9e-6), ALL, "binary", WHAT)
    assert (found.verdict, found.noticed, found.flips) == ("same", 0, 0)
    assert found.largest == pytest.approx(9e-6)


def test_a_difference_is_found_counted_and_its_worst_row_named():
    found = compare(SOURCE, shifted(3, 0.05), ALL, "binary", WHAT)
    assert (found.verdict, found.noticed, found.flips) == ("different", 1, 0)
    assert (found.worst[0].what, found.worst[0].row) == ("blanks in age", 3)
    assert found.worst[0].source - found.worst[0].package == pytest.approx(0.05)


def test_a_flip_is_another_outcome_unless_two_are_as_likely():
    assert compare(SOURCE, shifted(1, -0.2), ALL, "binary", WHAT).flips == 1
    assert compare(SOURCE, shifted(2, 4e-6), ALL, "binary", WHAT).flips == 0


def test_a_missing_score_of_the_package_is_a_difference_and_rows_that_the_source_refuses_are_none():
    found = SOURCE.copy()
    found[3] = np.nan
    assert compare(SOURCE, found, ALL, "binary", WHAT).verdict == "different"
    assert compare(SOURCE, found, np.array([True, True, True, False]), "binary", WHAT).verdict == "same"


@pytest.mark.parametrize(("by", "verdict"), [(9e-3, "same"), (2e-2, "different")])
def test_target_values_are_compared_as_shares_of_their_spread(by, verdict):
    source = np.array([[0.0], [1_000.0], [500.0], [10.0]])
    package = source + np.array([[0.0], [0.0], [by], [0.0]])
    assert compare(source, package, ALL, "regression", WHAT).verdict == verdict


def expected(values, task="binary", scores=SOURCE):
    return prove_expected(scores, pd.Series(values, name="expected"), ("no", "yes"), 1, task)


def test_a_column_of_expected_predictions_may_hold_probabilities_rounded_ones_or_outcomes():
    assert expected([0.8, 0.4, 0.500001, 0.9]).verdict == "same"
    assert expected([0.8, 0.4, 0.5, 0.9]).verdict == "same"
    assert expected(["yes", "no", "yes", "YES"]).verdict == "same"
    found = expected(["yes", "yes", None, "yes"])
    assert (found.verdict, found.flips, found.rows, found.against) == ("different", 1, 3, "column “expected”")
    assert expected([0.8, 0.41, 0.5, 0.9]).verdict == "different"
    values = np.array([[1.5], [2.5], [3.0], [4.25]])
    assert expected([1.5, 2.5, 3.0, 4.25], "regression", values).verdict == "same"
    assert expected([1.5, 2.5, 3.0, 4.75], "regression", values).verdict == "different"


@pytest.mark.parametrize(
    ("values", "task", "said"),
    [
        ([None] * 4, "binary", "has no predictions"),
        (["yes", "maybe", "no", "no"], "binary", "holds “maybe”, which is none of the outcomes no, yes"),
        ([0.8, 40.0, 0.5, 0.9], "binary", "probabilities of “yes”, from 0 to 1"),
        (["a", 1, 2, 3], "regression", "should hold the predicted values; a is none"),
    ],
)
def test_a_column_that_holds_no_predictions_is_refused(values, task, said):
    with pytest.raises(ModelError, match=said):
        expected(values, task)


def test_a_proof_goes_through_the_card_and_a_failed_one_that_is_served_leaves_its_mark():
    found = compare(SOURCE, shifted(1, -0.2), ALL, "binary", WHAT)
    again = read_parity(json.loads(json.dumps(dataclasses.asdict(found))) | {"served_anyway": True})
    assert again.worst == found.worst
    assert "1 of 4 rows differ by more than 0.0001, and 1 row gets another outcome" in mark(again)
    assert mark(found) == ""
    assert headline(found) == "Does not predict what the original predicts"
    assert "In row 2 of the reference the original says 0.4, the package 0.6." in sentences(found)
    assert read_parity({}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "fine"},
        {"verdict": ["same"]},
        {"rows": "many"},
        {"largest": None},
        {"worst": [{"what": "reference"}]},
        {"worst": ["reference"]},
        {"worst": [{"what": "reference", "row": "first", "source": 0.1, "package": 0.2}]},
        {"worst": 3},
        {"refused": {"blanks in age": 3}},
        {"refused": ["blanks in age"]},
        {"against": 7},
    ],
)
def test_a_proof_that_is_none_is_refused_when_a_card_is_read(change):
    proof = dataclasses.asdict(compare(SOURCE, SOURCE, ALL, "binary", WHAT))
    with pytest.raises(ModelError, match="The proof in card.json is none"):
        read_parity(json.loads(json.dumps(proof | change)))


@pytest.mark.parametrize("before", [{}, None, {"original": "scikit-learn", "rows": 3}, [1], "proved"])
def test_what_cards_said_before_there_were_verdicts_is_no_proof(before):
    assert read_parity(before) is None
