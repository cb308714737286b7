"""A row's games with the background rows: which mixes of the two are run, and when they are enough.

A row and a background row play a game of the columns in which they differ; a column that is the same in both has no
part in it, so that most mixes would be equal inputs. Background rows are taken up in rounds until the largest share is
known to TOLERANCE of the scores' range. Each row's mixes are run apart from those of other rows: what ONNX Runtime
makes of an input may depend, in the last bit, on its place among the inputs of a run (its logarithm does), and a row
alone must get the numbers that it gets in a table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from explain.attributions.black_box import MOST_MIXED, open_box
from explain.attributions.control import find_control
from explain.attributions.sampled import MOST_EXACT, background_size, every_coalition, sampled_design

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    import pandas as pd

    from explain.attributions.black_box import BlackBox
    from explain.attributions.control import Control
    from explain.attributions.sampled import Design
    from explain.models import Package
    from explain.parallel import Tell
    from explain.types import Flags, Floats, Ints

    Cells = np.ndarray[Any, Any]

TOLERANCE = 0.02
"""Standard error at which the largest share counts as known, as a share of the range of the reference rows' scores."""
FIRST_ROWS = 20
"""Background rows of the first round: with fewer their spread says little of the error."""
PER_COLUMN = 3
"""Coalitions a column in the games of the first rounds: half as many pairs, of which a fit needs one a column."""
MORE_PER_COLUMN = (5, 16)
"""How many are added in two more rounds where it is the drawing of coalitions that leaves a share unknown."""
MOST_ROUNDS = 5
"""Three that take up background rows, and those that add coalitions."""
ALL_AT_ONCE = 2_000
"""Mixes that are not worth counting: where all coalitions with all background rows are no more, all are run."""
TRIES = 8
"""Samples of coalitions of which the one is kept from which shares follow most firmly."""


class Round(NamedTuple):
    """Background rows `first` to `last`, and how many coalitions a column are run with each."""

    first: int
    last: int
    per_column: int


class Fit(NamedTuple):
    """`coalitions` (c, d) of d players, without the empty and the whole one; `weights` (d, c + 2) with these first."""

    coalitions: Flags
    weights: Floats
    sampled: bool


class Deal(NamedTuple):
    """Background rows `rows` (g,) that play with the row in `players` (g, d), the columns of each in an order drawn."""

    rows: Ints
    players: Ints
    fit: Fit


@dataclass(frozen=True)
class Past:
    """What is known of the reference before any row: of b drawn rows the `left` (b, k), of all rows the mean of that,
    and mean and range (k,) of the scores. `rows` is how many all are.

    `left` are the scores less what is explained exactly.
    """

    left: Floats
    mean_left: Floats
    base: Floats
    reach: Floats
    rows: int


class Shares(NamedTuple):
    """Of one row and one output: `values` (p,), and their standard errors from coalitions and from background rows."""

    values: Floats
    error: Floats
    background_error: Floats


