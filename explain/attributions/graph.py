"""Cut an ONNX graph into preparation and head, and trace which raw columns reach each prepared feature.

What is explained is what is served: the prepared features come out of the package's own graph, run once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.models import runtime

if TYPE_CHECKING:
    import onnx
    import pandas as pd

    from explain.types import Floats, Schema

HEADS = {
    "TreeEnsemble",
    "TreeEnsembleClassifier",
    "TreeEnsembleRegressor",
    "LinearClassifier",
    "LinearRegressor",
}

ELEMENTWISE = {
    "Cast", "Identity", "Imputer", "Scaler", "LabelEncoder", "StringNormalizer", "Binarizer", "Add", "Sub", "Mul",
    "Div", "Where", "IsNaN", "Not", "Equal", "Greater", "Less", "Abs", "Neg", "Exp", "Log", "Sqrt", "Clip", "Round",
    "Floor", "Ceil",
}  # fmt: skip
"""Operators whose output feature j depends on input feature j alone (constants aside)."""

Owners = list[frozenset[int]]


@dataclass(frozen=True)
class Cut:
    """`head` is the one node that decides, `owners` (f,) the raw columns behind each of its f input features."""

    head: onnx.NodeProto
    owners: Owners
    preparation: bytes
    features: str
    schema: Schema

    @property
    def players(self) -> list[int] | None:
        """The one raw column (position in the schema) behind each feature, or None when a feature mixes columns."""
        if any(len(owner) > 1 for owner in self.owners):
            return None
        return [next(iter(owner), -1) for owner in self.owners]

    def prepare(self, frame: pd.DataFrame) -> Floats:
        """(n, p) raw columns -> (n, f) features as the head sees them, held in float64: whole numbers are compared as
        float32 by ONNX Runtime, doubles as they are.
        """
        import numpy as np

        session = runtime.cached_session(self.preparation)
        raw = session.run([self.features], runtime.feeds(session, frame, self.schema))[0]
        narrow = raw if raw.dtype == np.float64 else np.asarray(raw, dtype=np.float32)
        return narrow.astype(np.float64).reshape(len(frame), -1)


def cut(content: bytes, schema: Schema, sample: pd.DataFrame) -> Cut | None:
    """The cut of an ONNX file, or None when it has no single tree or linear head.

    `sample` are a few raw rows, run once to learn the width of every inner tensor.
    """
    proto = runtime.parse(content)
    heads = [node for node in proto.graph.node if node.op_type in HEADS]
    if len(heads) != 1:
        return None
    head = heads[0]
    made_by = {out: node for node in proto.graph.node for out in node.output}
    path = _upstream(made_by, head.input[0])
    # a head fed by a graph input directly still needs a graph: one Identity gives its input a name to ask for
    features = head.input[0] if path else _named_input(proto, head.input[0])
    preparation = runtime.with_outputs(proto, [features])
    widths = _widths(proto, path, schema, sample)
    owners = _trace(proto, path, schema, widths)
    return Cut(head, owners[head.input[0]], preparation, features, schema)


def _named_input(proto: onnx.ModelProto, name: str) -> str:
    import onnx

    alias = f"{name}.as_features"
    proto.graph.node.append(onnx.helper.make_node("Identity", [name], [alias]))
    return alias


def _upstream(made_by: dict[str, onnx.NodeProto], name: str) -> list[onnx.NodeProto]:
    """The nodes that `name` depends on, inputs first."""
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


def _widths(proto: onnx.ModelProto, path: list[onnx.NodeProto], schema: Schema, sample: pd.DataFrame) -> dict[str, int]:
    """Features per row of every tensor on the path, seen by running the sample through it."""
    if not path:
        return {}
    names = [out for node in path for out in node.output if out]
    probe = runtime.session(runtime.with_outputs(proto, names))
    results = probe.run(names, runtime.feeds(probe, sample, schema))
    return {name: int(result.size // max(len(sample), 1)) for name, result in zip(names, results, strict=True)}


def _trace(
    proto: onnx.ModelProto, path: list[onnx.NodeProto], schema: Schema, widths: dict[str, int]
) -> dict[str, Owners]:
    position = {name: at for at, name in enumerate(schema.names)}
    constants = _constants(proto, path)
    owners: dict[str, Owners] = {}
    for item in proto.graph.input:
        if item.name in position:
            owners[item.name] = [frozenset({position[item.name]})]
        elif item.name not in constants:
            owners[item.name] = [frozenset({at}) for at in range(len(schema))]
    for node in path:
        traced = _through(node, owners, constants, widths)
        for out in node.output:
            owners[out] = traced
    return owners


def _through(
    node: onnx.NodeProto, owners: dict[str, Owners], constants: dict[str, list[int]], widths: dict[str, int]
) -> Owners:
    """What reaches each output feature of one node; an unknown operator mixes all of its inputs."""
    inputs = [owners[name] for name in node.input if owners.get(name)]
    width = widths.get(node.output[0], 1)
    if node.op_type == "Concat":
        joined = [owner for item in inputs for owner in item]
        if len(joined) == width:
            return joined
    if node.op_type in ELEMENTWISE and inputs and all(len(item) == width for item in inputs):
        return [frozenset().union(*parts) for parts in zip(*inputs, strict=True)]
    if node.op_type in {"Gather", "ArrayFeatureExtractor"} and len(inputs) == 1:
        picked = constants.get(node.input[1])
        if picked is not None and len(picked) == width:
            return [inputs[0][at] for at in picked]
    if node.op_type in {"Reshape", "Flatten", "Squeeze", "Unsqueeze"} and inputs and len(inputs[0]) == width:
        return inputs[0]
    everything: frozenset[int] = frozenset().union(*(owner for item in inputs for owner in item))
    return [everything] * width


def _constants(proto: onnx.ModelProto, path: list[onnx.NodeProto]) -> dict[str, list[int]]:
    """Values of the integer constants of a graph (indices and shapes); other constants stand as empty lists."""
    from onnx import numpy_helper

    found: dict[str, list[int]] = {}
    tensors = [(item.name, item) for item in proto.graph.initializer]
    tensors += [
        (node.output[0], attribute.t)
        for node in path
        if node.op_type == "Constant"
        for attribute in node.attribute
        if attribute.name == "value"
    ]
    for name, tensor in tensors:
        values = numpy_helper.to_array(tensor)
        found[name] = [int(item) for item in values.ravel()] if values.dtype.kind in "iu" else []
    return found


def attributes(node: onnx.NodeProto) -> dict[str, object]:
    """A node's attributes as Python values; strings decoded."""
    from onnx import helper

    return {item.name: _decoded(helper.get_attribute_value(item)) for item in node.attribute}


def _decoded(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list) and value and isinstance(value[0], bytes):
        return [item.decode() for item in value]
    return value
