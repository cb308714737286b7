"""Correct probabilities by what happened to past cases: raw, Platt, beta or Venn-Abers, whichever foretells best.

Every method is judged on past cases that it was not fitted on; a simpler one is kept unless a richer one is better by
more than chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt

    from explain.types import Floats, Ints

Method: TypeAlias = Literal["raw", "Platt", "beta", "Venn-Abers"]

METHODS: tuple[Method, ...] = ("raw", "Platt", "beta", "Venn-Abers")
"""Simplest first: no parameter, two, three, a step function."""
FOLDS = 5
STEPS = 50
"""Newton steps at most; two parameters settle in about six."""
RIDGE = 1e-3
"""Pull towards 'leave as is', in squared deviations per parameter: it decides only where there is next to no data."""
PULL = 20.0
"""The pull where a curve is one candidate among others: a model's slope is expected within .22 of 1, its shift within
.22 of 0. It tames a chance bend where there are few cases and is next to nothing beside many."""
FEW = 1_000
TO_LEAVE_RAW, TO_LEAVE_RAW_ON_FEW = 2.0, 2.5
"""Standard errors by which a method must beat the model's own probabilities, on 1,000 cases or more and on fewer; among
methods one is enough: a good model is to be bent by chance hardly ever, and a chance bend costs more on few cases."""
EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1, so that their log-odds stay finite."""
IMPOSSIBLE = 1e-12
"""Probabilities below this are zeros that rounding has touched: a forest whose trees all agree, not a steep curve."""
FARTHEST = 700.0
"""Log-odds at which exp still fits a float64."""


@dataclass(frozen=True)
class Curve:
    """calibrated = logistic(slope x log-odds + shift); the identity is slope 1, shift 0 (Platt 2000).

    The curve is on the log-odds: a sigmoid of the bare probability cannot be the identity and would bend a good model.
    """

    slope: float
    shift: float

    def __call__(self, probability: Floats) -> Floats:
        """Corrected probabilities, same shape."""
        return logistic(self.slope * log_odds(probability) + self.shift)


@dataclass(frozen=True)
class BetaCurve:
    """calibrated = logistic(a ln p - b ln(1 - p) + c), a and b not negative; the identity is 1, 1, 0.

    Kull, Silva Filho and Flach 2017, equation 4: unlike Platt's, the ends may bend each in its own way.
    """

    a: float
    b: float
    c: float

    def __call__(self, probability: Floats) -> Floats:
        """Corrected probabilities, same shape."""
        import numpy as np

        kept = np.clip(probability, EDGE, 1 - EDGE)
        return logistic(self.a * np.log(kept) - self.b * np.log1p(-kept) + self.c)


@dataclass(frozen=True)
class VennAbers:
    """Inductive Venn-Abers (Vovk, Petej and Fedorova 2015): isotonic fits with the new case taken as 0 and as 1.

    `scores` (d,) are the distinct past scores in rising order; `as_one` (d + 1,) is the fit at a new case counted as 1
    whose score is at most `scores[i]` (the last: above all of them), `as_zero` (d + 1,) at one counted as 0 whose score
    is at least `scores[i - 1]` (the first: below all). Steps lie on past scores, so that any case is one look-up.
    """

    scores: Floats
    as_zero: Floats
    as_one: Floats

    def known(self, probability: Floats) -> tuple[Floats, Floats]:
        """p0 and p1, same shape: how well this number is known, never how sure the model is."""
        import numpy as np

        low = self.as_zero[np.searchsorted(self.scores, probability, side="right")]
        high = self.as_one[np.searchsorted(self.scores, probability, side="left")]
        return low, high

    def __call__(self, probability: Floats) -> Floats:
        """p1 / (1 - p0 + p1), same shape: of all single numbers the least regret in log loss (section 4 there)."""
        import numpy as np

        low, high = self.known(probability)
        return np.asarray(high / (1 - low + high))


Map: TypeAlias = Curve | BetaCurve | VennAbers


@dataclass(frozen=True)
class Calibrator:
    """Calibrated probabilities of all outputs by one `method`.

    `maps` has one map an output (a binary model: one, of output 1; raw: none) and `venn` the Venn-Abers ones, which
    `known` asks whatever the method. `losses` is each method's 5-fold log loss in nats, by which it was chosen.
    """

    method: Method
    maps: tuple[Map, ...]
    venn: tuple[VennAbers, ...]
    losses: Mapping[Method, float]

    def __call__(self, scores: Floats) -> Floats:
        """(n, k) scores -> (n, k) calibrated probabilities; rows sum to 1."""
        return _apply(self.maps, scores) if self.maps else scores

    def known(self, scores: Floats) -> tuple[Floats, Floats]:
        """(n, k) lowest and highest probability of each output against the rest: Venn-Abers p0 and p1.

        They say how well past cases pin the number down: close together after many similar cases, however
        uncertain the outcome. They are not ends of a confidence interval of `level`.
        """
        import numpy as np

        if len(self.venn) == 1:
            low, high = self.venn[0].known(scores[:, 1])
            return np.column_stack([1 - high, low]), np.column_stack([1 - low, high])
        pairs = [own.known(scores[:, k]) for k, own in enumerate(self.venn)]
        return np.column_stack([low for low, _ in pairs]), np.column_stack([high for _, high in pairs])


