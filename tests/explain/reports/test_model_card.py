"""The model card as Markdown: the field's headings, figures equal to scikit-learn's, intervals around them, groups."""

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from explain import words
from explain.confidence import calibration_of
from explain.insight.evidence import evidence_from_package
from explain.models import load_model
from explain.reports.model_card import by_group, metrics, to_markdown


@pytest.mark.parametrize("name", ["german_credit", "diamonds", "penguins"])
def test_figures_are_scikit_learns_and_lie_within_their_intervals(name):
    model = load_model(name)
    evidence = evidence_from_package(model)
    found = {item.name: item for item in metrics(evidence, model.info.shown)}
    if model.info.task == "regression":
        truth, said = evidence.outcomes, evidence.scores[:, 0]
        expected = {
            "Mean absolute error": mean_absolute_error(truth, said),
            "Root mean squared error": root_mean_squared_error(truth, said),
            "R²": r2_score(truth, said),
        }
    else:
        classes, shown = evidence.classes, model.info.shown
        expected = {
            "Accuracy": accuracy_score(classes, evidence.scores.argmax(axis=1)),
            f"ROC AUC of “{model.info.outputs[shown]}”": roc_auc_score(classes == shown, evidence.scores[:, shown]),
            # of sums in float32, which it would not take for probabilities
            "Log loss": log_loss(classes, evidence.scores / evidence.scores.sum(axis=1, keepdims=True)),
        }
    assert {name: item.value for name, item in found.items()} == pytest.approx(expected, rel=1e-6)
    assert all(item.low <= item.value <= item.high for item in found.values())
    assert found == {item.name: item for item in metrics(evidence, model.info.shown)}


def test_groups_are_judged_by_their_own_rows_and_small_ones_left_out():
    model = load_model("german_credit")
    past, evidence = calibration_of(model), evidence_from_package(model)
    right = evidence.scores.argmax(axis=1) == evidence.classes
    found = by_group(model, evidence, "housing")
    assert [name for name, _, _ in found] == ["rent", "for free", "own"]
    column = model.schema["housing"]
    rent = next(name for name in column.categories if words.cell(name, column) == "rent")
    mine = (past.frame["housing"] == rent).to_numpy()
    assert found[0][1:] == (int(mine.sum()), pytest.approx(float(right[mine].mean())))
    assert all(count >= 20 for _, count, _ in by_group(model, evidence, "purpose"))


def test_the_card_has_the_fields_headings_and_says_what_nobody_stated():
    text = to_markdown(load_model("penguins"), "island")
    heads = [line for line in text.splitlines() if line.startswith("#")]
    assert heads[:2] == ["# Penguin species", "## Model details"]
    assert [head.strip("# ") for head in heads[2:]] == [
        "Intended use",
        "Data",
        "Metrics",
        "By Island",
        "Limits",
        "Licence",
    ]
    assert text.count("Not stated.") == 2
    assert "Predicts what the original predicts." in text


def test_a_model_without_held_out_outcomes_has_no_figures(boosting):
    bare = dataclasses.replace(boosting, files=dict(boosting.files))
    reference = dataclasses.replace(boosting.reference, held_out=np.zeros(len(boosting.reference), dtype=bool))
    bare.__dict__["reference"] = reference
    object.__setattr__(bare, "card", dataclasses.replace(bare.card, files=bare.card.files | {"model.onnx": "other"}))
    assert "Not measured: the package has no rows" in to_markdown(bare)
