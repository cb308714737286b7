"""Any cut of a table, and any number of workers, gives the same decisions, warnings and summary."""

import json
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import explain
from explain.batches.plan import Options
from explain.batches.run import run
from explain.decisions import verdict
from explain.errors import WhysureError
from tests.conftest import package

KEY = ["row_id", "column", "check", "message"]


def rows_of(model, count=230, seed=3):
    """Rows like past ones, with a fault of every kind that hangs on other rows."""
    frame = model.reference.frame.sample(count, replace=True, random_state=seed).reset_index(drop=True)
    frame["customer id"] = [f"C{at}" for at in range(count)]
    frame["note"] = "plain"
    frame.loc[5, "income"] = 5_000.0
    frame.loc[[7, 60, 200], "city"] = "ROME"
    frame.loc[[9, 150], "city"] = "Lima"
    frame.loc[100] = frame.loc[3]
    frame.loc[210] = frame.loc[3]
    frame.loc[30, "customer id"] = "C29"
    frame.loc[31, "customer id"] = ""
    frame.loc[40] = frame.loc[41].where(frame.columns != "income", frame.loc[41, "income"])
    return frame


def parts(out, kind):
    files = sorted((Path(out) / kind).rglob("part-*.parquet"))
    return pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)


def in_order(warnings):
    return warnings.sort_values(KEY, ignore_index=True)


def assert_same(one, other):
    assert list(one.columns) == list(other.columns)
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.fixture
def upload(tmp_path, model):
    path = tmp_path / "rows.parquet"
    rows_of(model).to_parquet(path, row_group_size=64)
    return path


def test_a_short_table_gets_what_a_review_says_of_it(upload, tmp_path, model):
    run(upload, model, tmp_path / "out", Options(rows_per_part=64), workers=1)
    decisions = explain.review(explain.read_table(upload, model.schema), model)
    review = decisions.write(tmp_path / "review")
    assert_same(parts(tmp_path / "out", "decisions"), pd.read_parquet(review / "decisions.parquet"))
    found, expected = parts(tmp_path / "out", "warnings"), pd.read_parquet(review / "warnings.parquet")
    assert_same(in_order(found), in_order(expected))


@pytest.mark.parametrize("judged_whole", [50_000, 100])
def test_any_cut_gives_the_same_to_the_bit(upload, tmp_path, model, judged_whole):
    for name, rows in (("one", 230), ("many", 17)):
        run(upload, model, tmp_path / name, Options(rows_per_part=rows, judged_whole=judged_whole), workers=1)
    for kind in ("decisions", "warnings"):
        one, many = (parts(tmp_path / name, kind) for name in ("one", "many"))
        assert_same(*((one, many) if kind == "decisions" else (in_order(one), in_order(many))))
    one, many = (json.loads((tmp_path / name / "summary.json").read_text()) for name in ("one", "many"))
    assert one == many


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.integers(9, 240), seed=st.integers(0, 5), judged_whole=st.sampled_from([50_000, 150]))
def test_a_cut_anywhere_gives_the_same(tmp_path_factory, rows, seed, judged_whole):
    model, folder = package("histogram_boosting"), tmp_path_factory.mktemp("cut")
    frame = rows_of(model, seed=seed)
    frame.iloc[:90].to_parquet(folder / "a.parquet", row_group_size=40)
    frame.iloc[90:].to_csv(folder / "b.csv", index=False)
    inputs = [folder / "a.parquet", folder / "b.csv"]
    for name, count in (("whole", 1_000), ("cut", rows)):
        run(inputs, model, folder / name, Options(rows_per_part=count, judged_whole=judged_whole), workers=1)
    assert_same(parts(folder / "cut", "decisions"), parts(folder / "whole", "decisions"))
    assert_same(*(in_order(parts(folder / name, "warnings")) for name in ("cut", "whole")))
    assert (folder / "cut" / "summary.json").read_text() == (folder / "whole" / "summary.json").read_text()


@pytest.mark.parametrize("judged_whole", [50_000, 100])
def test_two_workers_write_the_same_bytes_as_one(tmp_path, boosting, judged_whole):
    rows_of(boosting).to_parquet(tmp_path / "rows.parquet", row_group_size=50)
    for workers in (1, 2):
        options = Options(rows_per_part=60, judged_whole=judged_whole)
        run(tmp_path / "rows.parquet", boosting, tmp_path / f"{workers}", options, workers=workers)
    files = sorted(path.relative_to(tmp_path / "1") for path in (tmp_path / "1").rglob("*.*") if path.is_file())
    assert len(files) == 2 * 4 + 1 + 5
    for path in files:
        assert (tmp_path / "1" / path).read_bytes() == (tmp_path / "2" / path).read_bytes(), path


def test_workers_do_not_run_the_page_or_script_that_called(tmp_path, boosting, monkeypatch):
    page = tmp_path / "page.py"
    page.write_text("raise SystemExit('run again')")
    main = types.ModuleType("__main__")
    main.__file__ = str(page)
    monkeypatch.setitem(sys.modules, "__main__", main)
    rows_of(boosting).to_parquet(tmp_path / "rows.parquet")
    assert run(tmp_path / "rows.parquet", boosting, tmp_path / "out", Options(rows_per_part=60), workers=2).rows == 230


