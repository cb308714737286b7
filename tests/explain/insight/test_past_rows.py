"""What drives a model, told from its own past rows."""

import numpy as np

import explain
from explain.charts.theme import LIGHT
from explain.charts.whole import importance
from explain.insight.past_rows import MOST, past_rows


def test_past_rows_are_a_seeded_sample_whose_reasons_add_up():
    model = explain.load_model("german_credit")
    found = past_rows(model)
    assert len(found) == MOST
    assert found.table.row_ids == past_rows(model).table.row_ids
    total = found.explanation.base + found.explanation.values.sum(axis=1)
    np.testing.assert_allclose(total, found.shown_scores, atol=1e-5)
    at = [int(row) - 1 for row in found.table.row_ids]
    np.testing.assert_allclose(found.prediction.scores, model.reference_scores[at], atol=1e-6)


def test_of_few_past_rows_all_are_looked_at():
    model = explain.load_model("penguins")
    assert len(past_rows(model)) == len(model.reference)


def test_they_name_the_columns_that_move_the_model_most():
    title = importance(past_rows(explain.load_model("german_credit")), LIGHT).layout.title.text
    assert title == "Checking account moves predictions most"
