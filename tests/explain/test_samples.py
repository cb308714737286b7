"""The sample packages keep their promises: parity, clean uploads without faults, messy ones with theirs found."""

import json

import pandas as pd
import pytest

import explain
from explain.attributions import explainer_for
from explain.decisions.verdict import verdict
from explain.models import catalog, load_model
from explain.models.package import samples_folder

MODELS = ["german_credit", "diamonds", "penguins"]
UPLOADS = samples_folder() / "uploads"
FAULTS = pd.DataFrame(json.loads((UPLOADS / "faults.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def reviewed():
    """Every sample upload, reviewed once."""
    found = {}
    for sample in catalog.sample_uploads():
        model = load_model(sample.model)
        table = explain.read_table(sample.path, model.schema, columns=sample.columns)
        found[sample.path.name] = explain.review(table, model)
    return found


@pytest.mark.parametrize("name", MODELS)
def test_the_card_carries_the_proof_that_the_conversion_changed_nothing(name):
    proof = load_model(name).card.parity
    assert (proof.verdict, proof.noticed, proof.flips) == ("same", 0, 0)
    assert proof.largest <= 1e-5
    assert proof.rows >= 344


@pytest.mark.parametrize(
    ("name", "method"), [("german_credit", "trees"), ("diamonds", "trees"), ("penguins", "linear")]
)
def test_samples_are_explained_exactly(name, method):
    assert explainer_for(load_model(name)).method == method


def test_there_are_two_uploads_a_model():
    assert [sample.model for sample in catalog.sample_uploads()] == [name for name in MODELS for _ in range(2)]


def test_reasons_add_up_on_every_row_of_every_sample(reviewed):
    for decisions in reviewed.values():
        assert all(item.adds_up for item in decisions)


def test_clean_uploads_have_hardly_a_warning(reviewed):
    shares = {name: (item.warning_counts > 0).mean() for name, item in reviewed.items() if "clean" in name}
    assert shares["german_credit_clean.csv"] < 0.02
    assert shares["diamonds_clean.csv"] < 0.01
    assert shares["penguins_clean.csv"] < 0.05


FOUND_LATER = {"zero size", "kilograms", "centimetres"}
"""Faults whose values lie within the reference range of another meaning; only later checks can tell."""


@pytest.mark.parametrize("file", sorted(set(FAULTS["file"])))
def test_every_fault_that_was_put_in_is_warned_about_in_its_cell(reviewed, file):
    decisions = reviewed[file]
    warned = {(decisions.table.row_ids[row], warning.column) for warning in decisions.warnings for row in warning.rows}
    missed = [
        fault
        for fault in FAULTS[FAULTS["file"] == file].itertuples()
        if (fault.row_id, fault.column) not in warned and fault.fault not in FOUND_LATER
    ]
    assert [(fault.column, fault.fault, fault.row_id) for fault in missed] == []


def test_a_decision_says_in_plain_sentences_what_was_predicted_and_what_a_correction_changes(reviewed):
    decision = reviewed["german_credit_messy.csv"]["A-1005"]
    assert (
        decision.of_predicted.sentence == "The model says approved: 72 in 100; for a typical past case it is 76 in 100."
    )
    said = verdict(decision.of_predicted)
    assert said.title == "Do not use yet: fix Amount (out of range)"
    assert said.sentence == "Approved: right in about 72 of 100 such cases."
    assert said.corrected == "With Amount corrected: still approved; the model alone says 93 instead of 72."
