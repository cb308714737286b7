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
    feature: Ints
    threshold: Floats
    low: Ints
    high: Ints
    blank_low: Flags
    answers: npt.NDArray[np.float32]
    starts: Ints

    def __call__(self, rows: Rows) -> Floats:
        """(n, f) rows -> (n, all) the answers of all forests side by side."""
        import numpy as np

        from explain.forests.walk import walk_each

        out = np.zeros((len(rows), int(self.starts[-1])))
        spans = parts(len(rows), threads() if len(rows) > ALONE else 1)
        together(lambda first, last: walk_each(rows, *self[:-1], first, last, out), spans)
        return out


def grove(forests: Sequence[Forest]) -> Grove:
    """Forests put together."""
    import numpy as np

    widths = np.array([forest.answers.shape[1] for forest in forests])
    nodes = np.cumsum([0, *(len(forest.feature) for forest in forests)])
    begins = np.cumsum([0, *(forest.answers.size for forest in forests)])
    starts = np.cumsum([0, *widths])
    trees = [len(forest.roots) for forest in forests]
    low = [
        np.where(forest.feature >= 0, forest.low + node, begin + forest.low * width)
        for forest, node, begin, width in zip(forests, nodes, begins, widths, strict=False)
    ]
    return Grove(
        roots=np.concatenate([forest.roots + node for forest, node in zip(forests, nodes, strict=False)]),
        sizes=np.repeat(widths, trees),
        places=np.repeat(starts[:-1], trees),
        feature=np.concatenate([forest.feature for forest in forests]),
        threshold=np.concatenate([forest.threshold for forest in forests]),
        low=np.concatenate(low),
        high=np.concatenate([forest.high + node for forest, node in zip(forests, nodes, strict=False)]),
        blank_low=np.concatenate([forest.blank_low for forest in forests]),
        answers=np.concatenate([forest.answers.ravel() for forest in forests]),
        starts=starts,
    )
