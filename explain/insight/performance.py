"""How good a model is on rows with known outcomes: the facts behind the pictures of the model page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.types import Flags, Floats, Ints

BANDS = 10


@dataclass(frozen=True)
class Reliability:
    """Per band of said probability (b,): mean said, share that happened, two standard errors, cases."""

    said: Floats
    happened: Floats
    error: Floats
    cases: Ints


@dataclass(frozen=True)
class Curve:
    """A ROC or precision-recall curve, the area under it and the level that guessing reaches; all 0 to 1."""

    x: Floats
    y: Floats
    area: float
    chance: float


@dataclass(frozen=True)
class Confusion:
    """`counts` (k, k): rows what it was, columns what was predicted."""

    names: tuple[str, ...]
    counts: Ints


@dataclass(frozen=True)
class Residuals:
    """Predicted and true target values (m,) with the median absolute error, in target units."""

    predicted: Floats
    truth: Floats
    median_error: float


@dataclass(frozen=True)
class Kept:
    """`share` (r,) of rows kept, the most trusted first, 0 to 1; `right` (r,) the share of them that were right."""

    share: Floats
    right: Floats

    def at(self, share: float) -> float:
        """How many are right among the most trusted `share` of the rows."""
        import numpy as np

        return float(self.right[min(int(np.searchsorted(self.share, share - 1e-9)), len(self.right) - 1)])


def kept(trusted: Floats, right: Flags) -> Kept:
    """Accuracy against the share of rows kept (risk and coverage; El-Yaniv and Wiener 2010), rows (m,) by trust.

    Rows trusted equally are kept together, so that their order does not matter.
    """
    import numpy as np

    order = np.argsort(-trusted, kind="stable")
    last = np.flatnonzero(np.append(np.diff(trusted[order]) != 0, True))
    hits = np.cumsum(right[order])
    return Kept((last + 1) / len(order), hits[last] / (last + 1))


def reliability(probability: Floats, happened: Floats) -> Reliability:
    """Ten bands with equally many cases (m,); bands with the same scores are joined."""
    import numpy as np

    edges = np.unique(np.quantile(probability, np.arange(1, BANDS) / BANDS))
    band = np.searchsorted(edges, probability, side="right")
    cases = np.bincount(band, minlength=len(edges) + 1)
    kept = cases > 0
    said = np.bincount(band, probability, minlength=len(cases))[kept] / cases[kept]
    share = np.bincount(band, happened, minlength=len(cases))[kept] / cases[kept]
    # Agresti and Coull's two extra cases each way keep the whisker honest at 0 and 100
    smoothed = (share * cases[kept] + 2) / (cases[kept] + 4)
    return Reliability(said, share, 2 * np.sqrt(smoothed * (1 - smoothed) / (cases[kept] + 4)), cases[kept])


def roc(probability: Floats, happened: Floats) -> Curve:
    """Share found against share of false alarms over all thresholds."""
    from sklearn.metrics import roc_auc_score, roc_curve

    x, y, _ = roc_curve(happened, probability)
    return Curve(x, y, float(roc_auc_score(happened, probability)), 0.5)


def precision_recall(probability: Floats, happened: Floats) -> Curve:
    """Share right among the flagged against share found."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    y, x, _ = precision_recall_curve(happened, probability)
    return Curve(x, y, float(average_precision_score(happened, probability)), float(happened.mean()))


def confusion(scores: Floats, outcomes: Ints, names: tuple[str, ...], threshold: float | None = None) -> Confusion:
    """Counts of was against predicted; `threshold` moves the second outcome's cut of a binary model (0 to 1)."""
    import numpy as np

    chosen = scores.argmax(axis=1) if threshold is None else (scores[:, 1] >= threshold).astype(np.int64)
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(counts, (outcomes, chosen), 1)
    return Confusion(names, counts)


def residuals(predicted: Floats, truth: Floats) -> Residuals:
    """Predicted and true values with the median error."""
    import numpy as np

    return Residuals(predicted, truth, float(np.median(np.abs(predicted - truth))))
