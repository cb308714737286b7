"""What is written: documented columns, harmless cells, and reviews that open again as they were."""

import io
import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import explain
from explain.confidence import calibration_of
from explain.confidence.assess import assess
from explain.confidence.terms import Terms
from explain.decisions import runs
from explain.decisions.arrow import for_spreadsheet, parquet
from explain.decisions.files import decisions_frame, warnings_frame
from explain.errors import NotFoundError
from tests.explain.test_pipeline import FAULTY

COMMON = ["row_id", "prediction", "score", "shown"]
WHY = ["why.income", "why.age", "why.children", "why.city"]


@pytest.fixture
def decisions(model):
    return explain.review(FAULTY, model)


def test_decisions_have_the_documented_columns(decisions):
    columns = list(decisions_frame(decisions).columns)
    outputs = decisions.model.outputs
    assert columns[:4] == COMMON
    assert columns[4 : 4 + len(outputs)] == [f"score.{name}" for name in outputs]
    assert {"honest", "grade", "base", "gap", "method", "warnings", "worst"} <= set(columns)
    assert [name for name in columns if name.startswith("why.")] == WHY
    expected = {"low", "high"} if decisions.model.task == "regression" else {"plausible", "calibrated", "past_cases"}
    assert expected <= set(columns)


def test_written_rows_stand_in_upload_order_and_add_up(decisions):
    frame = decisions_frame(decisions)
    assert list(frame["row_id"]) == ["a", "b", "c", "d"]
    np.testing.assert_allclose(frame["base"] + frame[WHY].sum(axis=1), frame["score"], rtol=1e-5, atol=1e-5)


def test_warnings_have_a_row_per_warned_cell(decisions):
    frame = warnings_frame(decisions)
    assert list(frame.columns) == [
        "row_id", "column", "check", "severity", "message", "found", "suggestion", "applied",
        "score_if_repaired", "impact_low", "impact_high", "flips", "factor",
    ]  # fmt: skip
    cells = {(row.row_id, row.column, row.check) for row in frame.itertuples()}
    assert cells == {
        ("b", "children", "missing"), ("c", "income", "out of range"), ("c", "city", "repaired"),
        ("d", "age", "out of range"), ("d", "city", "new category"),
    }  # fmt: skip


def test_a_whole_column_warning_has_no_row(boosting):
    decisions = explain.review(FAULTY.assign(age=[None] * 4), boosting)
    frame = warnings_frame(decisions)
    whole = frame[frame["check"] == "missing column"]
    assert whole["row_id"].isna().all()
    assert len(whole) == 1


def test_run_json_names_model_data_and_version(tmp_path, decisions):
    decisions.write(tmp_path)
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["model"]["sha256"] == decisions.model.sha256
    assert run["table"]["fingerprint"] == decisions.table.fingerprint
    assert run["version"] == explain.__version__
    assert run["counts"] == {"rows": 4, "rows_with_warnings": run["counts"]["rows_with_warnings"], "warned_cells": 5}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-cmd", "@sum", "\t=1", "\r=1"])
def test_cells_and_headers_that_start_like_formulas_are_defused(cell):
    frame = for_spreadsheet(pd.DataFrame({cell: [cell, "fine"], "n": [-1.0, 2.0]}))
    assert frame.columns[0] == "'" + cell
    assert list(frame.iloc[:, 0]) == ["'" + cell, "fine"]
    assert list(frame["n"]) == [-1.0, 2.0]


def test_a_formula_in_an_id_is_defused_in_the_csv_alone(tmp_path, boosting):
    explain.review(FAULTY.assign(id=["=cmd()", "b", "c", "d"]), boosting).write(tmp_path)
    assert pd.read_csv(tmp_path / "decisions.csv")["row_id"][0] == "'=cmd()"
    assert pd.read_parquet(tmp_path / "decisions.parquet")["row_id"][0] == "=cmd()"


def test_a_stored_review_opens_as_it_was_decided(tmp_path, decisions):
    name = runs.save(decisions, tmp_path)
    again = runs.load(name, tmp_path)
    assert again.run["id"] == name
    for row in range(len(decisions)):
        assert asdict(again[row]) == asdict(decisions[row])
    assert again.table.notes == decisions.table.notes
    assert again.table.fingerprint == decisions.table.fingerprint


