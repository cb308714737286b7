"""ONNX files with several matrices as inputs, as networks with embeddings have: columns go to them in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.errors import ModelError
from explain.models.runtime import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    import onnx

    from explain.types import Schema

Widths = tuple[tuple[str, int], ...]
"""The name of each input, and how many columns it takes."""


def widths_of(inputs: Sequence[onnx.ValueInfoProto]) -> Widths:
    """The inputs of a file where there are several and one of them is a matrix of a known width; else ()."""
    shapes = [item.type.tensor_type.shape.dim for item in inputs]
    found = [shape[1].dim_value if len(shape) == 2 else 1 if len(shape) == 1 else 0 for shape in shapes]
    if len(inputs) < 2 or max(found) < 2 or min(found) < 1:
        return ()
    return tuple((item.name, width) for item, width in zip(inputs, found, strict=True))


def told(widths: Widths) -> str:
    """Which columns go where, in one sentence."""
    parts = [f"{width:,} to “{name}”" for name, width in widths]
    return f"Columns go to its inputs in the table's order: {', then '.join(parts)}."


def by_column(content: bytes, widths: Widths, schema: Schema) -> bytes:
    """The same file with an input for each column of a schema, by name, in place of its matrices.

    Raises ModelError where the schema has another number of columns, or texts for numbers.
    """
    import onnx

    wanted = sum(width for _, width in widths)
    if len(schema) != wanted:
        raise ModelError(f"The model takes {wanted:,} columns, but the reference has {len(schema):,}. {told(widths)}")
    proto = parse(content)
    graph = proto.graph
    inner = {name for node in graph.node for name in (*node.input, *node.output)} - {name for name, _ in widths}
    taken = sorted(inner & set(schema.names))
    if taken:
        raise ModelError(f"The model calls a tensor of its own '{taken[0]}', as a column is called. Rename the column.")
    given = {item.name: item.type.tensor_type for item in graph.input}
    columns, at = list(schema), 0
    made, joins = [], []
    for place, (name, width) in enumerate(widths):
        own, at = columns[at : at + width], at + width
        kind, axes = given[name].elem_type, len(given[name].shape.dim)
        odd = [one.name for one in own if (one.kind == "category") != (kind == onnx.TensorProto.STRING)]
        if odd:
            said = "texts" if kind == onnx.TensorProto.STRING else "numbers"
            raise ModelError(f"The model takes '{odd[0]}' as {said}, in “{name}”. {told(widths)}")
        made += [onnx.helper.make_tensor_value_info(one.name, kind, [None, 1][:axes]) for one in own]
        inside = f"whysure.matrix_{place}"
        join = {"op_type": "Concat", "axis": 1} if width > 1 else {"op_type": "Identity"}
        joins.append(onnx.helper.make_node(inputs=[one.name for one in own], outputs=[inside], **join))
        for node in graph.node:
            for position, read in enumerate(node.input):
                if read == name:
                    node.input[position] = inside
    nodes = [*joins, *graph.node]
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.extend(made)
    return bytes(proto.SerializeToString())
