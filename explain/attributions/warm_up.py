"""Compile the loops beforehand, so that nobody waits for that at a first row."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from explain import cache
from explain.attributions.tree_layout import lay_out
from explain.attributions.tree_pairs import prepare_pairs, tree_pairs
from explain.attributions.tree_shap import MOST_CELLS, SIZES, tables_of, tree_values
from explain.attributions.trees import Trees


def compile_loops() -> None:
    """Compile every loop of kernels.py, or load what was compiled before, with a tree of one split."""
    import numpy as np

    sides = np.array([False, False, False])
    trees = Trees(
        feature=np.array([0, -1, -1]), bound=np.zeros(3), closed=~sides, members=((), (), ()),
        low=np.array([1, -1, -1]), high=np.array([2, -1, -1]), missing_low=sides,
        weights=np.array([[0.0], [1.0], [2.0]]), roots=np.zeros(1, dtype=np.int64), offset=np.zeros(1),
    )  # fmt: skip
    rows = np.array([[-1.0], [1.0]])
    for sizes in (SIZES[0], SIZES[-1]):
        layout = lay_out(trees, [0], 1, sizes, MOST_CELLS)
        if layout is not None:
            tree_values(tables_of(trees, layout, rows, None), rows)
    tree_pairs(prepare_pairs(trees, [0], 1, rows), rows)

    mark = _mark()
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def compiled() -> bool:
    """Whether `compile_loops` has been through, here or in an earlier process; a wrong guess costs time alone."""
    return _mark().exists()


def _mark() -> Path:
    """A file that says so of these loops, this Python and this numba, which need not be imported for it."""
    source = Path(__file__).with_name("kernels.py").stat()
    of = f"{source.st_mtime_ns}-{sys.implementation.cache_tag}-{version('numba')}"
    return cache.folder() / f"compiled-{of}"
