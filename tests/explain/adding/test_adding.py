"""From a file and rows to a package: what is guessed, asked, refused, written, replaced and removed."""

import dataclasses

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost

from explain.adding.choices import Choices, guess, held_out_rows
from explain.adding.columns import CATEGORY, COLUMN, PERSONAL, SHOWN_AS, category_table, column_table, said_of_columns
from explain.adding.draft import draft, proof
from explain.adding.install import delete, free_name, install, install_package, is_own, rename, zipped
from explain.adding.outcomes import name_outcomes
from explain.errors import ModelError, NotFoundError
from explain.models import catalog, load_model
from explain.models.parity import Parity
from explain.models.sources.native import SCORERS
from explain.models.sources.open import open_source
from tests.explain.adding.late import trained

SAME = Parity("same", "LightGBM", rows=400)


@pytest.fixture(scope="module")
def source():
    rows, content = trained()
    return open_source(content, rows)


@pytest.fixture(scope="module")
def made(source):
    rows, _ = trained()
    return draft(
        source, rows, dataclasses.replace(guess(source, rows), outputs=("in time", "late"), title="Late payers")
    )


def test_columns_are_guessed_by_their_names_and_by_what_the_file_says(source):
    found = guess(source, trained()[0])
    assert (found.target, found.held_out, found.left_out) == ("outcome", "split", ("id",))


def test_a_column_is_guessed_to_say_what_was_held_out_only_where_it_does_and_a_score_may_be_an_input(source):
    rows = trained()[0].drop(columns="split").assign(part=[1.0, 2.0] * 200, score=0.5)
    found = guess(source, rows)
    assert (found.held_out, found.expected) == ("none", "")
    assert guess(source, rows.assign(part=["train", "test"] * 200)).held_out == "part"


def test_an_order_that_the_file_does_not_say_is_asked_with_the_one_that_past_rows_fit(source):
    rows, _ = trained()
    asked = draft(source, rows, guess(source, rows))
    assert asked.outputs == ("in time", "late")
    assert asked.asks.startswith("The file does not say which score belongs to which outcome.")
    with pytest.raises(ModelError, match="Confirm it"):
        install(asked, SAME, None)


def test_the_wrong_way_round_shows_at_once(source):
    rows, _ = trained()
    wrong = draft(source, rows, dataclasses.replace(guess(source, rows), outputs=("late", "in time")))
    assert "speak against the order late, in time" in wrong.asks
    assert wrong.named.order.other_fits_better


SCORES = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])


@pytest.mark.parametrize(
    ("known", "said", "in_file", "outputs", "asks"),
    [
        (["0", "1", "0"], (), (), ("0", "1"), ""),
        (["a", "b", "a"], (), ("a", "b"), ("a", "b"), ""),
        (["b", "a", "b"], (), (), ("b", "a"), "does not say which score"),
        (["a", "b", "c"], (), ("a", "b"), ("a", "b"), "past rows hold “c”"),
        ([None] * 3, (), (), ("0", "1"), "does not name them"),
        ([None] * 3, ("x", "y"), (), ("x", "y"), ""),
        (["a"] * 3, (), (), ("0", "1"), "past rows hold 1 outcome"),
    ],
)
def test_outcomes_are_named_as_said_as_in_the_file_or_asked_for(known, said, in_file, outputs, asks):
    found = name_outcomes(SCORES, known, said, in_file)
    assert found.outputs == outputs
    assert asks in found.asks if asks else found.asks == ""


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (("a", "b", "c"), "has 2 outcomes, but 3 names came"),
        (("a", "a"), "An outcome was named twice: a and a"),
        (("x", "b"), "but past rows hold “a”"),
    ],
)
def test_names_that_cannot_be_meant_are_refused(said, why):
    with pytest.raises(ModelError, match=why):
        name_outcomes(SCORES, ["a"] * 3, said, ())


