"""From margins to what people see: how a model's scores follow from its margins, and the shares carried over.

The shares of the margin are carried to probability along the straight line from the base margins to the row's margins
(Aumann and Shapley 1974): each column's share of margin k is weighted by the mean slope of the probability with respect
to margin k on that line. The result adds up to the change in probability; with one margin it is plain scaling by
(change in probability) / (change in margin).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explain.types import Floats, Ints

Link: TypeAlias = Literal[
    "identity", "complement", "logistic", "softmax", "exponential", "sigmoids", "square", "softplus"
]
LINKS: tuple[Link, ...] = get_args(Link)
TWO_OF_ONE = {"complement", "logistic"}
"""Links by which one margin becomes two scores."""
VALUES_ONLY = {"exponential", "square", "softplus"}
"""Links of target values, which have one margin."""
MOST_LOG = 700.0
"""Larger logarithms have no float64; a margin that is none does not get there."""
STEPS = 64
"""Points of the Gauss-Legendre rule on the line; a softmax between margins 30 apart is then exact to 1e-9."""


def scores_of(margins: Floats, link: Link) -> Floats:
    """(n, t) margins -> (n, k) scores.

    identity: the margins are the scores; complement: one margin is the second class's probability; logistic: one
    margin is its log-odds; softmax: one margin a class; exponential: the margin is the logarithm of the target;
    sigmoids: a logistic of each margin (one against all, or a share); square: m |m|; softplus: log(1 + exp(m)).
    """
    import numpy as np

    if link in SINGLE:
        return SINGLE[link](margins)
    if link == "softmax":
        shifted = np.exp(margins - margins.max(axis=1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
    second = margins if link == "complement" else logistic(margins)
    return np.hstack([1 - second, second])


def logistic(margins: Floats) -> Floats:
    """1 / (1 + exp(-m)), without overflow."""
    import numpy as np

    return np.asarray(0.5 * (1 + np.tanh(0.5 * margins)))


def _exponential(margins: Floats) -> Floats:
    import numpy as np

    return np.asarray(np.exp(np.minimum(margins, MOST_LOG)))


def _softplus(margins: Floats) -> Floats:
    import numpy as np

    return np.logaddexp(0.0, margins)


SINGLE: Mapping[Link, Callable[[Floats], Floats]] = {
    "identity": lambda margins: margins,
    "exponential": _exponential,
    "sigmoids": logistic,
    "square": lambda margins: margins * abs(margins),
    "softplus": _softplus,
}
"""Links under which each score follows from its own margin alone."""


def find_link(margins: Floats, scores: Floats) -> Link | None:
    """The link under which the margins give the model's own scores, seen on reference rows; None when none does.

    Tolerance 1e-5 of the scores' scale: float32 adds up to about 1e-6, a wrong link is off by more than 1e-3.
    """
    import numpy as np

    scale = max(1.0, float(np.abs(scores).max(initial=0)))
    for link in LINKS:
        if (link in TWO_OF_ONE) != (margins.shape[1] == 1 and scores.shape[1] == 2):
            continue
        if (link == "softmax" and margins.shape[1] == 1) or (link in VALUES_ONLY and scores.shape[1] > 1):
            continue
        found = scores_of(margins, link)
        if found.shape == scores.shape and np.abs(found - scores).max(initial=0) <= 1e-5 * scale:
            return link
    return None


def carry(values: Floats, base: Floats, link: Link, shown: Ints) -> tuple[Floats, Floats]:
    """Shares of the margins -> shares of the shown score.

    `values` (n, p, t), `base` (t,) margins, `shown` (n,) the output explained -> (n, p) shares and (n,) base scores.
    """
    import numpy as np

    rows = np.arange(len(values))
    base_scores = scores_of(base[None, :], link)[0][shown]
    if link == "identity":
        return values[rows, :, shown], base_scores
    if link == "complement":
        sign = np.where(shown == 1, 1.0, -1.0)
        return values[:, :, 0] * sign[:, None], base_scores
    moved = values.sum(axis=1)
    if link == "exponential":
        still = moved[:, 0] == 0
        growth = np.where(still, 1.0, np.expm1(moved[:, 0]) / np.where(still, 1.0, moved[:, 0]))
        return values[:, :, 0] * (base_scores * growth)[:, None], base_scores
    if link == "logistic":
        sign = np.where(shown == 1, 1.0, -1.0)
        return values[:, :, 0] * (sign * _slope(base[0], moved[:, 0]))[:, None], base_scores
    if link in SLOPES:
        mine = values[rows, :, shown]
        return mine * _mean_slope(link, base[shown], mine.sum(axis=1))[:, None], base_scores
    return np.einsum("npt,nt->np", values, _softmax_slopes(base, moved, shown)), base_scores


def of_margin(values: Floats, base: Floats, link: Link, shown: Ints) -> tuple[Floats, Floats]:
    """Shares of the shown output's own margin, left as they are: log-odds under the logistic link.

    Shapes as in `carry`. The first of two outputs that share one margin gets its mirror image.
    """
    import numpy as np

    if link in {"logistic", "complement"}:
        sign = np.where(shown == 1, 1.0, -1.0)
        offset = 0.0 if link == "logistic" else np.where(shown == 1, 0.0, 1.0)
        return values[:, :, 0] * sign[:, None], offset + sign * base[0]
    return values[np.arange(len(values)), :, shown], base[shown]


def _slope(base: float, moved: Floats) -> Floats:
    """Mean slope of the logistic between base and base + moved; its derivative where the two are the same."""
    import numpy as np

    low = logistic(np.asarray(base))
    small = np.abs(moved) < 1e-6
    return np.where(small, low * (1 - low), (logistic(base + moved) - low) / np.where(small, 1.0, moved))


def _mean_slope(link: Link, base: Floats, moved: Floats) -> Floats:
    """(n,) mean slope of a link of single margins between base (n,) and base + moved; its slope where these meet."""
    import numpy as np

    low, high = (scores_of(margins[:, None], link)[:, 0] for margins in (base, base + moved))
    small = np.abs(moved) < 1e-6
    return np.where(small, SLOPES[link](base), (high - low) / np.where(small, 1.0, moved))


SLOPES: Mapping[Link, Callable[[Floats], Floats]] = {
    "sigmoids": lambda margins: logistic(margins) * logistic(-margins),
    "square": lambda margins: 2 * abs(margins),
    "softplus": logistic,
}
"""Slope of each link under which a score follows from its own margin alone, where no closed form is more exact."""


def _softmax_slopes(base: Floats, moved: Floats, shown: Ints) -> Floats:
    """(n, t) mean slopes of softmax output `shown` along the line from base to base + moved."""
    import numpy as np

    rows = np.arange(len(moved))
    slopes = np.zeros_like(moved)
    for point, weight in zip(*_rule(), strict=True):
        shares = scores_of(base + point * moved, "softmax")
        mine = shares[rows, shown]
        step = -shares * mine[:, None]
        step[rows, shown] += mine
        slopes += weight * step
    return slopes


@lru_cache(maxsize=1)
def _rule() -> tuple[Floats, Floats]:
    """Points and weights of the Gauss-Legendre rule on [0, 1]."""
    import numpy as np

    points, weights = np.polynomial.legendre.leggauss(STEPS)
    return (points + 1) / 2, weights / 2
