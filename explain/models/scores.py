"""What the scores of an ONNX file are: probabilities, logits that become some, or neither.

Networks are often exported without their last step (torch.nn.CrossEntropyLoss and BCEWithLogitsLoss take logits), and
scores that are no probabilities would be shown, explained and graded as if they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from explain import words
from explain.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.types import Flags, Floats, Ints

Meaning: TypeAlias = Literal["probabilities", "logits"]

BEYOND = 1e-4
"""How far a probability may lie outside 0 to 1, and a row's sum from 1 for each outcome: float32 rounds, no more."""
AGREED = 0.99
"""Share of rows whose likeliest outcome must be the file's own label."""
CLEARER = 0.05
"""Gain in the share of past rows that are right from which on one cut is said to fit better than another."""
LEAST_ROWS = 30
"""Past rows that this is told from."""
REFUSED = (
    "Export the model so that it gives probabilities (for scikit-learn with probability=True or inside of "
    "CalibratedClassifierCV, for a network with its softmax or sigmoid)."
)


@dataclass(frozen=True)
class Scores:
    """What a file's scores `mean`, how many there are a row, and the sentence that `asks` a person to confirm it, ""
    where nothing is open.
    """

    mean: Meaning = "probabilities"
    width: int = 1
    asks: str = ""


def read_scores(raw: Floats, labels: Ints | None, known: Ints, said: Meaning | Literal[""] = "") -> Scores:
    """Tell what the scores (n, w) mean: one an outcome, or a single one (w = 1) for the second of two.

    `known` (m,) are the places of the outcomes of the first m rows, which are past ones, and `labels` (n,) those of the
    outcomes that the file itself says; -1 for a row without, None for a file that says none. What a person `said`
    counts as far as the numbers allow it. Raises ModelError where they are neither.
    """
    import numpy as np

    there: Flags = np.asarray(np.isfinite(raw).all(axis=1), dtype=np.bool_)
    raw, labels, known = raw[there], None if labels is None else labels[there], known[there[: len(known)]]
    if not len(raw):
        return Scores(width=raw.shape[1])
    # past rows are what people know; rows at the edges go far beyond them
    beyond = _beyond(raw[: len(known)]) or _beyond(raw)
    if said == "probabilities" and beyond:
        raise ModelError(f"The model's scores are no probabilities: {beyond} {REFUSED}")
    mean: Meaning = said or ("logits" if beyond else "probabilities")
    why_not = beyond or ("" if said else _no_sum(raw))
    if mean == "probabilities" and why_not:
        raise ModelError(
            f"The model's scores are neither probabilities nor logits: {why_not} {REFUSED} Where each is the "
            "probability of its outcome against all others, say that they are probabilities (--scores probabilities)."
        )
    against = _speaks_against(raw, mean, labels, known)
    if against:
        raise ModelError(f"The model's scores are neither probabilities nor logits: {against} {REFUSED}")
    asks = f"The model's scores are no probabilities: {why_not} They look like logits." if mean == "logits" else ""
    return Scores(mean, raw.shape[1], "" if said else asks)


def demand_probabilities(scores: Floats) -> None:
    """Raise ModelError where the scores (n, k) of a classifier lie beyond 0 and 1."""
    import numpy as np

    if why_not := _beyond(scores[np.isfinite(scores).all(axis=1)]):
        raise ModelError(
            f"The model's scores are no probabilities: {why_not} Where they are logits, bring the file with whysure "
            f"add and --scores logits. {REFUSED}"
        )


def _beyond(raw: Floats) -> str:
    """Between what scores (n, w) lie where that is beyond 0 and 1, "" where it is not."""
    low, high = (float(raw.min()), float(raw.max())) if len(raw) else (0.0, 1.0)
    outside = low < -BEYOND or high > 1 + BEYOND
    return f"they lie between {words.number(low)} and {words.number(high)}." if outside else ""


def _no_sum(raw: Floats) -> str:
    """What the scores (n, w) of a row add up to where it is not 1."""
    sums = raw.sum(axis=1)
    if raw.shape[1] == 1 or abs(sums - 1).max() <= BEYOND * raw.shape[1]:
        return ""
    return f"those of a row add up to {words.number(float(sums.min()))} to {words.number(float(sums.max()))}, not 1."


def _speaks_against(raw: Floats, mean: Meaning, labels: Ints | None, known: Ints) -> str:
    """What of the file's own labels (n,) or the known outcomes (n,) does not fit what scores (n, w) would mean."""
    import numpy as np

    single = raw.shape[1] == 1
    cut = 0.0 if mean == "logits" else 0.5
    likeliest = (raw[:, 0] > cut).astype(np.int64) if single else raw.argmax(axis=1)
    if labels is not None:
        told: Flags = labels >= 0
        other = int((likeliest[told] != labels[told]).sum())
        # a file of probabilities may have a threshold of its own, but is not wrong most of the time
        allowed = (1 - AGREED if mean == "logits" else 0.5) * told.sum()
        if other > allowed:
            return f"the file's own label is another outcome than the likeliest in {other:,} of {told.sum():,} rows."
    if single and mean == "logits":
        past: Flags = known >= 0
        right = [((raw[: len(known), 0] > cut) == (known == 1))[past] for cut in (0.0, 0.5)]
        logits, chances = (max(float(each.sum()), float((~each).sum())) / max(len(each), 1) for each in right)
        if past.sum() >= LEAST_ROWS and chances > logits + CLEARER:
            return (
                f"they go beyond 0 and 1, but tell past outcomes apart at .5, as probabilities do ({chances:.0%} right "
                f"there, {logits:.0%} at 0, where logits are cut), such as a regression on 0 and 1 gives them."
            )
    return ""


def places(texts: Sequence[str | None], outcomes: Sequence[str]) -> Ints:
    """(n,) the place of each text among the outcomes, -1 for none."""
    import numpy as np

    at = {name: place for place, name in enumerate(outcomes)}
    return np.array([at.get(text, -1) if text is not None else -1 for text in texts], dtype=np.int64)
