"""A bare ONNX file: served as it came, and read apart for what it says of its inputs and outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.models.outputs import score_outputs, with_output
from explain.models.sources.matrices import Widths, by_column, told, widths_of
from explain.models.sources.source import Facts
from explain.safety.limited import run_limited
from explain.shown import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import onnx
    import pandas as pd

    from explain.models.sources.source import Asked, Parts
    from explain.types import Floats, Kind, Schema

LONGEST_NAME = 200
MOST_CLASSES = 1_000
MOST_OUTPUTS = 100
"""Outputs to choose from."""


@dataclass(frozen=True)
class OnnxFile:
    """An ONNX file of any producer; `widths` are those of its inputs, where there are several matrices."""

    content: bytes
    facts: Facts
    widths: Widths = ()

    def to_onnx(self, schema: Schema, /) -> bytes:
        """The file itself; of one with several matrices the same with an input for each column."""
        return by_column(self.content, self.widths, schema) if self.widths else self.content

    def choose(self, output: str) -> OnnxFile:
        """The file with one of several outputs of scores alone; raises ModelError where it has to be said which."""
        return open_onnx(with_output(self.content, output))

    def thresholds(self, _schema: Schema, /) -> Mapping[str, Floats]:
        """None are looked for: what is served is the file itself."""
        return {}

    def ask(self, _frame: pd.DataFrame, _schema: Schema, _parts: Parts, /) -> Asked | None:
        """Nobody but this file can be asked."""
        return None


def open_onnx(content: bytes) -> OnnxFile:
    """An ONNX file, looked over apart; raises ModelError for one that is refused or broken.

    One that was exported for a single row is opened for any number; whether it then answers row by row its trial tells.
    """
    found = run_limited("onnx_facts", {"model": content}).facts
    widths = tuple((str(name), int(width)) for name, width in found["widths"])
    one_row = ("The file was exported for one row at a time; here it takes any number.",) * bool(found["one_row"])
    notes = (*one_row, *((told(widths),) if widths else ()))
    return OnnxFile(
        for_any_rows(content) if found["one_row"] else content,
        Facts(
            format="onnx",
            library=f"ONNX of {found['producer']}" if found["producer"] else "ONNX",
            features=tuple(found["features"]),
            kinds=found["kinds"],
            classes=tuple(found["classes"]),
            score_outputs=tuple(found["score_outputs"]) if len(found["score_outputs"]) > 1 else (),
            notes=notes,
        ),
        widths,
    )


def onnx_facts(inputs: Mapping[str, Path], _options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """For the limited process: who made the file `model`, its inputs where each is one column, and its class names."""
    from explain.models.runtime import parse
    from explain.models.safety.onnx_check import check_onnx

    content = inputs["model"].read_bytes()
    check_onnx(content)
    proto = parse(content)
    features, kinds = _features(proto)
    producer = shown(f"{proto.producer_name} {proto.producer_version}".strip())
    facts: dict[str, Any] = {"producer": producer, "features": features, "kinds": kinds, "classes": _classes(proto)}
    facts["score_outputs"] = score_outputs(proto)[:MOST_OUTPUTS]
    facts["widths"] = [[name, width] for name, width in widths_of(_inputs(proto))]
    facts["one_row"] = all(_first(item) == 1 for item in _inputs(proto))
    return facts, {}


def _inputs(proto: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """What has to be fed."""
    made = {item.name for item in proto.graph.initializer}
    return [item for item in proto.graph.input if item.name not in made]


def _first(item: onnx.ValueInfoProto) -> int:
    """The length of the first axis of a tensor where it is fixed, else 0."""
    shape = item.type.tensor_type.shape.dim
    return int(shape[0].dim_value) if len(shape) else 0


def for_any_rows(content: bytes) -> bytes:
    """The same file with inputs and outputs of any number of rows instead of one."""
    from explain.models.runtime import parse

    proto = parse(content)
    for item in (*_inputs(proto), *proto.graph.output):
        if _first(item) == 1:
            item.type.tensor_type.shape.dim[0].dim_param = "rows"
    del proto.graph.value_info[:]  # what it says of inner tensors holds for one row
    return bytes(proto.SerializeToString())


def _features(proto: onnx.ModelProto) -> tuple[list[str], dict[str, Kind]]:
    """Names and kinds of the inputs, where each is one column; nothing for a matrix of all columns."""
    import onnx

    inputs = _inputs(proto)
    shapes = [item.type.tensor_type.shape.dim for item in inputs]
    # (n, 1), or (n,) as PyTorch's exporter and ebm2onnx write a column
    single = all(len(shape) == 1 or (len(shape) == 2 and shape[1].dim_value == 1) for shape in shapes)
    if (len(inputs) < 2 and not single) or widths_of(inputs):
        return [], {}
    text = onnx.TensorProto.STRING
    kinds: dict[str, Kind] = {
        item.name[:LONGEST_NAME]: "category" if item.type.tensor_type.elem_type == text else "number" for item in inputs
    }
    return list(kinds), kinds


def _classes(proto: onnx.ModelProto) -> list[str]:
    """The outcomes in the order of the scores, as the last node that lists them does."""
    for node in reversed(proto.graph.node):
        for item in node.attribute:
            if item.name in {"classlabels_strings", "classlabels_int64s", "classlabels_ints"}:
                found = [text.decode("utf-8", "replace") for text in item.strings] or [
                    str(number) for number in item.ints
                ]
                if len(found) > 1:
                    return [name[:LONGEST_NAME] for name in found[:MOST_CLASSES]]
    return []
