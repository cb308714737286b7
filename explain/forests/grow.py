"""The compiled loops that grow one tree; they check nothing, and are given what learn.py made alone.

A tree is grown best split first. A split is the one of those tried that leaves the least squared error in both parts
(Breiman, Friedman, Olshen and Stone 1984), which for labels is the Gini index; blanks go to the better side.
"""

from __future__ import annotations

import numpy as np
from numba import njit

BLANK = 255
"""The code of a blank; known values have codes 0 to 254."""
LEAF = -1
FEW = 48
"""Rows up to which sorting them one by one is quicker than counting codes."""
SAME = -2.0
"""The score of a column that is the same in all rows of a node; where there are too few on a side it is -1."""
LEAST_GAIN = 1e-12
"""Share of the parent's score that a split must add: less is rounding."""


@njit(cache=True, nogil=True, error_model="numpy")
def grow(codes, edges, values, weights, classes, rows, least, tried, most, random, state):
    """One tree over `rows` (m,) of n, with repeats, which are put in the order of the leaves.

    `codes` (f, n) of the features, `edges` (f, e) the values between them; `values` (n, k) targets, of which column 0
    is a label where there are `classes`; `weights` (n,). A leaf has `least` rows, a tree `most` leaves; a split looks
    at `tried` features, at one `random` place of each or at all. `state` (1,) is that of the random numbers.

    Gives features (-1: leaf), thresholds, low and high nodes (of a leaf: its place among the leaves), whether blanks go
    low, the answers of the leaves (mean targets, or shares of classes), and the first and last row of each leaf.
    """
    nodes = 2 * min(most, len(rows)) + 1
    answers_of = classes or values.shape[1]
    feature = np.full(nodes, LEAF, dtype=np.int64)
    threshold = np.zeros(nodes)
    cut = np.zeros(nodes, dtype=np.int64)
    low = np.zeros(nodes, dtype=np.int64)
    high = np.zeros(nodes, dtype=np.int64)
    blank_low = np.zeros(nodes, dtype=np.bool_)
    first = np.zeros(nodes, dtype=np.int64)
    last = np.zeros(nodes, dtype=np.int64)
    gains = np.full(nodes, -1.0)
    wanted = np.full(nodes, LEAF, dtype=np.int64)
    places = (np.arange(codes.shape[0]), np.empty(len(rows), dtype=np.int64), np.empty(BLANK + 2, dtype=np.int64))
    last[0], count, leaves = len(rows), 1, 1
    best_split(codes, edges, values, weights, classes, rows, least, tried, random, state, places,
               0, first, last, gains, wanted, cut, threshold, blank_low)  # fmt: skip
    while leaves < most:
        node = int(np.argmax(gains[:count]))
        if gains[node] <= 0:
            break
        middle = part(codes[wanted[node]], rows, first[node], last[node], cut[node], blank_low[node])
        feature[node], gains[node] = wanted[node], -1.0
        low[node], high[node] = count, count + 1
        first[count], last[count] = first[node], middle
        first[count + 1], last[count + 1] = middle, last[node]
        for child in (count, count + 1):
            best_split(codes, edges, values, weights, classes, rows, least, tried, random, state, places,
                       child, first, last, gains, wanted, cut, threshold, blank_low)  # fmt: skip
        count, leaves = count + 2, leaves + 1
    answers = np.zeros((leaves, answers_of))
    spans = np.zeros((leaves, 2), dtype=np.int64)
    leaf = 0
    for node in range(count):
        if feature[node] == LEAF:
            low[node], spans[leaf, 0], spans[leaf, 1] = leaf, first[node], last[node]
            weight = 0.0
            for at in range(first[node], last[node]):
                row = rows[at]
                weight += weights[row]
                if classes:
                    answers[leaf, int(values[row, 0])] += weights[row]
                else:
                    for k in range(answers_of):
                        answers[leaf, k] += values[row, k]
            for k in range(answers_of):
                answers[leaf, k] /= weight if weight > 0 else 1.0
            leaf += 1
    return feature[:count], threshold[:count], low[:count], high[:count], blank_low[:count], answers, spans


