"""Exact Shapley values of linear heads: weight x (value - mean of the background), added up per raw column.

For a linear margin this is the Shapley value of every raw column, its dummies moving together, because the game is
additive (Lundberg and Lee 2017, corollary 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.attributions.graph import attributes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import onnx

    from explain.types import Floats


@dataclass(frozen=True)
class Linear:
    """`weights` (f, t), `offset` (t,): margins = features @ weights + offset."""

    weights: Floats
    offset: Floats

    @property
    def of_the_second(self) -> Linear | None:
        """The second margin of two alone, where the first is its mirror; None for others.

        Binary exporters write both classes so: one margin says it all, unless both go through a softmax.
        """
        import numpy as np

        weights, offset = self.weights, self.offset
        mirrored = weights.shape[1] == 2 and np.array_equal(weights[:, 0], -weights[:, 1]) and offset[0] == -offset[1]
        return Linear(weights[:, 1:], offset[1:]) if mirrored else None


def parse_linear(head: onnx.NodeProto, features: int) -> Linear:
    """The weights of a LinearClassifier or LinearRegressor (ai.onnx.ml 1)."""
    import numpy as np

    fields: dict[str, Any] = attributes(head)
    weights = _plain(fields["coefficients"]).reshape(-1, features).T
    offset = np.zeros(weights.shape[1])
    given = _plain(fields.get("intercepts", ()))
    offset[:] = given if given.size else 0.0
    return Linear(weights, offset)


def _plain(values: Sequence[float] | onnx.TensorProto) -> Floats:
    """A list of numbers, or the tensor of doubles that graph.py puts in its place."""
    import numpy as np
    from onnx import TensorProto, numpy_helper

    found = numpy_helper.to_array(values) if isinstance(values, TensorProto) else values
    return np.asarray(found, dtype=np.float64)


def linear_values(linear: Linear, owner: list[int], columns: int, features: Floats, mean: Floats) -> Floats:
    """(n, f) features and their background mean (f,) -> values (n, p, t)."""
    import numpy as np

    margins = linear.weights.shape[1]
    values = np.zeros((len(features), columns, margins))
    moved = features - mean
    for feature, column in enumerate(owner):
        if column >= 0:
            values[:, column, :] += moved[:, feature, None] * linear.weights[feature]
    return values
