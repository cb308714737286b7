"""Shapley values by their definition: the mean gain of a column over all coalitions of the others."""

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd


def shapley(score, row, background):
    """(p,) values and the base of one raw row (1, p) against the whole background (b, p)."""
    names = list(row.columns)
    p = len(names)
    frames = []
    coalitions = [set(known) for size in range(p + 1) for known in combinations(range(p), size)]
    for known in coalitions:
        frame = background.copy()
        for at in known:
            frame[names[at]] = pd.Series(
                [row[names[at]].iloc[0]] * len(frame), dtype=frame.dtypes[names[at]]
            ).to_numpy()
        frames.append(frame)
    worth = np.asarray(score(pd.concat(frames, ignore_index=True))).reshape(len(coalitions), -1).mean(axis=1)
    found = {frozenset(known): gain for known, gain in zip(coalitions, worth, strict=True)}
    values = np.zeros(p)
    for known, gain in found.items():
        for at in set(range(p)) - known:
            weight = factorial(len(known)) * factorial(p - len(known) - 1) / factorial(p)
            values[at] += weight * (found[known | {at}] - gain)
    return values, found[frozenset()]