def test_the_same_review_has_the_same_address_and_is_stored_once(tmp_path, model):
    first = runs.save(explain.review(FAULTY, model), tmp_path)
    made = (tmp_path / "runs" / first / "run.json").read_text()
    assert runs.save(explain.review(FAULTY, model), tmp_path) == first
    assert (tmp_path / "runs" / first / "run.json").read_text() == made
    other = runs.save(explain.review(FAULTY, model, level=0.8), tmp_path)
    assert other != first
    assert {item.id for item in runs.listed(tmp_path)} == {first, other}


def test_a_review_can_be_deleted_twice(tmp_path, boosting):
    name = runs.save(explain.review(FAULTY, boosting), tmp_path)
    runs.delete(name, tmp_path)
    runs.delete(name, tmp_path)
    assert runs.listed(tmp_path) == []
    with pytest.raises(NotFoundError, match="There is no review"):
        runs.load(name, tmp_path)


@pytest.mark.parametrize("name", ["../../etc", "zz", "", "A" * 12, "0123456789abc"])
def test_an_address_that_is_no_run_is_not_found(tmp_path, name):
    with pytest.raises(NotFoundError, match="is not the address of a review"):
        runs.load(name, tmp_path)


def test_half_a_review_is_not_listed_and_not_opened(tmp_path, boosting):
    name = runs.save(explain.review(FAULTY, boosting), tmp_path)
    (tmp_path / "runs" / name / "table.parquet").write_bytes(b"torn")
    with pytest.raises(NotFoundError):
        runs.load(name, tmp_path)
    (tmp_path / "runs" / name / "run.json").unlink()
    assert runs.listed(tmp_path) == []


def test_no_draft_is_left_behind(tmp_path, boosting):
    runs.save(explain.review(FAULTY, boosting), tmp_path)
    assert not list((tmp_path / "runs").glob(".draft-*"))


def test_the_home_folder_is_chosen_named_or_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("WHYSURE_HOME", str(tmp_path / "env"))
    assert runs.home_folder(tmp_path / "flag") == tmp_path / "flag"
    assert runs.home_folder() == tmp_path / "env"
    monkeypatch.delenv("WHYSURE_HOME")
    assert runs.home_folder().name == "whysure"


def test_cells_that_were_not_read_are_stored_with_their_text(tmp_path, boosting):
    decisions = explain.review(FAULTY.assign(age=["31", "about 52", "inf", "40"]), boosting)
    again = runs.load(runs.save(decisions, tmp_path), tmp_path)
    assert again.table.unread == {"age": {1: "about 52", 2: "inf"}}
    reason = next(item for item in again["b"].reasons if item.column == "age")
    assert reason.value == "about 52"


def test_a_stored_review_moves_its_level_without_its_model(tmp_path, decisions):
    from explain.insight.whatif import at_level

    again = runs.load(runs.save(decisions, tmp_path), tmp_path)
    for level in (0.8, 0.95):
        stored, fresh = at_level(again, level).confidence, at_level(decisions, level).confidence
        assert stored.coverage == fresh.coverage
        for name in ("plausible", "low", "high", "honest", "known_low", "known_high"):
            one, other = getattr(stored, name), getattr(fresh, name)
            assert (one is None) == (other is None)
            if one is not None:
                np.testing.assert_array_equal(one, other)


def test_a_review_stored_without_past_cases_opens_and_keeps_its_level(tmp_path, decisions):
    from explain.insight.whatif import at_level

    name = runs.save(decisions, tmp_path)
    (tmp_path / "runs" / name / "past.npz").unlink()
    again = runs.load(name, tmp_path)
    assert again[0].plausible == decisions[0].plausible
    assert again.confidence.judged is None
    np.testing.assert_array_equal(at_level(again, 0.8).confidence.low, decisions.confidence.low)


def test_repairs_and_prices_open_again_as_they_were(tmp_path, decisions):
    again = runs.load(runs.save(decisions, tmp_path), tmp_path)
    assert [(item.kind, item.column, item.rows.tolist(), item.found) for item in again.table.repairs] == [
        ("case", "city", [2], ("ROME",))
    ]
    for one, other in zip(again.warnings, decisions.warnings, strict=True):
        assert (one.check, one.column, one.applied, one.factor) == (
            other.check,
            other.column,
            other.applied,
            other.factor,
        )
        for name in ("impact", "flips"):
            mine, its = getattr(one, name), getattr(other, name)
            assert (mine is None) == (its is None)
            if its is not None:
                np.testing.assert_allclose(mine, its)


