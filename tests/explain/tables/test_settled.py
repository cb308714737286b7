"""Cells are read as if they stood below the first rows, whatever stands beside them."""

import numpy as np
import pandas as pd
import pytest

import explain
from explain.errors import ColumnsError
from explain.tables.dates import parse_dates
from explain.tables.numbers import parse_numbers
from explain.tables.raw import Raw
from explain.tables.settled import Settled, reader_of
from explain.types import Column, Schema

SCHEMA = Schema(
    (
        Column("amount", "number", low=0.0, high=9_000.0),
        Column("day", "number", unit="date", low=18_000.0, high=20_000.0, integer=True),
        Column("city", "category", categories=("Amsterdam", "Rotterdam", "Utrecht")),
    )
)
MESSY = pd.DataFrame(
    {
        "amount": ["1.234,50", "12", "€ 3,5", "n/a", "seven", "2.000", "", "4,25"] * 5,
        "day": ["03/04/2021", "25/12/2020", "2021-05-06", "", "soon", "1.2.2021", "44300", "31/01/2021"] * 5,
        "city": ["Amsterdam", " utrecht", "Roterdam", "", "Lima", "ROTTERDAM", "Amsterdam", "unknown"] * 5,
    }
)


def series(frame):
    return {str(name): cells.reset_index(drop=True) for name, cells in frame.items()}


def test_rows_that_settle_themselves_are_read_as_a_table_is():
    table = explain.read_table(MESSY, SCHEMA)
    rows = Settled(Raw(MESSY, ()), SCHEMA).read(series(MESSY))
    for name in SCHEMA.names:
        assert np.array_equal(rows.cells.blank(name), table.cells.blank(name)), name
        assert rows.cells.objects(name).tolist() == pytest.approx(table.cells.objects(name).tolist(), nan_ok=True)
    assert {name: dict(cells) for name, cells in table.unread.items()} == rows.unread
    told = [(item.column, item.kind, item.rows.tolist(), item.found) for item in rows.repairs]
    assert sorted(told) == sorted((item.column, item.kind, item.rows.tolist(), item.found) for item in table.repairs)


@pytest.mark.parametrize("head", [8, 40])
def test_each_row_alone_is_read_as_among_the_others(head):
    settled = Settled(Raw(MESSY.head(head), ()), SCHEMA)
    whole = Settled(Raw(MESSY.head(head), ()), SCHEMA).read(series(MESSY))
    for at in range(len(MESSY)):
        one = settled.read(series(MESSY.iloc[[at]]))
        for name in SCHEMA.names:
            expected = whole.cells.at(name, at)
            assert one.cells.at(name, 0) == expected or expected != expected
            assert one.unread.get(name, {}).get(0) == whole.unread.get(name, {}).get(at)


def test_a_text_that_the_first_rows_lack_is_read_by_their_decimal_mark():
    settled = Settled(Raw(MESSY, ()), SCHEMA)
    more = pd.DataFrame({"amount": ["7.001", "7,001", "8"], "day": ["11/12/2021"] * 3, "city": ["Utrecht"] * 3})
    rows = settled.read(series(more))
    assert rows.cells.numbers("amount").tolist() == [7001.0, 7.001, 8.0]
    assert rows.cells.numbers("day").tolist() == [18_972.0] * 3  # 11 December, since others have the day first


def test_columns_that_are_not_there_are_refused():
    with pytest.raises(ColumnsError, match="lacks 1 column that the model needs: “city”"):
        Settled(Raw(MESSY.drop(columns="city"), ()), SCHEMA)


HEADS = {
    "nothing tells": ["950", "12", "7", "n/a"],
    "decimal comma": ["1.234,50", "12,5", "950", ""],
    "decimal point": ["1,234.50", "12.5", "950"],
    "one cell tells": ["12,5", "950", "7"],
    "thousands": ["2.000", "1.500", "700", "350"],
    "percent": ["12%", "40%", "5%", "99%"],
    "affix": ["ref 12 x", "ref 950 x", "ref 7,5 x", "ref 8 x"],
    "currency": ["€ 12", "€ 1.950,20", "7"],
    "all blank": ["", "n/a"],
    "typed": [950, 12.5, "7", 3],
}
ITEMS = [
    "5", "1.234", "1,234", "12,5", "12.5", "1.234,5", "1,234.5", "2.000", "999.999", "€ 3,5", "€ 1.250", "15%", "0,8%",
    "ref 3 x", "ref 4,5 x", "ref 4 y", "(1,5)", "1,5-", "seven", "n/a", "yes", "f", "1e3", "3 k", "4.5", 12, 7.25,
]  # fmt: skip
DAYS = {
    "all clear": ["2021-05-06", "2020-02-03"],
    "day first": ["25/12/2020", "03/04/2021"],
    "month first": ["12/25/2020", "03/04/2021"],
    "open": ["03/04/2021", "05/06/2021"],
    "dots": ["3.4.2021", "5.6.2021"],
    "serial": ["44300", "44301", "44302"],
    "unix": ["1612137600", "1612137700"],
    "no date": [""],
}
DATES = [
    "01/02/2021", "13/02/2021", "02/13/2021", "1.2.2021", "2021-02-03", "3 Mar 2021", "44000", "18600", "1612137600",
    "1612137600000", "2021", "soon", "", "20210203", "01/02/2021 14:30",
]  # fmt: skip
DAY = Column("day", "number", unit="date", low=18_000.0, high=20_000.0, integer=True)
COLUMNS = {
    "whole": Column("amount", "number", low=0.0, high=5_000.0, typical=400.0, integer=True),
    "any": Column("amount", "number", low=0.0, high=5_000.0, typical=400.0),
    "shares": Column("amount", "number", low=0.0, high=1.0, typical=0.4),
    "truth": Column("amount", "number", low=0.0, high=1.0, integer=True),
}


