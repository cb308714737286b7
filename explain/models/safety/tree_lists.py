"""The lists of a tree operator of ONNX as arrays, and its nodes found by tree and id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from explain.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import onnx

    from explain.types import Floats, Ints

    Lists: TypeAlias = Mapping[str, onnx.AttributeProto]

MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER")
"""Comparisons in the order of TreeEnsemble's codes; BRANCH_MEMBER has no name in the older operators."""
MEMBER, LEAF = 6, 7
UNEVEN = "The trees of this model have lists of different lengths. Export the model anew."
NOWHERE = "The trees of this model point to a node that is not there. Export the model anew."
_CODES = {name.encode(): code for code, name in enumerate(MODES[:MEMBER])} | {b"LEAF": LEAF}


def lists_of(node: onnx.NodeProto) -> Lists:
    """The attributes of an operator by name."""
    return {item.name: item for item in node.attribute}


def ints(lists: Lists, name: str) -> Ints:
    """A list of whole numbers, empty where there is none."""
    import numpy as np

    return np.array(lists[name].ints if name in lists else (), dtype=np.int64)


def floats(lists: Lists, name: str) -> Floats:
    """A list of numbers, or the tensor that stands in for it where numbers are doubles or codes."""
    import numpy as np

    found: Any = lists.get(name)
    if found is not None and not found.HasField("t"):
        return np.array(found.floats, dtype=np.float64)
    tensor = found if found is not None else lists.get(f"{name}_as_tensor")
    if tensor is None:
        return np.zeros(0)
    from onnx import numpy_helper

    return np.asarray(numpy_helper.to_array(tensor.t), dtype=np.float64).ravel()


def named_modes(lists: Lists) -> tuple[Ints, list[str]]:
    """(c,) the codes of the nodes' comparisons, LEAF at leaves; or none, and the names that are not known."""
    import numpy as np

    names = list(lists["nodes_modes"].strings) if "nodes_modes" in lists else []
    unknown = sorted(name.decode("utf-8", "replace") for name in set(names).difference(_CODES))
    known = [] if unknown else names
    return np.fromiter(map(_CODES.__getitem__, known), np.int64, len(known)), unknown


def check_even(*sizes: int) -> None:
    """Raise ModelError where lists that should run side by side do not."""
    if len(set(sizes)) > 1:
        raise ModelError(UNEVEN)


def placed_children(lists: Lists, side: str, inner: int, leaves: int) -> Ints:
    """(inner,) the children of a TreeEnsemble's nodes on the "true" or "false" side, leaves behind inner nodes.

    Raises ModelError for one that is not there.
    """
    import numpy as np

    ids, to_leaf = ints(lists, f"nodes_{side}nodeids"), ints(lists, f"nodes_{side}leafs")
    check_even(inner, ids.size, to_leaf.size)
    if ((ids < 0) | (ids >= np.where(to_leaf != 0, leaves, inner))).any():
        raise ModelError(NOWHERE)
    return np.where(to_leaf != 0, inner + ids, ids)


class Places:
    """Nodes by tree and id: `of(trees, ids)` are their positions in the file, -1 where there is none.

    `trees` and `ids` run side by side, and may be any numbers; `twice` says whether some node is named twice.
    """

    def __init__(self, trees: Ints, ids: Ints) -> None:
        import numpy as np

        self.trees, self.size = trees, trees.size
        self._trees, self._ids = np.unique(trees), np.unique(ids)
        keys = self._keys(trees, ids)
        order = np.argsort(keys, kind="stable")
        # what is not found has the rank -1, and with that the last position
        self._sorted, self._order = keys[order], np.append(order, -1)
        self.twice = bool((self._sorted[1:] == self._sorted[:-1]).any())

    def _keys(self, trees: Ints, ids: Ints) -> Ints:
        """One number for tree and id, -1 where one of them is not known."""
        import numpy as np

        tree, node = (_ranks(known, wanted) for known, wanted in ((self._trees, trees), (self._ids, ids)))
        return np.where((tree < 0) | (node < 0), -1, tree * len(self._ids) + node)

    def of(self, trees: Ints, ids: Ints) -> Ints:
        """(n,) positions."""
        return self._order[_ranks(self._sorted, self._keys(trees, ids))]


def _ranks(known: Ints, wanted: Ints) -> Ints:
    """Where the wanted numbers stand among sorted ones, -1 for those that do not."""
    import numpy as np

    if not known.size:
        return np.full(wanted.shape, -1)
    # most often these are all numbers from the first to the last
    whole = int(known[-1]) - int(known[0]) == known.size - 1
    place = np.clip(wanted - known[0] if whole else np.searchsorted(known, wanted), 0, known.size - 1)
    return np.where(known[place] == wanted, place, -1)
