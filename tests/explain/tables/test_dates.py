"""Cells with dates become the days that a person means."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain import words
from explain.errors import ModelError
from explain.models.card import days, propose_schema
from explain.tables import read_table
from explain.tables.dates import parse_dates
from explain.tables.repairs import undo
from explain.types import Column, Schema

EPOCH = dt.date(1970, 1, 1)
MOMENT = dt.datetime.fromisoformat("2024-03-05T14:30")
FIRST, LAST = dt.date(2019, 1, 2), dt.date(2024, 6, 30)


def column(low=FIRST, high=LAST, *, whole=True):
    ends = (float((end - EPOCH).days) for end in (low, high))
    return Column("start", "number", "Start", "date", *ends, integer=whole)


START = column()


def read(cells, of=START):
    """Dates as they are shown, and the notes."""
    found, notes = parse_dates(pd.Series(cells, dtype=object), of)
    return [words.number(value, "date") for value in found.values], [note.text for note in notes]


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        (" 2024.03.05 ", "2024-03-05"),
        ("20240305", "2024-03-05"),
        (20240305, "2024-03-05"),
        (20240305.0, "2024-03-05"),
        ("2024-03-05T14:30", "2024-03-05 14:30"),
        ("2024-03-05 14:30:05", "2024-03-05 14:30:05"),
        ("2024-03-05 14:30:05.123456789", "2024-03-05 14:30:05"),
        ("2024-03-05 2:30 PM", "2024-03-05 14:30"),
        ("2024-03-05 12:00 a.m.", "2024-03-05"),
        ("2024-03-05T23:30:00+00:00", "2024-03-05 23:30"),
        ("25.03.2024", "2024-03-25"),
        ("25. 3. 2024", "2024-03-25"),
        ("25/03/2024", "2024-03-25"),
        ("03/25/2024", "2024-03-25"),
        ("25-03-24", "2024-03-25"),
        ("Mon, 25/03/2024", "2024-03-25"),
        ("5-Mar-2024", "2024-03-05"),
        ("05-MAR-24", "2024-03-05"),
        ("5mar2024", "2024-03-05"),
        ("5. März 2024", "2024-03-05"),
        ("5th of March 2024", "2024-03-05"),
        ("5 de marzo de 2024", "2024-03-05"),
        ("Tue, 05 Mar 2024 14:30:00 GMT", "2024-03-05 14:30"),
        ("March 5, 2024", "2024-03-05"),
        ("Tuesday, March 5th, 2024", "2024-03-05"),
        ("Mar 5 2024", "2024-03-05"),
        ("Mar\u00a05,\u00a02024", "2024-03-05"),
        (dt.date(2024, 3, 5), "2024-03-05"),
        (MOMENT, "2024-03-05 14:30"),
        (pd.Timestamp("2024-03-05"), "2024-03-05"),
        (45356, "2024-03-05"),
        ("45356,5", "2024-03-05 12:00"),
        (1709596800, "2024-03-05"),
        ("1709649000000", "2024-03-05 14:30"),
        (19787.0, "2024-03-05"),
        ("9999-12-31", "9999-12-31"),
        ("0024-03-05", "0024-03-05"),
    ],
)
def test_each_style_is_read(cell, date):
    assert read([cell])[0] == [date]


@pytest.mark.parametrize(
    "text",
    ["32.13.2020", "2024-02-30", "29.02.2023", "5 Foo 2024", "March 2024", "2024", "20", "0", "-1", "tomorrow",
     "2024-03-05 25:00", "2024-03-05 13:00 PM", "1.2", "2024-00-10", "0000-01-01", "inf", "1e5"],
)  # fmt: skip
def test_what_is_no_date_is_kept_and_not_guessed(text):
    found, _ = parse_dates(pd.Series(["2024-03-05", text], dtype=object), START)
    assert found.unread == {1: text}
    assert np.isnan(found.values[1])


@pytest.mark.parametrize("token", ["", "n/a", "NaT", "null", "-", "0000-00-00", None, float("nan"), pd.NaT])
def test_words_for_missing_are_blank(token):
    found, _ = parse_dates(pd.Series(["2024-03-05", token], dtype=object), START)
    assert np.isnan(found.values[1])
    assert found.unread == {}


ORDERS = [
    (
        ["13/02/2020", "01/03/2024"], ["2020-02-13", "2024-03-01"],
        "Start was read as day/month/year: 1 cell fits only that.",
    ),
    (
        ["01/03/2024", "02/13/2020", "02/14/2020", "02/14/2020"],
        ["2024-01-03", "2020-02-13", "2020-02-14", "2020-02-14"],
        "Start was read as month/day/year: 3 cells fit only that.",
    ),
    (
        ["13.02.2020", "14.02.2020", "02.15.2020"], ["2020-02-13", "2020-02-14", "2020-02-15"],
        "Start was read as day/month/year: 2 cells fit only that.",
    ),
    (
        ["08/06/2024"], ["2024-06-08"],
        "Start could be read either way; day/month/year lies in the range of past rows.",
    ),
    (
        ["08/06/2024", "01/02/2018"], ["2024-06-08", "2018-02-01"],
        "Start could be read either way; day/month/year puts more cells in the range of past rows.",
    ),
    (["02/03/2020"], ["2020-02-03"], "Start could be read either way; it was read as month/day/year."),
    (
        ["02.03.2020"], ["2020-03-02"],
        "Start could be read either way; it was read as day/month/year, as is usual with dots.",
    ),
    (
        ["13/02/2020", "02/14/2020", "08/06/2024"], ["2020-02-13", "2020-02-14", "2024-06-08"],
        "Start mixes both orders of day and month; day/month/year lies in the range of past rows.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "dates", "note"), ORDERS)
def test_day_and_month_are_told_apart_once_a_column(cells, dates, note):
    assert read(cells) == (dates, [note])


@pytest.mark.parametrize("cells", [["2024-03-05", "5-Mar-2024", "March 5, 2024"], ["03/03/2024", ""]])
def test_nothing_is_said_where_there_is_nothing_to_choose(cells):
    assert read(cells)[1] == []


def test_two_digits_of_a_year_mean_the_century_of_past_rows():
    births = column(dt.date(1920, 1, 1), dt.date(1990, 12, 31))
    assert read(["25.03.24"], births)[0] == ["1924-03-25"]
    assert read(["25.03.24"])[0] == ["2024-03-25"]


def test_of_times_with_a_zone_the_moment_counts_but_the_day_as_written_of_whole_days():
    cells = ["2024-03-05T00:30:00+02:00", "2024-03-05T00:30:00-0500", "2024-03-05T00:30Z"]
    moments = ["2024-03-04 22:30", "2024-03-05 05:30", "2024-03-05 00:30"]
    assert read(cells, column(whole=False))[0] == moments
    assert read(cells)[0] == ["2024-03-05 00:30"] * 3
    typed = pd.Series(pd.to_datetime(["2024-03-05T00:30:00+02:00"]))
    for whole, moment in ((False, moments[0]), (True, "2024-03-05 00:30")):
        (value,) = parse_dates(typed, column(whole=whole))[0].values
        assert words.number(value, "date") == moment


@pytest.mark.parametrize(
    "kind", ["datetime64[ns]", "datetime64[s]", "timestamp[us][pyarrow]", "date32[pyarrow]", "datetime64[us, UTC]"]
)
def test_typed_columns_are_read_as_they_are(kind):
    typed = pd.Series(pd.to_datetime(["2024-03-05", None, "2024-03-06"], utc="UTC" in kind)).astype(kind)
    np.testing.assert_array_equal(parse_dates(typed, START)[0].values, [19787, np.nan, 19788])
    np.testing.assert_array_equal(days(typed), [19787, np.nan, 19788])
    assert propose_schema(pd.DataFrame({"start": typed}))["start"].is_date


def test_numbers_are_read_as_serial_numbers():
    serial = pd.Series([45356.0, np.nan])
    np.testing.assert_array_equal(parse_dates(serial, START)[0].values, [19787, np.nan])


def test_numbers_outside_of_past_rows_follow_the_habit_of_the_column():
    assert read([45356, 45357, 60000])[0] == ["2024-03-05", "2024-03-06", "2064-04-08"]
    assert read([19787, 19788, 34000])[0] == ["2024-03-05", "2024-03-06", "2063-02-02"]
    assert read([60000])[0] == ["—"]


def test_a_year_is_no_number_of_days_unless_the_column_counts_days():
    early = column(dt.date(1972, 1, 1), LAST)
    assert read(["2024"], early)[0] == ["—"]
    assert read([2024, 19787], early)[0] == ["1975-07-18", "2024-03-05"]


def table(*cells):
    frame = pd.DataFrame({"start": pd.Series(cells, dtype=object)})
    return read_table(frame, Schema((START,)))


def notes(*cells):
    return [note.text for note in table(*cells).notes]


def test_cells_unlike_the_rest_of_their_column_are_listed_and_can_be_undone():
    read = table("13/02/2020", "14/02/2020", "02/15/2020", 45356, "1709596800", "n/a")
    assert [(item.kind, item.rows.tolist(), item.found) for item in read.repairs] == [
        ("Unix time", [4], ("1709596800",)),
        ("date order", [2], ("02/15/2020",)),
        ("missing word", [5], ("n/a",)),
        ("serial number", [3], ("45356",)),
    ]
    assert [note.text for note in read.notes] == [
        "Start was read as day/month/year: 2 cells fit only that.",
        "Start: 1 cell with seconds or milliseconds since 1970, read as their date.",
        "Start: 1 cell with day and month the other way round.",
        "Start: 1 cell with words for missing read as blank.",
        "Start: 1 cell with the serial number of a spreadsheet, read as its date.",
    ]
    undone = undo(read, "start")
    assert undone.unread["start"] == {2: "02/15/2020", 3: "45356", 4: "1709596800", 5: "n/a"}
    np.testing.assert_array_equal(undone.frame["start"].isna(), [False, False, True, True, True, True])


def test_a_column_of_serial_numbers_or_seconds_is_said_as_a_whole():
    assert notes(45356, 45357, 45358) == ["Start was read from the serial numbers of a spreadsheet."]
    assert notes(1709596800, 1709683200, 1709769600) == ["Start was read from seconds or milliseconds since 1970."]


def test_files_with_dates_are_read_to_the_same_table(tmp_path):
    frame = pd.DataFrame({"case_id": ["a", "b"], "start": pd.to_datetime(["2024-03-05", "2020-12-31"])})
    frame.to_parquet(tmp_path / "t.parquet")
    frame.assign(start=frame["start"].dt.date).to_parquet(tmp_path / "d.parquet")
    frame.to_excel(tmp_path / "t.xlsx", index=False, engine="xlsxwriter")
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "g.csv", index=False, date_format="%d.%m.%Y", sep=";")
    read = [read_table(path, Schema((START,))) for path in sorted(tmp_path.iterdir())]
    assert len(read) == 5
    assert {item.fingerprint for item in read} == {read[0].fingerprint}
    assert read[0].frame["start"].tolist() == [19787, 18627]


STYLES = {
    "%Y-%m-%d": False, "%Y%m%d": False, "%d.%m.%Y": True, "%d/%m/%Y": True, "%m/%d/%Y": True, "%d-%b-%Y": False,
    "%B %d, %Y": False, "%d.%m.%y": True, "%m/%d/%y": True, "%Y-%m-%dT%H:%M:%S": False,
}  # fmt: skip


@given(
    st.sampled_from(sorted(STYLES)),
    st.lists(st.dates(FIRST, LAST), min_size=1, max_size=20),
    st.integers(13, 28),
)
def test_any_date_in_any_style_comes_back_where_one_cell_is_unambiguous(style, dates, clear):
    given_dates = [*dates, dt.date(2020, 3, clear)]
    cells = [date.strftime(style) for date in given_dates]
    found, said = parse_dates(pd.Series(cells, dtype=object), START)
    assert found.values.tolist() == [float((date - EPOCH).days) for date in given_dates]
    assert (found.unread, found.readings) == ({}, ())
    assert len(said) == STYLES[style]


@given(
    st.booleans(),
    st.integers(2000, 2030),
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=20),
)
def test_a_column_that_could_be_read_either_way_is_decided_by_past_rows(day_first, year, pairs):
    """Past rows are of one quarter, so that the wrong order never puts more cells among them."""
    quarter = column(dt.date(year, 1, 1), dt.date(year, 3, 31))
    dates = [dt.date(year, (month - 1) % 3 + 1, max(day, 4)) for month, day in pairs]
    found, _ = parse_dates(
        pd.Series([date.strftime("%d/%m/%Y" if day_first else "%m/%d/%Y") for date in dates], dtype=object), quarter
    )
    assert found.values.tolist() == [float((date - EPOCH).days) for date in dates]


@given(st.lists(st.datetimes(), min_size=1, max_size=10))
def test_moments_come_back_to_the_microsecond_typed_or_as_text(moments):
    exact = [(moment - dt.datetime.fromisoformat("1970-01-01")) / dt.timedelta(days=1) for moment in moments]
    texts = [f"{moment.year:04}-{moment:%m-%d %H:%M:%S.%f}" for moment in moments]
    for cells in (moments, texts):
        values = parse_dates(pd.Series(cells, dtype=object), START)[0].values
        assert values.tolist() == pytest.approx(exact, rel=1e-15, abs=1e-15)


@given(st.lists(st.one_of(st.text(max_size=12), st.integers(), st.floats(), st.none(), st.dates()), max_size=8))
def test_nothing_that_comes_in_a_cell_stops_the_reading(cells):
    found, _ = parse_dates(pd.Series(cells, dtype=object), START)
    assert len(found.values) == len(cells)
    assert not np.isinf(found.values).any()
    assert np.isnan(found.values[list(found.unread)]).all()


@pytest.mark.parametrize(
    "dates",
    [
        pd.Series(pd.to_datetime(["2019-01-02", None, "2024-06-30"])),
        pd.Series([FIRST, None, LAST], dtype=object),
        pd.Series(pd.to_datetime(["2019-01-02", None, "2024-06-30"], utc=True)),
    ],
)
def test_reference_columns_of_dates_are_numbers_of_days(dates):
    (found,) = propose_schema(pd.DataFrame({"start": dates}), {"start": {"label": "Start"}})
    assert (found.kind, found.unit, found.low, found.high, found.integer) == ("number", "date", 17898, 19904, True)
    assert found.is_date
    assert (found.label, round(found.missing_share, 3)) == ("Start", 0.333)
    np.testing.assert_array_equal(days(dates), [17898, np.nan, 19904])


def test_reference_dates_as_text_are_dates_where_the_unit_says_so():
    frame = pd.DataFrame({"start": ["2019-01-02", "2024-06-30T12:00", None]})
    assert propose_schema(frame)["start"].kind == "category"
    found = propose_schema(frame, {"start": {"unit": "date"}})["start"]
    assert (found.kind, found.low, found.high, found.integer) == ("number", 17898, 19904.5, False)
    wrong = pd.DataFrame({"start": ["2019-01-02", "30.06.2024"]})
    sentence = "Column 'start' holds dates, but '30.06.2024' is none in ISO form (2024-03-01). Convert the column"
    with pytest.raises(ModelError) as caught:
        propose_schema(wrong, {"start": {"unit": "date"}})
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (words.number(19787, "date"), "2024-03-05"),
        (words.number(19787.5, "date"), "2024-03-05 12:00"),
        (words.number(-800_000, "date"), "-800,000 days since 1970"),
        (words.number(None, "date"), "—"),
        (words.bare(19787, Column("x", "number", unit="date")), "2024-03-05"),
        (words.bare(12, Column("x", "number", unit="years")), "12"),
        (words.span(17898, 19904, Column("x", "number", unit="date")), "2019-01-02–2024-06-30"),
        (words.span(18, 75, Column("x", "number", unit="years"), " to "), "18 to 75 years"),
        (words.change(-12, "target", "date"), "−12 days"),
        (words.change(1, "target", "date"), "+1 day"),
        (words.difference(2.5, "mm"), "2.5 mm"),
        (words.amount(19787, "target", "date"), "2024-03-05"),
        (words.cell(19787.0, START), "2024-03-05"),
    ],
)
def test_dates_are_shown_as_dates_and_differences_as_days(said, text):
    assert said == text
