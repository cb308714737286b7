"""SplineTransformer: each number becomes the values of its basis splines, written as a polynomial for each interval.

sklearn/preprocessing/_polynomial.py; scipy.interpolate.PPoly.from_spline turns B-splines into polynomials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.models.scikit.cells import CONVERT, Block, Cells

if TYPE_CHECKING:
    from explain.models.scikit.cells import Writer
    from explain.models.scikit.thing import Thing
    from explain.types import Floats

SPLINE = "scipy.interpolate._bsplines.BSpline"
MOST_DEGREE = 20
MOST_SPLINES = 2_000
BEYOND = ("constant", "linear", "continue", "periodic", "error")


def basis(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """The basis splines of each column, side by side."""
    beyond = thing.text("extrapolation", "constant")
    if beyond not in BEYOND:
        raise thing.refused(f"goes on beyond its knots by '{beyond[:40]}'", CONVERT)
    if beyond == "linear" and thing.whole("degree", 0, MOST_DEGREE) < 2 and cells.width > 1:
        # the library's own answers for the columns behind the first are not the line that it promises
        raise thing.refused("goes on by lines from splines of degree 1", "Train it with a degree of 2 or more.")
    found = thing.things("bsplines_")
    if len(found) != cells.width:
        raise thing.broken(f"has {len(found):,} splines for {cells.width:,} columns")
    return Cells(
        tuple(_one(thing, spline, block, writer) for spline, block in zip(found, writer.each(cells), strict=True))
    )


def _one(thing: Thing, spline: Thing, block: Block, writer: Writer) -> Block:
    import numpy as np
    from scipy.interpolate import BSpline, PPoly

    if spline.kind != SPLINE:
        raise thing.broken("has something else for a spline")
    graph, given = writer.graph, writer.numbers(block)
    degree = spline.whole("k", 0, MOST_DEGREE)
    knots = spline.floats("_t" if spline.has("_t") else "t", -1)
    weights = spline.floats("_c" if spline.has("_c") else "c", -1, -1)
    inner = len(knots) - degree - 1
    if inner <= degree or len(weights) != inner or not (np.diff(knots) >= 0).all() or weights.shape[1] > MOST_SPLINES:
        raise thing.broken("has a spline whose knots do not go with its degree")
    columns = [PPoly.from_spline(BSpline(knots, one, degree, extrapolate=True)) for one in weights.T]
    pieces = PPoly(np.stack([one.c for one in columns], axis=2), columns[0].x)
    # of the knots those between which all splines add up to 1
    low, high = float(knots[degree]), float(knots[inner])
    kept = np.flatnonzero(np.diff(pieces.x) > 0)
    kept = kept[(pieces.x[kept] >= low) & (pieces.x[kept] < high)]
    if not len(kept):
        raise thing.broken("has a spline over a range of nothing")
    starts, parts = pieces.x[kept], pieces.c[:, kept]
    count = weights.shape[1] - (0 if thing.get("include_bias", True) else 1)
    inside = _within(thing, writer, given, low, high)
    values = _polynomial(writer, inside, starts, parts[:, :, :count])
    if thing.text("extrapolation", "constant") == "linear":
        # those of the first and the last interval, as splines of degree 1 have a corner there
        rising = PPoly(parts[:, :, :count], np.append(starts, high)).derivative()
        slopes = rising(np.array([low, high])) if degree else np.zeros((2, count))
        for operator, limit, slope in (("Min", low, slopes[0]), ("Max", high, slopes[1])):
            further = graph.add("Sub", graph.add(operator, given, graph.number(limit)), graph.number(limit))
            values = graph.add("Add", values, graph.add("Mul", further, graph.array([slope])))
    if thing.get("handle_missing", "error") == "zeros":
        values = graph.add("Where", graph.add("IsNaN", given), graph.number(0.0), values)
    return Block(values, count)


def _within(thing: Thing, writer: Writer, given: str, low: float, high: float) -> str:
    """The number (n, 1) where the polynomials are asked, by what is done beyond the knots."""
    graph, beyond = writer.graph, thing.text("extrapolation", "constant")
    if beyond == "continue":
        return given
    if beyond == "periodic":
        turn = graph.number(high - low)
        turns = graph.add("Floor", graph.add("Div", graph.add("Sub", given, graph.number(low)), turn))
        return graph.add("Sub", given, graph.add("Mul", turns, turn))
    clipped = graph.add("Min", graph.add("Max", given, graph.number(low)), graph.number(high))
    if beyond == "error":
        outside = graph.add("Not", graph.add("Equal", clipped, given))
        return graph.add("Where", outside, graph.number(float("nan")), clipped)
    return clipped


def _polynomial(writer: Writer, given: str, starts: Floats, parts: Floats) -> str:
    """(n, s) the polynomials `parts` (degree + 1, intervals, s) at a number (n, 1), each from its interval's start."""
    from onnx import TensorProto

    graph = writer.graph
    width = parts.shape[2]
    # the first start is passed by all, as what lies before it goes on from there; a blank passes none
    begun = [-1e300, *starts[1:]]
    flags = graph.add("Cast", graph.add("GreaterOrEqual", given, graph.array([begun])), to=TensorProto.DOUBLE)
    place = graph.add("ReduceSum", flags, graph.array([1], "int64"), keepdims=1)
    earlier = graph.add("Max", graph.add("Sub", place, graph.number(1.0)), graph.number(0.0))
    row = graph.add("Cast", earlier, to=TensorProto.INT64)
    shape = graph.array([-1, width], "int64")
    inside = graph.add("Sub", given, graph.add("Gather", graph.array(starts), row, axis=0))
    found = ""
    for power in parts:
        lent = graph.add("Reshape", graph.add("Gather", graph.array(power), row, axis=0), shape)
        found = graph.add("Add", graph.add("Mul", found, inside), lent) if found else lent
    return found
