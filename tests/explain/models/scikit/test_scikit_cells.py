"""Columns on their way through the steps: picked in any order, out of blocks of any width, as NumPy would."""

import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.errors import ModelError
from explain.models.onnx_graph import OnnxGraph
from explain.models.scikit.cells import Block, Cells, Writer
from explain.models.scikit.tables import MODELS, STEPS
from explain.types import Column


def run(writer, tensor, width, cells):
    """What a graph over raw columns x0, x1, … gives for `cells` (n, p)."""
    names = [f"x{at}" for at in range(cells.shape[1])]
    writer.graph.add("Identity", tensor, name="out")
    content = writer.graph.to_bytes([Column(name, "number") for name in names], "out", width, "a test")
    session = ort.InferenceSession(content)
    fed = {item.name: cells[:, [names.index(item.name)]] for item in session.get_inputs()}
    return session.run(["out"], fed)[0]


def writer_of(widths):
    """A writer, and blocks of these widths over raw columns."""
    writer, blocks, at = Writer(OnnxGraph(), STEPS, MODELS), [], 0
    for width in widths:
        raw = [Block(f"x{at + one}", 1, raw=True) for one in range(width)]
        wide = Block(writer.graph.add("Concat", *(block.tensor for block in raw), axis=1), width)
        blocks.append(raw[0] if width == 1 else wide)
        at += width
    return writer, Cells(tuple(blocks))


@given(widths=st.lists(st.integers(1, 4), min_size=1, max_size=5), data=st.data())
def test_columns_are_picked_as_numpy_picks_them(widths, data):
    writer, cells = writer_of(widths)
    places = data.draw(st.lists(st.integers(0, sum(widths) - 1), min_size=1, max_size=8))
    rows = np.random.default_rng(0).normal(size=(3, sum(widths)))
    picked = writer.pick(cells, places)
    assert picked.width == len(places)
    np.testing.assert_array_equal(run(writer, writer.matrix(picked), len(places), rows), rows[:, places])


@given(widths=st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_each_column_is_a_block_of_its_own(widths):
    writer, cells = writer_of(widths)
    rows = np.random.default_rng(0).normal(size=(3, sum(widths)))
    each = writer.each(cells)
    assert [block.width for block in each] == [1] * sum(widths)
    np.testing.assert_array_equal(run(writer, writer.matrix(Cells(tuple(each))), sum(widths), rows), rows)


@pytest.mark.parametrize("place", [-1, 3])
def test_a_column_that_is_not_there_is_refused(place):
    writer, cells = writer_of([2, 1])
    with pytest.raises(ModelError, match="asks for a column that it does not have"):
        writer.pick(cells, [0, place])


def test_what_is_the_same_for_all_rows_is_so_for_blank_and_endless_cells():
    writer, cells = writer_of([2])
    rows = np.array([[1.0, 2.0], [np.nan, 1.0], [np.inf, 0.0], [-np.inf, np.nan]])
    np.testing.assert_array_equal(run(writer, writer.ones(cells), 1, rows), np.ones((4, 1)))
