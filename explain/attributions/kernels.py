"""The compiled loops of tree_shap.py; nothing here checks its input, which tree_layout.py made.

Compiled by numba at the first call and kept beside the source (or in the user's cache folder where that cannot be
written). No fast-math: the same input gives the same numbers to the bit. No lock of the interpreter is held.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from explain.attributions.leaf_games import (
    leaf_pairs,
    leaf_shares,
    pairs_of_one,
    passed_shares,
    set_sizes,
    shares_of_one,
)

BLOCK = 2_048
"""Rows worked on together: a column of a bundle's table is read for all of them while it is in the nearest cache."""
TABLE_PLAYERS = 13
"""Most players of a deep leaf that gets a passing table, 2^13 failed sets: a column of it fits the second cache."""
FEW_ROWS = 4
"""Rows get no passing table where they are fewer than its sets by that power of two: distinct sets are less work."""
PAIR_PLAYERS = 9
"""The same for pairs, whose tables are wider."""


@njit(cache=True, nogil=True, error_model="numpy")
def directions(codes, first, last, tests, tree, out):
    """Which side rows `first` to `last` take at every inner node of a tree: out[node, row] is 0 low, 1 high.

    `codes` (f, n) come from tree_codes.py.
    """
    count = last - first
    for node in range(tests.start[tree], tests.start[tree + 1]):
        column = codes[tests.feature[node]]
        limit, missing, side = tests.limit[node], tests.missing[node], tests.side[node]
        mine = out[node - tests.start[tree]]
        if side >= 0:
            for r in range(count):
                mine[r] = tests.sides[side + column[first + r]]
        elif missing >= 0:
            for r in range(count):
                mine[r] = (column[first + r] > limit) & (column[first + r] != missing)
        else:
            for r in range(count):
                mine[r] = column[first + r] > limit


@njit(cache=True, nogil=True, error_model="numpy")
def room_for_sides(tests, first, last, rows):
    """Room for the `directions` of that many rows at the largest of trees `first` to `last`."""
    longest = 0
    for tree in range(first, last):
        longest = max(longest, tests.start[tree + 1] - tests.start[tree])
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
def failed(bundles, leaf, pattern, slots):
    """The players of a bundle's leaf that a pattern fails: path first, then the conditions below it."""
    z = pattern & ((1 << slots) - 1)
    for c in range(bundles.condition[leaf], bundles.condition[leaf + 1]):
        wrong = ((pattern >> bundles.condition_bit[c]) & 1) ^ bundles.condition_wanted[c]
        z |= wrong << bundles.condition_slot[c]
    return z


