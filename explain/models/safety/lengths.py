"""Small tensors that say how large others are, worked out by hand.

Exporters compute shapes while the model runs (Shape, Gather, Concat, … Expand). ONNX can follow that, too
(`infer_shapes(data_prop=True)`), but without a limit: a constant doubled forty times fills the memory there. Here no
tensor is followed that has more than SMALL elements.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explain.models.safety.tensors import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    import onnx

    Array = np.ndarray[Any, Any]
    Fields = Mapping[str, onnx.AttributeProto]


def value_of(
    node: onnx.NodeProto, known: Mapping[str, Array], sizes: Mapping[str, tuple[int | None, ...]]
) -> Array | None:
    """What a node makes, where that is few numbers and follows from `known` values and shapes; else None."""
    import numpy as np

    fields = {item.name: item for item in node.attribute}
    if node.op_type in {"Shape", "Size"}:
        return _length(node, fields, sizes.get(node.input[0]))
    rule = _RULES.get(node.op_type)
    given = [known.get(name) if name else None for name in node.input]
    if rule is None or len(node.output) != 1 or any(given[at] is None for at, name in enumerate(node.input) if name):
        return None
    try:
        with np.errstate(all="ignore"):
            made = rule(given, fields)
    except (
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        ZeroDivisionError,
        OverflowError,
    ):  # not what the operator takes
        return None
    return made if made is not None and made.size <= SMALL else None


def _length(node: onnx.NodeProto, fields: Fields, shape: tuple[int | None, ...] | None) -> Array | None:
    import numpy as np

    if shape is None or None in shape:
        return None
    if node.op_type == "Size":
        return np.array(math.prod(size for size in shape if size is not None))
    first = fields["start"].i if "start" in fields else 0
    last = fields["end"].i if "end" in fields else len(shape)
    return np.array(shape[first:last], dtype=np.int64)


def _axes(given: list[Any], fields: Fields) -> tuple[int, ...] | None:
    found = given[1].ravel().tolist() if len(given) > 1 and given[1] is not None else list(fields["axes"].ints)
    return tuple(int(axis) for axis in found)


def _axis(fields: Fields) -> int:
    return fields["axis"].i if "axis" in fields else 0


def _squeeze(given: list[Any], fields: Fields) -> Array | None:
    named = len(given) > 1 or "axes" in fields
    found: Array = given[0].squeeze(_axes(given, fields)) if named else given[0].squeeze()
    return found


def _unsqueeze(given: list[Any], fields: Fields) -> Array | None:
    import numpy as np

    return np.expand_dims(given[0], _axes(given, fields) or ())


def _slice(given: list[Any], _: Fields) -> Array | None:
    starts, ends = (given[at].ravel().tolist() for at in (1, 2))
    axes = given[3].ravel().tolist() if len(given) > 3 and given[3] is not None else range(len(starts))
    steps = given[4].ravel().tolist() if len(given) > 4 and given[4] is not None else [1] * len(starts)
    cut = [slice(None)] * given[0].ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        cut[axis] = slice(start, end, step) if step > 0 else cut[axis]
    return given[0][tuple(cut)] if min(steps, default=1) > 0 else None


def _cast(given: list[Any], fields: Fields) -> Array | None:
    from onnx import helper

    found: Array = given[0].astype(helper.tensor_dtype_to_np_dtype(fields["to"].i))
    return found


def _concat(given: list[Any], fields: Fields) -> Array | None:
    import numpy as np

    return np.concatenate(given, axis=fields["axis"].i) if sum(item.size for item in given) <= SMALL else None


def _gather(given: list[Any], fields: Fields) -> Array | None:
    small = given[0].size * given[1].size <= SMALL
    return given[0].take(given[1], axis=_axis(fields)) if small else None


def _divide(given: list[Any], _: Fields) -> Array | None:
    one, other = given
    return one // other if one.dtype.kind in "iu" and _fit(one, other) else None


def _fit(one: Array, other: Array) -> bool:
    return bool(one.size * other.size <= SMALL)


_RULES: dict[str, Callable[[list[Any], Fields], Array | None]] = {
    "Add": lambda given, _: given[0] + given[1] if _fit(*given) else None,
    "Cast": _cast,
    "Concat": _concat,
    "Div": _divide,
    "Gather": _gather,
    "Identity": lambda given, _: given[0],
    "Mul": lambda given, _: given[0] * given[1] if _fit(*given) else None,
    "Reshape": lambda given, _: given[0].reshape(given[1].ravel().tolist()),
    "ReduceProd": lambda given, _: given[0].prod() if given[0].ndim == 1 else None,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Sub": lambda given, _: given[0] - given[1] if _fit(*given) else None,
    "Unsqueeze": _unsqueeze,
}
