"""Steps of scikit-learn that fill, scale, pick and mix columns of numbers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from explain.models.boosters.forest import MOST_FEATURES
from explain.models.scikit.cells import CONVERT, Block, Cells, Writer
from explain.models.scikit.thing import Named, Thing, is_missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from explain.models.scikit.thing import Cell
    from explain.types import Flags, Floats

FUNCTIONS: dict[str, Callable[[Writer, str], str]] = {
    "numpy.log": lambda writer, given: writer.graph.add("Log", given),
    "numpy.log1p": lambda writer, given: writer.graph.add(
        "Log", writer.graph.add("Add", given, writer.graph.number(1.0))
    ),
    "numpy.log10": lambda writer, given: _divided(writer, writer.graph.add("Log", given), 10.0),
    "numpy.log2": lambda writer, given: _divided(writer, writer.graph.add("Log", given), 2.0),
    "numpy.exp": lambda writer, given: writer.graph.add("Exp", given),
    "numpy.expm1": lambda writer, given: writer.graph.add(
        "Sub", writer.graph.add("Exp", given), writer.graph.number(1.0)
    ),
    "numpy.sqrt": lambda writer, given: writer.graph.add("Sqrt", given),
    "numpy.square": lambda writer, given: writer.graph.add("Mul", given, given),
    "numpy.absolute": lambda writer, given: writer.graph.add("Abs", given),
    "numpy.negative": lambda writer, given: writer.graph.add("Neg", given),
    "numpy.sign": lambda writer, given: writer.graph.add("Sign", given),
    "numpy.reciprocal": lambda writer, given: writer.graph.add("Div", writer.graph.number(1.0), given),
}
"""Functions that FunctionTransformer may name; they are written, never called."""


CHECKS = "sklearn.utils.validation.check_array"
"""What histogram boosting lets numbers through: it changes none."""


def _divided(writer: Writer, given: str, base: float) -> str:
    import math

    return writer.graph.add("Div", given, writer.graph.number(math.log(base)))


def function(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """FunctionTransformer: nothing, or one of the functions that are known."""
    func = thing.get("func")
    if func is None or (isinstance(func, Named) and func.name == CHECKS):
        return cells
    if not isinstance(func, Named) or func.name not in FUNCTIONS or thing.get("kw_args"):
        raise thing.refused(
            "runs a function of one's own",
            "Do it in the table beforehand, or with log, exp, sqrt and their kin of numpy.",
        )
    return writer.cells(FUNCTIONS[func.name](writer, writer.matrix(cells)), cells.width)


def impute(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """SimpleImputer: a value for blanks, and a column that says where they were."""
    values = thing.listed("statistics_", cells.width)
    marked = thing.thing("indicator_") if thing.flag("add_indicator") else None
    code = thing.get("missing_values", float("nan"))
    parts: list[Block] = []
    for block, value in zip(writer.each(cells), values, strict=True):
        if is_missing(value) and not thing.flag("keep_empty_features"):
            continue
        parts.append(_filled(thing, writer, block, value, code))
    if marked is not None:
        parts += missing(marked, cells, writer).blocks
    return Cells(tuple(parts))


def _filled(thing: Thing, writer: Writer, block: Block, value: Cell, code: Cell) -> Block:
    graph = writer.graph
    if isinstance(value, str):
        if not block.raw or not is_missing(code):
            raise thing.refused("fills texts that an earlier step made, or that are not blank", CONVERT)
        return writer.fill(block, value)
    if value is None:
        raise thing.broken("has no number for a blank")
    given = writer.numbers(block)
    return Block(graph.add("Where", _is(writer, given, code, thing), graph.number(float(value)), given), 1)


def _is(writer: Writer, given: str, code: Cell, thing: Thing) -> str:
    """Where a column has the code of a blank."""
    if code is None or is_missing(code):
        return writer.graph.add("IsNaN", given)
    if isinstance(code, str):
        raise thing.refused("takes a text for a blank among numbers", CONVERT)
    return writer.graph.add("Equal", given, writer.graph.number(float(code)))


def missing(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """MissingIndicator: ones where a column is blank."""
    from onnx import TensorProto

    graph, code = writer.graph, thing.get("missing_values", float("nan"))
    places = thing.floats("features_", -1).astype(int).tolist()
    found = []
    for block in writer.each(writer.pick(cells, places)):
        if writer.asked.get(block.tensor) == "category" and block.raw and is_missing(code):
            blank = graph.table(block.tensor, [""], [1.0], 0.0)
            found.append(Block(blank, 1))
            continue
        flags = _is(writer, writer.numbers(block), code, thing)
        found.append(Block(graph.add("Cast", flags, to=TensorProto.DOUBLE), 1))
    return Cells(tuple(found))


def standard(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """StandardScaler: less the mean, by the spread."""
    centre = thing.floats("mean_", cells.width) if thing.flag("with_mean") else None
    scale = thing.floats("scale_", cells.width) if thing.flag("with_std") else None
    return moved(writer, cells, centre, scale)


def robust(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """RobustScaler: less the median, by the range between quartiles."""
    centre = thing.floats("center_", cells.width) if thing.flag("with_centering") else None
    scale = thing.floats("scale_", cells.width) if thing.flag("with_scaling") else None
    return moved(writer, cells, centre, scale)


def moved(writer: Writer, cells: Cells, centre: Floats | None, scale: Floats | None) -> Cells:
    """(cells - centre) / scale."""
    if centre is None and scale is None:
        return cells
    given = writer.matrix(cells)
    if centre is not None:
        given = writer.graph.add("Sub", given, writer.graph.array([centre]))
    if scale is not None:
        given = writer.graph.add("Div", given, writer.graph.array([scale]))
    return writer.cells(given, cells.width)


def to_range(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """MinMaxScaler: cells * scale + least, cut off at the ends where it was told to."""
    graph = writer.graph
    wide = graph.add("Mul", writer.matrix(cells), writer.graph.array([thing.floats("scale_", cells.width)]))
    found = graph.add("Add", wide, writer.graph.array([thing.floats("min_", cells.width)]))
    if thing.flag("clip"):
        low, high = (float(end) for end in thing.listed("feature_range", 2))
        found = graph.add("Min", graph.add("Max", found, graph.number(low)), graph.number(high))
    return writer.cells(found, cells.width)


def by_largest(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """MaxAbsScaler: by the largest size, cut off at 1 where it was told to."""
    made = moved(writer, cells, None, thing.floats("scale_", cells.width))
    if not thing.flag("clip"):
        return made
    graph = writer.graph
    return writer.cells(
        graph.add("Min", graph.add("Max", writer.matrix(made), graph.number(-1.0)), graph.number(1.0)), cells.width
    )


def threshold(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """Binarizer: ones above a threshold."""
    from onnx import TensorProto

    above = writer.graph.add("Greater", writer.matrix(cells), writer.graph.number(thing.number("threshold")))
    return writer.cells(writer.graph.add("Cast", above, to=TensorProto.DOUBLE), cells.width)


def to_length(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """Normalizer: each row by its length."""
    graph, given, norm = writer.graph, writer.matrix(cells), thing.text("norm")
    over = {"l2": "ReduceL2", "l1": "ReduceL1", "max": "ReduceMax"}.get(norm)
    if over is None:
        raise thing.broken(f"has the norm '{norm[:40]}'")
    sized = graph.add("Abs", given) if norm == "max" else given
    length = graph.add(over, sized, graph.array([1], "int64"), keepdims=1)
    none = graph.add("Equal", length, graph.number(0.0))
    return writer.cells(graph.add("Div", given, graph.add("Where", none, graph.number(1.0), length)), cells.width)


def chosen(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """Selectors that keep their choice as a mask (RFE, SequentialFeatureSelector)."""
    mask = thing.mask("support_", cells.width)
    return _kept(thing, writer, cells, mask)


def _kept(thing: Thing, writer: Writer, cells: Cells, mask: Flags) -> Cells:
    places = [int(at) for at in mask.nonzero()[0]]
    if not places:
        raise thing.refused("keeps no column", "Choose at least one.")
    return writer.pick(cells, places)


def by_score(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """SelectKBest and SelectPercentile: the columns that scored best, as the library ranks them."""
    import numpy as np

    scores = thing.floats("scores_", cells.width, finite=False)
    scores = np.where(np.isnan(scores), np.finfo(np.float64).min, scores)
    if "k" in thing.state:
        k = thing.get("k")
        mask = np.ones(cells.width, dtype=bool)
        if k != "all":
            mask = np.zeros(cells.width, dtype=bool)
            count = thing.whole("k", 0, cells.width)
            if count:
                mask[np.argsort(scores, kind="mergesort")[-count:]] = True
        return _kept(thing, writer, cells, mask)
    percent = thing.number("percentile")
    if percent in {0.0, 100.0}:
        return _kept(thing, writer, cells, np.full(cells.width, percent == 100))
    limit = np.percentile(scores, 100 - percent)
    mask = scores > limit
    ties = (scores == limit).nonzero()[0]
    mask[ties[: int(cells.width * percent / 100) - int(mask.sum())]] = True
    return _kept(thing, writer, cells, mask)


def varied(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """VarianceThreshold: the columns that vary enough."""
    return _kept(thing, writer, cells, thing.floats("variances_", cells.width) > thing.number("threshold"))


def mixed(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """PCA and TruncatedSVD: columns turned into others."""
    import numpy as np

    parts = thing.floats("components_", -1, cells.width)
    graph, given = writer.graph, writer.matrix(cells)
    if thing.has("mean_"):
        given = graph.add("Sub", given, writer.graph.array([thing.floats("mean_", cells.width)]))
    found = graph.add("MatMul", given, writer.graph.array(parts.T))
    if thing.flag("whiten"):
        spread = np.sqrt(thing.floats("explained_variance_", len(parts)))
        # the library's own floor, for parts that explain nothing
        found = graph.add("Div", found, writer.graph.array([np.maximum(spread, np.finfo(np.float64).eps)]))
    return writer.cells(found, len(parts))


def products(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """PolynomialFeatures: products of columns up to a degree."""
    from itertools import chain, combinations, combinations_with_replacement
    from math import comb

    low, high = thing.whole("_min_degree", 0, 10), thing.whole("_max_degree", 0, 10)
    start, alone = max(1, low), thing.flag("interaction_only")
    choose = combinations if alone else combinations_with_replacement
    wide = sum(comb(cells.width if alone else cells.width + degree - 1, degree) for degree in range(start, high + 1))
    if wide > MOST_FEATURES:
        raise thing.refused(f"makes {wide:,} columns", f"At most {MOST_FEATURES:,} are taken.")
    terms = list(chain.from_iterable(choose(range(cells.width), degree) for degree in range(start, high + 1)))
    count = len(terms) + thing.flag("include_bias")
    if count != thing.whole("n_output_features_", 0, 100_000):
        raise thing.broken(f"says that it makes another number of columns than {count:,}")
    graph, given = writer.graph, writer.matrix(cells)
    ones = writer.ones(cells)
    filled = graph.side_by_side([given, ones])
    found = None
    for step in range(high):
        places = [term[step] if step < len(term) else cells.width for term in terms]
        factor = graph.add("Gather", filled, graph.array(places, "int64"), axis=1)
        found = factor if found is None else graph.add("Mul", found, factor)
    if found is None:
        raise thing.refused("makes no products", "Leave it out.")
    parts = [ones, found] if thing.flag("include_bias") else [found]
    return writer.cells(graph.side_by_side(parts), count)


def to_bell(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """PowerTransformer: the Yeo-Johnson or Box-Cox transform of each column, then scaled."""
    lambdas = thing.floats("lambdas_", cells.width).tolist()
    write = {"yeo-johnson": _yeo_johnson, "box-cox": _box_cox}.get(thing.text("method"))
    if write is None:
        raise thing.broken("has a method that is not known")
    found = [
        write(writer, writer.numbers(block), power) for block, power in zip(writer.each(cells), lambdas, strict=True)
    ]
    made = writer.cells(writer.graph.side_by_side(found), cells.width)
    return standard(thing.thing("_scaler"), made, writer) if thing.flag("standardize") else made


def _box_cox(writer: Writer, given: str, power: float) -> str:
    graph = writer.graph
    if power == 0:
        return graph.add("Log", given)
    return graph.add("Div", graph.add("Sub", graph.add("Pow", given, graph.number(power)), graph.number(1.0)),
                     graph.number(power))  # fmt: skip


def _yeo_johnson(writer: Writer, given: str, power: float) -> str:
    """Yeo and Johnson 2000: ((x + 1)^p - 1) / p from 0 on, -((1 - x)^(2 - p) - 1) / (2 - p) below."""
    graph = writer.graph
    one = graph.number(1.0)
    up = graph.add("Add", graph.add("Max", given, graph.number(0.0)), one)
    down = graph.add("Sub", one, graph.add("Min", given, graph.number(0.0)))
    above = _box_cox(writer, up, 0.0 if abs(power) < _EPS else power)
    below = graph.add("Neg", _box_cox(writer, down, 0.0 if abs(power - 2) <= _EPS else 2 - power))
    return graph.add("Where", graph.add("Less", given, graph.number(0.0)), below, above)


_EPS = sys.float_info.epsilon
"""What the library takes for zero of a power."""