@pytest.mark.parametrize(
    ("column", "cells", "expected"),
    [
        ("split", ["train", "test", "Validation"], [False, True, True]),
        ("is_train", ["1", "0", "1"], [False, True, False]),
        ("held_out", [1.0, 0.0, 1.0], [True, False, True]),
    ],
)
def test_held_out_rows_are_told_by_words_or_truth(column, cells, expected):
    assert held_out_rows(pd.DataFrame({column: cells}), column).tolist() == expected


def test_a_column_that_does_not_say_clearly_what_was_held_out_is_refused():
    with pytest.raises(ModelError, match="“7” is neither"):
        held_out_rows(pd.DataFrame({"fold": [1.0, 7.0]}), "fold")


def test_the_package_predicts_what_the_library_predicts_and_a_changed_one_is_caught(made):
    found = proof(made)
    assert (found.verdict, found.rows, found.flips) == ("same", 400, 0)
    assert found.against.startswith("LightGBM ")
    rows, content = trained()
    text = content.decode()
    values = text.split("leaf_value=", 1)[1].split("\n", 1)[0]
    moved = text.replace(values, " ".join(f"{float(value) + 0.3!r}" for value in values.split(" ")), 1).encode()
    other = dataclasses.replace(made, onnx=open_source(moved, rows).to_onnx(made.schema))
    failed = proof(other)
    assert failed.verdict == "different"
    assert failed.noticed > 0
    with pytest.raises(ModelError, match="so that it is not served"):
        install(other, failed, None)


def test_a_column_of_expected_predictions_does_not_stand_in_for_the_library(made):
    rows, content = trained()
    late = made.scores[:, 1]
    agreed = dataclasses.replace(
        made,
        rows=rows.assign(expected=late),
        choices=dataclasses.replace(made.choices, expected="expected", shown="late"),
    )
    assert proof(agreed).against.startswith("LightGBM ")
    other = dataclasses.replace(agreed, rows=rows.assign(expected=1 - late))
    assert (proof(other).verdict, proof(other).against) == ("different", "column “expected”")
    text = content.decode().replace("objective=binary sigmoid:1", "objective=binary sigmoid:2")
    moved = open_source(text.encode(), rows)
    library = proof(dataclasses.replace(agreed, onnx=moved.to_onnx(made.schema)))
    assert (library.verdict, library.against[:8]) == ("different", "LightGBM")


def test_a_package_that_failed_is_served_only_when_said_so_and_carries_its_mark(made, tmp_path):
    failed = Parity("different", "LightGBM", rows=400, noticed=3, largest=0.2)
    package = install(made, failed, tmp_path, anyway=True)
    assert "3 of 400 rows differ" in package.info.mark
    assert load_model(package.path).info.mark == package.info.mark


def test_a_package_knows_what_was_said(made, tmp_path):
    package = install(made, SAME, tmp_path)
    assert (package.card.name, package.info.title, package.info.version) == ("late_payers", "Late payers", 1)
    assert package.info.outputs == ("in time", "late")
    assert package.schema.names == ["amount", "town"]
    assert int(package.reference.held_out.sum()) == 200
    assert package.info.mark == ""
    np.testing.assert_array_equal(package.reference_scores, made.scores)


def test_a_new_version_takes_the_place_and_the_earlier_one_stays_for_its_reviews(made, tmp_path):
    install(made, SAME, tmp_path)
    second = install(made, SAME, tmp_path, replacing="late_payers")
    assert second.info.version == 2
    assert list(catalog.packages(tmp_path)).count("late_payers") == 1
    earlier = catalog.earlier(tmp_path, "late_payers")
    assert load_model(earlier[1]).info.version == 1
    assert install(made, SAME, tmp_path, replacing="late_payers").info.version == 3
    delete("late_payers", tmp_path)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_zip_is_dropped_on_another_machine(made, tmp_path):
    package = install(made, SAME, tmp_path / "here")
    content = zipped(package)
    assert content == zipped(package)
    there = install_package(content, tmp_path / "there")
    assert there.info == package.info
    assert install_package(content, tmp_path / "there").card.name == "late_payers_2"


