"""A bare ONNX file: served as it came, and read apart for what it says of its inputs and outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.models.outputs import score_outputs, with_output
from explain.models.sources.source import Facts
from explain.safety.limited import run_limited
from explain.shown import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import onnx
    import pandas as pd

    from explain.models.sources.source import Asked, Parts, Source
    from explain.types import Floats, Kind, Schema

LONGEST_NAME = 200
MOST_CLASSES = 1_000
MOST_OUTPUTS = 100
"""Outputs to choose from."""


@dataclass(frozen=True)
class OnnxFile:
    """An ONNX file of any producer."""

    content: bytes
    facts: Facts

    def to_onnx(self, _schema: Schema, /) -> bytes:
        """The file itself."""
        return self.content

    def thresholds(self, _schema: Schema, /) -> Mapping[str, Floats]:
        """None are looked for: what is served is the file itself."""
        return {}

    def ask(self, _frame: pd.DataFrame, _schema: Schema, _parts: Parts, /) -> Asked | None:
        """Nobody but this file can be asked."""
        return None


def open_onnx(content: bytes) -> OnnxFile:
    """An ONNX file, looked over apart; raises ModelError for one that is refused or broken."""
    found = run_limited("onnx_facts", {"model": content}).facts
    return OnnxFile(
        content,
        Facts(
            format="onnx",
            library=f"ONNX of {found['producer']}" if found["producer"] else "ONNX",
            features=tuple(found["features"]),
            kinds=found["kinds"],
            classes=tuple(found["classes"]),
            score_outputs=tuple(found["score_outputs"]) if len(found["score_outputs"]) > 1 else (),
        ),
    )


def choose_output(source: Source, name: str) -> Source:
    """The source, of an ONNX file with several outputs of scores the one that is called so; raises ModelError where it
    has to be said which is meant.
    """
    if not isinstance(source, OnnxFile) or not source.facts.score_outputs:
        return source
    return open_onnx(with_output(source.content, name))


def onnx_facts(inputs: Mapping[str, Path], _options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """For the limited process: who made the file `model`, its inputs where each is one column, and its class names."""
    from explain.models.runtime import parse
    from explain.models.safety.onnx_check import check_onnx

    content = inputs["model"].read_bytes()
    check_onnx(content)
    proto = parse(content)
    features, kinds = _features(proto)
    producer = shown(f"{proto.producer_name} {proto.producer_version}".strip())
    facts = {"producer": producer, "features": features, "kinds": kinds, "classes": _classes(proto)}
    facts["score_outputs"] = score_outputs(proto)[:MOST_OUTPUTS]
    return facts, {}


def _features(proto: onnx.ModelProto) -> tuple[list[str], dict[str, Kind]]:
    """Names and kinds of the inputs, where each is one column; nothing for a matrix of all columns."""
    import onnx

    made = {item.name for item in proto.graph.initializer}
    inputs = [item for item in proto.graph.input if item.name not in made]
    widths = [item.type.tensor_type.shape.dim[-1:] for item in inputs]
    single = all(len(width) == 1 and width[0].dim_value == 1 for width in widths)
    if len(inputs) < 2 and not single:
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
