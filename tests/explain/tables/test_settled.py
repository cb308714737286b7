"""Cells are read as if they stood below the first rows, whatever stands beside them."""

import numpy as np
import pandas as pd
import pytest

import explain
from explain.errors import ColumnsError
from explain.tables.raw import Raw
from explain.tables.settled import Settled
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
