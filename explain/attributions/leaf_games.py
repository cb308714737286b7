"""The game that one leaf is, compiled: who of its players gets what of the leaf's value. Used by kernels.py.

A set of players is a whole number, bit i standing for player i. The row fails the players in z and satisfies the
others. Shapley weights are integrals over [0, 1] of polynomials in t; `points` and `weights` are those of a Gauss rule
that is exact for them.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def ones(z):
    """Set bits of z, which has at most 32: sums of neighbouring bits, pairs, fours and eights (Warren 2012, 5-1)."""
    z -= (z >> 1) & 0x55555555
    z = (z & 0x33333333) + ((z >> 2) & 0x33333333)
    z = (z + (z >> 4)) & 0x0F0F0F0F
    return ((z * 0x01010101) & 0xFFFFFFFF) >> 24


@njit(cache=True, nogil=True, error_model="numpy")
def subset_sums(counts, players, t, sums):
    """sums[u] becomes the sum of counts[m] t^|m| over all sets m within u, for every u."""
    size = 1 << players
    power = np.empty(players + 1)
    power[0] = 1.0
    for i in range(players):
        power[i + 1] = power[i] * t
    for z in range(size):
        sums[z] = counts[z] * power[ones(z)]
    for i in range(players):
        bit = 1 << i
        for z in range(size):
            if z & bit:
                sums[z] += sums[z ^ bit]


@njit(cache=True, nogil=True, error_model="numpy")
def leaf_shares(counts, players, points, weights, sums, out):
    """Shares of a leaf's players for every set of players that a row fails, against a background.

    `counts` (2^d) is how often each failed set occurs in the background; out[z, i] becomes the share of player i for
    a row that fails the set z. Weights are integrals of t^(p-1) (1-t)^q, p players that only the row satisfies and q
    that only the background does. For a row that fails z only background rows that fail none of z count: subset sums
    give them all at once.
    """
    size = 1 << players
    full = size - 1
    out[:size, :players] = 0.0
    other = np.empty(players + 1)
    for g in range(len(points)):
        t, weight = points[g], weights[g]
        other[0] = 1.0
        for i in range(players):
            other[i + 1] = other[i] * (1 - t)
        subset_sums(counts, players, t, sums)
        for z in range(size):
            met = full ^ z
            q = ones(z)
            loss = weight * other[q] / (1 - t) * sums[met]
            gain = weight * other[q] / t
            for i in range(players):
                bit = 1 << i
                if z & bit:
                    out[z, i] -= loss
                else:
                    out[z, i] += gain * (sums[met] - sums[met ^ bit])


@njit(cache=True, nogil=True, error_model="numpy")
def shares_of_one(z, masks, counts, players, laws, meeting, out):
    """Shares of a leaf's players for a row that fails the set z, met with every distinct failed set of the background.

    `laws[0, p, q]` is the Shapley weight of a player that only the row satisfies, `laws[1, p, q]` of one that only
    the background does. `meeting` is room for as many numbers as there are masks: few sets meet the row, and they are
    picked out without a branch that the processor would guess wrong. False when none does, so that all shares are 0.
    """
    q = ones(np.int64(z))
    loss = 0.0
    for i in range(players):
        out[i] = 0.0
    met = 0
    for m in range(len(masks)):
        meeting[met] = m
        met += (masks[m] & z) == 0
    for at in range(met):
        m = meeting[at]
        left = np.int64(masks[m])
        p = ones(left)
        loss += counts[m] * laws[1, p, q]
        gain = counts[m] * laws[0, p, q]
        for i in range(players):
            out[i] += gain * ((left >> i) & 1)
    for i in range(players):
        if (z >> i) & 1:
            out[i] = -loss
    return met > 0


@njit(cache=True, nogil=True, error_model="numpy")
def passed_shares(z, passed, points, weights, out):
    """Shares of a leaf's players for a row that fails the set z, where an unknown player lets by a share of the rows.

    `passed[i]` is the share of training rows that the conditions of player i let by. The worth of a coalition is the
    product over all players of 0 or 1 (known) or of that share (unknown).
    """
    players = len(passed)
    out[:players] = 0.0
    for g in range(len(points)):
        t = points[g]
        product = weights[g]
        for i in range(players):
            product *= (1 - t) * passed[i] + (0.0 if (z >> i) & 1 else t)
        if product == 0.0:
            # a failed player that no training row passed: its own share and everyone's else are 0
            continue
        for i in range(players):
            known = 0.0 if (z >> i) & 1 else 1.0
            out[i] += product * (known - passed[i]) / ((1 - t) * passed[i] + known * t)


@njit(cache=True, nogil=True, error_model="numpy")
def leaf_pairs(counts, players, points, weights, sums, out):
    """What each pair of players does together beyond its parts, for every set of players that a row fails.

    As `leaf_shares`, with the Shapley interaction index: out[z, i, j] for i < j, an integral of the second derivative.
    """
    size = 1 << players
    full = size - 1
    out[:size, :players, :players] = 0.0
    for g in range(len(points)):
        t, weight = points[g], weights[g]
        subset_sums(counts, players, t, sums)
        for z in range(size):
            met = full ^ z
            scale = weight * (1 - t) ** ones(z)
            for i in range(players):
                a = 1 << i
                for j in range(i + 1, players):
                    b = 1 << j
                    if z & a and z & b:
                        out[z, i, j] += scale / (1 - t) ** 2 * sums[met]
                    elif z & a:
                        out[z, i, j] -= scale / ((1 - t) * t) * (sums[met] - sums[met ^ b])
                    elif z & b:
                        out[z, i, j] -= scale / ((1 - t) * t) * (sums[met] - sums[met ^ a])
                    else:
                        both = sums[met] - sums[met ^ a] - sums[met ^ b] + sums[met ^ a ^ b]
                        out[z, i, j] += scale / t**2 * both


@njit(cache=True, nogil=True, error_model="numpy")
def pairs_of_one(z, masks, counts, players, laws, out):
    """The pairs of `leaf_pairs` for one failed set of a row; `laws[a, p, q]` with a of the two in z."""
    q = ones(z)
    out[:players, :players] = 0.0
    for m in range(len(masks)):
        left = masks[m]
        if left & z:
            continue
        p = ones(left)
        for i in range(players):
            mine = ((left | z) >> i) & 1
            if not mine:
                continue
            for j in range(i + 1, players):
                if ((left | z) >> j) & 1:
                    lost = ((z >> i) & 1) + ((z >> j) & 1)
                    out[i, j] += counts[m] * laws[lost, p, q]
