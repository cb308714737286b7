"""The line that names the columns is the header, whatever stands around it; rows that are no cases are left out."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.errors import ColumnsError, TableError
from explain.tables import read_rows, read_table
from explain.tables.said import Said
from explain.types import Column, Schema

SCHEMA = Schema(
    (
        Column("age", "number", label="Age", low=18, high=75, typical=40.0, integer=True),
        Column("city", "category", label="City", categories=("Bern", "New York", "Oslo")),
        Column("income", "number", label="Income", low=0, high=90_000, typical=30_000.0),
    )
)
RIGHT = [[31.0, "Bern", 1500.5], [45.0, "Oslo", 2000.0], [52.0, None, 700.25]]
PLAIN = "age,city,income\n31,Bern,1500.5\n45,Oslo,2000\n52,,700.25\n"

HEADER_AGAIN = "Line 4 (“age”): left out, as it repeats the header."
REMARK = "Line 5 (“Source: the bank”): left out, as it is a remark, not a case."
UNITS = "Line 2 (“(years)”): left out, as it holds units and is not a case."


def cells(content, **more):
    table = read_table(content.encode() if isinstance(content, str) else content, SCHEMA, **more)
    frame = table.frame.astype(object).where(table.frame.notna(), None)
    return frame.to_numpy().tolist(), [note.text for note in table.notes]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PLAIN, None),
        ("Report of 2024\n\n" + PLAIN, "1 line above the header left out: “Report of 2024”."),
        ("# made by x\n# on Monday\n" + PLAIN, "2 lines above the header left out: “# made by x” and “# on Monday”."),
        ("Person,,Money\n" + PLAIN, "1 line above the header left out: “Person Money”."),
        ("sep=,\n" + PLAIN, None),
        ("\n\n" + PLAIN, "2 empty lines left out."),
        (PLAIN.replace("\n", ",\n").replace("income,", "income", 1), None),
        (PLAIN.replace("\n", ",\n"), None),
        (PLAIN + ",,\n,,\n", "2 empty lines left out."),
        (PLAIN + "Total,,4200.75\n", "Line 5 (“Total”): left out, as it sums up other rows."),
        (PLAIN + "Average,,1400.25\n", "Line 5 (“Average”): left out, as it sums up other rows."),
        (PLAIN + "Source: the bank\n", REMARK),
        (PLAIN + "Source: the bank, as of 2024\n", REMARK),
        (PLAIN + "* made up by us,,\n", "Line 5 (“* made up by us”): left out, as it is a remark, not a case."),
        (PLAIN.replace("\n31", "\n(years),,(EUR)\n31"), UNITS),
        (PLAIN.replace("\n52", "\nage,city,income\n52"), HEADER_AGAIN),
        (PLAIN.replace("\n52", "\nAGE, City,INCOME\n52"), HEADER_AGAIN.replace("age", "AGE")),
        ('age, city, income\n31, "Bern", 1500.5\n45, "Oslo", 2000\n52, , 700.25\n', None),
        ("age;city;income\n31;Bern;1.500,5\n45;Oslo;2.000,00\n52;;700,25\n", "Columns were split at semicolons."),
        (",age,city,income\n0,31,Bern,1500.5\n1,45,Oslo,2000\n2,52,,700.25\n", None),
        (
            "age  city      income\n31   Bern      1500.5\n45   Oslo      2000\n52             700.25\n",
            "Columns were split where all lines have blanks.",
        ),
    ],
)  # fmt: skip
def test_whatever_stands_around_a_table_it_is_read_the_same_and_said(content, said):
    found, notes = cells(content)
    assert found == RIGHT
    assert said is None or said in notes


def test_blanks_may_part_the_columns():
    assert cells("age city income\n31 Bern 1500.5\n 45  'Oslo'  2000\n52 \"New York\" 7\n".replace("'", ""))[0] == [
        [31.0, "Bern", 1500.5], [45.0, "Oslo", 2000.0], [52.0, "New York", 7.0],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("name,age\nTotal,31\nShell,40\nTotal,33\nBP,44\nTotal,35\n", 5),
        ("name,age\nAnn,31\nMax,40\nMin,33\n", 3),
        ("id,age,city\nK1,31,Bern\nK2,,\nK3,40,Oslo\n", 3),
        ("note,age\nnote,31\nother,40\n", 2),
    ],
)
def test_words_that_are_values_like_any_other_leave_no_row_out(content, kept):
    assert len(read_rows(content.encode()).frame) == kept


def test_a_row_that_only_may_sum_up_others_is_kept_and_said():
    rows = read_rows(b"name,age\nAnn,31\nBo,40\nTotal,12\n")
    assert len(rows.frame) == 3
    assert [note.text for note in rows.notes] == ["Line 4 (“Total”): kept, though it may sum up other rows."]


def test_a_row_cut_off_is_no_remark():
    with pytest.raises(TableError, match="line 4 has 2"):
        read_rows(b"city,age,income\nBern,31,5\nOslo,32,6\nOslo,3\n")


HEADLESS = b"31,Bern,1500.5\n45,Oslo,2000\n52,Oslo,700.25\n"


def test_a_file_without_a_header_is_named_with_its_columns_proposed_in_order():
    with pytest.raises(ColumnsError) as caught:
        read_table(HEADLESS, SCHEMA)
    assert str(caught.value) == (
        "The file has no header: its first line is a row of data. Are its columns, in this order, “Age”, “City” and "
        "“Income”?"
    )
    assert caught.value.proposals == {"age": "column 1", "city": "column 2", "income": "column 3"}
    confirmed = cells(HEADLESS, columns=caught.value.proposals)[0]
    assert confirmed == cells(HEADLESS, said=Said(accept=True))[0] == [*RIGHT[:2], [52.0, "Oslo", 700.25]]
    with pytest.raises(ColumnsError, match="Put a line with the names of the columns above it"):
        read_table(HEADLESS.replace(b"\n", b",1\n"), SCHEMA)
    with pytest.raises(TableError, match="the first line is one of data"):
        read_rows(HEADLESS)


@pytest.mark.parametrize("header", ["1,2,3", "0,1,2", "2019,2020,2021"])
def test_numbers_that_follow_one_another_are_a_header(header):
    assert list(read_rows(f"{header}\n5,6,7\n8,9,10\n".encode()).frame.columns) == header.split(",")


@given(
    st.lists(
        st.tuples(st.integers(18, 75), st.sampled_from(["Bern", "Oslo", ""]), st.integers(0, 90_000)),
        min_size=2,
        max_size=30,
    ),
    st.integers(0, 3),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_any_rows_come_back_below_any_number_of_titles(rows, titles, delimiter):
    lines = [f"Title {at}" for at in range(titles)]
    lines += [delimiter.join(map(str, row)) for row in [("age", "city", "income"), *rows]]
    table = read_table("\n".join(lines).encode(), SCHEMA)
    assert table.frame["age"].tolist() == [row[0] for row in rows]
    assert table.frame["income"].tolist() == [row[2] for row in rows]


def test_one_of_two_columns_makes_no_header_of_a_title():
    schema = Schema((Column("a", "number"), Column("b", "number"), Column("c", "number")))
    with pytest.raises(ColumnsError):
        read_table(b"x,y,z\n1,2,3\na,2,3\n", schema)


def test_a_million_rows_are_looked_through_without_being_looked_at_one_by_one():
    frame = pd.DataFrame({"age": range(1_000), "city": ["Bern"] * 1_000})
    assert len(read_rows(frame.to_csv(index=False).encode()).frame) == 1_000
