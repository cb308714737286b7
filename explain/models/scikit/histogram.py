"""The trees of HistGradientBoosting: records of nodes, and sets of categories as bits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explain.models.boosters.forest import LEAF, MEMBER, inside
from explain.models.scikit.grown import plain_nodes, records
from explain.models.scikit.thing import SOURCE, Thing

if TYPE_CHECKING:
    from explain.models.boosters.forest import Nodes
    from explain.types import Floats

WORDS, WORD = 8, 32
"""A set of categories has 8 words of 32 bits: at most 256 codes."""
FIELDS = ("value", "feature_idx", "num_threshold", "missing_go_to_left", "left", "right", "is_leaf", "is_categorical",
          "bitset_idx")  # fmt: skip


def leaf_trees(thing: Thing, each: int) -> list[Nodes]:
    """All trees, iteration by iteration, each adding to the margin of its outcome."""
    found = []
    for iteration in thing.listed("_predictors"):
        if (
            not isinstance(iteration, list)
            or len(iteration) != each
            or not all(isinstance(t, Thing) for t in iteration)
        ):
            raise thing.broken(f"has an iteration that is not of {each:,} trees")
        found += [_tree(tree, target) for target, tree in enumerate(iteration)]
    if not found:
        raise thing.broken("has no trees")
    return found


def _tree(thing: Thing, target: int) -> Nodes:
    import numpy as np

    array = records(thing.need("nodes"), FIELDS, thing)
    leaf = array["is_leaf"] != 0
    left, right = array["left"].astype(np.int64), array["right"].astype(np.int64)
    inside(SOURCE, 0, np.concatenate([left[~leaf], right[~leaf]]), len(array))
    feature = np.where(leaf, LEAF, array["feature_idx"].astype(np.int64))
    member = ~leaf & (array["is_categorical"] != 0)
    nodes = plain_nodes(feature, np.where(member, 0.0, array["num_threshold"]), (left, right),
                   array["missing_go_to_left"] != 0)  # fmt: skip
    sets = _sets(thing, member.nonzero()[0].tolist(), array["bitset_idx"].astype(np.int64))
    return replace(
        nodes,
        comparison=np.where(member, MEMBER, nodes.comparison),
        weight=np.where(leaf, array["value"], 0.0),
        target=np.full(len(array), target),
        members=sets,
    )


def _sets(thing: Thing, members: list[int], rows: Floats) -> dict[int, tuple[int, ...]]:
    """The codes that go to the left, by node."""
    if not members:
        return {}
    bits = thing.floats("raw_left_cat_bitsets", -1, WORDS)
    places = [int(rows[node]) for node in members]
    if not all(0 <= place < len(bits) for place in places):
        raise thing.broken("points to a set of categories that is not there")
    return {node: codes_in(bits[place]) for node, place in zip(members, places, strict=True)}


def codes_in(words: Floats) -> tuple[int, ...]:
    """The codes whose bits are set."""
    whole = [int(word) for word in words.tolist()]
    return tuple(WORD * at + bit for at, word in enumerate(whole) for bit in range(WORD) if word >> bit & 1)


def known_codes(thing: Thing, width: int) -> dict[int, list[int]]:
    """The codes of categories that training knew, by column; what is not among them counts as blank."""
    import numpy as np

    flags = thing.get("_is_categorical_remapped")
    if flags is None:
        return {}
    mask = Thing(thing.kind, {"mask": flags}).mask("mask", width)
    mapper = thing.thing("_bin_mapper")
    lists = mapper.listed("bin_thresholds_", width)
    found = {}
    for at in mask.nonzero()[0].tolist():
        codes = np.asarray(lists[at], dtype=np.float64)
        if codes.ndim != 1 or not ((codes >= 0) & (codes < WORDS * WORD) & (codes == np.floor(codes))).all():
            raise thing.broken("has categories that are not codes from 0 to 255")
        found[at] = [int(code) for code in codes]
    return found