def fit_calibrator(scores: Floats, outcomes: Ints, seed: int = 0) -> Calibrator:
    """The calibrator that (m, k) past scores and their (m,) outcomes ask for.

    Each method's log loss is measured on the folds it was not fitted on (five, stratified by outcome, drawn by
    `seed`; more than two outputs are fitted one against the rest and normalised). The simplest one is taken whose
    loss is within one standard error of the best one's (Breiman et al. 1984, 3.4.3), two for leaving the model's own
    probabilities, two and a half on fewer than 1,000 cases; the error is that of the difference over the same cases.
    Probabilities that called impossible what then happened have an endless log loss and are never kept. The order of
    the rows does not matter.
    """
    import numpy as np

    order = np.lexsort((*scores.T, outcomes))
    scores, outcomes = scores[order], outcomes[order]
    fold = _folds(outcomes, seed)
    losses = {method: _held_out_losses(method, scores, outcomes, fold) for method in METHODS}
    means = {method: float(own.mean()) for method, own in losses.items()}
    refuted = bool((scores[np.arange(len(outcomes)), outcomes] <= IMPOSSIBLE).any())
    method = _simplest_good(losses, METHODS[1:] if refuted else METHODS)
    venn = tuple(fit_venn_abers(*pair) for pair in _one_against_rest(scores, outcomes))
    return Calibrator(method, _fit(method, scores, outcomes), venn, means)


def _simplest_good(losses: Mapping[Method, Floats], methods: tuple[Method, ...]) -> Method:
    """The first of the methods whose mean loss exceeds the least mean by no more than chance."""
    import numpy as np

    best = min(methods, key=lambda method: float(losses[method].mean()))
    to_leave_raw = TO_LEAVE_RAW_ON_FEW if len(losses[best]) < FEW else TO_LEAVE_RAW
    for method in methods:
        worse = losses[method] - losses[best]
        errors = to_leave_raw if method == "raw" else 1.0
        if worse.mean() <= errors * worse.std() / np.sqrt(len(worse)):
            return method
    return best


def _folds(outcomes: Ints, seed: int) -> Ints:
    """(m,) fold of each case: every outcome is dealt out evenly."""
    import numpy as np

    draw = np.random.default_rng(seed)
    fold = np.empty(len(outcomes), dtype=np.int64)
    for k in np.unique(outcomes):
        own = np.flatnonzero(outcomes == k)
        fold[draw.permutation(own)] = (np.arange(len(own)) + draw.integers(FOLDS)) % FOLDS
    return fold


def _held_out_losses(method: Method, scores: Floats, outcomes: Ints, fold: Ints) -> Floats:
    """(m,) log loss of each case under the method fitted on the other folds."""
    import numpy as np

    said = scores[np.arange(len(outcomes)), outcomes].astype(np.float64)
    if method != "raw":
        for at in range(FOLDS):
            own = fold == at
            maps = _fit(method, scores[~own], outcomes[~own])
            said[own] = _apply(maps, scores[own])[np.arange(own.sum()), outcomes[own]]
    return np.asarray(-np.log(np.clip(said, EDGE, 1.0)))


def _one_against_rest(scores: Floats, outcomes: Ints) -> list[tuple[Floats, Floats]]:
    """(m,) probabilities and whether each came true, an output each; of two outputs only the second."""
    outputs = scores.shape[1]
    which = [1] if outputs == 2 else range(outputs)
    return [(scores[:, k], (outcomes == k).astype(float)) for k in which]


def _fit(method: Method, scores: Floats, outcomes: Ints) -> tuple[Map, ...]:
    if method == "raw":
        return ()
    pairs = _one_against_rest(scores, outcomes)
    if method == "Venn-Abers":
        return tuple(fit_venn_abers(*pair) for pair in pairs)
    fit = fit_curve if method == "Platt" else fit_beta
    return tuple(fit(*pair, pull=PULL) for pair in pairs)


def _apply(maps: tuple[Map, ...], scores: Floats) -> Floats:
    """(n, k) scores -> (n, k) mapped probabilities that add up to 1."""
    import numpy as np

    if len(maps) == 1:
        second = maps[0](scores[:, 1])
        return np.column_stack([1 - second, second])
    corrected = np.column_stack([own(scores[:, k]) for k, own in enumerate(maps)])
    return np.asarray(corrected / corrected.sum(axis=1, keepdims=True))


def log_odds(probability: Floats) -> Floats:
    """ln(p / (1 - p)), finite at the ends."""
    import numpy as np

    kept = np.clip(probability, EDGE, 1 - EDGE)
    return np.asarray(np.log(kept / (1 - kept)))


