"""CatBoost's CTRs: a number that stands for a category, or for several together, counted from outcomes in training.

The file keeps counts by a hash of 64 bits. How hashes are joined is what CatBoost's own export to Python does:
https://catboost.ai/docs/en/concepts/python-reference_apply_catboost_model
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from explain.models.onnx_graph import OnnxGraph
    from explain.types import Floats, Ints

FACTOR = 0x4906BA494954CB65
"""What CatBoost multiplies hashes with."""
FULL = 2**64 - 1
MEANS = frozenset({"BinarizedTargetMeanValue", "FloatTargetMeanValue"})
"""Kinds that keep a mean of outcomes; CatBoost itself cannot read them out of its JSON."""
NEVER = 2.0**40
"""A hash that no category has, as theirs have 32 bits: what was never met."""


@dataclass(frozen=True)
class Above:
    """Whether the number in column `feature` is above the border; a missing one is where `missing`."""

    feature: int
    border: float
    missing: bool


@dataclass(frozen=True)
class Ctr:
    """What to look up (category columns, then questions, in the order in which they are hashed), and the table.

    `kind` is CatBoost's word for how it counts. `equal` are category columns, each with the hash that it is compared
    with. `keys` (m,) are the hashes of 64 bits as signed numbers, in ascending order, `values` (m,) the CTRs,
    `elsewhere` that of all others.
    """

    kind: str
    categories: tuple[int, ...]
    above: tuple[Above, ...]
    equal: tuple[tuple[int, int], ...]
    keys: Ints
    values: Floats
    elsewhere: float

    @property
    def alone(self) -> bool:
        """Whether it hangs on one category column only."""
        return len(self.categories) == 1 and not self.above and not self.equal

    def of(self, hashed: int) -> float | None:
        """The CTR of one category, by its hash, where it hangs on that column only; None where it was never met."""
        wanted = _signed(_joined(hashed))
        at = int(self.keys.searchsorted(wanted))
        return float(self.values[at]) if at < len(self.keys) and self.keys[at] == wanted else None

    def write(self, graph: OnnxGraph, hashed: Callable[[int], str], number: Callable[[int], str]) -> str:
        """The CTR (n, 1) out of the hashes of category columns and the numbers of others, each (n, 1) doubles."""
        parts = [_whole(graph, hashed(at)) for at in self.categories]
        for question in self.above:
            given = number(question.feature)
            found = graph.add("Greater", given, graph.number(question.border))
            parts.append(
                _whole(graph, graph.add("Or", found, graph.add("IsNaN", given)) if question.missing else found)
            )
        parts += [_whole(graph, graph.add("Equal", hashed(at), graph.number(float(value)))) for at, value in self.equal]
        factor = graph.array(_signed(FACTOR), "int64")
        result = ""
        for part in parts:
            times = graph.add("Mul", part, factor)
            result = graph.add("Mul", graph.add("Add", result, times) if result else times, factor)
        return graph.table(result, self.keys, self.values, self.elsewhere)


def _whole(graph: OnnxGraph, given: str) -> str:
    from onnx import TensorProto

    return graph.add("Cast", given, to=TensorProto.INT64)


def _joined(hashed: int) -> int:
    """The key of a single hash."""
    return FACTOR * (FACTOR * (hashed & FULL) & FULL) & FULL


def _signed(value: int) -> int:
    """64 bits as ONNX counts them."""
    return value - 2**64 if value >= 2**63 else value
