"""Rows that are alike, found over all chunks by their hashes, a share of the hashes at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.batches.files import written

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from explain.batches.plan import Chunk
    from explain.types import Ints

AT_ONCE = 4_000_000
"""Hashes that are put in order in one go: 64 MB of them, with their positions."""


@dataclass(frozen=True)
class Twins:
    """Of rows of which others are alike: `path` of an array (3, m) of their positions, in order, those of the first row
    alike, and how many come before each. `distinct` is the number of different ones among all rows.
    """

    path: Path
    distinct: int

    @property
    def count(self) -> int:
        """How many rows repeat an earlier one."""
        import numpy as np

        return int((np.load(self.path, mmap_mode="r")[2] > 0).sum())

    def of(self, first: int, rows: int) -> tuple[Ints, Ints, Ints]:
        """Of the rows of a chunk that repeat an earlier one: where they stand in it, the position of the first row
        alike, and how many come before.
        """
        import numpy as np

        found = np.load(self.path, mmap_mode="r")
        low, high = np.searchsorted(found[0], [first, first + rows])
        own = np.asarray(found[:, low:high])
        own = own[:, own[2] > 0]
        return own[0] - first, own[1], own[2]

    def before(self, positions: Ints) -> Ints:
        """(m,) how many rows alike come before the row at each position; 0 for rows without another."""
        import numpy as np

        found = np.load(self.path, mmap_mode="r")
        if not found.shape[1]:
            return np.zeros(len(positions), dtype=np.int64)
        at = np.minimum(np.searchsorted(found[0], positions), found.shape[1] - 1)
        return np.where(found[0][at] == positions, found[2][at], 0)


def twins(folder: Path, chunks: list[Chunk], name: str, target: Path) -> Twins:
    """The rows alike by the hashes of a `name` that the survey kept, over all chunks; written to `target`."""
    import numpy as np

    kept = [np.load(folder / f"{chunk.name}.{name}.npy", mmap_mode="r") for chunk in chunks]
    total = sum(one.shape[1] for one in kept)
    shares = max(1, -(-total // AT_ONCE))
    edges = [(at << 64) // shares for at in range(1, shares)]
    cuts = [[0, *np.searchsorted(one[0], np.array(edges, dtype=np.uint64)).tolist(), one.shape[1]] for one in kept]
    found, distinct = [np.zeros((3, 0), dtype=np.int64)], 0
    for share in range(shares):
        own = [one[:, cut[share] : cut[share + 1]] for one, cut in zip(kept, cuts, strict=True)]
        alike, different = _alike(np.concatenate(own, axis=1))
        found.append(alike)
        distinct += different
    whole = np.concatenate(found, axis=1)
    whole = whole[:, np.argsort(whole[0])]
    written(target, lambda path: np.save(path, whole, allow_pickle=False))
    return Twins(target, distinct)


def _alike(both: npt.NDArray[np.uint64]) -> tuple[Ints, int]:
    """(3, m) rows of groups of more than one, and how many groups there are, from hashes and positions (2, n)."""
    import numpy as np

    hashes, positions = both[:, np.lexsort((both[1], both[0]))]
    if not len(hashes):
        return np.zeros((3, 0), dtype=np.int64), 0
    begins = np.append(True, hashes[1:] != hashes[:-1])
    start = np.flatnonzero(begins)
    sizes = np.diff(np.append(start, len(hashes)))
    group = np.cumsum(begins) - 1
    many = sizes[group] > 1
    before = np.arange(len(hashes)) - start[group]
    first = positions[start][group]
    return np.stack([positions[many], first[many], before[many]]).astype(np.int64), len(start)