@njit(cache=True, nogil=True, error_model="numpy")
def part(codes, rows, first, last, cut, blank_low):
    """Put the rows of a node that go low before the others; gives where the others begin."""
    at, end = first, last
    while at < end:
        code = codes[rows[at]]
        if blank_low if code == BLANK else code <= cut:
            at += 1
        else:
            end -= 1
            rows[at], rows[end] = rows[end], rows[at]
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def best_split(codes, edges, values, weights, classes, rows, least, tried, random, state, places,
               node, first, last, gains, wanted, cut, threshold, blank_low):  # fmt: skip
    """Fill in the best split of a node among `tried` features that are not constant in it; none where none helps."""
    start, end = first[node], last[node]
    if end - start < 2 * least:
        return
    order, ordered, starts = places
    whole = sums_of(values, weights, classes, rows, start, end)
    score = whole_score(whole)
    if pure(whole, classes):
        return
    best = score + max(LEAST_GAIN * abs(score), 1e-300)
    seen = 0
    for at in range(len(order)):
        if seen >= tried and gains[node] > 0:
            break
        other = at + int(uniform(state) * (len(order) - at))
        order[at], order[other] = order[other], order[at]
        column, own = codes[order[at]], edges[order[at]]
        if random:
            found = at_random(column, own, values, weights, classes, rows, start, end, least, whole, state)
        elif not classes and end - start > FEW:
            found = by_sums(column, values, weights, rows, start, end, least, whole)
        else:
            found = by_order(column, values, weights, classes, rows, start, end, least, whole, ordered, starts)
        seen += found[0] > SAME
        if found[0] > best:
            best, gains[node], wanted[node] = found[0], found[0] - score, order[at]
            cut[node], blank_low[node] = found[1], found[2]
            threshold[node] = own[found[1]] if found[1] < found[3] else np.inf