@njit(cache=True, nogil=True, error_model="numpy")
def fill(codes, tests, paths, bundles, first, last, rules, laws, field, by_passed, table, expected):
    """Tables of the bundles of trees `first` to `last`, against a background or by what let training rows by.

    `codes` (f, m) are those of the background, not looked at where `by_passed`. `rules` (d, 2, g) has the Gauss rule
    for leaves of d players that let by, `laws` are the weights against a background, over its rows, whose number has
    room in `field` bits; `expected` (trees, t) gets each tree's mean margin.
    """
    rows = codes.shape[1]
    sides = room_for_sides(tests, first, last, rows)
    found = np.empty(rows, np.uint32)
    most = len(rules) - 1
    failing = np.empty(1 << most, np.int64)
    counts, packed, sizes = np.empty(1 << most, np.int64), np.empty(1 << most, np.int64), set_sizes(most)
    room, shares = np.empty((4, 1 << most)), np.empty((most, 1 << most))
    for tree in range(first, last):
        if not by_passed:
            directions(codes, 0, rows, tests, tree, sides)
        for k in range(paths.start[tree], paths.start[tree + 1]):
            size = 1 << bundles.bits[k]
            seen = np.zeros(size, np.int64)
            if not by_passed:
                patterns(paths, k, sides, rows, found)
                for r in range(rows):
                    seen[found[r]] += 1
            width = bundles.columns_start[k + 1] - bundles.columns_start[k]
            mine = table[bundles.table[k] : bundles.table[k] + size * width].reshape(width, size)
            for leaf in range(bundles.leaf[k], bundles.leaf[k + 1]):
                places = bundles.place[bundles.place_start[leaf] : bundles.place_start[leaf + 1]]
                players = len(places)
                for pattern in range(size):
                    failing[pattern] = failed(bundles, leaf, pattern, paths.slots[k])
                rule = rules[players, :, : (players + 1) // 2]
                if by_passed:
                    passed = bundles.passed[bundles.place_start[leaf] : bundles.place_start[leaf + 1]]
                    mean = np.prod(passed)
                    for z in range(1 << players):
                        passed_shares(z, passed, rule[0], rule[1], shares[:, z])
                else:
                    counts[: 1 << players] = 0
                    for pattern in range(size):
                        counts[failing[pattern]] += seen[pattern]
                    mean = counts[0] / rows
                    leaf_shares(counts, players, laws, field, sizes, packed, room, shares)
                weight = bundles.weight[leaf]
                expected[tree, bundles.margin[k]] += weight * mean
                for i in range(players):
                    column, given = mine[places[i]], shares[i]
                    for pattern in range(size):
                        column[pattern] += weight * given[failing[pattern]]
                for pattern in range(size):
                    if failing[pattern] == 0:
                        mine[width - 1, pattern] += weight


@njit(cache=True, nogil=True, error_model="numpy")
def look_up(codes, tests, paths, bundles, table, first, last, out):
    """Put the sums of the bundles' shares for rows `first` to `last` of `codes` (f, n) into out (n, t, p + 1)."""
    block = min(BLOCK, last - first)
    sides = room_for_sides(tests, 0, len(tests.start) - 1, block)
    found = np.empty(block, np.uint32)
    sums = np.empty((out.shape[1], out.shape[2], block))
    for begin in range(first, last, block):
        count = min(block, last - begin)
        sums[:] = 0.0
        for tree in range(len(tests.start) - 1):
            directions(codes, begin, begin + count, tests, tree, sides)
            for k in range(paths.start[tree], paths.start[tree + 1]):
                patterns(paths, k, sides, count, found)
                size = 1 << bundles.bits[k]
                cell = bundles.table[k]
                for at in range(bundles.columns_start[k], bundles.columns_start[k + 1]):
                    mine = sums[bundles.margin[k], bundles.columns[at]]
                    column = table[cell : cell + size]
                    for r in range(count):
                        mine[r] += column[found[r]]
                    cell += size
        for r in range(count):
            for margin in range(out.shape[1]):
                for column in range(out.shape[2]):
                    out[begin + r, margin, column] = sums[margin, column, r]


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
def past_masks(codes, tests, paths, first, last):
    """The distinct failed sets of the background's `codes` (f, m) for each deep leaf of trees `first` to `last`.

    Gives how many each leaf has, the sets one after the other, and how often each occurs.
    """
    past = codes.shape[1]
    sides = room_for_sides(tests, first, last, past)
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
        directions(codes, 0, past, tests, tree, sides)
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
def most_past(paths, past, first, last, by_passed):
    """The most failed sets that a deep leaf of trees `first` to `last` is met by."""
    most = 0
    if not by_passed:
        for k in range(paths.start[first], paths.start[last]):
            most = max(most, past.start[k + 1] - past.start[k])
    return most


@njit(cache=True, nogil=True, error_model="numpy")
def add_leaf(shares, index, columns, weights, found, out):
    """Add a leaf's shares[i, index[r]], times its weight for each margin, to row r of out (t, p + 1, n).

    `found` (n,) are the players that each row fails: where there are none the row reaches the leaf.
    """
    for margin in range(len(weights)):
        weight = weights[margin]
        if weight != 0.0:
            for i in range(len(columns)):
                mine, given = out[margin, columns[i]], shares[i]
                for r in range(len(index)):
                    mine[r] += weight * given[index[r]]
            total = out[margin, out.shape[1] - 1]
            for r in range(len(index)):
                total[r] += weight if found[r] == 0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def deep_leaves(codes, tests, paths, deep, past, first, last, rules, laws, field, by_passed, out):
    """Add the shares of the deep leaves of trees `first` to `last` for all rows of `codes` (f, n).

    All failed sets at once in a passing table where the rows are many, else each distinct one of the rows by itself.
    `past` are the failed sets of the background (see Past), `out` is (t, p + 1, n).
    """
    rows = codes.shape[1]
    sides = room_for_sides(tests, first, last, rows)
    found, which, mine = np.empty(rows, np.uint32), np.empty(rows, np.int64), np.empty(rows, np.uint32)
    seen = room_for_seen(rows)
    most = min(TABLE_PLAYERS, len(rules) - 1)
    counts, packed, sizes = np.empty(1 << most, np.int64), np.empty(1 << most, np.int64), set_sizes(most)
    room, table, shares = np.empty((4, 1 << most)), np.empty((most, 1 << most)), np.empty((laws.shape[1], rows))
    meeting = np.empty(most_past(paths, past, first, last, by_passed) + 1, np.int64)
    by_player = np.empty((laws.shape[1] + 1, laws.shape[1] + 1), np.int64)
    for tree in range(first, last):
        if paths.start[tree] == paths.start[tree + 1]:
            continue
        directions(codes, 0, rows, tests, tree, sides)
        for k in range(paths.start[tree], paths.start[tree + 1]):
            columns = deep.columns[deep.columns_start[k] : deep.columns_start[k + 1]]
            players, weights = len(columns), deep.weights[k]
            points, weighed = rules[players, 0, : (players + 1) // 2], rules[players, 1, : (players + 1) // 2]
            patterns(paths, k, sides, rows, found)
            if not by_passed and players <= most and rows << FEW_ROWS >= 1 << players:
                counts[: 1 << players] = 0
                for m in range(past.start[k], past.start[k + 1]):
                    counts[past.mask[m]] = past.rows[m]
                leaf_shares(counts, players, laws, field, sizes, packed, room, table)
                add_leaf(table, found, columns, weights, found, out)
                continue
            masks, each = past.mask[past.start[k] : past.start[k + 1]], past.rows[past.start[k] : past.start[k + 1]]
            for at in range(distinct(found, seen, k, mine, which)):
                if by_passed:
                    passed = deep.passed[deep.columns_start[k] : deep.columns_start[k + 1]]
                    passed_shares(mine[at], passed, points, weighed, shares[:, at])
                else:
                    shares_of_one(mine[at], masks, each, players, laws, (meeting, by_player), shares[:, at])
            add_leaf(shares, which, columns, weights, found, out)


@njit(cache=True, nogil=True, error_model="numpy")
def deep_expected(paths, deep, past, rows, by_passed, expected):
    """Add the deep leaves' mean margins to expected (trees, t): over the `rows` background rows, or `by_passed`."""
    for tree in range(len(paths.start) - 1):
        for k in range(paths.start[tree], paths.start[tree + 1]):
            reached = 0.0
            if by_passed:
                reached = np.prod(deep.passed[deep.columns_start[k] : deep.columns_start[k + 1]])
            else:
                for m in range(past.start[k], past.start[k + 1]):
                    if past.mask[m] == 0:
                        reached += past.rows[m] / rows
            for margin in range(deep.weights.shape[1]):
                expected[tree, margin] += deep.weights[k, margin] * reached


@njit(cache=True, nogil=True, error_model="numpy")
def deep_pairs(codes, tests, paths, deep, past, first, last, rules, laws, out):
    """Add what pairs do together in the deep leaves of trees `first` to `last` for all rows of `codes` (f, n).

    As `deep_leaves`; `out` is (n, t, p, p), pair (i, j) standing where column i comes before column j.
    """
    rows = codes.shape[1]
    sides = room_for_sides(tests, first, last, rows)
    found, which, mine = np.empty(rows, np.uint32), np.empty(rows, np.int64), np.empty(rows, np.uint32)
    seen = room_for_seen(rows)
    most = min(PAIR_PLAYERS, len(rules) - 1)
    counts_all, sums, table = np.empty(1 << most), np.empty(1 << most), np.empty((1 << most, most, most))
    each = np.empty((rows, laws.shape[1], laws.shape[1]))
    for tree in range(first, last):
        directions(codes, 0, rows, tests, tree, sides)
        for k in range(paths.start[tree], paths.start[tree + 1]):
            columns = deep.columns[deep.columns_start[k] : deep.columns_start[k + 1]]
            players = len(columns)
            masks, counts = past.mask[past.start[k] : past.start[k + 1]], past.rows[past.start[k] : past.start[k + 1]]
            patterns(paths, k, sides, rows, found)
            count = distinct(found, seen, k, mine, which)
            points = (players + 1) // 2
            at_once = players <= most and count * len(masks) > 4 * points << players
            if at_once:
                counts_all[: 1 << players] = 0.0
                for m in range(len(masks)):
                    counts_all[masks[m]] = counts[m]
                leaf_pairs(counts_all, players, rules[players, 0, :points], rules[players, 1, :points], sums, table)
            else:
                for at in range(count):
                    pairs_of_one(mine[at], masks, counts, players, laws, each[at])
            for r in range(rows):
                shares = table[found[r]] if at_once else each[which[r]]
                add_pairs(shares, columns, deep.weights[k], out[r])


@njit(cache=True, nogil=True, error_model="numpy")
def add_pairs(shares, columns, weights, row):
    """Add a leaf's pairs, times its weight for each margin, to a row (t, p, p)."""
    for margin in range(len(weights)):
        weight = weights[margin]
        if weight != 0.0:
            for i in range(len(columns)):
                for j in range(i + 1, len(columns)):
                    low, high = min(columns[i], columns[j]), max(columns[i], columns[j])
                    row[margin, low, high] += weight * shares[i, j]
