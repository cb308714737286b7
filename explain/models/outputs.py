"""Which output of an ONNX file holds the scores: the only one that could, or the one that a person names.

Exporters write a label and the probabilities (skl2onnx, onnxmltools and CatBoost: label, probabilities; or
output_label, output_probability), or one output of scores under any name (PyTorch, Keras, regressors).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explain import words
from explain.errors import ModelError
from explain.models.runtime import parse, score_output, with_outputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import onnx

_LABEL = re.compile(r"(.*[_.:/])?(label|labels|class|classes|predicted_class)(_?\d+)?", re.IGNORECASE)
"""Names of outputs that say the outcome, in whatever type."""
_PROBABILITY = re.compile(r"prob", re.IGNORECASE)
PROBABILITIES = "probabilities behind logits"
"""What the output behind a link is called."""
LINK_OPSET = 13
_WIDEST = 2
"""Axes of scores: rows, and one score each or several."""


def score_outputs(proto: onnx.ModelProto) -> tuple[str, ...]:
    """The outputs that could each be the scores, by what their types, shapes and names say.

    Where the file ends in a ZipMap, which is made for probabilities alone, it is that; it has one a head.
    """
    import onnx

    graph = proto.graph
    mapped = [node.output[0] for node in graph.node if node.op_type == "ZipMap" and node.output]
    if mapped:
        return tuple(mapped)
    numbers = {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE}
    found = [out for out in graph.output if out.type.tensor_type.elem_type in numbers and _could_be(out)]
    named = [out.name for out in found if not _LABEL.fullmatch(out.name)]
    return tuple(named or [out.name for out in found])


def _could_be(out: onnx.ValueInfoProto) -> bool:
    """Whether its shape, where one is told, has rows and at most one more axis."""
    kind = out.type.tensor_type
    return not kind.HasField("shape") or len(kind.shape.dim) <= _WIDEST


def likeliest(names: Sequence[str]) -> str:
    """The one to propose: that which is called probabilities, of quantiles the middle one, else the last."""
    if all(name.startswith("quantile ") for name in names):
        return names[len(names) // 2]
    return next((name for name in names if _PROBABILITY.search(name)), names[-1])


def question(names: Sequence[str]) -> str:
    """What has to be said where several outputs could be the scores."""
    listed = words.listed([f"“{name}”" for name in names])
    return f"The model has {len(names)} outputs that could be its scores: {listed}. Say which one is meant."


def with_output(content: bytes, name: str) -> bytes:
    """The same file with this output alone, of a file that was looked over.

    Without a name it stays as it is, and ModelError asks for one where several outputs could be the scores; so it does
    for a name that is none of them.
    """
    proto = parse(content)
    names = score_outputs(proto)
    if not name and len(names) <= 1:
        return content
    if name not in names:
        raise ModelError(question(names) if not name or len(names) > 1 else _unknown(name, names))
    return with_outputs(proto, [*filter(None, [label_output(proto)]), name]) if len(names) > 1 else content


def label_output(proto: onnx.ModelProto) -> str:
    """The output in which a file says the outcome itself, "" where it has none."""
    import onnx

    kinds = {onnx.TensorProto.INT64, onnx.TensorProto.INT32, onnx.TensorProto.STRING}
    found = [str(out.name) for out in proto.graph.output if out.type.tensor_type.elem_type in kinds and _could_be(out)]
    named = [name for name in found if _LABEL.fullmatch(name)]
    return (named or found or [""])[0]


def with_link(content: bytes, width: int) -> bytes:
    """The same file with a sigmoid behind its one logit (n, 1) or (n,), or a softmax behind its logits (n, width)."""
    import onnx

    proto = parse(content)
    name = score_output(proto, max(width, 2))
    make = onnx.helper.make_node
    ends = [name], [PROBABILITIES]
    proto.graph.node.append(make("Sigmoid", *ends) if width == 1 else make("Softmax", *ends, axis=1))
    made = onnx.ValueInfoProto()
    made.CopyFrom(next(out for out in proto.graph.output if out.name == name))
    made.name = PROBABILITIES
    proto.graph.output.append(made)
    if all(item.domain for item in proto.opset_import):  # a file of nothing but trees
        proto.opset_import.append(onnx.helper.make_opsetid("", LINK_OPSET))
    return with_outputs(proto, [PROBABILITIES])


def _unknown(name: str, names: Sequence[str]) -> str:
    return f"The model has no output of scores called “{name}”. It has {words.listed([f'“{one}”' for one in names])}."
