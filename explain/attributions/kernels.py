"""The compiled loops of tree_shap.py; nothing here checks its input, which tree_layout.py made.

Compiled by numba at the first call and kept beside the source (or in the user's cache folder where that cannot be
written). No fast-math: the same input gives the same numbers to the bit. No lock of the interpreter is held.
"""

from __future__ import annotations

import numpy as np
from numba import njit

BLOCK = 512
"""Rows worked on together: their directions and sums stay in the processor's cache."""


@njit(cache=True, nogil=True, error_model="numpy")
def directions(features, first, last, nodes, tree, out):
    """Which side rows `first` to `last` take at every inner node of a tree: out[node, row] is 0 low, 1 high."""
    for node in range(nodes.start[tree], nodes.start[tree + 1]):
        column = features[nodes.feature[node]]
        bound = nodes.bound[node]
        side = out[node - nodes.start[tree]]
        count = last - first
        # a missing value fails every comparison, so that the way it goes decides how the test is put
        if nodes.equal[node]:
            for r in range(count):
                side[r] = column[first + r] != bound
            if nodes.missing_low[node]:
                for r in range(count):
                    if np.isnan(column[first + r]):
                        side[r] = 0
        elif nodes.missing_low[node]:
            for r in range(count):
                side[r] = column[first + r] > bound
        else:
            for r in range(count):
                side[r] = not (column[first + r] <= bound)


@njit(cache=True, nogil=True, error_model="numpy")
def room_for_sides(nodes, first, last, rows):
    """Room for the `directions` of that many rows at the largest of trees `first` to `last`."""
    longest = 0
    for tree in range(first, last):
        longest = max(longest, nodes.start[tree + 1] - nodes.start[tree])
    return np.empty((longest, rows), np.uint8)


@njit(cache=True, nogil=True, error_model="numpy")
def patterns(paths, k, sides, count, out):
    """Pattern k of the first `count` rows: failed players of the path, then the sides taken below it."""
    for r in range(count):
        out[r] = 0
    for s in range(paths.step[k], paths.step[k + 1]):
        side, wanted, slot = sides[paths.node[s]], paths.side[s], paths.slot[s]
        for r in range(count):
            out[r] |= np.uint32(side[r] ^ wanted) << np.uint32(slot)
    bit = paths.slots[k]
    for s in range(paths.below[k], paths.below[k + 1]):
        side = sides[paths.inner[s]]
        for r in range(count):
            out[r] |= np.uint32(side[r]) << np.uint32(bit)
        bit += 1


@njit(cache=True, nogil=True, error_model="numpy")
def leaf_shares(counts, players, points, weights, sums, out):
    """Shares of a leaf's players for every set of players that a row fails.

    `counts` (2^d) is how often each failed set occurs in the background; out[z, i] becomes the share of player i for
    a row that fails the set z. Shapley weights are integrals of t^(p-1) (1-t)^q over [0, 1], p players that only the
    row satisfies and q that only the background does; `points` and `weights` of a Gauss rule make them exact.
    For a row that fails z only background rows that fail none of z count: subset sums give them all at once.
    """
    size = 1 << players
    full = size - 1
    out[:size, :players] = 0.0
    for g in range(len(points)):
        t, weight = points[g], weights[g]
        power = np.empty(players + 1)
        other = np.empty(players + 1)
        power[0] = other[0] = 1.0
        for i in range(players):
            power[i + 1] = power[i] * t
            other[i + 1] = other[i] * (1 - t)
        for z in range(size):
            sums[z] = counts[z] * power[ones(z)]
        for i in range(players):
            bit = 1 << i
            for z in range(size):
                if z & bit:
                    sums[z] += sums[z ^ bit]
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
def ones(z):
    """Set bits of z."""
    count = 0
    while z:
        z &= z - 1
        count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def failed(bundles, leaf, pattern, slots):
    """The players of a bundle's leaf that a pattern fails: path first, then the conditions below it."""
    z = pattern & ((1 << slots) - 1)
    for c in range(bundles.condition[leaf], bundles.condition[leaf + 1]):
        wrong = ((pattern >> bundles.condition_bit[c]) & 1) ^ bundles.condition_wanted[c]
        z |= wrong << bundles.condition_slot[c]
    return z


