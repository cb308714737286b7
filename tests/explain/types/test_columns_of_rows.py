"""Cells hold what a frame holds, whichever way they are made, cut and changed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.types import Cells, Codes, Column, Schema, as_cells, cells_of
from explain.types.cells import FEW, coded

KNOWN = ("red", "green", "a thing")
SCHEMA = Schema((Column("size", "number"), Column("colour", "category", categories=KNOWN)))
TEXTS = st.one_of(st.none(), st.sampled_from([*KNOWN, "", "Red", "none"]), st.text(max_size=3))
NUMBERS = st.one_of(st.just(float("nan")), st.floats(allow_nan=False))
ROWS = st.lists(st.tuples(NUMBERS, TEXTS), max_size=2 * FEW)


def frame_of(rows):
    sizes, colours = zip(*rows, strict=True) if rows else ((), ())
    colour = pd.Series(list(colours), dtype=object)
    return pd.DataFrame({"size": np.array(sizes, dtype=np.float64), "colour": colour})


@settings(deadline=None)
@given(ROWS)
def test_a_frame_comes_back_as_it_was(rows):
    frame = frame_of(rows)
    cells = cells_of(frame, SCHEMA)
    pd.testing.assert_frame_equal(cells.frame, frame)
    assert len(cells) == len(frame)
    assert as_cells(cells, SCHEMA) is cells
    for at, (size, colour) in enumerate(rows):
        assert cells.at("colour", at) == cells.objects("colour")[at] == colour
        assert cells.at("size", at) == size or size != size
        assert cells.blank("colour")[at] == (colour is None)
        assert cells.blank("size")[at] == (size != size)


@settings(deadline=None)
@given(ROWS, st.data())
def test_rows_taken_are_those_of_the_frame(rows, data):
    frame = frame_of(rows)
    picked = np.array(data.draw(st.lists(st.integers(0, max(len(rows) - 1, 0)), max_size=9 if rows else 0)), dtype=int)
    expected = frame.iloc[picked].reset_index(drop=True)
    pd.testing.assert_frame_equal(cells_of(frame, SCHEMA).take(picked).frame, expected)


@settings(deadline=None)
@given(ROWS.filter(bool), NUMBERS, TEXTS)
def test_cells_put_change_nothing_but_those(rows, size, colour):
    before, last = cells_of(frame_of(rows), SCHEMA), np.array([len(rows) - 1])
    after = before.put("size", last, [size]).put("colour", last, [colour])
    pd.testing.assert_frame_equal(before.frame, frame_of(rows))
    pd.testing.assert_frame_equal(after.frame, frame_of([*rows[:-1], (size, colour)]))


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=3 * FEW))
def test_a_columns_own_categories_stand_first_and_no_word_stands_twice(texts):
    found = coded(np.array([*texts, None], dtype=object)[:-1], KNOWN)
    assert found.words[: len(KNOWN)] == KNOWN
    assert len(set(found.words)) == len(found.words)
    assert found.texts.tolist() == texts
    known = found.known(SCHEMA["colour"])
    assert [KNOWN[at] if at >= 0 else None for at in known] == [text if text in KNOWN else None for text in texts]
    other = ("a thing", "Red")
    expected = [-1 if text is None else other.index(text) if text in other else -2 for text in texts]
    assert found.among(other).tolist() == expected


def test_what_is_no_text_counts_as_its_text_and_every_kind_of_blank_as_a_blank():
    cells = pd.Series([1, 2.5, True, None, float("nan"), pd.NA, pd.NaT, "red"], dtype=object)
    found = cells_of(pd.DataFrame({"size": range(8), "colour": cells}), SCHEMA).codes("colour")
    assert found.texts.tolist() == ["1", "2.5", "True", None, None, None, None, "red"]
    held = cells_of(pd.DataFrame({"size": [1, 2], "colour": pd.Categorical(["red", None])}), SCHEMA)
    assert held.codes("colour").texts.tolist() == ["red", None]


def test_a_column_of_the_other_kind_is_refused():
    cells = Cells({"size": np.zeros(1), "colour": Codes(np.zeros(1, dtype=np.int32), KNOWN)})
    with pytest.raises(TypeError, match="'size' is a column of numbers"):
        cells.codes("size")
    with pytest.raises(TypeError, match="'colour' is a column of categories"):
        cells.numbers("colour")