@dataclass(frozen=True)
class Games:
    """`box` with the drawn background rows, the `control` taken out of its scores, and what is known of the `past`.

    `ranks` (rounds, b, p) put the players of each game in an order of its own.
    """

    box: BlackBox
    control: Control | None
    past: Past
    columns: int
    ranks: Floats

    @property
    def sampled(self) -> bool:
        """Whether coalitions are drawn; else all are run."""
        return self.columns > MOST_EXACT

    def left(self, cells: Cells) -> Floats:
        """(n, f) cells -> (n, k) scores less what is explained exactly."""
        return self.box.score(cells) if self.control is None else self.control.left(cells)

    def rounds(self) -> list[Round]:
        """Background rows in three steps; then more coalitions with all of them."""
        drawn = len(self.past.left)
        if not self.sampled and drawn << self.columns <= ALL_AT_ONCE:
            return [Round(0, drawn, PER_COLUMN)]
        edges = sorted({0, min(FIRST_ROWS, drawn), drawn // 2 if drawn > 2 * FIRST_ROWS else drawn, drawn})
        found = [Round(first, last, PER_COLUMN) for first, last in pairwise(edges)]
        return found + [Round(0, drawn, more) for more in MORE_PER_COLUMN if self.sampled]

    def play(self, cells: Cells, exact: Floats, output: int) -> Shares:
        """The shares of the row with `cells` (f,) for one output; `exact` (p,) of them are known already."""
        import numpy as np

        drawn, columns = self.past.left.shape[0], self.columns
        shares, variance, weight = np.zeros((drawn, columns)), np.zeros((drawn, columns)), np.zeros((drawn, 1))
        own = self.left(cells[None])[0, output]
        differing = self._differing(cells)
        limit = TOLERANCE * self.past.reach[output]
        found = Shares(exact, np.zeros(columns), np.zeros(columns))
        for number, one in enumerate(self.rounds()):
            adding = one.per_column != PER_COLUMN
            if number and _known(found, limit, adding=adding):
                break
            mine = slice(one.first, one.last)
            got, spread, is_sampled = self._round(cells, own, output, one, (differing, self.ranks[number]))
            old, new = weight[mine], np.where(adding & ~is_sampled, 0.0, float(one.per_column))[:, None]
            shares[mine] = (old * shares[mine] + new * got) / (old + new)
            variance[mine] = (old**2 * variance[mine] + new**2 * spread) / (old + new) ** 2
            weight[mine] += new
            last = max(one.last, int((weight > 0).sum()))
            found = self._found(shares[:last], variance[:last], exact, output)
        return found

    def _differing(self, cells: Cells) -> Flags:
        """(b, p) the columns in which the row differs from each background row."""
        import numpy as np

        past = self.box.background
        other = np.asarray((past != cells) & ~((past != past) & (cells != cells)), dtype=bool)
        found = np.zeros((len(past), self.columns), dtype=bool)
        for at, column in enumerate(self.box.owner):
            if column >= 0:
                found[:, column] |= other[:, at]
        return found

    def _round(
        self, cells: Cells, own: float, output: int, one: Round, who: tuple[Flags, Floats]
    ) -> tuple[Floats, Floats, Flags]:
        """Shares and their variances (g, p) in the games of a round, and which of these were sampled (g,)."""
        import numpy as np

        rows = one.last - one.first
        shares, variance = np.zeros((rows, self.columns)), np.zeros((rows, self.columns))
        is_sampled = np.zeros(rows, dtype=bool)
        deals = list(self._deals(one, *who))
        scores = self._scores(cells, deals, output)
        for deal, inner in zip(deals, scores, strict=True):
            start = self.past.left[deal.rows, output]
            got, spread = shares_of(deal.fit, start, own, inner)
            at = (deal.rows - one.first)[:, None]
            shares[at, deal.players], variance[at, deal.players] = got, spread
            is_sampled[deal.rows - one.first] = deal.fit.sampled
        return shares, variance, is_sampled

    def _deals(self, one: Round, differing: Flags, ranks: Floats) -> Iterator[Deal]:
        """The games of a round, those of equally many players together, as many at once as are mixed at once."""
        import numpy as np

        mine = differing[one.first : one.last]
        counts = mine.sum(axis=1)
        order = np.argsort(np.where(mine, ranks[one.first : one.last], np.inf), axis=1)
        for players in np.unique(counts[counts > 0]).tolist():
            fit = fit_of(players, one.per_column, drawn=self.sampled)
            rows = np.flatnonzero(counts == players)
            most = max(1, MOST_MIXED // (max(len(fit.coalitions), 1) * len(self.box.owner)))
            for at in range(0, len(rows), most):
                some = rows[at : at + most]
                yield Deal(some + one.first, order[some, :players], fit)

    def _scores(self, cells: Cells, deals: list[Deal], output: int) -> Iterator[Floats]:
        """For each deal what is left of the scores (g, c), in batches of several deals."""
        import numpy as np

        waiting: list[tuple[Deal, Cells]] = []
        numbers = 0
        for at, deal in enumerate(deals):
            waiting.append((deal, self._mixed(cells, deal)))
            numbers += waiting[-1][1].size
            if at + 1 < len(deals) and numbers < MOST_MIXED:
                continue
            mixed = np.concatenate([item for _, item in waiting])
            scores = self.left(mixed)[:, output] if len(mixed) else np.zeros(0)
            ends = np.cumsum([len(item) for _, item in waiting])
            for (played, _), part in zip(waiting, np.split(scores, ends[:-1]), strict=True):
                yield part.reshape(len(played.rows), len(played.fit.coalitions))
            waiting, numbers = [], 0

    def _mixed(self, cells: Cells, deal: Deal) -> Cells:
        """(g * c, f) the cells of every mix of a deal."""
        import numpy as np

        games, count, width = len(deal.rows), len(deal.fit.coalitions), len(self.box.owner)
        # one more place, never taken from the row, for cells that belong to no column
        taken = np.zeros((games, self.columns + 1, count), dtype=bool)
        taken[np.arange(games)[:, None], deal.players] = deal.fit.coalitions.T
        wide = np.swapaxes(taken[:, self.box.owner], 1, 2)
        return np.where(wide, cells, self.box.background[deal.rows][:, None]).reshape(games * count, width)

    def _found(self, shares: Floats, variance: Floats, exact: Floats, output: int) -> Shares:
        """Shares (n, p) in n games -> those of the row.

        The shares of a game add up to the row's score less the background row's, whose mean over all reference rows is
        known: what shares have in common with it is taken at that mean (a regression on a control variate). So the
        typical score is that of all reference rows for every row, and shares still add up.
        """
        import numpy as np

        games, mean = len(shares), shares.mean(axis=0)
        left = self.past.left[:games, output]
        shift, apart = self.past.mean_left[output] - left.mean(), left - left.mean()
        square = float(apart @ apart)
        if square > 1e-20 * games:
            slope, more = apart @ (shares - mean) / square, shift**2 / square
        else:
            size = abs(mean + exact)
            slope, more = -(size / size.sum() if size.sum() > 0 else np.full(len(mean), 1 / len(mean))), 0.0
        rest = shares - mean - apart[:, None] * slope
        spread = (rest**2).sum(axis=0) / max(games - 2, 1) * (1 / games + more)
        drawn = variance.mean(axis=0) * (1 / games + more)
        left_out = 1 - games / max(self.past.rows, games)
        past = np.sqrt(np.maximum(spread - drawn, 0.0) * left_out)
        return Shares(exact + mean + slope * shift, np.sqrt(drawn), past)


def _known(found: Shares, limit: float, *, adding: bool) -> bool:
    """Whether the largest share is known to the limit, or what leaves it unknown is not the coalitions to be added."""
    largest = int(abs(found.values).argmax())
    drawn, past = found.error[largest], found.background_error[largest]
    enough = bool(drawn**2 + past**2 <= limit**2)
    return enough or (adding and bool(drawn <= limit / 2))


@lru_cache(maxsize=64)
def fit_of(players: int, per_column: int, *, drawn: bool) -> Fit:
    """The coalitions of so many players and how their scores become shares: all where they are few, else drawn.

    Each game puts its players in an order of its own, so that one sample serves all games; of some the firmest is kept.
    """
    import numpy as np

    size = per_column * (players + 1)
    if not drawn or 1 << players <= size + 2:
        design = every_coalition(players)
        return Fit(design.coalitions[0, 2:], design.weights[0], sampled=False)
    draws = np.random.default_rng([players, per_column])
    tries = [made for _ in range(TRIES) if (made := _tried(players, size, draws)) is not None]
    # some sample of all sizes alike may leave two columns always together, hardly all of them
    best = min(tries, key=lambda made: float(np.square(made.weights[0, :, 2:]).sum()))
    return Fit(best.coalitions[0, 2:], best.weights[0], sampled=True)


def _tried(players: int, size: int, draws: np.random.Generator) -> Design | None:
    """A sample of coalitions, None where shares do not follow from it."""
    import numpy as np

    try:
        made = sampled_design(players, 1, size, draws)
    except np.linalg.LinAlgError:
        return None
    return made if np.abs(made.weights).max() < 1e3 else None


def shares_of(fit: Fit, start: Floats, own: float, inner: Floats) -> tuple[Floats, Floats]:
    """Scores of the background rows (g,), the row, and the mixes (g, c) -> shares (g, d) and their variances.

    The variance comes from how far the pairs of coalitions are from the fit.
    """
    import numpy as np

    empty, whole, weights = fit.weights[:, 0], fit.weights[:, 1], fit.weights[:, 2:]
    if len(fit.weights) == 1:
        return own - start[:, None], np.zeros((len(start), 1))
    shares = start[:, None] * empty + own * whole + inner @ weights.T
    if not fit.sampled:
        return shares, np.zeros_like(shares)
    players = len(fit.weights)
    sizes = fit.coalitions.sum(axis=1) / players
    fitted = start[:, None] * (1 - sizes) + own * sizes + shares @ (fit.coalitions - sizes[:, None]).T
    off = inner - fitted
    pulls = off[:, ::2] - off[:, 1::2]
    pairs = pulls.shape[1]
    return shares, pulls**2 @ np.square(weights[:, ::2]).T * (pairs / max(pairs - players + 1, 1))


def games_of(model: Package, background: pd.DataFrame, seed: int, tell: Tell | None = None, *, few: bool) -> Games:
    """A model made ready to be played against rows drawn from the background; `few` without compiled loops."""
    import numpy as np
    import pandas as pd

    columns = len(model.schema)
    box = open_box(model, background)
    cells = box.background
    control = None if box.parts is None else find_control(model, box.parts, cells, tell, few=few)
    scores = _in_blocks(box.score, cells)
    left = scores if control is None else _in_blocks(control.left, cells)
    most = min(len(background), background_size(columns))
    drawn = pd.Series(np.arange(len(background))).sample(most, random_state=seed).to_numpy()
    # a reference row that the model has no answer to stands for nothing
    answered = np.asarray(np.isfinite(left).all(axis=1))
    drawn = drawn[answered[drawn]] if answered[drawn].any() else drawn
    known, rest = (scores[answered], left[answered]) if answered.any() else (scores, left)
    past = Past(left[drawn], rest.mean(axis=0), known.mean(axis=0), np.ptp(known, axis=0), len(known))
    ranks = np.random.default_rng(seed).random((MOST_ROUNDS, len(drawn), columns))
    return Games(replace(box, background=cells[drawn]), control, past, columns, ranks)


def _in_blocks(score: Callable[[Cells], Floats], cells: Cells) -> Floats:
    """(n, f) cells -> (n, k), as many rows at once as are mixed at once."""
    import numpy as np

    step = max(1, MOST_MIXED // max(cells.shape[1], 1))
    return np.concatenate([score(cells[at : at + step]) for at in range(0, len(cells), step)])
