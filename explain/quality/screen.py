"""The compiled loop that tells at a glance which numbers may have something wrong; the checks look at those alone.

It checks nothing, and is given what profile.py made alone.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def suspects(cells, low, high, whole, first, width, doubtful):
    """(n,) which cells lie outside of `low` to `high`, are not `whole` where they must be, or lie in a stretch where
    values may be `doubtful` (s + 2,): one before, s as wide as `width` from `first` on, and one behind. Not blanks.
    """
    found = np.zeros(len(cells), dtype=np.bool_)
    stretches = len(doubtful) - 2
    for at in range(len(cells)):
        value = cells[at]
        if np.isnan(value):
            continue
        if value < low or value > high or (whole and value != np.floor(value)):
            found[at] = True
            continue
        place = np.floor((value - first) / width) + 1 if width > 0 else 0.0
        found[at] = doubtful[int(min(max(place, 0.0), stretches + 1.0))]
    return found
