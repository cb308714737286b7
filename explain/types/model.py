"""Model: anything that scores rows, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from explain.types.arrays import Floats, Task
    from explain.types.cells import Cells
    from explain.types.column import Schema


@dataclass(frozen=True)
class Cut:
    """Of two outcomes the one of index `outcome` is predicted from the probability `at` on, the other below it."""

    at: float
    outcome: int = 1


@dataclass(frozen=True)
class ModelInfo:
    """What a model is: `outputs` (k,) names of the classes, or the one target of a regression.

    `shown` is the index of the outcome that a binary model's numbers are about ("declined"); `unit` is the
    regression target's unit; `sha256` identifies the ONNX file, `version` counts the files served under this name.
    `mark` is a warning that goes wherever the model is used, "" for none. `cut` is where a binary model with a
    threshold of its own decides, None where the likelier outcome is predicted.
    `question` is what the model is asked, "" where nobody said; `aliases` (k,) what its own data calls the outcomes,
    where `outputs` are words that somebody chose, else empty.
    """

    name: str
    title: str
    task: Task
    outputs: tuple[str, ...]
    target: str
    sha256: str
    unit: str = ""
    shown: int = 0
    version: int = 1
    mark: str = ""
    cut: Cut | None = None
    question: str = ""
    aliases: tuple[str, ...] = ()


class Model(Protocol):
    """Anything that scores rows: the package on disk, or a stand-in in a test."""

    @property
    def info(self) -> ModelInfo:
        """What the model is."""

    @property
    def schema(self) -> Schema:
        """The raw columns it takes."""

    def score(self, rows: pd.DataFrame | Cells) -> Floats:
        """(n, p) raw columns -> (n, k) probabilities, or (n, 1) target values."""
