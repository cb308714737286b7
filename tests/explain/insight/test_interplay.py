"""What columns do together, over the rows of a review."""

import numpy as np

import explain
from explain.attributions import explain_pairs
from explain.insight import interplay as module
from explain.insight.interplay import interplay
from tests.conftest import package


def test_partners_stand_by_strength_and_what_two_do_together_is_both_halves(boosting):
    decisions = explain.review(boosting.reference.frame.head(40), boosting)
    found = interplay(decisions, boosting)
    pairs = explain_pairs(boosting, decisions.table)
    np.testing.assert_array_equal(found.shares, pairs)
    mean = np.abs(pairs[:, 0]).mean(axis=0)
    expected = [name for _, name in sorted(zip(-mean[1:], boosting.schema.names[1:], strict=True)) if mean.any()]
    assert found.partners("income") == [name for name in expected if mean[boosting.schema.names.index(name)] > 0]
    np.testing.assert_array_equal(found.together("income", "city"), 2 * pairs[:, 0, 3])
    np.testing.assert_array_equal(found.together("income", "city"), found.together("city", "income"))


def test_of_many_rows_some_are_drawn(boosting, monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 10)
    decisions = explain.review(boosting.reference.frame.head(40), boosting)
    assert len(interplay(decisions, boosting).rows) == 10


def test_a_model_known_by_its_scores_alone_has_none():
    network = package("network")
    assert interplay(explain.review(network.reference.frame.head(2), network), network) is None
