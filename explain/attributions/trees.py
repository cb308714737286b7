"""Parse ONNX tree ensembles into plain arrays, checked: compiled loops do not look twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.attributions.graph import attributes
from explain.errors import ModelError

if TYPE_CHECKING:
    import onnx

    from explain.types import Flags, Floats, Ints


@dataclass(frozen=True)
class Trees:
    """c nodes of an ensemble, each tree's after the other, parents before their children.

    Node i is a leaf where `feature[i]` is -1 and gives `weights[i]` (t margins). Else it sends a row to `low[i]` when
    feature `feature[i]` is at most `bound[i]` (or equal to it, where `equal[i]`), to `high[i]` otherwise, and a
    missing value to `low[i]` where `missing_low[i]`. `roots` are the trees' first nodes, `offset` (t,) is added to
    every margin.
    """

    feature: Ints
    bound: Floats
    equal: Flags
    low: Ints
    high: Ints
    missing_low: Flags
    weights: Floats
    roots: Ints
    offset: Floats


def parse_trees(head: onnx.NodeProto, features: int) -> Trees:
    """The trees of a TreeEnsembleClassifier or -Regressor (ai.onnx.ml 1 to 3).

    Raises ModelError for a malformed ensemble: a cycle, a child or feature out of range, an unknown comparison, no
    leaf.
    """
    fields = attributes(head)
    unknown = set(_strings(fields, "nodes_modes")) - set(MODES) - {"LEAF"}
    if unknown:
        raise ModelError(f"The trees of this model compare in a way that is not known: {min(unknown)[:40]}.")
    return _assemble(_Nodes(fields, features), fields)


MODES = {
    # per mode: is the bound part of the true side, is the true side the low one, is it a test of equality?
    "BRANCH_LEQ": (True, True, False),
    "BRANCH_LT": (False, True, False),
    "BRANCH_GTE": (False, False, False),
    "BRANCH_GT": (True, False, False),
    "BRANCH_EQ": (True, True, True),
    "BRANCH_NEQ": (True, False, True),
}
"""All become x <= bound or x == bound: x < t is x <= the float32 before t, "greater" and "unequal" swap branches."""


class _Nodes:
    """The flat node arrays of an ensemble, checked."""

    def __init__(self, fields: dict[str, Any], features: int) -> None:
        self.tree = fields["nodes_treeids"]
        self.node = fields["nodes_nodeids"]
        self.mode = _strings(fields, "nodes_modes")
        self.feature = fields["nodes_featureids"]
        self.bound = fields.get("nodes_values") or _doubles(fields, "nodes_values_as_tensor")
        self.true = fields["nodes_truenodeids"]
        self.false = fields["nodes_falsenodeids"]
        self.tracks_true = fields.get("nodes_missing_value_tracks_true") or [0] * len(self.tree)
        self.at = {key: i for i, key in enumerate(zip(self.tree, self.node, strict=True))}
        if len(self.at) != len(self.tree):
            raise ModelError("The trees of this model name a node twice. Export the model anew.")
        if any(not 0 <= f < features for f, m in zip(self.feature, self.mode, strict=True) if m != "LEAF"):
            raise ModelError("The trees of this model ask for a feature that the model does not have.")

    def roots(self) -> list[int]:
        """One node a tree: the one that is nobody's child."""
        children = {
            (self.tree[i], child)
            for i, mode in enumerate(self.mode)
            if mode != "LEAF"
            for child in (self.true[i], self.false[i])
        }
        roots = [i for i, key in enumerate(zip(self.tree, self.node, strict=True)) if key not in children]
        if len(roots) != len(set(self.tree)):
            raise ModelError("The trees of this model run in a circle or hang apart. Export the model anew.")
        return roots

    def split(self, i: int) -> tuple[int, int, float, bool, bool]:
        """Low child, high child, bound, whether a missing value goes low, and whether low means equal."""
        import numpy as np

        closed, true_is_low, equal = MODES[self.mode[i]]
        bound = float(self.bound[i])
        if not closed:
            bound = float(np.nextafter(np.float32(bound), np.float32(-np.inf)))
        try:
            true, false = self.at[self.tree[i], self.true[i]], self.at[self.tree[i], self.false[i]]
        except KeyError as error:
            raise ModelError("The trees of this model point to a node that is not there. Export it anew.") from error
        # a missing value is unequal to everything, so that it takes the true side of BRANCH_NEQ in any case
        missing_true = bool(self.tracks_true[i]) or self.mode[i] == "BRANCH_NEQ"
        if true_is_low:
            return true, false, bound, missing_true, equal
        return false, true, bound, not missing_true, equal


