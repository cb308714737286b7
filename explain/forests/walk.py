"""The compiled loop that sends rows down forests; it checks nothing, and is given what forest.py made alone."""

from __future__ import annotations

import numpy as np
from numba import njit

BLANK_LOW = 1 << 30
"""The bit of a feature that says where blanks go."""


@njit(cache=True, nogil=True, error_model="numpy")
def walk(rows, roots, feature, threshold, low, high, blank_low, answers, first, last, out):
    """Add up the answers of all trees for rows `first` to `last` of (n, f) rows in out (n, k).

    At node i a row goes `low` when its feature is at most the threshold, and, where that is blank, when
    `blank_low[i]`. A leaf has no feature (-1), and `low` is the place of its answer.
    """
    for tree in range(len(roots)):
        for r in range(first, last):
            i = roots[tree]
            while feature[i] >= 0:
                value = rows[r, feature[i]]
                goes_low = blank_low[i] if np.isnan(value) else value <= threshold[i]
                i = low[i] if goes_low else high[i]
            leaf = low[i]
            for k in range(answers.shape[1]):
                out[r, k] += answers[leaf, k]


@njit(cache=True, nogil=True, error_model="numpy")
def walk_each(rows, roots, sizes, places, nodes, thresholds, answers, first, last, out):
    """The same for several forests at once: the answers of tree t, `sizes[t]` numbers, are added up in out (n, all)
    from `places[t]` on.

    A node lies in one place of memory: `nodes` (c, 4) are the feature, with BLANK_LOW where blanks go low and -1 for a
    leaf, the low and the high node, and the bits of the threshold, which `thresholds` (c, 4) reads as float32. The low
    node of a leaf is where its numbers begin in the flat `answers`.
    """
    for tree in range(len(roots)):
        size, place = sizes[tree], places[tree]
        for r in range(first, last):
            i = roots[tree]
            while nodes[i, 0] >= 0:
                feature = nodes[i, 0]
                value = rows[r, feature & (BLANK_LOW - 1)]
                goes_low = (feature & BLANK_LOW) != 0 if np.isnan(value) else value <= thresholds[i, 3]
                i = nodes[i, 1] if goes_low else nodes[i, 2]
            begin = nodes[i, 1]
            for k in range(size):
                out[r, place + k] += answers[begin + k]
