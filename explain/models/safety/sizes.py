"""How large each tensor of a model would become, worked out without running it.

A file of a hundred bytes can ask for terabytes (Expand, Tile, ConstantOfShape), or double a constant forty times; both
happen while the file is loaded, where constants are folded. Shapes are inferred by ONNX itself on a sketch of the
model: its graph without large constants, and with the block of rows that is served at once written into its inputs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError, TooLargeError
from explain.models.safety.lengths import value_of
from explain.models.safety.tensors import SMALL
from explain.models.safety.trees import TREES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import onnx

    Sizes = Mapping[str, tuple[int | None, ...]]

ROWS = 65_536
"""Rows a run: explain.models.runtime.BLOCK."""
MOST_A_ROW = 10_000
"""Numbers that one tensor may hold for each row: 2.6 GB of float32 for a block of rows."""
MOST_CONSTANT = 10_000_000
"""Numbers of a tensor that is computed from constants alone: 40 MB."""
MOST_CONSTANTS = 50_000_000
"""Numbers of all of them together."""
ROUNDS = 8
"""Turns between shapes and values: a shape that is computed from a shape that is computed … takes one each."""
GROWING = {"ConstantOfShape": 0, "Expand": 1, "OneHot": 1, "Pad": 1, "Range": 1, "Resize": 2, "Tile": 1}
"""Operators that make as much as an input of theirs says, and which one that is."""
_SAME_SHAPE = frozenset({"Imputer", "Scaler", "Normalizer", "Binarizer"})
"""Operators of ai.onnx.ml that ONNX infers nothing for, although they change no shape."""
CANNOT_TELL = "cannot be told beforehand. Export the model with fixed sizes."


def sketch_sizes(proto: onnx.ModelProto, values: Mapping[str, Any]) -> Sizes:
    """Tensor name -> shape, None for a size that is not known; tensors of unknown rank are left out.

    `values` are the small constants. Shapes give values (Shape, Gather, …) and values give shapes (Expand, …), so
    that both are followed in turns.
    """
    known = dict(values)
    sizes = _inferred(proto, known)
    for _ in range(ROUNDS):
        found = len(known)
        for node in proto.graph.node:
            if len(node.output) == 1 and node.output[0] not in known:
                value = value_of(node, known, sizes)
                if value is not None:
                    known[node.output[0]] = value
        if len(known) == found:
            break
        sizes = _inferred(proto, known)
    return sizes


def _inferred(proto: onnx.ModelProto, known: Mapping[str, Any]) -> Sizes:
    """The shapes that ONNX infers when the `known` tensors are constants."""
    import onnx

    sketch = onnx.ModelProto(ir_version=max(proto.ir_version, 4))
    sketch.opset_import.extend(proto.opset_import)
    graph = sketch.graph
    graph.name = "sketch"
    graph.node.extend(_sketched(node) for node in proto.graph.node if known.keys().isdisjoint(node.output))
    graph.initializer.extend(onnx.numpy_helper.from_array(value, name) for name, value in known.items())
    constant = {tensor.name for tensor in proto.graph.initializer}
    graph.input.extend(_with_rows(given) for given in proto.graph.input if given.name not in constant)
    graph.input.extend(
        onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        for tensor in proto.graph.initializer
        if tensor.name not in known
    )
    graph.output.extend(onnx.ValueInfoProto(name=item.name) for item in proto.graph.output)
    try:
        inferred = onnx.shape_inference.infer_shapes(sketch).graph
    except Exception as error:  # a C++ library with errors of many classes, each meaning the same
        raise ModelError("The sizes of the model's tensors do not fit together. Export it anew.") from error
    named = [*inferred.input, *inferred.value_info, *inferred.output]
    sizes = {item.name: _shape(item) for item in named if item.type.tensor_type.HasField("shape")}
    return sizes | {name: tuple(value.shape) for name, value in known.items()}


def _sketched(node: onnx.NodeProto) -> onnx.NodeProto:
    """The node without what is long in it; what changes no shape becomes the plainest such operator."""
    import onnx

    if node.op_type in _SAME_SHAPE and len(node.input) and len(node.output):
        return onnx.helper.make_node("Cast", [node.input[0]], [node.output[0]], to=onnx.TensorProto.FLOAT)
    if node.op_type not in TREES:
        return node
    short = onnx.NodeProto(op_type=node.op_type, domain=node.domain, input=node.input, output=node.output)
    short.attribute.extend(
        item for item in node.attribute if len(item.ints) + len(item.floats) + len(item.strings) < SMALL
    )
    return short


def _with_rows(given: onnx.ValueInfoProto) -> onnx.ValueInfoProto:
    import onnx

    written = onnx.ValueInfoProto()
    written.CopyFrom(given)
    shape = written.type.tensor_type.shape
    if len(shape.dim):
        shape.dim[0].dim_value = ROWS
    return written


def _shape(item: onnx.ValueInfoProto) -> tuple[int | None, ...]:
    return tuple(size.dim_value if size.HasField("dim_value") else None for size in item.type.tensor_type.shape.dim)


def check_sizes(proto: onnx.ModelProto, sizes: Sizes, varying: Collection[str], constant: Collection[str]) -> None:
    """Refuse a model that makes too much of anything.

    `varying` are the tensors computed from the values of rows, `constant` those computed from constants alone; the rest
    is computed from the number of rows.
    """
    folded = 0
    for node in proto.graph.node:
        place = GROWING.get(node.op_type)
        if place is not None:
            _check_growing(node, list(node.input[place:]), sizes, varying)
        _refuse(_declared(node) * ROWS, ROWS * MOST_A_ROW, node, f" for {ROWS:,} rows")
        for name in node.output:
            made = _made(sizes.get(name, ()))
            if name in constant:
                folded += made
                _refuse(made, MOST_CONSTANT, node, "")
            else:
                _refuse(made, ROWS * MOST_A_ROW, node, f" for {ROWS:,} rows")
    if folded > MOST_CONSTANTS:
        raise TooLargeError(
            f"The model computes {folded:,} numbers from constants; at most {MOST_CONSTANTS:,} are read."
        )


def _declared(node: onnx.NodeProto) -> int:
    """Numbers a row that an operator of ai.onnx.ml (or TfIdfVectorizer) says it makes; 0 where it says nothing."""
    lists = {item.name: item for item in node.attribute}
    if node.op_type == "FeatureVectorizer" and "inputdimensions" in lists:
        return sum(abs(size) for size in lists["inputdimensions"].ints)
    if node.op_type == "TfIdfVectorizer" and "ngram_indexes" in lists:
        return max(lists["ngram_indexes"].ints, default=0) + 1
    if node.op_type == "OneHotEncoder":
        return max((max(len(item.ints), len(item.strings)) for item in lists.values()), default=0)
    return int(lists["targets"].i) if node.op_type == "LinearRegressor" and "targets" in lists else 0


def _made(shape: tuple[int | None, ...]) -> int:
    return math.prod(size for size in shape if size is not None)


def _refuse(made: int, most: int, node: onnx.NodeProto, when: str) -> None:
    if made > most or made < 0:
        raise TooLargeError(
            f"The operator {node.op_type[:60]} of the model makes {made:,} numbers{when}; "
            f"at most {most:,} are computed."
        )


def _check_growing(node: onnx.NodeProto, says: list[str], sizes: Sizes, varying: Collection[str]) -> None:
    if any(name in varying for name in says) and node.op_type != "OneHot":
        raise ModelError(f"The size of what {node.op_type} makes depends on the cells of a row. Export the model anew.")
    shapes = [sizes.get(name) for name in node.output if name]
    if any(shape is None or None in shape for shape in shapes):
        raise ModelError(f"The size of what {node.op_type} makes {CANNOT_TELL}")
