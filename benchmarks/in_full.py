"""Every coalition of a design, run with every background row: what estimated reasons are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explain.attributions.black_box import MOST_MIXED
from explain.attributions.sampled import MOST_EXACT, PER_COLUMN, Design, every_coalition, sampled_design

if TYPE_CHECKING:
    from explain.attributions.black_box import BlackBox
    from explain.types import Flags, Floats


@dataclass(frozen=True)
class Shares:
    """What a row's scores come to, for each of k outputs: `shares` (p, k), `base` (k,).

    `error` (p, k) is the standard error from sampling coalitions, None where all were run; `background_error` (p, k)
    that from taking some background rows for all.
    """

    shares: Floats
    base: Floats
    error: Floats | None
    background_error: Floats


def make_design(columns: int, background: int, seed: int = 0, per_column: int = PER_COLUMN) -> Design:
    """All coalitions up to MOST_EXACT columns, above that a sample of its own for each background row."""
    if columns <= MOST_EXACT:
        return every_coalition(columns)
    draws = np.random.default_rng(seed)
    return sampled_design(columns, background, per_column * (columns + 1), draws)


def play(box: BlackBox, cells: np.ndarray[Any, Any], coalitions: Flags) -> Floats:
    """Scores (b, c, k): the coalition's columns from the row with `cells` (f,), the others from the background.

    `coalitions` (a, c, p) as in a design.
    """
    rows, features = box.background.shape
    count = coalitions.shape[1]
    step = max(1, MOST_MIXED // (rows * features))
    parts = []
    for at in range(0, count, step):
        mine = coalitions[:, at : at + step][:, :, box.owner]
        mixed = np.where(mine, cells, box.background[:, None])
        parts.append(box.score(mixed.reshape(-1, features)).reshape(rows, mixed.shape[1], -1))
    return np.concatenate(parts, axis=1)


def shares_of(design: Design, scores: Floats, reference_rows: int) -> Shares:
    """Scores (b, c, k) of each background row and coalition -> shares.

    `reference_rows` is how many rows the b were drawn from: with all of them nothing is left to chance.
    """
    count = len(scores)
    by_row = design.weights @ scores
    shares = by_row.mean(axis=0)
    spread = by_row.var(axis=0, ddof=1) / count if count > 1 else np.zeros_like(shares)
    variance = _sampling_variance(design, scores, by_row) if design.sampled else None
    rest = spread if variance is None else np.maximum(spread - variance, 0.0)
    left_out = 1 - count / max(reference_rows, count)
    return Shares(
        shares=shares,
        base=scores[:, 0].mean(axis=0),
        error=None if variance is None else np.sqrt(variance),
        background_error=np.sqrt(rest * left_out),
    )


def _sampling_variance(design: Design, scores: Floats, by_row: Floats) -> Floats:
    """(p, k) variance of the mean shares, from how far the pairs of coalitions are from the fit."""
    inner = design.coalitions[:, 2:]
    columns = inner.shape[2]
    sizes = inner.sum(axis=2, keepdims=True) / columns
    start, gain = scores[:, :1], scores[:, 1:2] - scores[:, :1]
    fitted = start + gain * sizes + (inner - sizes) @ by_row
    off = scores[:, 2:] - fitted
    pulls = design.weights[:, :, 2:, None] * off[:, None]
    by_pair = pulls.reshape(*pulls.shape[:2], -1, 2, pulls.shape[3]).sum(axis=3)
    pairs = by_pair.shape[2]
    lost = pairs / max(pairs - columns + 1, 1)
    return np.asarray((by_pair**2).sum(axis=2).sum(axis=0) * lost / len(scores) ** 2)
