"""Numbers as ranks among those that the trees compare with: every test becomes one of whole numbers.

Feature values are looked up once among the feature's knots, the sorted values of all its tests. A value's code is
twice the number of knots below it, plus one if it is a knot itself; a missing value has the highest code. Then x <= t
is code(x) <= 2 place(t) + 1, x < t is code(x) <= 2 place(t), and a set of values is a short table over the codes. The
comparisons are exact whether the file compares in float32 or in float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from explain.attributions.trees import Trees
    from explain.types import Floats, Ints

    Codes = npt.NDArray[np.int32]


class Tests(NamedTuple):
    """The inner nodes of trees, tree after tree: those of tree i stand at `start[i]` to `start[i + 1]`.

    Node k sends a row high when its code of `feature[k]` is above `limit[k]`; `missing[k]` is the code of a missing
    value where that goes low all the same, else -1. Where `side[k]` is not -1 the node is a test of membership, and
    `sides[side[k] + code]` says 1 for high.
    """

    start: Ints
    feature: Ints
    limit: Codes
    missing: Codes
    side: Ints
    sides: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Knots:
    """`values[j]` are the sorted values that feature j is compared with."""

    values: tuple[Floats, ...]

    def code(self, features: Floats, first: int = 0, last: int | None = None) -> Codes:
        """(n, f) features -> (f, n) codes, of features `first` to `last` alone where asked."""
        import numpy as np

        last = len(self.values) if last is None else last
        codes = np.zeros((last - first, len(features)), dtype=np.int32)
        for row, knots in zip(codes, self.values[first:last], strict=True):
            if len(knots):
                _code(np.ascontiguousarray(features[:, first]), knots, row)
            first += 1
        return codes


def _code(values: Floats, knots: Floats, codes: Codes) -> None:
    import numpy as np

    place = np.searchsorted(knots, values)
    np.multiply(place, 2, out=codes, casting="unsafe")
    codes += knots[np.minimum(place, len(knots) - 1)] == values
    codes[np.isnan(values)] = missing_code(knots)


def missing_code(knots: Floats) -> int:
    """The code of a missing value: above that of every number."""
    return 2 * len(knots) + 1


def find_knots(trees: Trees, features: int) -> Knots:
    """What each of the features is compared with anywhere in the trees."""
    import numpy as np

    sets = _sets(trees)
    feature = np.concatenate([trees.feature, *(np.full(len(trees.members[i]), trees.feature[i]) for i in sets)])
    value = np.concatenate([trees.bound, *(trees.members[i] for i in sets)])
    feature[sets] = -1
    return Knots(tuple(np.unique(value[feature == j]) for j in range(features)))


def _sets(trees: Trees) -> Ints:
    """The nodes that are tests of membership."""
    import numpy as np

    return np.flatnonzero(np.fromiter(map(len, trees.members), np.int64, len(trees.members)))


def find_tests(trees: Trees, knots: Knots) -> Tests:
    """The trees' inner nodes with their bounds in codes."""
    import numpy as np

    inner = (trees.feature >= 0).nonzero()[0]
    feature = trees.feature[inner]
    limit = np.zeros(len(inner), dtype=np.int32)
    missing = np.full(len(inner), -1, dtype=np.int32)
    for j, values in enumerate(knots.values):
        mine = feature == j
        limit[mine] = 2 * np.searchsorted(values, trees.bound[inner[mine]]) + trees.closed[inner[mine]]
        missing[mine & trees.missing_low[inner]] = missing_code(values)
    side = np.full(len(inner), -1, dtype=np.int64)
    sides: list[int] = []
    sets = _sets(trees)
    for k, i in zip(np.searchsorted(inner, sets), sets, strict=True):
        side[k] = len(sides)
        sides += _sides(trees.members[i], knots.values[feature[k]], missing_low=bool(trees.missing_low[i]))
    starts = np.searchsorted(inner, [*trees.roots.tolist(), len(trees.feature)])
    return Tests(starts.astype(np.int64), feature, limit, missing, side, np.array(sides, dtype=np.uint8))


def _sides(members: tuple[float, ...], knots: Floats, *, missing_low: bool) -> list[int]:
    import numpy as np

    sides = [1] * missing_code(knots) + [int(not missing_low)]
    for place in np.searchsorted(knots, members):
        sides[2 * place + 1] = 0
    return sides
