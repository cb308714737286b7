"""IterativeImputer: blanks are filled in rounds, each column from the others by a model of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.models.scikit.cells import Cells
from explain.models.scikit.scaling import impute, missing
from explain.models.scikit.thing import Thing, is_missing

if TYPE_CHECKING:
    from explain.models.scikit.cells import Writer


def impute_in_rounds(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """The rounds that the library remembers, one after the other (sklearn/impute/_iterative.py)."""
    import numpy as np

    if thing.flag("sample_posterior"):
        raise thing.refused("draws what it fills in", "Train it with sample_posterior=False.")
    first = thing.thing("initial_imputer_")
    if any(is_missing(value) for value in first.listed("statistics_", cells.width)):
        raise thing.refused("was fitted on a column of blanks alone", "Leave that column out.")
    graph = writer.graph
    given = writer.each(cells)
    blank = [graph.add("IsNaN", writer.numbers(block)) for block in given]
    now = [writer.numbers(block) for block in writer.each(impute(first, cells, writer))]
    low, high = (thing.floats(key, cells.width, finite=False) for key in ("_min_value", "_max_value"))
    for item in thing.listed("imputation_sequence_") if thing.whole("n_iter_", 0, 10_000) else ():
        if not isinstance(item, tuple | list) or len(item) != 3 or not isinstance(item[2], Thing):
            raise thing.broken("has a round that is none")
        at, others, model = int(item[0]), np.asarray(item[1], dtype=np.float64).astype(int).tolist(), item[2]
        if not all(0 <= place < cells.width for place in (at, *others)):
            raise thing.broken("fills a column that is not there")
        found = writer.model(model, writer.cells(graph.side_by_side([now[place] for place in others]), len(others)))
        for operator, limit in (("Max", low[at]), ("Min", high[at])):
            found = graph.add(operator, found, graph.number(float(limit))) if np.isfinite(limit) else found
        now[at] = graph.add("Where", blank[at], found, now[at])
    made = writer.cells(graph.side_by_side(now), cells.width)
    if not thing.flag("add_indicator"):
        return made
    return Cells((*made.blocks, *missing(thing.thing("indicator_"), cells, writer).blocks))