@njit(cache=True, nogil=True, error_model="numpy")
def uniform(state):
    """The next of the random numbers from 0 to 1 (xorshift64*, Vigna 2016)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True, error_model="numpy")
def random_cut(edges, lowest, highest, state):
    """A place between two codes, drawn as often as values lie apart there (Geurts, Ernst and Wehenkel 2006)."""
    if lowest == highest:
        return lowest
    aim = edges[lowest] + uniform(state) * (edges[highest - 1] - edges[lowest])
    place = lowest
    while place < highest - 1 and edges[place] < aim:
        place += 1
    return place


@njit(cache=True, nogil=True, error_model="numpy")
def at_random(column, edges, values, weights, classes, rows, start, end, least, whole, state):
    """The score of one place to cut at random, the last code below it, whether blanks go below, and the last code."""
    size, lowest, highest, blanks = len(whole) - 1, BLANK, -1, 0
    for at in range(start, end):
        code = column[rows[at]]
        if code == BLANK:
            blanks += 1
        else:
            lowest, highest = min(lowest, code), max(highest, code)
    if blanks == end - start or (lowest == highest and blanks == 0):
        return SAME, 0, False, int(highest)
    only, below = random_cut(edges, lowest, highest, state), 0
    left, apart = np.zeros(size + 1), np.zeros(size + 1)
    for at in range(start, end):
        row = rows[at]
        code = column[row]
        if code == BLANK:
            add(apart, values, weights, classes, row, size)
        elif code <= only:
            add(left, values, weights, classes, row, size)
            below += 1
    best, low = -1.0, False
    if min(below, end - start - below) >= least:
        best = both(left, apart, whole, False, size)
    if blanks and only < highest and min(below + blanks, end - start - blanks - below) >= least:
        score = both(left, apart, whole, True, size)
        if score > best:
            best, low = score, True
    return best, int(only), low, int(highest)


@njit(cache=True, nogil=True, error_model="numpy")
def sort_rows(column, rows, start, end, ordered, starts):
    """Put the rows of a node in the order of their codes, blanks last; gives how many are known."""
    count = end - start
    if count <= FEW:
        for at in range(count):
            row = rows[start + at]
            code, to = column[row], at
            while to > 0 and column[ordered[to - 1]] > code:
                ordered[to] = ordered[to - 1]
                to -= 1
            ordered[to] = row
        known = count
        while known > 0 and column[ordered[known - 1]] == BLANK:
            known -= 1
        return known
    starts[:] = 0
    for at in range(start, end):
        starts[column[rows[at]] + 1] += 1
    known = count - starts[BLANK + 1]
    for code in range(1, BLANK + 1):
        starts[code] += starts[code - 1]
    for at in range(start, end):
        row = rows[at]
        code = column[row]
        ordered[starts[code]] = row
        starts[code] += 1
    return known


@njit(cache=True, nogil=True, error_model="numpy")
def sums_of(values, weights, classes, rows, start, end):
    """The sums of a node: of each target, or the weight of each class; the last is the weight of all."""
    size = classes or values.shape[1]
    found = np.zeros(size + 1)
    for at in range(start, end):
        row = rows[at]
        if classes:
            found[int(values[row, 0])] += weights[row]
        else:
            for k in range(size):
                found[k] += values[row, k]
        found[size] += weights[row]
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def whole_score(sums):
    """What a part explains of the squared error: its squared sums over its weight."""
    size = len(sums) - 1
    total = 0.0
    for k in range(size):
        total += sums[k] * sums[k]
    return total / sums[size] if sums[size] > 0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def pure(sums, classes):
    """Whether all rows have one label."""
    alike = False
    for k in range(classes):
        alike |= sums[k] == sums[classes]
    return alike


@njit(cache=True, nogil=True, error_model="numpy")
def by_order(column, values, weights, classes, rows, start, end, least, whole, ordered, starts):
    """The same for the best of all places to cut, with the rows in the order of their codes."""
    size, count = len(whole) - 1, end - start
    known = sort_rows(column, rows, start, end, ordered, starts)
    highest = int(column[ordered[known - 1]]) if known else -1
    if known == 0 or (known == count and column[ordered[0]] == highest):
        return SAME, 0, False, int(highest)
    blanks, left = np.zeros(size + 1), np.zeros(size + 1)
    for at in range(known, count):
        add(blanks, values, weights, classes, ordered[at], size)
    best, place, low = -1.0, 0, False
    for at in range(known):
        add(left, values, weights, classes, ordered[at], size)
        code, below = int(column[ordered[at]]), at + 1
        if at < known - 1 and column[ordered[at + 1]] == code:
            continue
        if below < count and min(below, count - below) >= least:
            score = both(left, blanks, whole, False, size)
            if score > best:
                best, place, low = score, code, False
        if below < known < count and min(below + count - known, known - below) >= least:
            score = both(left, blanks, whole, True, size)
            if score > best:
                best, place, low = score, code, True
    return best, place, low, highest


@njit(cache=True, nogil=True, error_model="numpy")
def by_sums(column, values, weights, rows, start, end, least, whole):
    """The same for many rows, from sums of each code instead of an order."""
    size = len(whole) - 1
    sums = np.zeros((BLANK + 1, size + 1))
    counts = np.zeros(BLANK + 1, dtype=np.int64)
    for at in range(start, end):
        row = rows[at]
        code = column[row]
        counts[code] += 1
        for k in range(size):
            sums[code, k] += values[row, k]
        sums[code, size] += weights[row]
    lowest, highest = 0, BLANK - 1
    while lowest < BLANK and counts[lowest] == 0:
        lowest += 1
    while highest > lowest and counts[highest] == 0:
        highest -= 1
    count, blanks = end - start, counts[BLANK]
    if lowest == BLANK or (lowest == highest and blanks == 0):
        return SAME, 0, False, int(highest)
    left = np.zeros(size + 1)
    best, place, low, below = -1.0, 0, False, 0
    for code in range(lowest, highest + 1):
        if counts[code] == 0:
            continue
        below += counts[code]
        left += sums[code]
        end_of_all = code == highest
        if not (end_of_all and blanks == 0) and min(below, count - below) >= least:
            score = both(left, sums[BLANK], whole, False, size)
            if score > best:
                best, place, low = score, code, False
        if blanks and not end_of_all and min(below + blanks, count - blanks - below) >= least:
            score = both(left, sums[BLANK], whole, True, size)
            if score > best:
                best, place, low = score, code, True
    return best, place, low, highest


@njit(cache=True, nogil=True, error_model="numpy")
def add(sums, values, weights, classes, row, size):
    """One row more."""
    if classes:
        sums[int(values[row, 0])] += weights[row]
    else:
        for k in range(size):
            sums[k] += values[row, k]
    sums[size] += weights[row]


@njit(cache=True, nogil=True, error_model="numpy")
def both(left, blanks, whole, with_blanks, size):
    """The score of a cut: that of its two parts."""
    low, high = 0.0, 0.0
    for k in range(size):
        mine = left[k] + (blanks[k] if with_blanks else 0.0)
        low += mine * mine
        high += (whole[k] - mine) ** 2
    weight = left[size] + (blanks[size] if with_blanks else 0.0)
    rest = whole[size] - weight
    return (low / weight if weight > 0 else 0.0) + (high / rest if rest > 0 else 0.0)
