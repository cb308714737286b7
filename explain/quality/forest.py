"""A forest as plain arrays: what scikit-learn learned, in a form that is kept on disk and walked by compiled loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

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

        from explain.quality.walk import walk

        out = np.zeros((len(rows), self.answers.shape[1]))
        spans = parts(len(rows), threads() if len(rows) > ALONE else 1)
        together(lambda first, last: walk(rows, *self, first, last, out), spans)
        return out


def forest_of(trees: Sequence[Any]) -> Forest:
    """The fitted trees of scikit-learn: mean targets (k of them), or shares of k classes."""
    import numpy as np

    found = [item.tree_ for item in trees]
    starts = np.cumsum([0, *(tree.node_count for tree in found)])
    inner = np.concatenate([tree.children_left >= 0 for tree in found])
    leaf = np.cumsum(~inner) - 1
    low, high = (
        np.concatenate([getattr(tree, side) + start for tree, start in zip(found, starts[:-1], strict=True)])
        for side in ("children_left", "children_right")
    )
    answers = np.concatenate([tree.value.reshape(tree.node_count, -1) for tree in found])[~inner]
    if found[0].n_outputs == 1:
        answers = answers / np.maximum(answers.sum(axis=1, keepdims=True), 1e-300) if answers.shape[1] > 1 else answers
    return Forest(
        roots=starts[:-1].astype(np.int64),
        feature=np.where(inner, np.concatenate([tree.feature for tree in found]), -1).astype(np.int64),
        threshold=np.concatenate([tree.threshold for tree in found]),
        low=np.where(inner, low, leaf).astype(np.int64),
        high=high.astype(np.int64),
        blank_low=np.concatenate([tree.missing_go_to_left for tree in found]).astype(bool),
        answers=(answers / len(found)).astype(np.float32),
    )
