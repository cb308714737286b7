"""What every booster file comes down to: nodes as arrays, a base, a link, and what its features are called.

Readers make it, `check` looks through it once, the writer trusts it from there on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from explain.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explain.models.boosters.ctr import Ctr
    from explain.types import Flags, Floats, Ints, Task

Link: TypeAlias = Literal["identity", "logistic", "softmax", "one-vs-all", "exponential", "square", "softplus"]
"""From t margins to scores. square: m * |m|; softplus: log(1 + exp(m)); one-vs-all: a sigmoid each, not normalised."""

APART = "Each class has its own probability (one against all); they do not add up to 1."
"""What is said of such models, whatever library wrote them."""
LEAF = -1
"""The feature of a node that asks nothing."""
BELOW, AT_MOST, MEMBER = 0, 1, 2
"""x < bound, x <= bound, x is one of the members."""
MOST_NODES = 2_000_000
"""Of all trees together: far beyond any booster seen, and one that ONNX Runtime still loads."""
MOST_STEPS = 2_000
"""From a root to a leaf, a set counted by its members: ONNX Runtime goes down by recursion and dies at 20,000."""
MOST_CODE = 1_000_000
"""Largest category code; the codes of a real table count its categories."""
MOST_FEATURES = 50_000
"""A table wider than this is none that a person reads."""
MOST_OUTPUTS = 1_000
"""Classes: beyond any that a screen can list."""


@dataclass(frozen=True)
class Nodes:
    """c nodes of one or more trees; children and roots are positions in these arrays.

    A node whose `feature` is LEAF adds `weight` to margin `target`. Any other sends a row to `true` where its
    `comparison` (BELOW, AT_MOST, MEMBER) of the feature with `bound`, or with the category codes `members[node]`,
    holds, else to `false`; a missing value goes to `true` where `missing_true`. Where `zero_missing`, zero counts as
    missing.
    """

    feature: Ints
    comparison: Ints
    bound: Floats
    true: Ints
    false: Ints
    missing_true: Flags
    zero_missing: Flags
    weight: Floats
    target: Ints
    roots: Ints
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Ensemble:
    """A booster: `source` and `objective` in its library's words, trees, and the way from margins to scores.

    `names` (f,) are the features' names (made up where not `named`), `categories` the names of the category codes 0,
    1, … of the features that are categories; empty where the column itself holds the codes, which are then the whole
    part of values from `least_code` on. `narrow`: numbers are rounded to float32 before they are compared. `offset`
    (t,) is added to the margins. `classes` are the outcomes in the model's order, empty where the file does not name
    them. `notes` are sentences about what was followed or taken for granted. `ctrs` are further features, looked up by
    categories, that follow the columns; `blanks` the words that blanks were in training, by category column. `linear`
    (f, t) are the weights of a booster that has no trees; a blank then counts as 0. `lines` are (feature, margin) of
    targets behind the t margins, each of which is a slope: times its feature it is added to its margin. `targets` name
    the values of a model that gives several, () for one.
    """

    source: str
    objective: str
    names: tuple[str, ...]
    named: bool
    categories: Mapping[int, tuple[str, ...]]
    narrow: bool
    nodes: Nodes
    offset: Floats
    link: Link
    task: Task
    least_code: float = 0.0
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ctrs: tuple[Ctr, ...] = ()
    linear: Floats | None = field(default=None, hash=False)
    lines: tuple[tuple[int, int], ...] = ()
    targets: tuple[str, ...] = ()
    blanks: Mapping[int, str] = field(default_factory=dict)

    @property
    def outputs(self) -> int:
        """k, the number of scores a row: two for a single margin of a binary model."""
        return 2 if self.task == "binary" else len(self.offset) - len(self.lines)


def broken(source: str, said: str) -> ModelError:
    """The error for a file that its own library did not write like this."""
    return ModelError(f"This {source} file is broken: {said}. Save the model anew and bring that file.")


def refuse_large(nodes: int) -> None:
    """Raise ModelError for more nodes than are taken; a file that says how many it has need not be read for that."""
    if nodes > MOST_NODES:
        raise ModelError(
            f"This booster has {nodes:,} nodes; at most {MOST_NODES:,} are taken. "
            "Train it with fewer or shallower trees."
        )


def join(trees: Sequence[Nodes]) -> Nodes:
    """Several trees as one set of nodes; raises ModelError when there are none or too many nodes."""
    import numpy as np

    if not trees:
        raise ModelError("This booster has no trees. Expected one that was trained; train it and save it anew.")
    starts = np.cumsum([0, *(len(tree.feature) for tree in trees)])
    refuse_large(int(starts[-1]))
    shifts = starts.tolist()
    members = {
        node + shift: codes for tree, shift in zip(trees, shifts, strict=False) for node, codes in tree.members.items()
    }
    moved = [
        (tree.true + shift, tree.false + shift, tree.roots + shift) for tree, shift in zip(trees, shifts, strict=False)
    ]
    return Nodes(
        feature=np.concatenate([tree.feature for tree in trees]),
        comparison=np.concatenate([tree.comparison for tree in trees]),
        bound=np.concatenate([tree.bound for tree in trees]),
        true=np.concatenate([true for true, _, _ in moved]),
        false=np.concatenate([false for _, false, _ in moved]),
        missing_true=np.concatenate([tree.missing_true for tree in trees]),
        zero_missing=np.concatenate([tree.zero_missing for tree in trees]),
        weight=np.concatenate([tree.weight for tree in trees]),
        target=np.concatenate([tree.target for tree in trees]),
        roots=np.concatenate([roots for _, _, roots in moved]),
        members=members,
    )


def scaled(weights: Floats, factor: float) -> Floats:
    """Leaf weights times a factor; what grows beyond a double is infinite, and refused by `check`."""
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):
        return weights * factor


def inside(source: str, tree: int, children: Ints, count: int) -> None:
    """Raise ModelError when a child lies outside of its own tree of `count` nodes."""
    if len(children) and not 0 <= children.min() <= children.max() < count:
        raise broken(source, f"tree {tree} points to a node that is not among its {count:,}")


def no_nodes() -> Nodes:
    """Those of a booster without trees."""
    import numpy as np

    none, flags, numbers = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool), np.zeros(0)
    return Nodes(none, none, numbers, none, none, flags, flags, numbers, none, none)


def check(ensemble: Ensemble) -> Ensemble:
    """The same with the nodes that roots reach, each seen to be sound; raises ModelError for the first that is not."""
    import numpy as np

    source, nodes = ensemble.source, ensemble.nodes
    reached = _reached(source, nodes)
    inner = reached & (nodes.feature != LEAF)
    leaves = reached & ~inner
    width, margins = len(ensemble.names) + len(ensemble.ctrs), len(ensemble.offset)
    if (nodes.feature[inner] < 0).any() or (nodes.feature[inner] >= width).any():
        raise broken(source, f"its trees ask for a feature that is not among its {width:,}")
    if np.isnan(nodes.bound[inner]).any():
        raise broken(source, "a threshold is not a number")
    if not np.isfinite(nodes.weight[leaves]).all() or not np.isfinite(ensemble.offset).all():
        raise broken(source, "a leaf or the base is not a finite number")
    if (nodes.target[leaves] < 0).any() or (nodes.target[leaves] >= margins).any():
        raise broken(source, f"a tree adds to an output that is not among its {margins:,}")
    sets = (inner & (nodes.comparison == MEMBER)).nonzero()[0].tolist()
    _check_sets(source, nodes, sets)
    kinds = set(nodes.feature[sets].tolist())
    plain = set(nodes.feature[inner & (nodes.comparison != MEMBER)].tolist())
    mixed = sorted((kinds | set(ensemble.categories)) & plain)
    if mixed:
        name = ensemble.names[mixed[0]]
        raise ModelError(
            f"This {source} file compares '{name}' as a number although it is a category. "
            "Train with it as one or the other, and bring that file."
        )
    categories = {**dict.fromkeys(kinds, ()), **ensemble.categories}
    notes = (APART,) if ensemble.link == "one-vs-all" else ()
    return replace(ensemble, nodes=_kept(nodes, reached), categories=categories, notes=(*ensemble.notes, *notes))


def of_target(ensemble: Ensemble, at: int) -> Ensemble:
    """The model of one of several values alone: that at a place among `targets`."""
    import numpy as np

    nodes = ensemble.nodes
    own = replace(nodes, roots=nodes.roots[nodes.target[nodes.roots] == at])
    kept = _kept(own, nodes.target == at)
    return replace(
        ensemble,
        nodes=replace(kept, target=np.zeros(len(kept.feature), dtype=np.int64)),
        offset=ensemble.offset[[at]],
        targets=(),
    )


def _check_sets(source: str, nodes: Nodes, sets: list[int]) -> None:
    for node in sets:
        codes = nodes.members.get(node, ())
        if not codes or min(codes) < 0 or max(codes) > MOST_CODE:
            raise broken(source, f"a set of categories is empty or has codes outside of 0 to {MOST_CODE:,}")
    total = sum(len(nodes.members[node]) for node in sets)
    if total > MOST_NODES:
        raise ModelError(
            f"The trees of this {source} file ask for {total:,} categories in all; at most {MOST_NODES:,} are taken. "
            "Train with fewer categories or trees."
        )


def _reached(source: str, nodes: Nodes) -> Flags:
    """Which nodes (c,) the roots reach; raises ModelError for a circle, a shared node, or a way that is too long."""
    import numpy as np

    count = len(nodes.feature)
    reached = np.zeros(count, dtype=bool)
    weights = np.ones(count, dtype=np.int64)
    for node, codes in nodes.members.items():
        weights[node] = max(1, len(codes))
    level, steps = nodes.roots, np.zeros(len(nodes.roots), dtype=np.int64)
    while len(level):
        if not 0 <= level.min() <= level.max() < count:
            raise broken(source, "its trees point to a node that is not there")
        if reached[level].any() or len(np.unique(level)) < len(level):
            raise broken(source, "its trees run in a circle or share a node")
        reached[level] = True
        parents = nodes.feature[level] != LEAF
        steps = np.tile(steps[parents] + weights[level[parents]], 2)
        level = np.concatenate([nodes.true[level[parents]], nodes.false[level[parents]]])
        if steps.max(initial=0) > MOST_STEPS:
            raise ModelError(
                f"The trees of this {source} file are more than {MOST_STEPS:,} steps deep (categories counted). "
                "Train with a limit on depth or on categories."
            )
    return reached


def _kept(nodes: Nodes, reached: Flags) -> Nodes:
    import numpy as np

    kept = reached.nonzero()[0]
    place = np.cumsum(reached) - 1
    inner = nodes.feature[kept] != LEAF
    true, false = np.full(len(kept), -1), np.full(len(kept), -1)
    true[inner], false[inner] = place[nodes.true[kept[inner]]], place[nodes.false[kept[inner]]]
    return Nodes(
        feature=nodes.feature[kept],
        comparison=nodes.comparison[kept],
        bound=nodes.bound[kept],
        true=true,
        false=false,
        missing_true=nodes.missing_true[kept],
        zero_missing=nodes.zero_missing[kept],
        weight=nodes.weight[kept],
        target=nodes.target[kept],
        roots=place[nodes.roots],
        members={int(place[node]): codes for node, codes in nodes.members.items() if reached[node]},
    )
