"""Which raw columns reach which feature of an ONNX graph's tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from explain.models import runtime

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import onnx
    import pandas as pd

    from explain.types import Schema

    Tensors: TypeAlias = Mapping[str, np.ndarray[Any, Any]]

ELEMENTWISE = {
    "Cast", "Identity", "Imputer", "Scaler", "LabelEncoder", "StringNormalizer", "Binarizer", "Add", "Sub", "Mul",
    "Div", "Where", "IsNaN", "Not", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Abs",
    "Neg", "Exp", "Log", "Pow", "Sqrt", "Clip", "Round", "Floor", "Ceil", "Min", "Max", "Sign", "Reciprocal",
}  # fmt: skip
"""Operators whose output feature j depends on input feature j alone (constants aside)."""
SAME_ORDER = {"Reshape", "Flatten", "Squeeze", "Unsqueeze"}
"""Operators that shape a row anew and leave its features in their order."""
KEEPS_FILLED = {"ArrayFeatureExtractor", "Gather", "Concat", "Cast", "Identity", "Reshape", "Mul"}
"""Operators that make no blank out of tensors without: 0 times a blank is a blank, 0 times a number is 0."""

Owners = list[frozenset[int]]
"""Per feature the raw columns (positions in the schema) that reach it."""


def upstream(proto: onnx.ModelProto, name: str, stop: str = "") -> list[onnx.NodeProto]:
    """The nodes that `name` depends on, inputs first; what lies behind the tensor `stop` is left out."""
    made_by = {out: node for node in proto.graph.node for out in node.output if out != stop}
    order: list[onnx.NodeProto] = []
    seen: set[int] = set()
    open_names: list[tuple[str, bool]] = [(name, False)]
    while open_names:
        current, inputs_done = open_names.pop()
        node = made_by.get(current)
        if node is None or (id(node) in seen and not inputs_done):
            continue
        if inputs_done:
            order.append(node)
            continue
        seen.add(id(node))
        open_names.append((current, True))
        open_names.extend((item, False) for item in node.input)
    return order


def sampled_tensors(
    proto: onnx.ModelProto, path: list[onnx.NodeProto], schema: Schema, sample: pd.DataFrame
) -> Tensors:
    """Every tensor on the path, as a few raw rows make it."""
    if not path:
        return {}
    names = [out for node in path for out in node.output if out]
    probe = runtime.session(runtime.with_outputs(proto, names))
    return dict(zip(names, runtime.run(probe, names, runtime.feeds(probe, sample, schema)), strict=True))


def trace(proto: onnx.ModelProto, path: list[onnx.NodeProto], schema: Schema, seen: Tensors) -> dict[str, Owners]:
    """The owners of every tensor on the path; `seen` are its tensors for some rows, which tell how wide each is."""
    position = {name: at for at, name in enumerate(schema.names)}
    known = constants(proto, path)
    owners: dict[str, Owners] = {}
    for item in proto.graph.input:
        if item.name in position:
            owners[item.name] = [frozenset({position[item.name]})]
        elif item.name not in known:
            owners[item.name] = [frozenset({at}) for at in range(len(schema))]
    filled: set[str] = set()
    for node in path:
        if node.op_type == "Imputer" or (node.op_type in KEEPS_FILLED and filled.issuperset({*node.input} - {*known})):
            filled.update(node.output)
        nothing = node.op_type == "Mul" and filled.issuperset(node.output) and _times_nothing(node, known)
        for out in node.output:
            if out:
                tensor = seen[out]
                width = int(tensor.size // max(len(tensor), 1)) if tensor.ndim else 1
                owners[out] = [frozenset()] * width if nothing else _through(node, owners, known, width)
    return owners


def _times_nothing(node: onnx.NodeProto, known: Tensors) -> bool:
    """Whether a constant factor is 0: binning is written with one to get a column of ones."""
    return any(name in known and not known[name].any() for name in node.input)


def _through(node: onnx.NodeProto, owners: dict[str, Owners], constants: Tensors, width: int) -> Owners:
    """What reaches each output feature of one node; an unknown operator mixes all of its inputs."""
    inputs = [owners[name] for name in node.input if owners.get(name)]
    kind = node.op_type
    if kind == "Concat":
        joined = [owner for item in inputs for owner in item]
        if len(joined) == width:
            return joined
    if kind in ELEMENTWISE and inputs and all(len(item) in {1, width} for item in inputs):
        wide = [item if len(item) == width else item * width for item in inputs]
        return [frozenset().union(*parts) for parts in zip(*wide, strict=True)]
    if kind in SAME_ORDER and inputs and len(inputs[0]) == width:
        return inputs[0]
    if len(inputs) == 1:
        found = _picked(node, inputs[0], constants, width)
        if found is not None:
            return found
    everything: frozenset[int] = frozenset().union(*(owner for item in inputs for owner in item))
    return [everything] * width


def _picked(node: onnx.NodeProto, given: Owners, constants: Tensors, width: int) -> Owners | None:
    """Operators that pick, repeat or weigh the features of their one input; None for any other."""
    if node.op_type in {"Gather", "ArrayFeatureExtractor"} and node.input[1] in constants:
        picked = constants[node.input[1]].ravel().tolist()
        if len(picked) == width and all(-len(given) <= at < len(given) for at in picked):
            return [given[at] for at in picked]
    if node.op_type == "OneHotEncoder" and width % len(given) == 0:
        return [owner for owner in given for _ in range(width // len(given))]
    if node.op_type in {"MatMul", "Gemm"} and node.input[0] not in constants and node.input[1] in constants:
        weights = constants[node.input[1]]
        turned = any(item.name == "transB" and item.i for item in node.attribute)
        weights = weights.T if turned else weights
        if weights.shape == (len(given), width):
            return [frozenset().union(*(given[at] for at in column.nonzero()[0])) for column in weights.T]
    return None


def constants(proto: onnx.ModelProto, path: list[onnx.NodeProto]) -> dict[str, np.ndarray[Any, Any]]:
    """The constants of a graph: initializers and the values of Constant nodes."""
    from onnx import numpy_helper

    tensors = {item.name: item for item in proto.graph.initializer}
    tensors |= {
        node.output[0]: attribute.t
        for node in path
        if node.op_type == "Constant"
        for attribute in node.attribute
        if attribute.name == "value"
    }
    return {name: numpy_helper.to_array(tensor) for name, tensor in tensors.items()}
