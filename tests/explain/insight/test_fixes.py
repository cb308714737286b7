"""Fixes for many rows at once: which there are, what they change, and the two reviews side by side."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import explain
from explain import pipeline
from explain.decisions import runs
from explain.insight.fixes import chosen, compare_reviews, price_of_faults, suggested
from explain.models.predict import predict
from explain.tables.corrected import corrected
from explain.tables.repairs import undo
from explain.types import DataWarning


def upload(model, rows=60):
    """Rows like past ones, with ten incomes a hundred times too large, five codes for a blank and three slips."""
    frame = model.reference.frame.head(rows).reset_index(drop=True).copy()
    frame["income"] = np.where(frame["income"].isna(), 40.0, frame["income"])
    frame.loc[:9, "income"] = 100 * frame["income"][:10]
    frame.loc[20:24, "age"] = -999.0
    frame["city"] = frame["city"].astype(object).where(frame["city"].notna(), None)
    frame.loc[30:32, "city"] = "Osloo"
    return explain.read_table(frame, model.schema, name="dirty.csv")


@pytest.fixture(scope="module")
def reviews():
    from tests.conftest import package

    model = package("histogram_boosting")
    before = explain.review(upload(model), model)
    sure = [item for item in suggested(before) if item.sure]
    after = explain.review(corrected(before.table, chosen(sure)), model)
    return model, before, after


def test_each_kind_of_fault_in_a_column_can_be_corrected_and_codes_become_blanks(reviews):
    _, before, _ = reviews
    found = {(item.check, item.column): item for item in suggested(before)}
    income, age = found["out of range", "income"], found["sentinel", "age"]
    assert income.fix.rows.tolist() == list(range(10))
    assert [float(text) for text in income.fix.values] == pytest.approx(
        before.table.frame["income"][:10] / 100, abs=1e-6
    )
    assert age.fix.rows.tolist() == [20, 21, 22, 23, 24]
    assert age.fix.values == (None,) * 5
    assert income.sure
    assert age.sure


def test_what_merely_informs_or_was_repaired_suggests_nothing(reviews):
    _, before, _ = reviews
    assert not [item for item in suggested(before) if item.check in {"repaired", "missing"}]


def test_a_choice_of_rows_corrects_those_alone(reviews):
    _, before, _ = reviews
    income = next(item for item in suggested(before) if item.column == "income")
    (fix,) = chosen([income], np.array([3, 7, 50]))
    assert fix.rows.tolist() == [3, 7]
    assert chosen([income], np.array([50])) == ()


def test_of_two_suggestions_for_a_cell_the_surer_one_stands(reviews):
    _, before, _ = reviews
    row = np.array([3], dtype=np.int64)
    two = tuple(
        DataWarning(check, "income", "warning", row, ("1",), (fix,), ("said",))
        for check, fix in [("unlikely", "11"), ("not whole", "22")]
    )
    fixes = chosen(suggested(replace(before, warnings=two)))
    assert [(fix.rows.tolist(), fix.values) for fix in fixes] == [([3], ("22",))]


def test_the_comparison_counts_cells_decisions_and_warnings(reviews):
    model, before, after = reviews
    found = compare_reviews(before, after)
    clean = predict(model, after.table.frame).chosen
    changed = np.flatnonzero(clean != before.prediction.chosen)
    assert len(changed)
    assert found.changed.tolist() == changed.tolist()
    assert found.cells == 15
    assert found.deed == "Corrected"
    assert found.names == ("dirty.csv", "dirty.csv · 15 corrected in income and age")
    gone = found.warned[0] - found.warned[1]
    assert found.sentence == (
        f"Corrected in 15 cells: {len(changed)} decision{'s' * (len(changed) > 1)} changed, {gone} faults fewer."
    )
    assert {name: sum(both) for name, both in found.counts.items()} == {
        name: int((before.prediction.chosen == k).sum() + (clean == k).sum())
        for k, name in enumerate(model.info.outputs)
    }


def test_undoing_says_in_how_many_cells_and_what_changed(reviews):
    model, before, after = reviews
    undone = explain.review(undo(after.table, "age"), model)
    found = compare_reviews(after, undone)
    assert found.sentence.startswith("Undone in 5 cells: ")
    assert compare_reviews(before, before).sentence == (
        "Changed in 0 cells: no decision changed, as many faults as before."
    )


def test_reviews_of_other_rows_or_models_cannot_be_compared(reviews):
    model, before, _ = reviews
    assert compare_reviews(before, explain.review(upload(model, rows=40), model)) is None
    assert compare_reviews(before, replace(before, model=replace(before.model, sha256="other"))) is None


def test_the_price_of_faults_is_what_correcting_all_of_them_changes(reviews):
    model, before, _ = reviews
    price = price_of_faults(before, model)
    whole = corrected(before.table, chosen(suggested(before)))
    turned = np.flatnonzero(predict(model, whole.frame).chosen != before.prediction.chosen)
    assert price.by_fix.tolist() == turned.tolist()
    assert not set(price.by_fix) & set(price.by_likeness)
    assert price.sentence.startswith(f"Faults in the data change {len(price.by_fix) + len(price.by_likeness)} decision")


def test_a_table_without_faults_changes_nothing(boosting):
    frame = boosting.reference.frame.head(30).reset_index(drop=True)
    decisions = replace(explain.review(explain.read_table(frame, boosting.schema), boosting), warnings=())
    assert price_of_faults(decisions, boosting).sentence == "Faults in the data change no decision."


def test_every_kind_of_model_is_corrected_compared_and_priced(model):
    before = explain.review(upload(model), model)
    after = explain.review(corrected(before.table, chosen(suggested(before))), model)
    found = compare_reviews(before, after)
    assert found.cells >= 15
    assert bool(found.counts) == (model.info.task != "regression")
    assert found.warned[1] < found.warned[0]
    assert price_of_faults(after, model).by_fix.tolist() == []


def test_a_corrected_cell_is_said_on_its_card(reviews):
    _, before, after = reviews
    (warning,) = [item for item in after[0].warnings if item.check == "repaired"]
    came = f"{before.table.frame['income'][0]:.10g}"
    assert warning.message.startswith(f"income = “{came}” was corrected to ")
    assert warning.message.endswith(": the value that was suggested was taken.")
    assert [item.message for item in after[20].warnings if item.check == "repaired"] == [
        "age = “-999” was left blank, as was suggested."
    ]


def test_a_stored_review_knows_the_one_before_and_undoes_its_corrections(tmp_path, reviews):
    model, before, after = reviews
    first = pipeline.reviewed(before.table, model, tmp_path)
    second = pipeline.reviewed(after.table, model, tmp_path, before=first)
    stored = runs.load(second, tmp_path)
    assert stored.run["before"] == first
    assert "before" not in runs.load(first, tmp_path).run
    assert {item.table for item in runs.listed(tmp_path)} == {before.table.name, after.table.name}
    again = undo(undo(stored.table, "income"), "age")
    pd.testing.assert_frame_equal(again.frame, before.table.frame)
    assert again.fingerprint == before.table.fingerprint