def test_models_are_renamed_and_samples_are_not_touched(made, tmp_path):
    install(made, SAME, tmp_path)
    rename("late_payers", "  Slow   payers ", tmp_path)
    assert load_model(tmp_path / "models" / "late_payers").info.title == "Slow payers"
    assert is_own("late_payers", tmp_path)
    assert not is_own("german_credit", tmp_path)
    for change in (lambda: delete("german_credit", tmp_path), lambda: rename("german_credit", "x", tmp_path)):
        with pytest.raises(NotFoundError, match="Samples cannot be changed"):
            change()
    with pytest.raises(ModelError, match="needs a name"):
        rename("late_payers", "  ", tmp_path)


@pytest.mark.parametrize(
    ("title", "name"), [("Credit (2025)", "credit_2025"), ("Überweisung", "uberweisung"), ("…", "model"), ("../x", "x")]
)
def test_names_for_addresses_are_plain(title, name, tmp_path):
    assert free_name(title, tmp_path) == name


def test_what_is_said_of_columns_goes_through_the_two_tables(made):
    said = {
        "amount": {"label": "Amount due", "unit": "€", "group": "Debt"},
        "town": {"describe": {"Oslo": "Oslo, Norway"}},
    }
    columns, categories = column_table(made.schema, said), category_table(made.schema, said)
    assert categories[[COLUMN, CATEGORY, SHOWN_AS]].to_numpy().tolist() == [
        ["town", "Bern", ""],
        ["town", "Oslo", "Oslo, Norway"],
    ]
    columns[PERSONAL] = [False, True]
    assert said_of_columns(columns, categories) == {
        "amount": said["amount"] | {"kind": "number", "personal": False},
        "town": said["town"] | {"kind": "category", "personal": True},
    }


def test_what_the_file_says_of_a_column_holds_under_the_name_that_the_rows_have_for_it():
    draw = np.random.default_rng(1)
    rows = pd.DataFrame({"late fees": draw.normal(size=200), "is new": draw.choice(["True", "False"], 200)})
    typed = rows.assign(**{"is new": rows["is new"] == "True"})
    model = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, num_threads=1)
    model.fit(typed, (rows["late fees"] > 0).astype(int))
    found = open_source(model.booster_.model_to_string().encode(), rows)
    made = draft(found, rows.astype({"is new": object}), Choices(outputs=("no", "yes")))
    assert [(column.name, column.kind) for column in made.schema] == [("late fees", "number"), ("is new", "number")]
    assert proof(made).verdict == "same"


def test_a_library_says_itself_why_it_refuses_a_row():
    draw = np.random.default_rng(2)
    rows = pd.DataFrame({"amount": draw.normal(size=200), "town": draw.choice(["Bern", "Oslo"], 200)}).astype(
        {"town": object}
    )
    model = xgboost.XGBClassifier(n_estimators=3, enable_categorical=True, n_jobs=1)
    model.fit(rows.astype({"town": "category"}), (rows.amount > 0).astype(int))
    features = [
        {"name": "amount", "kind": "number", "names": [], "set": False},
        {"name": "place", "kind": "category", "names": ["Bern", "Oslo"], "set": True},
    ]
    options = {"features": features, "named": True, "link": "logistic"}
    score, _ = SCORERS["xgboost"](bytes(model.get_booster().save_raw("ubj")), options)
    with pytest.raises(ValueError, match="feature_names mismatch"):
        score(rows.rename(columns={"town": "place"}))


def test_rows_without_a_column_of_the_model_are_refused(source):
    rows, _ = trained()
    with pytest.raises(ModelError, match="trained on “amount”, which the reference rows do not have"):
        draft(source, rows.drop(columns="amount"), Choices())