def test_rows_alike_are_found_across_parts_and_named_by_their_ids(tmp_path, boosting):
    rows_of(boosting).to_parquet(tmp_path / "rows.parquet")
    options = Options(rows_per_part=50, judged_whole=100)
    run(tmp_path / "rows.parquet", boosting, tmp_path / "out", options, workers=1)
    ids = parts(tmp_path / "out", "decisions")["row_id"]
    assert ids.iloc[[30, 31, 100, 210]].tolist() == ["C29 #2", "row 32", "C3 #2", "C3 #3"]
    assert ids.is_unique
    warnings = parts(tmp_path / "out", "warnings")
    alike = warnings[warnings["check"] == "duplicate row"].set_index("row_id")["found"].to_dict()
    assert {"C3 #2": "C3", "C3 #3": "C3"}.items() <= alike.items()


def test_a_long_table_is_sampled_alike_however_it_is_cut(tmp_path, boosting, monkeypatch):
    from explain.batches import plan

    assert plan.SAMPLE >= 5_000
    rows_of(boosting, 900).assign(age=np.arange(900) % 3 + 70).to_parquet(tmp_path / "rows.parquet")
    monkeypatch.setattr("explain.batches.survey.SAMPLE", 200)
    for name, count in (("one", 900), ("many", 37)):
        options = Options(rows_per_part=count, judged_whole=100)
        run(tmp_path / "rows.parquet", boosting, tmp_path / name, options, workers=1)
    one, many = ((tmp_path / name / "summary.json").read_text() for name in ("one", "many"))
    assert one == many
    assert ("age", "spike") in {(item["column"], item["check"]) for item in json.loads(one)["columns"]}


def test_cohorts_and_the_level_are_those_of_a_review(tmp_path, boosting):
    rows_of(boosting).to_parquet(tmp_path / "rows.parquet")
    explain.batch(
        tmp_path / "rows.parquet", boosting, tmp_path / "out", workers=1, level=0.7, cohort="city", rows_per_part=50
    )
    table = explain.read_table(tmp_path / "rows.parquet", boosting.schema)
    review = explain.review(table, boosting, level=0.7, cohort="city").write(tmp_path / "review")
    assert_same(parts(tmp_path / "out", "decisions"), pd.read_parquet(review / "decisions.parquet"))


def test_progress_runs_from_start_to_end(tmp_path, boosting):
    rows_of(boosting).to_parquet(tmp_path / "rows.parquet")
    told = []
    explain.batch(
        tmp_path / "rows.parquet",
        boosting,
        tmp_path / "out",
        workers=1,
        progress=lambda share, doing: told.append(share),
    )
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize("name", ["histogram_boosting", "network"])
@pytest.mark.parametrize("said", ["none", "flagged", "sample=0.3"])
def test_reasons_for_some_rows_are_those_for_all_and_the_rest_stays_the_same(tmp_path, name, said):
    model = package(name)
    rows_of(model).to_parquet(tmp_path / "rows.parquet")
    for folder, reasons, count in (("all", "all", 230), ("some", said, 230), ("cut", said, 17)):
        options = Options(rows_per_part=count, reasons=reasons)
        run(tmp_path / "rows.parquet", model, tmp_path / folder, options, workers=1)
    whole, some, cut = (parts(tmp_path / folder, "decisions") for folder in ("all", "some", "cut"))
    assert_same(some, cut)
    of_reasons = [column for column in whole if column.startswith(("why.", "error.", "background_error."))]
    of_reasons += ["base", "gap", "method"]
    assert_same(some.drop(columns=of_reasons, errors="ignore"), whole.drop(columns=of_reasons))
    explained = some["method"].notna()
    if said == "none":
        assert not explained.any()
    else:
        assert explained.any()
        assert not explained.all() or name == "network"
        assert_same(some.loc[explained, of_reasons], whole.loc[explained, of_reasons])
    assert some.loc[~explained, [f"why.{column}" for column in model.schema.names]].isna().all(axis=None)
    if said == "flagged":
        reviewed = explain.review(rows_of(model), model)
        flagged = [verdict.KINDS.index("check"), verdict.KINDS.index("stop")]
        assert explained.tolist() == np.isin(verdict.kinds(reviewed), flagged).tolist()
    summaries = [json.loads((tmp_path / folder / "summary.json").read_text()) for folder in ("all", "some", "cut")]
    assert summaries[0] == summaries[1] == summaries[2]


def test_reasons_that_cannot_be_said_are_refused_before_anything_is_written(tmp_path, boosting):
    rows_of(boosting).to_parquet(tmp_path / "rows.parquet")
    for said in ("some", "sample=", "sample=0", "sample=nan", "sample=2", "Sample=0.1"):
        with pytest.raises(WhysureError, match=r"all, none, flagged or sample=0\.1"):
            explain.batch(tmp_path / "rows.parquet", boosting, tmp_path / "out", reasons=said)
    assert not (tmp_path / "out").exists()
