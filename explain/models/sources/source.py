"""A source: one model as its own library wrote it, before it is a package."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from explain.models.sources.recognise import Format
    from explain.types import Cut, Floats, Kind, Schema, Task

    Parts = Sequence[tuple[int, int]]
    """Rows first to last (not included) that are scored together: where one fails, the others are still scored."""


@dataclass(frozen=True)
class Facts:
    """What a file says of its model, before any row is seen.

    `library` wrote it; `features` are the raw columns it was trained on, in order, empty where it does not name them;
    `kinds` what it says of some of them, `categories` the texts that it lists for some; `classes` the outcomes in the
    order of its scores, empty where it does not name them; `outputs` (k) how many scores a row gets, 0 where only a run
    can tell. `score_outputs` are the outputs that could each be the scores, where a person has to say which is
    meant. `notes` are sentences about what was followed or taken for granted. `cut` is a threshold that it brings,
    `spread` the quantiles between which its own range lies.
    """

    format: Format
    library: str
    features: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    task: Task | None = None
    classes: tuple[str, ...] = ()
    outputs: int = 0
    score_outputs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cut: Cut | None = None
    spread: tuple[float, float] | None = None


@dataclass(frozen=True)
class Asked:
    """What the library itself says: `scores` (n, k), NaN in rows of the `refused` parts (by number, with its words).

    `by` names the library and its version.
    """

    scores: Floats
    by: str
    refused: Mapping[int, str] = field(default_factory=dict)


def ask_apart(content: bytes, rows: pd.DataFrame, options: Mapping[str, Any]) -> Asked:
    """Have a library score rows (n, p) with the file that it wrote, in a limited process (see native.py)."""
    from explain.models.packing import pack_rows
    from explain.models.safety.trial import scores_in
    from explain.safety.limited import run_limited

    found = run_limited("source_scores", {"model": content, "rows": pack_rows(rows)}, options)
    refused = {int(at): str(said) for at, said in found.facts["refused"].items()}
    return Asked(scores_in(found, len(rows)), str(found.facts["by"]), refused)


class Source(Protocol):
    """A model that can be written as ONNX, and asked what it predicts."""

    @property
    def facts(self) -> Facts:
        """What the file says of itself."""

    def to_onnx(self, schema: Schema, /) -> bytes:
        """The ONNX file over the columns of a schema; raises ModelError where it cannot be the same."""

    def thresholds(self, schema: Schema, /) -> Mapping[str, Floats]:
        """Values at which number columns are cut, by column, where they are known."""

    def ask(self, frame: pd.DataFrame, schema: Schema, parts: Parts, /) -> Asked | None:
        """What the library predicts for raw rows (n, p), run apart; None for a file that is served as it came.

        Raises ModelError where the library is not installed, with the line that installs it.
        """