@njit(cache=True, nogil=True, error_model="numpy")
def fill(features, nodes, paths, bundles, first, last, rules, table, expected):
    """Tables of the bundles of trees `first` to `last` against the background `features` (f, m).

    `rules` (d, 2, g) has the Gauss rule for leaves of d players; `expected` (trees, t) gets each tree's mean margin.
    """
    rows = features.shape[1]
    sides = room_for_sides(nodes, first, last, rows)
    found = np.empty(rows, np.uint32)
    most = len(rules) - 1
    counts = np.empty(1 << most)
    sums = np.empty(1 << most)
    shares = np.empty((1 << most, most))
    for tree in range(first, last):
        directions(features, 0, rows, nodes, tree, sides)
        for k in range(paths.start[tree], paths.start[tree + 1]):
            patterns(paths, k, sides, rows, found)
            size = 1 << bundles.bits[k]
            seen = np.zeros(size)
            for r in range(rows):
                seen[found[r]] += 1.0
            width = bundles.columns_start[k + 1] - bundles.columns_start[k]
            mine = table[bundles.table[k] : bundles.table[k] + size * width].reshape(size, width)
            for leaf in range(bundles.leaf[k], bundles.leaf[k + 1]):
                places = bundles.place[bundles.place_start[leaf] : bundles.place_start[leaf + 1]]
                players = len(places)
                counts[: 1 << players] = 0.0
                for pattern in range(size):
                    if seen[pattern]:
                        counts[failed(bundles, leaf, pattern, paths.slots[k])] += seen[pattern] / rows
                points = (players + 1) // 2
                leaf_shares(counts, players, rules[players, 0, :points], rules[players, 1, :points], sums, shares)
                weight = bundles.weight[leaf]
                expected[tree, bundles.margin[k]] += weight * counts[0]
                for pattern in range(size):
                    z = failed(bundles, leaf, pattern, paths.slots[k])
                    for i in range(players):
                        mine[pattern, places[i]] += weight * shares[z, i]
                    if z == 0:
                        mine[pattern, width - 1] += weight


@njit(cache=True, nogil=True, error_model="numpy")
def look_up(features, nodes, paths, bundles, table, first, last, out):
    """Add the bundles' shares for rows `first` to `last` of `features` (f, n) to out (n, t, p + 1)."""
    sides = room_for_sides(nodes, 0, len(nodes.start) - 1, BLOCK)
    found = np.empty(BLOCK, np.uint32)
    for begin in range(first, last, BLOCK):
        end = min(begin + BLOCK, last)
        for tree in range(len(nodes.start) - 1):
            directions(features, begin, end, nodes, tree, sides)
            for k in range(paths.start[tree], paths.start[tree + 1]):
                patterns(paths, k, sides, end - begin, found)
                columns = bundles.columns[bundles.columns_start[k] : bundles.columns_start[k + 1]]
                width = len(columns)
                margin = bundles.margin[k]
                for r in range(end - begin):
                    cell = bundles.table[k] + found[r] * width
                    mine = out[begin + r, margin]
                    for i in range(width):
                        mine[columns[i]] += table[cell + i]


@njit(cache=True, nogil=True, error_model="numpy")
def room_for_seen(rows):
    """A hash table for that many values: its keys, the stamp under which each was put in, and its slot.

    Its length is a power of two, at least twice `rows`; entries of another stamp count as empty, so that it need not
    be emptied between two uses.
    """
    size = 16
    while size < 2 * rows:
        size *= 2
    return np.empty(size, np.uint32), np.full(size, -1), np.empty(size, np.int64)


@njit(cache=True, nogil=True, error_model="numpy")
def distinct(found, seen, stamp, masks, which):
    """Number the distinct values of `found` in order of appearance; gives how many there are.

    Value number i is `masks[i]`, and `which[r]` is the number of `found[r]`. `seen` comes from `room_for_seen`, and
    `stamp` is a number that it was not given before.
    """
    keys, stamps, slots = seen
    wrap = len(keys) - 1
    count = 0
    for r in range(len(found)):
        mask = found[r]
        at = (np.int64(mask) * 2654435761 >> 7) & wrap
        while stamps[at] == stamp and keys[at] != mask:
            at = (at + 1) & wrap
        if stamps[at] != stamp:
            stamps[at], keys[at], slots[at] = stamp, mask, count
            masks[count] = mask
            count += 1
        which[r] = slots[at]
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def past_masks(background, nodes, paths, first, last):
    """The distinct failed sets of the background (f, m) for each deep leaf of trees `first` to `last`.

    Gives how many each leaf has, the sets one after the other, and how often each occurs.
    """
    past = background.shape[1]
    sides = room_for_sides(nodes, first, last, past)
    found, which, masks = np.empty(past, np.uint32), np.empty(past, np.int64), np.empty(past, np.uint32)
    seen = room_for_seen(past)
    leaves = paths.start[last] - paths.start[first]
    each = np.zeros(leaves, np.int64)
    capacity = leaves * 64 + past
    every, counts = np.empty(capacity, np.uint32), np.empty(capacity, np.uint32)
    end = 0
    for tree in range(first, last):
        if paths.start[tree] == paths.start[tree + 1]:
            continue
        directions(background, 0, past, nodes, tree, sides)
        for k in range(paths.start[tree], paths.start[tree + 1]):
            patterns(paths, k, sides, past, found)
            count = distinct(found, seen, k, masks, which)
            if end + count > len(every):
                capacity = 2 * len(every) + past
                larger, larger_counts = np.empty(capacity, np.uint32), np.empty(capacity, np.uint32)
                larger[:end], larger_counts[:end] = every[:end], counts[:end]
                every, counts = larger, larger_counts
            every[end : end + count] = masks[:count]
            counts[end : end + count] = 0
            for r in range(past):
                counts[end + which[r]] += 1
            each[k - paths.start[first]] = count
            end += count
    return each, every[:end].copy(), counts[:end].copy()