def read_in(column, head, items, mark=""):
    """Cells as the first rows settle them: value, kind and text where it is none, of all items in one go."""
    settled = reader_of(column, pd.Series(head, dtype=object), mark, frozenset())
    values, readings, unread = settled.read(pd.Series(items, dtype=object))
    kinds = {int(row): item.kind for item in readings for row in item.rows}
    return [(values[at], kinds.get(at), unread.get(at)) for at in range(len(items))]


def below(column, head, item, mark=""):
    """The same of one item as it is read in a table that has this row below the first ones."""
    cells, at = pd.Series([*head, item], dtype=object), len(head)
    found = parse_dates(cells, column)[0] if column.is_date else parse_numbers(cells, column, mark)
    kinds = [item.kind for item in found.readings if at in item.rows]
    return found.values[at], next(iter(kinds), None), found.unread.get(at)


def same(one, other):
    return one[1:] == other[1:] and (one[0] == other[0] or (np.isnan(one[0]) and np.isnan(other[0])))


TIPS = {"12.5", "4.5", "1,234.5", "1,234", "13/02/2021", "02/13/2021"}
"""Items that by themselves tell the other mark or order than first rows that leave it open to the file or to habit."""


@pytest.mark.parametrize("mark", ["", ","])
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("column", COLUMNS)
def test_many_new_numbers_at_once_are_read_as_each_below_the_first_rows(column, head, mark):
    found = read_in(COLUMNS[column], HEADS[head] * 3, ITEMS, mark)
    expected = [below(COLUMNS[column], HEADS[head] * 3, item, mark) for item in ITEMS]
    wrong = [
        (item, one, other)
        for item, one, other in zip(ITEMS, found, expected, strict=True)
        if not same(one, other) and item not in TIPS
    ]
    assert wrong == []


@pytest.mark.parametrize("head", DAYS)
def test_many_new_dates_at_once_are_read_as_each_below_the_first_rows(head):
    found = read_in(DAY, DAYS[head] * 3, DATES)
    expected = [below(DAY, DAYS[head] * 3, item) for item in DATES]
    wrong = [
        (item, one, other)
        for item, one, other in zip(DATES, found, expected, strict=True)
        if not same(one, other) and item not in TIPS
    ]
    assert wrong == []


@pytest.mark.parametrize("head", [*HEADS, *DAYS])
def test_what_stands_beside_new_cells_changes_nothing(head):
    column, items = (COLUMNS["whole"], ITEMS) if head in HEADS else (DAY, DATES)
    first = (HEADS.get(head) or DAYS[head]) * 3
    together = read_in(column, first, items)
    alone = [read_in(column, first, [item])[0] for item in items]
    assert all(same(one, other) for one, other in zip(together, alone, strict=True))


@pytest.mark.parametrize(
    ("head", "mark", "expected"),
    [
        (["2.000", "1.500", "700"], "", {"1.234": 1234.0, "12.5": 12.5, "1,234": 1.234, "12,5": 12.5}),
        (["1.234,50", "12,5", "950"], "", {"1.234": 1234.0, "2.000": 2000.0, "7,25": 7.25, "12.5": 12.5}),
        (["1,234.50", "12.5", "950"], ",", {"1.234": 1.234, "2,000": 2000.0, "7.25": 7.25}),
        (["950", "12", "7"], ",", {"12.5": 12.5, "3,25": 3.25, "999": 999.0}),
    ],
)
def test_the_first_rows_settle_the_decimal_mark_of_all_that_follow(head, mark, expected):
    found = read_in(COLUMNS["any"], head * 3, list(expected), mark)
    assert {item: one[0] for item, one in zip(expected, found, strict=True)} == expected
