"""An ONNX file from a stranger, looked at before any library runs it.

Reading is done in the limited process first (see trial.py): a file of two-byte messages takes seventy times its size in
memory by being parsed. https://github.com/onnx/onnx/blob/main/docs/IR.md says what may stand in a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError, TooLargeError
from explain.models.safety.operators import BLOCKS, OPSETS, check_operator, check_rows, domain_of
from explain.models.safety.sizes import check_sizes, sketch_sizes
from explain.models.safety.tensors import check_tensor, small_value
from explain.models.safety.trees import TREES, check_trees, count_trees, refuse_many

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import onnx

    from explain.models.safety.sizes import Sizes

LARGEST_FILE = 500_000_000
"""Bytes, unpacked: beyond any tabular model seen, and still loadable on a laptop."""
MOST_NODES = 20_000
"""Operators of a graph: the largest tabular exports have some hundreds, and each takes time and memory at load."""
MOST_NAMES = 10_000
"""Inputs, and outputs, of a graph or of a node."""
DEEPEST_BLOCK = 4
"""Blocks within blocks, where they are allowed at all."""
_NO_DEFAULT = "The model uses an operator set that it does not name. Export it anew."


@dataclass(frozen=True)
class Facts:
    """What was seen: `asks` maps tensors that trees read to the number of features they ask for, where the width of
    the tensor is not known before it is computed.
    """

    asks: dict[str, int] = field(default_factory=dict)


@dataclass
class _Walk:
    """What is known of tensors so far: constant ones (few of them by value), and those that vary by row."""

    allow: Collection[str]
    opset: int
    nodes: int = 0
    known: dict[str, Any] = field(default_factory=dict)
    constant: set[str] = field(default_factory=set)
    varying: set[str] = field(default_factory=set)


def check_onnx(content: bytes, allow: Collection[str] = ()) -> Facts:
    """Look at an ONNX file without running it; raises ModelError or TooLargeError with what is wrong.

    `allow` names operators beyond the list that were asked for, such as "If" (see operators.py).
    """
    from explain.models.runtime import parse

    if len(content) > LARGEST_FILE:
        raise TooLargeError(
            f"The model file has {len(content) / 1e6:,.0f} MB; at most {LARGEST_FILE / 1e6:,.0f} MB are read."
        )
    try:
        return _look(parse(content), allow)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError) as error:  # texts that are none, absurd numbers
        raise ModelError("The model file is damaged. Export the model anew.") from error


def _look(proto: onnx.ModelProto, allow: Collection[str]) -> Facts:
    walk = _Walk(allow, _check_frame(proto))
    _check_graph(proto.graph, walk, 0)
    sizes = sketch_sizes(proto, walk.known)
    _check_joins(proto, walk, {name: len(shape) for name, shape in sizes.items()})
    facts = Facts(_check_ensembles(proto.graph, sizes))
    check_sizes(proto, sizes, walk.varying, walk.constant)
    return facts


def _check_frame(proto: onnx.ModelProto) -> int:
    """The version of the default operator set, when all around the graph is in order."""
    if len(proto.functions):
        raise ModelError("The model brings functions of its own, which can nest without end. Export it without.")
    if len(proto.training_info):
        raise ModelError("The model brings its training along. Export it for inference.")
    if not len(proto.graph.node) or not len(proto.graph.output):
        raise ModelError("The model file is empty. Expected an ONNX graph with an output.")
    versions: dict[str, int] = {}
    for item in proto.opset_import:
        domain = "" if item.domain == "ai.onnx" else item.domain
        if versions.setdefault(domain, item.version) != item.version:
            raise ModelError("The model names two versions of one operator set. Export it anew.")
    for domain, (first, last) in OPSETS.items():
        if domain in versions and not first <= versions[domain] <= last:
            raise ModelError(
                f"The model is written for version {versions[domain]} of the operators '{domain or 'ai.onnx'}'; "
                f"{first} to {last} can be run. Export it with another target_opset."
            )
    if any(domain_of(node) in OPSETS and domain_of(node) not in versions for node in proto.graph.node):
        raise ModelError(_NO_DEFAULT)
    return versions.get("", OPSETS[""][1])


def _check_graph(graph: onnx.GraphProto, walk: _Walk, depth: int) -> None:
    """Operators, constants and blocks of a graph, and which tensors vary by row."""
    walk.nodes += len(graph.node)
    if walk.nodes > MOST_NODES:
        raise TooLargeError(f"The model has {walk.nodes:,} operators; at most {MOST_NODES:,} are read.")
    if max(len(graph.input), len(graph.output), len(graph.initializer)) > MOST_NAMES or depth > DEEPEST_BLOCK:
        raise TooLargeError(f"The model has more than {MOST_NAMES:,} inputs, outputs or constants. Export it anew.")
    if len(graph.sparse_initializer):
        raise ModelError("The model has sparse constants. Export it with dense ones.")
    for tensor in graph.initializer:
        _learn(tensor.name, tensor, walk)
    walk.varying.update(item.name for item in graph.input if item.name not in walk.constant)
    for node in graph.node:
        check_operator(node, walk.allow)
        if max(len(node.input), len(node.output)) > MOST_NAMES:
            raise TooLargeError(f"An operator of the model has more than {MOST_NAMES:,} inputs. Export it anew.")
        blocks = _check_attributes(node, walk)
        for block in blocks:
            _check_graph(block, walk, depth + 1)
        _follow(node, walk, varies=bool(blocks))


def _learn(name: str, tensor: onnx.TensorProto, walk: _Walk) -> None:
    check_tensor(tensor)
    walk.constant.add(name)
    value = small_value(tensor)
    if value is not None:
        walk.known[name] = value


def _check_attributes(node: onnx.NodeProto, walk: _Walk) -> list[onnx.GraphProto]:
    """The blocks of a node, its tensors checked."""
    blocks: list[onnx.GraphProto] = []
    for item in node.attribute:
        if item.ref_attr_name or len(item.sparse_tensors) or item.HasField("sparse_tensor") or len(item.type_protos):
            raise ModelError(f"The operator {node.op_type[:60]} of the model has an unusual setting. Export it anew.")
        for tensor in ([item.t] if item.HasField("t") else []) + list(item.tensors):
            check_tensor(tensor)
        blocks += ([item.g] if item.HasField("g") else []) + list(item.graphs)
    if blocks and not (node.op_type in BLOCKS and node.op_type in walk.allow):
        raise ModelError(
            f"The operator {node.op_type[:60]} of the model has a graph of its own inside. Export it anew."
        )
    if node.op_type == "Constant" and node.output:
        _learn_constant(node, walk)
    return blocks


def _learn_constant(node: onnx.NodeProto, walk: _Walk) -> None:
    import numpy as np

    for item in node.attribute:
        if item.name == "value" and item.HasField("t"):
            _learn(node.output[0], item.t, walk)
        elif item.name in {"value_int", "value_float"}:
            walk.known[node.output[0]] = np.array([item.i if item.name == "value_int" else item.f])
        elif item.name == "value_ints":
            walk.known[node.output[0]] = np.array(item.ints, dtype=np.int64)


def _follow(node: onnx.NodeProto, walk: _Walk, *, varies: bool) -> None:
    """Note whether what a node makes varies by row, hangs on the number of rows, or is constant."""
    given = [name for name in node.input if name]
    if varies or (any(name in walk.varying for name in given) and node.op_type not in {"Shape", "Size"}):
        walk.varying.update(node.output)
    elif all(name in walk.constant for name in given):
        walk.constant.update(node.output)


def _check_joins(proto: onnx.ModelProto, walk: _Walk, ranks: dict[str, int]) -> None:
    for node in proto.graph.node:
        if node.input and node.input[0] in walk.varying and domain_of(node) == "":
            check_rows(node, walk.known, ranks.get(node.input[0]), walk.opset)


def _check_ensembles(graph: onnx.GraphProto, sizes: Sizes) -> dict[str, int]:
    """Every tree operator checked; tensors whose width is not known yet, with the features asked for."""
    asks: dict[str, int] = {}
    ensembles = list(_tree_nodes(graph))
    refuse_many(sum(map(count_trees, ensembles)))
    for node in ensembles:
        features = check_trees(node)
        if not node.input:
            raise ModelError(_NO_DEFAULT)
        width = (sizes.get(node.input[0]) or (None,))[-1]
        if width is not None and features > width:
            raise ModelError("The trees of this model ask for a feature that the model does not have.")
        if width is None:
            asks[node.input[0]] = max(features, asks.get(node.input[0], 0))
    return asks


def _tree_nodes(graph: onnx.GraphProto) -> Iterable[onnx.NodeProto]:
    """The tree operators of a graph and of the blocks in it."""
    for node in graph.node:
        if node.op_type in TREES:
            yield node
        for item in node.attribute:
            for block in ([item.g] if item.HasField("g") else []) + list(item.graphs):
                yield from _tree_nodes(block)