@njit(cache=True, nogil=True, error_model="numpy")
def shares_of_one(z, masks, counts, players, laws, out):
    """Shares of a leaf's players for a row that fails the set z, met with every distinct failed set of the background.

    `laws[0, p, q]` is the Shapley weight of a player that only the row satisfies, `laws[1, p, q]` of one that only
    the background does. False when nothing of the background meets the row, so that all shares are 0.
    """
    q = ones(z)
    loss = 0.0
    met = False
    for i in range(players):
        out[i] = 0.0
    for m in range(len(masks)):
        left = masks[m]
        if left & z == 0:
            met = True
            p = ones(left)
            loss += counts[m] * laws[1, p, q]
            gain = counts[m] * laws[0, p, q]
            i = 0
            while left:
                if left & 1:
                    out[i] += gain
                left >>= 1
                i += 1
    for i in range(players):
        if (z >> i) & 1:
            out[i] = -loss
    return met


@njit(cache=True, nogil=True, error_model="numpy")
def add_leaf(shares, columns, weights, failed_none, row):
    """Add a leaf's shares, times its weight for each margin, to a row (t, p + 1)."""
    last = row.shape[1] - 1
    for margin in range(len(weights)):
        weight = weights[margin]
        if weight != 0.0:
            for i in range(len(columns)):
                row[margin, columns[i]] += weight * shares[i]
            if failed_none:
                row[margin, last] += weight


@njit(cache=True, nogil=True, error_model="numpy")
def deep_leaves(features, nodes, paths, deep, past, first, last, rules, laws, out):
    """Add the shares of the deep leaves of trees `first` to `last` for all rows of `features` (f, n).

    Each distinct failed set of the rows is worked out by itself, or all sets at once in a passing table where that is
    less work. `past` are the failed sets of the background (see Past), `out` is (n, t, p + 1).
    """
    rows = features.shape[1]
    sides = room_for_sides(nodes, first, last, rows)
    found, which, mine = np.empty(rows, np.uint32), np.empty(rows, np.int64), np.empty(rows, np.uint32)
    seen = room_for_seen(rows)
    most = len(rules) - 1
    table_counts, sums, table = np.empty(1 << most), np.empty(1 << most), np.empty((1 << most, most))
    shares, met = np.empty((rows, laws.shape[1])), np.empty(rows, np.bool_)
    for tree in range(first, last):
        if paths.start[tree] == paths.start[tree + 1]:
            continue
        directions(features, 0, rows, nodes, tree, sides)
        for k in range(paths.start[tree], paths.start[tree + 1]):
            columns = deep.columns[deep.columns_start[k] : deep.columns_start[k + 1]]
            players = len(columns)
            masks, counts = past.mask[past.start[k] : past.start[k + 1]], past.rows[past.start[k] : past.start[k + 1]]
            patterns(paths, k, sides, rows, found)
            count = distinct(found, seen, k, mine, which)
            points = (players + 1) // 2
            if players > most or count * len(masks) < 2 * points * players << players:
                for at in range(count):
                    met[at] = shares_of_one(mine[at], masks, counts, players, laws, shares[at])
            else:
                table_counts[: 1 << players] = 0.0
                for m in range(len(masks)):
                    table_counts[masks[m]] = counts[m]
                rule = rules[players]
                leaf_shares(table_counts, players, rule[0, :points], rule[1, :points], sums, table)
                for at in range(count):
                    shares[at, :players] = table[mine[at], :players]
                    met[at] = True
            for r in range(rows):
                if met[which[r]] or found[r] == 0:
                    add_leaf(shares[which[r]], columns, deep.weights[k], found[r] == 0, out[r])


@njit(cache=True, nogil=True, error_model="numpy")
def deep_expected(paths, deep, past, expected):
    """Add the deep leaves' mean margins over the background to expected (trees, t)."""
    for tree in range(len(paths.start) - 1):
        for k in range(paths.start[tree], paths.start[tree + 1]):
            for m in range(past.start[k], past.start[k + 1]):
                if past.mask[m] == 0:
                    for margin in range(deep.weights.shape[1]):
                        expected[tree, margin] += deep.weights[k, margin] * past.rows[m]
