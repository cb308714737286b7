"""What is put to the person where a column can be read in two ways, and what stands in the notes once it is said."""

import pandas as pd

from explain.tables import read_table
from explain.tables.proposals import both_readings, other_is_likelier
from explain.tables.repairs import accept
from explain.types import Column, Schema

LENGTH = Schema((Column("length", "number", "Length", "months", low=4, high=72, integer=True),))
START = Schema((Column("start", "number", "Start", "date", integer=True),))


def test_both_readings_are_said_with_all_digits_and_their_unit():
    table = read_table(pd.DataFrame({"length": ["12.345", "7"]}, dtype=object), Schema((Column("length", "number"),)))
    (proposal,) = table.proposals
    assert both_readings(proposal, table) == ("“12.345” is 12.345", "“12.345” is 12,345")
    table = read_table(pd.DataFrame({"length": ["12.000", "7"]}, dtype=object), LENGTH)
    (proposal,) = table.proposals
    assert both_readings(proposal, table) == ("“12.000” is 12,000 months", "“12.000” is 12 months")


def test_the_reading_that_lies_among_past_values_is_the_likelier_one():
    table = read_table(pd.DataFrame({"length": ["12.000", "7"]}, dtype=object), LENGTH)
    assert [other_is_likelier(proposal, table) for proposal in table.proposals] == [True]
    table = read_table(pd.DataFrame({"length": ["12.345", "7"]}, dtype=object), Schema((Column("length", "number"),)))
    assert not other_is_likelier(table.proposals[0], table)


def test_both_readings_of_a_date_are_dates():
    table = read_table(pd.DataFrame({"start": ["02/03/2020"]}, dtype=object), START)
    (proposal,) = table.proposals
    assert both_readings(proposal, table) == ("“02/03/2020” is 2020-02-03", "“02/03/2020” is 2020-03-02")
    assert proposal.text == (
        "Start can be read with the day or the month first in 1 cell: “02/03/2020” was read as 2020-02-03, but may be "
        "2020-03-02."
    )


def test_what_was_noted_of_a_cell_gives_way_to_what_was_said_of_it():
    table = read_table(pd.DataFrame({"length": ["12.000", "7"]}, dtype=object), LENGTH)
    assert [note.text for note in table.notes] == ["Length: 1 cell with thousands separators."]
    said = accept(table, "length")
    assert said.frame["length"].tolist() == [12.0, 7.0]
    assert [note.text for note in said.notes] == ["Length: 1 cell with the other decimal mark, as chosen."]
