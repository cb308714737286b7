"""Each kind of fault in a date is found, and said in its exact sentence."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain import words
from explain.insight import whatif
from explain.models import load_model, write_package
from explain.models.card import days, propose_schema
from explain.pipeline import review
from explain.quality import Profile, check
from explain.quality.catalog import CATALOG
from explain.quality.dates import date_checks, date_fix
from explain.tables import read_table

EPOCH = dt.date(1970, 1, 1)
TODAY = dt.date(2026, 11, 25)
UNKNOWN = "looks like a code for “not known” (usual are 2019-01-02–2024-06-30). Leave the cell blank."
AFTER = "is after today and after anything the model saw (2019-01-02–2024-06-30)."


def reference():
    """A whole day every third, from 2019-01-02 to 2024-06-30, but none from March to May 2021."""
    at = pd.date_range("2019-01-02", "2024-06-30", freq="3D").append(pd.DatetimeIndex(["2024-06-30"]))
    return pd.DataFrame({"start": at[(at < "2021-03-01") | (at > "2021-05-31")]})


def profile_of(frame):
    schema = propose_schema(frame, {"start": {"label": "Start"}})
    return Profile(schema, frame.assign(start=days(frame["start"])))


PROFILE = profile_of(reference())


def found(*cells, profile=PROFILE, today=TODAY):
    table = read_table(pd.DataFrame({"start": pd.Series(cells, dtype=object)}), profile.schema)
    return date_checks(table, profile.schema["start"], profile, today)


CASES = [
    (
        "2026-06-01", "out of range", "warning",
        "Start = 2026-06-01 is after anything the model saw (2019-01-02–2024-06-30).", None,
    ),
    (
        "2018-06-30", "out of range", "warning",
        "Start = 2018-06-30 is before anything the model saw (2019-01-02–2024-06-30).", None,
    ),
    (
        "2024-07-02", "out of range", "info",
        "Start = 2024-07-02 is after anything the model saw (2019-01-02–2024-06-30).", None,
    ),
    (
        "2024-10-05", "out of range", "warning",
        "Start = 2024-10-05 is after anything the model saw (2019-01-02–2024-06-30). Did you mean 2024-05-10?",
        "2024-05-10",
    ),
    (
        "2031-05-01", "future date", "error",
        f"Start = 2031-05-01 {AFTER}", None,
    ),
    (
        "2124-03-05 ", "future date", "error",
        f"Start = 2124-03-05 {AFTER} Did you mean 2024-03-05?", "2024-03-05",
    ),
    (
        "9999-12-31", "future date", "error",
        f"Start = 9999-12-31 {UNKNOWN}", None,
    ),
    (
        "1900-01-01", "far past", "error",
        f"Start = 1900-01-01 {UNKNOWN}", None,
    ),
    (
        "1970-01-01", "far past", "error",
        f"Start = 1970-01-01 {UNKNOWN}", None,
    ),
    (
        "1850-07-09", "far past", "error",
        f"Start = 1850-07-09 {UNKNOWN}", None,
    ),
    (
        "0024-03-05", "far past", "error",
        "Start = 0024-03-05 is before anything the model saw (2019-01-02–2024-06-30). Did you mean 2024-03-05?",
        "2024-03-05",
    ),
    (
        "1924-03-05", "out of range", "warning",
        "Start = 1924-03-05 is before anything the model saw (2019-01-02–2024-06-30). Did you mean 2024-03-05?",
        "2024-03-05",
    ),
    (
        "2021-04-15", "empty gap", "warning",
        "Start = 2021-04-15 lies where the model saw nothing, between 2021-02-26 and 2021-06-02.", None,
    ),
    (
        "2024-03-05 14:30", "not whole", "warning",
        "Start = 2024-03-05 14:30 has a time of day; past values were whole days.", None,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "kind", "severity", "sentence", "suggestion"), CASES)
def test_each_fault_is_said_in_its_sentence(cell, kind, severity, sentence, suggestion):
    (warning,) = found("2024-03-05", cell)
    assert (warning.check, warning.severity, warning.messages) == (kind, severity, (sentence,))
    assert warning.rows.tolist() == [1]
    assert warning.found == (cell.strip(),)
    (fix,) = warning.suggestion
    assert (fix and words.number(float(fix), "date")) == suggestion
    assert kind in CATALOG


READ = [
    (
        ["2024-03-05", "32.13.2020"], "wrong type", "error",
        "Start = “32.13.2020” is not a date. The model was given a blank instead.",
    ),
    (
        ["13/02/2020"] * 3 + ["02/14/2020"], "repaired", "info",
        "Start = “02/14/2020” was read as 2020-02-14: it is a date only with day and month that way round.",
    ),
    (
        ["2024-03-05"] * 3 + [45356], "repaired", "info",
        "Start = “45356” was read as 2024-03-05: spreadsheets count the days since 1899-12-30.",
    ),
    (
        ["2024-03-05"] * 3 + [1709596800], "repaired", "info",
        "Start = “1709596800” was read as 2024-03-05: programs count the time since 1970-01-01.",
    ),
    (["2024-03-05", ""], "missing", "warning", "Start is missing; past rows were never blank here."),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "kind", "severity", "sentence"), READ)
def test_how_a_cell_was_read_is_said_in_its_sentence(cells, kind, severity, sentence):
    table = read_table(
        pd.DataFrame({"start": pd.Series(cells, dtype=object), "case_id": range(len(cells))}), PROFILE.schema
    )
    (warning,) = [item for item in check(table, PROFILE) if item.column == "start" and not item.whole_column]
    assert (warning.check, warning.severity, warning.messages) == (kind, severity, (sentence,))
    assert warning.rows.tolist() == [len(cells) - 1]


def test_a_date_is_in_the_future_from_tomorrow_on():
    assert [item.check for item in found("2026-11-25 23:59")] == ["out of range"]
    assert [item.check for item in found("2026-11-26")] == ["future date"]
    assert [item.check for item in found("2031-05-01", today=dt.date(2032, 1, 1))] == ["out of range"]


def test_where_past_rows_lie_in_the_future_a_later_date_is_only_out_of_range():
    ends = pd.DataFrame({"start": pd.date_range("2020-01-01", "2040-01-01", freq="30D")})
    assert [item.check for item in found("2045-01-01", profile=profile_of(ends))] == ["out of range"]


def test_without_a_day_given_today_is_that_of_the_clock():
    tomorrow = dt.datetime.now().astimezone().date() + dt.timedelta(days=1)
    assert [item.check for item in found(str(tomorrow), today=None)] == ["future date"]


def test_a_code_that_past_rows_are_used_to_is_a_date_like_any_other():
    births = pd.DataFrame({"start": pd.date_range("1930-01-01", "2005-12-31", freq="30D")})
    assert found("1970-01-01", profile=profile_of(births)) == []
    ends = pd.concat([reference(), pd.DataFrame({"start": [pd.Timestamp("9999-12-31")]})])
    assert found("9999-12-31", profile=profile_of(ends)) == []


@given(st.integers(0, len(PROFILE.frame) - 1), st.sampled_from([-200, -100, 100, 200]))
def test_a_slip_of_the_century_leads_back_to_the_day(at, years):
    value = float(PROFILE.frame["start"].iloc[at])
    day = EPOCH + dt.timedelta(days=value)
    if (day.month, day.day) != (2, 29):
        slipped = float((day.replace(year=day.year + years) - EPOCH).days)
        assert date_fix(slipped + 0.5, PROFILE.schema["start"]) == value + 0.5


def test_usual_dates_are_not_warned_of():
    cells = PROFILE.frame["start"].tolist()
    assert found(*cells) == []


def test_a_package_with_dates_goes_the_whole_road(tmp_path):
    """A model that says 2 for each year since 1970."""
    past = reference().assign(size=1.0)
    past["value"] = days(past["start"]) * 2 / 365.25
    path = write_package(
        tmp_path / "p", onnx=two_a_year(), reference=past, target="value", columns={"start": {"label": "Start"}}
    )
    model = load_model(path)
    assert model.schema["start"].is_date
    np.testing.assert_array_equal(model.reference.frame["start"], days(past["start"]))
    upload = b"case_id,start,size\na,05.03.2024,1\nb,2124-03-05,1\nc,13.02.2020,1\nd,soon,1\n"
    decisions = review(read_table(upload, model.schema), model)
    np.testing.assert_allclose(
        decisions.prediction.scores[:3, 0], np.array([19787, 56311, 18305]) * 2 / 365.25, rtol=1e-6
    )
    assert [reason.value for row in (0, 1, 3) for reason in decisions[row].reasons if reason.column == "start"] == [
        "2024-03-05", "2124-03-05", "soon",
    ]  # fmt: skip
    (late,) = [item for item in decisions[1].warnings if item.check == "future date"]
    assert late.repaired == pytest.approx(19787 * 2 / 365.25, rel=1e-6)
    mended = whatif.what_if(model, decisions, 1, {"start": float(late.suggestion)}, 0.9)
    assert mended.prediction.scores[0, 0] == decisions.prediction.scores[0, 0]


def two_a_year():
    from onnx import TensorProto, helper

    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in ("start", "size")]
    factor = helper.make_tensor("factor", TensorProto.FLOAT, [1], [2 / 365.25])
    nodes = [helper.make_node("Mul", ["start", "factor"], ["grown"]), helper.make_node("Mul", ["grown", "size"], ["y"])]
    graph = helper.make_graph(
        nodes, "years", inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])], [factor]
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return made.SerializeToString()
