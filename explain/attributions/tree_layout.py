"""Cut trees into bundles: subtrees whose whole contribution is one look-up in a table.

A bundle is a subtree and the path to it. Its pattern has one bit for each player on the path (set when the row fails
some condition of that player there) and one for each inner node below (set when the row goes to the high side). The
pattern says for every leaf of the bundle which of its players the row fails, hence its contribution; the leaves' sum
is one table row. Leaves at the end of paths too long for that are kept apart as deep leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from explain.attributions.tree_codes import Knots, Tests, find_knots, find_tests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explain.attributions.trees import Trees
    from explain.types import Floats, Ints

LOW, HIGH = 0, 1
ALIKE = 8
"""Trees that tell how much room all of them will need: those of a forest are alike."""
Step = tuple[int, int, int]
"""A condition on a path: inner node (numbered within its tree), the side to take, slot of its player."""
Condition = tuple[int, int, int]
"""A condition below a bundle's path: bit of the pattern, wanted value, slot of its player."""


class Paths(NamedTuple):
    """Where patterns come from: those of tree i are numbers `start[i]` to `start[i + 1]`.

    Pattern k has the steps `step[k]` to `step[k + 1]` (node, side, slot), then the inner nodes `below[k]` to
    `below[k + 1]`, whose bits begin at `slots[k]`.
    """

    start: Ints
    step: Ints
    node: Ints
    side: Ints
    slot: Ints
    below: Ints
    inner: Ints
    slots: Ints


class Bundles(NamedTuple):
    """Bundle k adds to margin `margin[k]`; its table begins at cell `table[k]`: 2^`bits[k]` numbers for each of the
    columns `columns[columns_start[k]:columns_start[k + 1]]`, the last of them standing for the margin itself.

    Its leaves are `leaf[k]` to `leaf[k + 1]`. Leaf j has `weight[j]`, players whose places in the table row are
    `place[place_start[j]:place_start[j + 1]]`, of which those on the path come first, `passed` the share of training
    rows that each lets by, and conditions below the path `condition[j]` to `condition[j + 1]`: a bit of the pattern,
    its wanted value, and the slot it speaks for.
    """

    margin: Ints
    bits: Ints
    table: Ints
    columns_start: Ints
    columns: Ints
    leaf: Ints
    weight: Floats
    place_start: Ints
    place: Ints
    passed: Floats
    condition: Ints
    condition_bit: Ints
    condition_wanted: Ints
    condition_slot: Ints


class Deep(NamedTuple):
    """Deep leaf k has the players `columns[columns_start[k]:columns_start[k + 1]]` and `weights[k]` (t).

    `passed` runs beside `columns`: the share of training rows that each player lets by.
    """

    columns_start: Ints
    columns: Ints
    passed: Floats
    weights: Floats


class Past(NamedTuple):
    """The background at the deep leaves: leaf k is met by the failed sets `mask[start[k]:start[k + 1]]`, each by
    `rows` of the background rows.
    """

    start: Ints
    mask: Ints
    rows: Ints


@dataclass(frozen=True)
class Layout:
    """All that the loops of kernels.py read."""

    knots: Knots
    tests: Tests
    bundle_paths: Paths
    bundles: Bundles
    deep_paths: Paths
    deep: Deep
    cells: int
    most_players: int
    columns: int


@dataclass
class _PathLists:
    start: list[int] = field(default_factory=lambda: [0])
    step: list[int] = field(default_factory=lambda: [0])
    steps: list[Step] = field(default_factory=list)
    below: list[int] = field(default_factory=lambda: [0])
    inner: list[int] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)

    def add(self, path: list[Step], slots: int, inner: list[int]) -> None:
        self.steps += path
        self.step.append(len(self.steps))
        self.inner += inner
        self.below.append(len(self.inner))
        self.slots.append(slots)

    def arrays(self) -> Paths:
        nodes, sides, slots = _triples(self.steps)
        given = (self.start, self.step, nodes, sides, slots, self.below, self.inner, self.slots)
        return Paths(*map(_ints, given))


