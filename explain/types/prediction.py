"""Prediction: what a model says of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.types.arrays import Floats, Ints


@dataclass(frozen=True)
class Prediction:
    """`scores` (n, k): probabilities that sum to 1, or the target (n, 1); `chosen` (n,): index of the predicted output.

    `shown` (n,) is the output that numbers on screen are about: the outcome of interest of a binary model, the
    predicted class of a multiclass one, 0 for a regression.
    """

    scores: Floats
    chosen: Ints
    shown: Ints

    def take(self, rows: Ints) -> Prediction:
        """That of the rows at some positions (m,)."""
        return Prediction(self.scores[rows], self.chosen[rows], self.shown[rows])
