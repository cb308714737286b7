"""Accuracy against the share of rows kept, by hand and for every kind of model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import explain
from explain.charts.performance import kept, kept_title
from explain.charts.theme import LIGHT
from explain.insight import performance
from explain.insight.evidence import evidence_from_package, evidence_from_upload


def test_rows_kept_are_the_most_trusted_first_and_equals_come_together():
    facts = performance.kept(np.array([0.6, 0.9, 0.8, 0.8]), np.array([False, True, True, False]))
    np.testing.assert_allclose(facts.share, [0.25, 0.75, 1.0])
    np.testing.assert_allclose(facts.right, [1.0, 2 / 3, 0.5])
    assert [facts.at(share) for share in (0.1, 0.25, 0.5, 1.0)] == [1.0, 1.0, pytest.approx(2 / 3), 0.5]


@given(rows=st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=40), seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(rows, seed):
    trusted, right = (
        np.array(part, dtype=kind) for part, kind in zip(zip(*rows, strict=True), (float, bool), strict=True)
    )
    order = np.random.default_rng(seed).permutation(len(rows))
    one, other = performance.kept(trusted, right), performance.kept(trusted[order], right[order])
    np.testing.assert_array_equal(one.right, other.right)
    assert one.share[-1] == 1
    assert one.right[-1] == right.mean()


def test_past_rows_are_sorted_by_the_honest_probability(model):
    evidence = evidence_from_package(model)
    facts = evidence.kept()
    assert len(evidence.trusted) == len(evidence.right) == 180
    assert facts.right[-1] == pytest.approx(evidence.right.mean())
    if model.info.task != "regression":
        assert evidence.right.sum() == evidence.confusion(None, model.info.shown).counts.trace()
    figure = kept(facts, LIGHT)
    assert list(figure.data[0].x) == list(100 * facts.share)
    assert figure.layout.title.text.replace("<br>", "") == kept_title(facts)


def test_an_upload_with_outcomes_is_judged_by_what_was_said_of_it(model):
    truth = model.reference.outcomes[:50]
    told = truth if model.info.task == "regression" else [model.info.outputs[int(at)] for at in truth]
    frame = model.reference.frame.head(50).assign(**{model.info.target: told})
    decisions = explain.review(frame, model)
    evidence = evidence_from_upload(decisions, model)
    np.testing.assert_array_equal(evidence.trusted, decisions.confidence.honest)
    assert len(evidence.right) == 50


def test_the_title_says_what_is_seen():
    facts = performance.Kept(np.array([0.5, 1.0]), np.array([0.92, 0.78]))
    assert kept_title(facts) == "Right: 92 of 100 in the half trusted most, 78 of 100 in all"
