"""Steps that bend each column: onto the shares of past values, or onto a bell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.models.scikit.cells import Cells, Writer
    from explain.models.scikit.thing import Thing
    from explain.types import Floats

BOUNDS = 1e-7
"""How near to an end the library takes a share for that end."""
# Wichura 1988, algorithm AS 241 (PPND16): the normal quantile to 1e-15, as ratios of polynomials
_MIDDLE = (
    (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
     4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3),
    (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
     3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3),
)  # fmt: skip
_TAIL = (
    (1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
     1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
     1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9),
)  # fmt: skip


def to_shares(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """QuantileTransformer: the share of past values below, or the normal quantile of it."""
    import numpy as np

    shape = thing.text("output_distribution", "uniform")
    if shape not in {"uniform", "normal"}:
        raise thing.broken("has an output distribution that is not known")
    references = thing.floats("references_", -1)
    quantiles = thing.floats("quantiles_", len(references), cells.width)
    if len(references) < 2 or (np.diff(quantiles, axis=0) < 0).any():
        raise thing.broken("has quantiles that do not rise")
    found = []
    for at, block in enumerate(writer.each(cells)):
        share = _share(writer, writer.numbers(block), quantiles[:, at], references, bell=shape == "normal")
        found.append(_bell(writer, share) if shape == "normal" else share)
    return writer.cells(writer.graph.side_by_side(found), cells.width)


def risen(writer: Writer, given: str, knots: Floats, rises: Floats) -> str:
    """(n, 1) of numbers -> the sum of the rises (c - 1,) between knots (c,), each by the part of it that is passed."""
    import numpy as np

    graph, widths = writer.graph, np.diff(knots)
    past = graph.add("Max", graph.add("Sub", given, graph.array([knots[:-1]])), graph.number(0.0))
    inside = graph.add("Div", graph.add("Min", past, graph.array([widths])), graph.array([widths]))
    return graph.add("MatMul", inside, graph.array(rises.reshape(-1, 1)))


def _share(writer: Writer, given: str, knots: Floats, heights: Floats, *, bell: bool) -> str:
    """Straight lines between knots; at a knot that repeats, the middle of its heights; the ends are 0 and 1."""
    import numpy as np
    from onnx import TensorProto

    graph = writer.graph
    known, first, counts = np.unique(knots, return_index=True, return_counts=True)
    low, high = heights[first], heights[first + counts - 1]
    made = graph.add("Add", graph.add("Mul", given, graph.number(0.0)), graph.number(float(low[0])))
    if len(known) > 1:
        made = graph.add("Add", made, risen(writer, given, known, low[1:] - high[:-1]))
    jumps = np.flatnonzero(counts > 1)
    if len(jumps):
        at, height = graph.array([known[jumps]]), graph.array(((high - low)[jumps] / 2).reshape(-1, 1))
        for compare in ("Greater", "GreaterOrEqual"):
            flags = graph.add("Cast", graph.add(compare, given, at), to=TensorProto.DOUBLE)
            made = graph.add("Add", made, graph.add("MatMul", flags, height))
    # a blank stays one: the comparisons below do not hold for it
    ends = (
        (graph.number(1.0), "Greater" if bell else "GreaterOrEqual", known[-1] - BOUNDS if bell else known[-1]),
        (graph.number(0.0), "Less" if bell else "LessOrEqual", known[0] + BOUNDS if bell else known[0]),
    )
    for end, compare, limit in ends:
        made = graph.add("Where", graph.add(compare, given, graph.number(float(limit))), end, made)
    return made


def _bell(writer: Writer, share: str) -> str:
    """The normal quantile of a share (n, 1), as the library clips it."""
    graph = writer.graph
    low = graph.add("Max", share, graph.number(BOUNDS))
    given = graph.add("Min", low, graph.number(1.0 - BOUNDS))
    apart = graph.add("Sub", given, graph.number(0.5))
    inner = graph.add("Sub", graph.number(0.180625), graph.add("Mul", apart, apart))
    middle = graph.add("Mul", apart, _ratio(writer, inner, *_MIDDLE))
    tail = graph.add("Min", given, graph.add("Sub", graph.number(1.0), given))
    far = graph.add("Sub", graph.add("Sqrt", graph.add("Neg", graph.add("Log", tail))), graph.number(1.6))
    outer = graph.add("Mul", graph.add("Sign", apart), _ratio(writer, far, *_TAIL))
    near = graph.add("LessOrEqual", graph.add("Abs", apart), graph.number(0.425))
    return graph.add("Where", near, middle, outer)


def _ratio(writer: Writer, given: str, above: Sequence[float], below: Sequence[float]) -> str:
    """One polynomial by another, both by Horner's rule."""
    graph = writer.graph
    found = []
    for factors in (above, below):
        value = graph.number(factors[-1])
        for factor in reversed(factors[:-1]):
            value = graph.add("Add", graph.add("Mul", value, given), graph.number(factor))
        found.append(value)
    return graph.add("Div", *found)