@dataclass
class _BundleLists:
    margin: list[int] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)
    table: list[int] = field(default_factory=list)
    columns_start: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    leaf: list[int] = field(default_factory=lambda: [0])
    weight: list[float] = field(default_factory=list)
    place_start: list[int] = field(default_factory=lambda: [0])
    place: list[int] = field(default_factory=list)
    passed: list[float] = field(default_factory=list)
    condition: list[int] = field(default_factory=lambda: [0])
    conditions: list[Condition] = field(default_factory=list)
    cells: int = 0

    def arrays(self) -> Bundles:
        import numpy as np

        bits, wanted, slots = _triples(self.conditions)
        return Bundles(
            margin=_ints(self.margin),
            bits=_ints(self.bits),
            table=_ints(self.table),
            columns_start=_ints(self.columns_start),
            columns=_ints(self.columns),
            leaf=_ints(self.leaf),
            weight=np.array(self.weight, dtype=np.float64),
            place_start=_ints(self.place_start),
            place=_ints(self.place),
            passed=np.array(self.passed, dtype=np.float64),
            condition=_ints(self.condition),
            condition_bit=_ints(bits),
            condition_wanted=_ints(wanted),
            condition_slot=_ints(slots),
        )


def _ints(items: object) -> Ints:
    import numpy as np

    return np.ascontiguousarray(items, dtype=np.int64)


def _triples(items: list[tuple[int, int, int]]) -> Ints:
    """(3, n) of n triples."""
    import numpy as np

    return np.fromiter(chain.from_iterable(items), np.int64, 3 * len(items)).reshape(-1, 3).T


def lay_out(trees: Trees, owner: list[int], columns: int, sizes: tuple[int, int], most_cells: int) -> Layout | None:
    """Bundles over `columns` players; `owner` (f,) is the raw column behind each feature.

    `sizes` are the most bits of a bundle's pattern, and the most players of a lone leaf that still gets a table. None
    as soon as the tables would hold more than `most_cells` numbers.
    """
    return _Builder(trees, owner, columns, sizes).layout(most_cells)


class _Players(NamedTuple):
    """The players of a path: each one's slot, in order, and the share of training rows that its conditions let by."""

    slots: dict[int, int]
    passed: tuple[float, ...]


