"""A range that the model itself gives: two more values of a regression, its lowest and its highest quantile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.models.runtime import parse, score_output, with_outputs

if TYPE_CHECKING:
    import onnx

LOW, HIGH = "range_low", "range_high"
"""What the outputs (n, 1) of a package's graph are called; they stand before the scores, which come last."""


def with_range(content: bytes, low: bytes, high: bytes) -> bytes:
    """The same ONNX file with the values of two others, over the same inputs, as its range.

    The three were written alike: `value` (n, 1) is what each gives.
    """
    made = parse(content)
    for name, other in ((LOW, low), (HIGH, high)):
        _join(made, parse(other), name)
    ends = [out for out in made.graph.output if out.name in {LOW, HIGH}]
    scores = [out for out in made.graph.output if out.name not in {LOW, HIGH}]
    del made.graph.output[:]
    made.graph.output.extend([*ends, *scores])
    return bytes(made.SerializeToString())


def _join(made: onnx.ModelProto, other: onnx.ModelProto, name: str) -> None:
    """Put another model's nodes beside those that are there, its inner names made its own, its value called `name`."""
    from onnx import compose

    alone = compose.add_prefix(other, f"{name}.", rename_inputs=False, rename_value_infos=False)
    known = {item.name for item in made.graph.input}
    made.graph.input.extend(item for item in alone.graph.input if item.name not in known)
    made.graph.node.extend(alone.graph.node)
    made.graph.initializer.extend(alone.graph.initializer)
    end = alone.graph.output[-1]
    node = made.graph.node.add(op_type="Identity")
    node.input.append(end.name)
    node.output.append(name)
    end.name = name
    made.graph.output.append(end)


def without_range(proto: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with nothing but its value, which is what is explained."""
    return parse(with_outputs(proto, [score_output(proto, 1)])) if has_range(proto) else proto


def has_range(proto: onnx.ModelProto) -> bool:
    """Whether a package's graph gives a range."""
    return {LOW, HIGH} <= {out.name for out in proto.graph.output}