def test_the_factor_of_a_column_in_another_unit_is_stored(tmp_path, boosting):
    frame = boosting.reference.frame.assign(age=boosting.reference.frame["age"] * 12)
    decisions = explain.review(frame, boosting)
    assert [(item.column, item.factor) for item in decisions.warnings if item.check == "unit of column"] == [
        ("age", 12.0)
    ]
    again = runs.load(runs.save(decisions, tmp_path), tmp_path)
    assert [item.factor for item in again.warnings if item.check == "unit of column"] == [12.0]


def without_claims(name, tmp_path):
    """The sample's package over again, without rows held out from training."""
    package = explain.load_model(name)
    frame = package.reference.frame.copy()
    outcomes = package.reference.outcomes
    target, details = package.card.target, {"outputs": package.info.outputs}
    if package.info.task == "regression":
        details = {"task": "regression"}
        frame[target] = outcomes
    else:
        frame[target] = np.array(package.info.outputs, dtype=object)[outcomes.astype(int)]
    folder = tmp_path / name
    explain.write_package(folder, package.onnx, frame, target=target, held_out=False, **details)
    return explain.load_model(folder)


def written(decisions, folder):
    """Columns with their types of a review on disk: as Parquet says them, and the header of the CSV."""
    decisions.write(folder)
    schema = pq.read_schema(folder / "decisions.parquet").remove_metadata()
    return schema, list(pd.read_csv(folder / "decisions.csv", nrows=0).columns)


CLAIMS = {
    "binary": ["calibrated", "plausible", "past_cases", "past_hits", "known_low", "known_high"],
    "multiclass": ["calibrated", "plausible", "past_cases", "past_hits", "known_low", "known_high"],
    "regression": ["low", "high"],
}


@pytest.mark.parametrize("name", ["german_credit", "penguins", "diamonds"])
def test_columns_and_types_are_the_same_whatever_a_review_found(name, tmp_path):
    package = explain.load_model(name)
    rows = package.reference.frame.head(40)
    rich = explain.review(rows, package)
    assert rich.confidence.calibration_rows > 0
    schema, header = written(rich, tmp_path / "rich")
    withdrawn = Terms(withdrawn="Too few past cases are like them.")
    none = replace(rich, confidence=assess(rich.prediction, calibration_of(package), terms=withdrawn))
    blank = replace(rich.prediction, scores=np.full_like(rich.prediction.scores, np.nan))
    poorer = {
        "without held-out rows": explain.review(rows, without_claims(name, tmp_path)),
        "withdrawn": none,
        "no warnings": replace(rich, warnings=()),
        "no answers": replace(none, prediction=blank, warnings=()),
        "one row": explain.review(rows.head(1), package),
    }
    for what, decisions in poorer.items():
        found, names = written(decisions, tmp_path / what)
        assert found == schema, what
        assert names == header == schema.names, what
    frame = pd.read_parquet(tmp_path / "withdrawn" / "decisions.parquet")
    claims = [*CLAIMS[package.info.task], "honest", *(name for name in frame if name.startswith(("p.", "calibrated.")))]
    assert frame[claims].isna().all(axis=None)


def test_a_list_of_plausible_outcomes_stays_one_where_all_are_empty():
    frame = pd.DataFrame({"plausible": pd.Series([[], None], dtype=object)})
    assert pq.read_schema(io.BytesIO(parquet(frame))).field("plausible").type == pa.list_(pa.string())


@pytest.mark.parametrize("name", ["penguins", "diamonds"])
def test_a_stored_review_without_claims_opens_without_any(name, tmp_path):
    package = without_claims(name, tmp_path)
    decisions = explain.review(package.reference.frame.head(5), package)
    again = runs.load(runs.save(decisions, tmp_path / "home"), tmp_path / "home")
    for row in range(5):
        assert asdict(again[row]) == asdict(decisions[row])
    assert again.confidence.p_values is None
    assert again.confidence.past_cases is None
