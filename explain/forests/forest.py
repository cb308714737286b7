"""A forest as plain arrays, which are kept on disk and walked by compiled loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from explain.parallel import parts, threads, together

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from explain.types import Flags, Floats, Ints

    Rows = npt.NDArray[np.float32]

ALONE = 2_000
"""Rows up to which a second thread costs more than it saves."""


class Forest(NamedTuple):
    """t trees (`roots`) of c nodes: see walk.py; `answers` (leaves, k) are parts of the mean, so that trees add up."""

    roots: Ints
    feature: Ints
    threshold: Floats
    low: Ints
    high: Ints
    blank_low: Flags
    answers: npt.NDArray[np.float32]

    def __call__(self, rows: Rows) -> Floats:
        """(n, f) rows -> (n, k) answers."""
        import numpy as np

        from explain.forests.walk import walk

        out = np.zeros((len(rows), self.answers.shape[1]))
        spans = parts(len(rows), threads() if len(rows) > ALONE else 1)
        together(lambda first, last: walk(rows, *self, first, last, out), spans)
        return out


class Grove(NamedTuple):
    """Several forests over the same columns, asked at once: see `walk_each`; forest f answers from `starts[f]` on."""

    roots: Ints
    sizes: Ints
    places: Ints
    nodes: npt.NDArray[np.int32]
    answers: npt.NDArray[np.float32]
    starts: Ints

    def __call__(self, rows: Rows) -> Floats:
        """(n, f) rows -> (n, all) the answers of all forests side by side."""
        import numpy as np

        from explain.forests.walk import walk_each

        out = np.zeros((len(rows), int(self.starts[-1])))
        given = (rows, self.roots, self.sizes, self.places, self.nodes, self.nodes.view(np.float32), self.answers)
        spans = parts(len(rows), threads() if len(rows) > ALONE else 1)
        together(lambda first, last: walk_each(*given, first, last, out), spans)
        return out


def grove(forests: Sequence[Forest]) -> Grove:
    """Forests put together."""
    import numpy as np

    from explain.forests.walk import BLANK_LOW

    widths = np.array([forest.answers.shape[1] for forest in forests])
    starts = np.cumsum([0, *widths])
    trees = [len(forest.roots) for forest in forests]
    made, roots, count, begin = [], [], 0, 0
    for forest, width in zip(forests, widths.tolist(), strict=True):
        inner = forest.feature >= 0
        nodes = np.empty((len(inner), 4), dtype=np.int32)
        nodes[:, 0] = np.where(inner, forest.feature + np.where(forest.blank_low, BLANK_LOW, 0), -1)
        nodes[:, 1] = np.where(inner, forest.low + count, begin + forest.low * width)
        nodes[:, 2] = forest.high + count
        nodes.view(np.float32)[:, 3] = _narrowed(forest.threshold)
        made.append(nodes)
        roots.append(forest.roots + count)
        count, begin = count + len(inner), begin + forest.answers.size
    return Grove(
        roots=np.concatenate(roots),
        sizes=np.repeat(widths, trees),
        places=np.repeat(starts[:-1], trees),
        nodes=np.concatenate(made),
        answers=np.concatenate([forest.answers.ravel() for forest in forests]),
        starts=starts,
    )


def _narrowed(thresholds: Floats) -> Rows:
    """The largest float32 that is no larger, which sends every float32 the same way."""
    import numpy as np

    narrow = thresholds.astype(np.float32)
    return np.where(narrow > thresholds, np.nextafter(narrow, np.float32(-np.inf)), narrow).astype(np.float32)