def logistic(odds: Floats) -> Floats:
    """1 / (1 + exp(-odds)), between EDGE and 1 - EDGE like every probability here."""
    import numpy as np

    return np.asarray(np.clip(1 / (1 + np.exp(np.clip(-odds, -FARTHEST, FARTHEST))), EDGE, 1 - EDGE))


def fit_curve(probability: Floats, happened: Floats, pull: float = RIDGE) -> Curve:
    """Platt's curve of greatest likelihood for (m,) probabilities and whether each came true (0 or 1).

    `pull` is the precision (1 / variance) of the belief that the probabilities are right as they are.
    """
    import numpy as np

    x = np.column_stack([log_odds(probability), np.ones(len(probability))])
    theta = _most_likely(x, happened, np.array([1.0, 0.0]), pull)
    return Curve(float(theta[0]), float(theta[1]))


def fit_beta(probability: Floats, happened: Floats, pull: float = RIDGE) -> BetaCurve:
    """The beta curve of greatest likelihood, `pull` as in fit_curve; what would turn the order around is left out."""
    import numpy as np

    kept = np.clip(probability, EDGE, 1 - EDGE)
    x = np.column_stack([np.log(kept), -np.log1p(-kept), np.ones(len(kept))])
    prior = np.array([1.0, 1.0, 0.0])
    used = np.ones(3, dtype=bool)
    theta = _most_likely(x, happened, prior, pull)
    for _ in range(2):
        if theta[:2].min() >= 0:
            break
        used[int(np.argmin(theta[:2]))] = False
        theta = np.zeros(3)
        theta[used] = _most_likely(x[:, used], happened, prior[used], pull)
    return BetaCurve(*(float(value) for value in theta))


def _most_likely(x: Floats, happened: Floats, prior: Floats, pull: float) -> Floats:
    """Logistic regression of (m,) 0 or 1 on (m, c) columns by Newton's method, with a normal prior around `prior`."""
    import numpy as np

    theta = prior.copy()
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(np.clip(-(x @ theta), -FARTHEST, FARTHEST)))
        slope = x.T @ (happened - p) - pull * (theta - prior)
        bend = (x * (p * (1 - p))[:, None]).T @ x + pull * np.eye(len(prior))
        step = np.linalg.solve(bend, slope)
        theta += step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    return theta


def fit_venn_abers(probability: Floats, happened: Floats) -> VennAbers:
    """Exact p0 and p1 at every place between (m,) past probabilities, in O(m log m)."""
    import numpy as np

    scores, place = np.unique(probability, return_inverse=True)
    cases = np.bincount(place)
    hits = np.bincount(place, weights=happened).astype(np.int64)
    as_one = np.append(_fits_with_one_more_hit(cases, hits), 1.0)
    # a case counted as 0 is, seen in the mirror (scores and outcomes turned around), one counted as 1
    as_zero = np.append(0.0, 1 - _fits_with_one_more_hit(cases[::-1], (cases - hits)[::-1])[::-1])
    return VennAbers(scores, as_zero, as_one)


def _fits_with_one_more_hit(cases: npt.NDArray[np.int_], hits: Ints) -> Floats:
    """(d,) isotonic fit at each distinct score after one more case with that score came true.

    The fit is the slope of the greatest convex minorant of the points P_i = (cases, hits up to score i). One more hit
    at score j moves P_j, P_j+1, ... by (1, 1); the slope there is that of the line below which no point lies,
    from a corner among P_0 .. P_j-1 to the moved ones. Corner and far end only ever move right (Vovk et al. 2015,
    algorithms 1 and 2), which takes one pass; whole numbers keep it exact. The pass is over past scores, never
    over uploaded rows, and each step needs the last: a plain loop.
    """
    import numpy as np

    x = [0, *np.cumsum(cases).tolist()]
    y = [0, *np.cumsum(hits).tolist()]
    after = _hull_to_the_right(x, y)
    fits = np.empty(len(cases))
    corner, end, run, rise = 0, 0, 1, 1
    for j in range(1, len(x)):
        left = j - 1
        if left == 0 or (y[left] - y[corner]) * run <= (x[left] - x[corner]) * rise:
            corner, end = left, max(end, j)
            run, rise = x[end] + 1 - x[corner], y[end] + 1 - y[corner]
            while (ahead := after[end]) and (y[ahead] + 1 - y[corner]) * run <= (x[ahead] + 1 - x[corner]) * rise:
                end = ahead
                run, rise = x[end] + 1 - x[corner], y[end] + 1 - y[corner]
        fits[left] = rise / run
    return fits


def _hull_to_the_right(x: list[int], y: list[int]) -> list[int]:
    """The next corner of the lower hull of the points i, i + 1, ... after point i; 0 at the last one."""
    after = [0] * len(x)
    for i in range(len(x) - 2, 0, -1):
        near = i + 1
        while (far := after[near]) and (y[near] - y[i]) * (x[far] - x[i]) >= (y[far] - y[i]) * (x[near] - x[i]):
            near = far
        after[i] = near
    return after
