"""A forest as plain arrays, which are kept on disk and walked by compiled loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from explain.parallel import parts, threads, together

if TYPE_CHECKING:
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
