"""The game that one leaf is, compiled: who of its players gets what of the leaf's value. Used by kernels.py.

A set of players is a whole number, bit i standing for player i. The row fails the players in z and satisfies the
others. `laws` are Shapley weights (shapley.py). Where they are taken as integrals over [0, 1] of polynomials in t, as
for pairs, `points` and `weights` are those of a Gauss rule that is exact for them.
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
def set_sizes(players):
    """(2^d) how many players each set has, by doubling."""
    sizes = np.zeros(1 << players, np.int64)
    size = 1
    for _ in range(players):
        for u in range(size):
            sizes[size + u] = sizes[u] + 1
        size *= 2
    return sizes


@njit(cache=True, nogil=True, error_model="numpy")
def sums_within(sums, players):
    """sums[u] becomes the sum over all sets within u, for every u; whole stretches at once, without a branch."""
    size = 1 << players
    for u in range(0, size, 2):
        sums[u + 1] += sums[u]
    for i in range(1, players):
        bit = 1 << i
        for start in range(0, size, 2 * bit):
            low, high = sums[start : start + bit], sums[start + bit : start + 2 * bit]
            for u in range(bit):
                high[u] += low[u]


@njit(cache=True, nogil=True, error_model="numpy")
def leaf_shares(counts, players, laws, field, sizes, packed, room, out):
    """Shares of a leaf's players for every set of players that a row fails, against a background.

    `counts` (2^d) is how many background rows fail each set; out[i, z] becomes the share of player i for a row that
    fails z. Only background rows that fail nothing of z count: with u its complement and n(p) how many of these fail p
    players, G(u) is the sum of n(p) laws[0, p, q] and L(u) that of n(p) laws[1, p, q], q = |z|. A player of z gets
    -L(u), and any other i gets G(u) - G(u without i) - L(u without i), where rows that fail nobody cancel. The n are
    whole numbers, several packed into one of 64 bits, `field` bits each, so that subset sums give several at once and
    the shares are those of `shares_of_one` to the bit. Of a player that no such row fails the share is exactly 0.
    `packed` (2^d) and `room` (4, 2^d) are room.
    """
    size = 1 << players
    gain, less, lost, rows = room[0, :size], room[1, :size], room[2, :size], room[3, :size]
    gain[:] = 0.0
    less[:] = 0.0
    each, ones_only = 64 // field, (1 << field) - 1
    for first in range(0, players + 1, each):
        for u in range(size):
            j = sizes[u] - first
            packed[u] = counts[u] << (field * j) if 0 <= j < each else 0
        sums_within(packed, players)
        for p in range(first, min(first + each, players + 1)):
            by_gain, by_loss, shift = laws[0, p], laws[1, p], field * (p - first)
            if p == 0:
                for u in range(size):
                    rows[u] = float((packed[u] >> shift) & ones_only)
                    lost[u] = by_loss[players - sizes[u]] * rows[u]
                continue
            for u in range(size):
                count, q = float((packed[u] >> shift) & ones_only), players - sizes[u]
                gain[u] += by_gain[q] * count
                less[u] += by_loss[q] * count
                rows[u] += count
    for u in range(size):
        lost[u] += less[u]
        less[u] += gain[u]
    # by z, the complement of u
    for k in range(4):
        for u in range(size // 2):
            room[k, u], room[k, size - 1 - u] = room[k, size - 1 - u], room[k, u]
    for i in range(players):
        bit = 1 << i
        for start in range(0, size, 2 * bit):
            middle, end = start + bit, start + 2 * bit
            with_i, failing_i = out[i, start:middle], out[i, middle:end]
            gained, without, gone = gain[start:middle], less[middle:end], lost[middle:end]
            met, met_without = rows[start:middle], rows[middle:end]
            for z in range(bit):
                with_i[z] = gained[z] - without[z] if met[z] != met_without[z] else 0.0
                failing_i[z] = -gone[z]


@njit(cache=True, nogil=True, error_model="numpy")
def shares_of_one(z, masks, counts, players, laws, room, out):
    """The shares of `leaf_shares` for one failed set z, met with every distinct failed set of the background.

    `room` (2 and (d + 1)^2 or more whole numbers) holds which sets meet the row, and of the rows that do how many fail
    p players, in all and together with each player. Few sets meet it, and they are picked out without a branch that
    the processor would guess wrong.
    """
    meeting, by_player = room
    q = ones(np.int64(z))
    for i in range(players + 1):
        for p in range(players + 1):
            by_player[i, p] = 0
    met = 0
    for m in range(len(masks)):
        meeting[met] = m
        met += (masks[m] & z) == 0
    for at in range(met):
        m = meeting[at]
        left, count = np.int64(masks[m]), np.int64(counts[m])
        p = ones(left)
        by_player[players, p] += count
        for i in range(players):
            by_player[i, p] += count * ((left >> i) & 1)
    gain, less = 0.0, 0.0
    for p in range(1, players + 1):
        gain += laws[0, p, q] * float(by_player[players, p])
        less += laws[1, p, q] * float(by_player[players, p])
    lost = laws[1, 0, q] * float(by_player[players, 0]) + less
    for i in range(players):
        if (z >> i) & 1:
            out[i] = -lost
            continue
        kept, without, failing = 0.0, 0.0, 0
        for p in range(1, players + 1):
            failing += by_player[i, p]
            others = float(by_player[players, p] - by_player[i, p])
            kept += laws[0, p, q + 1] * others
            without += laws[1, p, q + 1] * others
        out[i] = gain - (without + kept) if failing else 0.0


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
