"""Cut an ONNX graph into preparation and head, and trace which raw columns reach each prepared feature.

What is explained is what is served: the prepared features come out of the package's own graph, run once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.attributions.tracing import Owners, constants, sampled_tensors, trace, upstream
from explain.models import runtime
from explain.models.model_range import without_range

if TYPE_CHECKING:
    import numpy as np
    import onnx
    import pandas as pd

    from explain.types import Cells, Floats, Schema

HEADS = {
    "TreeEnsemble",
    "TreeEnsembleClassifier",
    "TreeEnsembleRegressor",
    "LinearClassifier",
    "LinearRegressor",
}
WEIGHTS = {"MatMul", "Gemm"}
BEHIND_WEIGHTS = {
    "Add", "Sub", "Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Concat",
    "Sigmoid", "Softmax", "Exp", "ArgMax", "Greater", "GreaterOrEqual",
}  # fmt: skip
"""What may follow a product with weights that is a linear head: a bias, a link, and the shape of the answer."""


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

    def prepare(self, rows: pd.DataFrame | Cells) -> Floats:
        """(n, p) raw columns -> (n, f) features as the head sees them, held in float64: whole numbers are compared as
        float32 by ONNX Runtime, doubles as they are.
        """
        import numpy as np

        session = runtime.cached_session(self.preparation)
        raw = runtime.run(session, [self.features], runtime.feeds(session, rows, self.schema))[0]
        narrow = raw if raw.dtype == np.float64 else np.asarray(raw, dtype=np.float32)
        return narrow.astype(np.float64).reshape(len(rows), -1)


@dataclass(frozen=True)
class Between:
    """A tensor between the two parts of a model: its shape without the rows, and its place among the cells of a row."""

    name: str
    shape: tuple[int, ...]
    kind: np.dtype[Any]
    place: slice


@dataclass(frozen=True)
class Hoisted:
    """A model in two parts: what is done to each raw column by itself, and the rest.

    `owner` (f,) is the one raw column behind each of the cells between the two (-1: none). `heads` are the nodes of the
    rest that read one of the tensors `between` alone: trees, and products with weights.
    """

    owner: list[int]
    preparation: bytes
    between: list[Between]
    rest: bytes
    output: str
    outputs: int
    schema: Schema
    heads: list[onnx.NodeProto]

    def prepare(self, rows: pd.DataFrame | Cells) -> np.ndarray[Any, Any]:
        """(n, p) raw columns -> (n, f) cells, in the type that the rest takes; doubles where it takes several."""
        import numpy as np

        session = runtime.cached_session(self.preparation)
        fed = runtime.feeds(session, rows, self.schema)
        found = runtime.run(session, [item.name for item in self.between], fed)
        return np.concatenate([one.reshape(len(rows), -1) for one in found], axis=1)

    def score(self, cells: np.ndarray[Any, Any]) -> Floats:
        """(n, f) cells -> (n, k) scores."""
        return self.scores_and(cells, self.rest, [])[0]

    def scores_and(
        self, cells: np.ndarray[Any, Any], rest: bytes, names: list[str]
    ) -> tuple[Floats, list[np.ndarray[Any, Any]]]:
        """The scores (n, k), and what the rest gives for other tensors, which must be outputs of `rest`."""
        session = runtime.cached_session(rest)
        fed = {
            item.name: cells[:, item.place].astype(item.kind, copy=False).reshape(len(cells), *item.shape)
            for item in self.between
        }
        raw, *more = runtime.run(session, [self.output, *names], fed)
        return runtime.as_scores(raw, len(cells), self.outputs), more

    def rest_with(self, names: list[str]) -> bytes:
        """The rest with other tensors of it as outputs beside the scores."""
        return runtime.with_outputs(runtime.parse(self.rest), [self.output, *names])


def cut(content: bytes, schema: Schema, sample: pd.DataFrame) -> Cut | None:
    """The cut of an ONNX file, or None when it has no single tree or linear head.

    `sample` are a few raw rows, run once to learn the width of every inner tensor.
    """
    proto = without_range(runtime.parse(content))
    heads = [node for node in proto.graph.node if node.op_type in HEADS] or _weights(proto)
    if len(heads) != 1:
        return None
    head = heads[0]
    path = upstream(proto, head.input[0])
    # a head fed by a graph input directly still needs a graph: one Identity gives its input a name to ask for
    features = head.input[0] if path else _named_input(proto, head.input[0])
    preparation = runtime.with_outputs(proto, [features])
    owners = trace(proto, path, schema, sampled_tensors(proto, path, schema, sample))
    return Cut(head, owners[head.input[0]], preparation, features, schema)


def _weights(proto: onnx.ModelProto) -> list[onnx.NodeProto]:
    """The one product with constant weights (MatMul or Gemm) that a graph ends in, written as a LinearRegressor."""
    import numpy as np
    from onnx import helper, numpy_helper

    known = constants(proto, list(proto.graph.node))
    found = [node for node in proto.graph.node if node.op_type in WEIGHTS and node.input[1] in known]
    if len(found) != 1:
        return []
    head = found[0]
    fields: dict[str, Any] = attributes(head)
    behind = _downstream(proto, head.output[0])
    weights = known[head.input[1]]
    weights = weights.T if fields.get("transB") else weights
    plain = (
        weights.ndim == 2 and weights.dtype in {np.dtype("float32"), np.dtype("float64")} and not fields.get("transA")
    )
    if not plain or any(node.op_type not in BEHIND_WEIGHTS for node in behind):
        return []
    bias = [known[name] for name in head.input[2:] if name in known]
    sums = [node for node in behind if node.op_type == "Add" and head.output[0] in node.input]
    bias += [known[name] for node in sums for name in node.input if name in known]
    scale = float(fields.get("alpha", 1.0))
    offset = np.zeros(weights.shape[1]) + sum(item.reshape(-1) for item in bias)
    return [
        helper.make_node(
            "LinearRegressor",
            [head.input[0]],
            [head.output[0]],
            domain="ai.onnx.ml",
            targets=weights.shape[1],
            # as doubles, which plain attributes are not
            coefficients=numpy_helper.from_array(scale * weights.T.astype(np.float64)),
            intercepts=numpy_helper.from_array(offset),
        )
    ]


def _downstream(proto: onnx.ModelProto, name: str) -> list[onnx.NodeProto]:
    """The nodes that depend on a tensor; a graph lists them after those that they depend on."""
    reached, found = {name}, []
    for node in proto.graph.node:
        if reached.intersection(node.input):
            found.append(node)
            reached.update(node.output)
    return found


def hoist(content: bytes, schema: Schema, outputs: int, sample: pd.DataFrame) -> Hoisted | None:
    """The two parts of an ONNX file, the first as large as can be; None when columns are mixed from the start.

    Several models in one file may prepare the columns each in a way of its own: each of these tensors is cut through.
    """
    proto = runtime.parse(content)
    output = runtime.score_output(proto, outputs)
    fixed = {item.name for item in proto.graph.initializer}
    for name in [item.name for item in proto.graph.input if item.name not in fixed]:
        _rename_input(proto, name)
    path = upstream(proto, output)
    seen = sampled_tensors(proto, path, schema, sample)
    owners = trace(proto, path, schema, seen)
    apart = {
        name
        for name, tensor in seen.items()
        if all(len(owner) <= 1 for owner in owners.get(name, [])) and _is_table(tensor, len(sample)) and name != output
    }
    names = _border(proto, path, output, apart)
    if not names:
        return None
    between, end = [], 0
    for name in names:
        width = seen[name].size // len(sample)
        between.append(Between(name, seen[name].shape[1:], seen[name].dtype, slice(end, end + width)))
        end += width
    owner = [next(iter(item), -1) for name in names for item in owners[name]]
    rest = runtime.from_tensors(proto, {name: seen[name] for name in names}, [output])
    heads = [node for node in path if node.input and node.input[0] in names and node.op_type in HEADS | WEIGHTS]
    return Hoisted(owner, runtime.with_outputs(proto, names), between, rest, output, outputs, schema, heads)


def _is_table(tensor: np.ndarray[Any, Any], rows: int) -> bool:
    """Whether a tensor holds decimal numbers, row by row."""
    return tensor.dtype.kind == "f" and tensor.ndim > 0 and len(tensor) == rows


def _border(proto: onnx.ModelProto, path: list[onnx.NodeProto], output: str, apart: set[str]) -> list[str]:
    """The last tensors on the way to the output that mix no columns; [] where one does that is no number yet."""
    known = constants(proto, path)
    made_by = {out: node for node in path for out in node.output}
    found: dict[str, None] = {}
    open_names, met = [output], {output}
    while open_names:
        name = open_names.pop()
        if name in apart:
            found[name] = None
        elif name in made_by:
            new = [item for item in made_by[name].input if item and item not in known and item not in met]
            met.update(new)
            open_names += reversed(new)
        else:
            return []
    return list(found)


def _rename_input(proto: onnx.ModelProto, name: str) -> None:
    """Let all nodes read an input by its alias, so that the graph can be cut right behind it."""
    nodes = list(proto.graph.node)
    alias = _named_input(proto, name)
    for node in nodes:
        for at, read in enumerate(node.input):
            if read == name:
                node.input[at] = alias


def _named_input(proto: onnx.ModelProto, name: str) -> str:
    import onnx

    alias = f"{name}.as_features"
    proto.graph.node.append(onnx.helper.make_node("Identity", [name], [alias]))
    return alias


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