def _order(nodes: _Nodes) -> tuple[list[int], list[int]]:
    """Every node, parents first and tree by tree, and where each tree begins."""
    order: list[int] = []
    roots: list[int] = []
    for root in nodes.roots():
        roots.append(len(order))
        open_nodes = [root]
        while open_nodes:
            i = open_nodes.pop()
            order.append(i)
            if len(order) > len(nodes.tree):
                raise ModelError("The trees of this model share nodes or run in a circle. Export the model anew.")
            if nodes.mode[i] != "LEAF":
                low, high, *_ = nodes.split(i)
                open_nodes += [high, low]
    if len(order) < len(nodes.tree):
        raise ModelError("The trees of this model run in a circle or hang apart. Export the model anew.")
    return order, roots


def _assemble(nodes: _Nodes, fields: dict[str, Any]) -> Trees:
    import numpy as np

    order, roots = _order(nodes)
    found = [i for i in order if nodes.mode[i] == "LEAF"]
    if not found:
        raise ModelError("The trees of this model have no leaf. Export the model anew.")
    place = {i: at for at, i in enumerate(order)}
    splits = [(-1, -1, 0.0, False, False) if nodes.mode[i] == "LEAF" else nodes.split(i) for i in order]
    low, high, bound, missing_low, equal = zip(*splits, strict=True)
    leaf_weights = _weights(nodes, found, fields)
    weights = np.zeros((len(order), leaf_weights.shape[1]))
    weights[[place[i] for i in found]] = leaf_weights
    return Trees(
        feature=np.array([-1 if nodes.mode[i] == "LEAF" else nodes.feature[i] for i in order], dtype=np.int64),
        bound=np.array(bound, dtype=np.float64),
        equal=np.array(equal, dtype=bool),
        low=np.array([place.get(i, -1) for i in low], dtype=np.int64),
        high=np.array([place.get(i, -1) for i in high], dtype=np.int64),
        missing_low=np.array(missing_low, dtype=bool),
        weights=weights,
        roots=np.array(roots, dtype=np.int64),
        offset=_offset(fields),
    )


def _weights(nodes: _Nodes, found: list[int], fields: dict[str, Any]) -> Floats:
    """(l, t) leaf values; an AVERAGE ensemble is divided by its number of trees."""
    import numpy as np

    kind = "class" if "class_ids" in fields else "target"
    ids = fields[f"{kind}_ids"]
    values = fields.get(f"{kind}_weights") or _doubles(fields, f"{kind}_weights_as_tensor")
    index = {i: at for at, i in enumerate(found)}
    margins = _margins(fields)
    weights = np.zeros((len(found), margins))
    places = zip(fields[f"{kind}_treeids"], fields[f"{kind}_nodeids"], ids, values, strict=True)
    for tree, node, output, value in places:
        leaf = index.get(nodes.at.get((tree, node), -1))
        if leaf is None or not np.isfinite(value):
            raise ModelError("A leaf value of this model is missing or no number. Export the model anew.")
        weights[leaf, 0 if margins == 1 else output] += np.float64(value)
    if fields.get("aggregate_function") == "AVERAGE":
        weights /= len(set(nodes.tree))
    return weights


def _margins(fields: dict[str, Any]) -> int:
    """How many scores the ensemble adds up: a binary classifier with one set of weights has a single margin."""
    ids = fields.get("class_ids") or fields.get("target_ids") or [0]
    if "class_ids" in fields:
        labels = len(fields.get("classlabels_int64s") or fields.get("classlabels_strings") or [0])
        return 1 if len(set(ids)) == 1 and labels <= 2 else max(labels, int(max(ids)) + 1)
    return max(int(fields.get("n_targets", 1)), int(max(ids)) + 1)


def _offset(fields: dict[str, Any]) -> Floats:
    import numpy as np

    base = fields.get("base_values") or _doubles(fields, "base_values_as_tensor")
    margins = _margins(fields)
    offset = np.zeros(margins)
    if len(base):
        offset[:] = np.asarray(base, dtype=np.float64)[:margins] if len(base) >= margins else float(base[0])
    return offset


def _doubles(fields: dict[str, Any], name: str) -> list[float]:
    from onnx import numpy_helper

    return [float(item) for item in numpy_helper.to_array(fields[name])] if name in fields else []


def _strings(fields: dict[str, Any], name: str) -> list[str]:
    return list(fields.get(name) or [])