class _Builder:
    """Walks the trees once and collects what Layout holds; gone when it is done."""

    def __init__(self, trees: Trees, owner: list[int], columns: int, sizes: tuple[int, int]) -> None:
        self.trees, self.owner, self.columns, self.sizes = trees, owner, columns, sizes
        self.feature, self.low, self.high = (item.tolist() for item in (trees.feature, trees.low, trees.high))
        self.passed = [1.0] * len(self.feature) if trees.passed is None else trees.passed.tolist()
        self.inner_below = self._inner_below()
        self.bundle_paths, self.deep_paths, self.bundles = _PathLists(), _PathLists(), _BundleLists()
        self.deep_start, self.deep_columns, self.deep_leaves = [0], list[int](), list[int]()
        self.deep_passed: list[float] = []
        self.most_players = 0

    def layout(self, most_cells: int) -> Layout | None:
        import numpy as np

        trees = self.trees
        number = [0] * len(self.feature)
        ends = [*trees.roots.tolist()[1:], len(self.feature)]
        for done, (root, end) in enumerate(zip(trees.roots.tolist(), ends, strict=True), start=1):
            at = 0
            for i in range(root, end):
                if self.feature[i] >= 0:
                    number[i] = at
                    at += 1
            self._tree(root, number)
            expected = self.bundles.cells * len(ends) // done if done >= ALIKE else 0
            if max(self.bundles.cells, expected) > most_cells:
                return None
            self.bundle_paths.start.append(len(self.bundle_paths.slots))
            self.deep_paths.start.append(len(self.deep_paths.slots))
        knots = find_knots(trees, len(self.owner))
        weights = trees.weights[self.deep_leaves]
        passed = np.array(self.deep_passed, dtype=np.float64)
        return Layout(
            knots,
            find_tests(trees, knots),
            self.bundle_paths.arrays(),
            self.bundles.arrays(),
            self.deep_paths.arrays(),
            Deep(_ints(self.deep_start), _ints(self.deep_columns), passed, weights),
            self.bundles.cells,
            self.most_players,
            self.columns,
        )

    def _inner_below(self) -> list[int]:
        """How many inner nodes each subtree has; parents stand before their children, so a walk backwards does."""
        count = [0] * len(self.feature)
        for i in range(len(count) - 1, -1, -1):
            if self.feature[i] >= 0:
                count[i] = 1 + count[self.low[i]] + count[self.high[i]]
        return count

    def _tree(self, root: int, number: list[int]) -> None:
        open_nodes: list[tuple[int, list[Step], _Players]] = [(root, [], _Players({}, ()))]
        while open_nodes:
            i, path, players = open_nodes.pop()
            alone = self.feature[i] < 0
            if len(players.slots) + self.inner_below[i] <= self.sizes[alone]:
                self._bundle(i, path, players, number)
            elif alone:
                self._deep(i, path, players)
            else:
                children = list(self._children(i, players, number[i]))
                open_nodes += [(child, [*path, step], known) for child, step, known in reversed(children)]

    def _children(self, i: int, players: _Players, node: int) -> Iterator[tuple[int, Step, _Players]]:
        player = self.owner[self.feature[i]]
        slot = players.slots.get(player, len(players.slots))
        slots = players.slots if player in players.slots else players.slots | {player: slot}
        passed = (*players.passed, 1.0)[: len(slots)]
        for side, child in ((LOW, self.low[i]), (HIGH, self.high[i])):
            by = (*passed[:slot], passed[slot] * self.passed[child], *passed[slot + 1 :])
            yield child, (node, side, slot), _Players(slots, by)

    def _deep(self, i: int, path: list[Step], players: _Players) -> None:
        self.deep_paths.add(path, len(players.slots), [])
        self.deep_columns += list(players.slots)
        self.deep_passed += players.passed
        self.deep_start.append(len(self.deep_columns))
        self.deep_leaves.append(i)
        self.most_players = max(self.most_players, len(players.slots))

    def _bundle(self, root: int, path: list[Step], players: _Players, number: list[int]) -> None:
        """One bundle for each margin to which the subtree gives something."""
        inner: list[int] = []
        leaves: list[tuple[int, list[Condition], _Players]] = []
        open_nodes: list[tuple[int, list[Condition], _Players]] = [(root, [], players)]
        above = len(players.slots)
        while open_nodes:
            i, conditions, known = open_nodes.pop()
            if self.feature[i] < 0:
                leaves.append((i, conditions, known))
                continue
            bit = above + len(inner)
            inner.append(number[i])
            children = list(self._children(i, known, number[i]))
            open_nodes += [(child, [*conditions, (bit, side, slot)], seen) for child, (_, side, slot), seen in children]
        weights = self.trees.weights
        for margin in range(weights.shape[1]):
            given = [leaf for leaf in leaves if weights[leaf[0], margin] != 0]
            if given:
                self.bundle_paths.add(path, above, inner)
                self._add_bundle(margin, above + len(inner), given)

    def _add_bundle(self, margin: int, bits: int, leaves: list[tuple[int, list[Condition], _Players]]) -> None:
        lists = self.bundles
        columns = list(dict.fromkeys(player for _, _, known in leaves for player in known.slots))
        place = {player: at for at, player in enumerate(columns)}
        for i, conditions, known in leaves:
            lists.weight.append(float(self.trees.weights[i, margin]))
            lists.place += [place[player] for player in known.slots]
            lists.passed += known.passed
            lists.place_start.append(len(lists.place))
            lists.conditions += conditions
            lists.condition.append(len(lists.conditions))
        lists.leaf.append(len(lists.weight))
        lists.margin.append(margin)
        lists.bits.append(bits)
        lists.table.append(lists.cells)
        lists.columns += [*columns, self.columns]
        lists.columns_start.append(len(lists.columns))
        lists.cells += (len(columns) + 1) << bits
