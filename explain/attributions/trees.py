"""Parse ONNX tree ensembles into leaves: for each leaf, the interval that every feature on its path must lie in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.attributions.graph import attributes
from explain.errors import ModelError

if TYPE_CHECKING:
    import onnx

    from explain.types import Flags, Floats, Ints


@dataclass(frozen=True)
class Leaves:
    """c conditions of l leaves; a leaf is reached when all of its conditions hold.

    Condition i belongs to `leaf[i]` and holds when feature `feature[i]` lies in (`above[i]`, `upto[i]`], or is
    missing and `missing[i]`. Conditions are sorted by leaf. `weights` (l, t) are the leaf values for t margins,
    `offset` (t,) is added to every margin.
    """

    leaf: Ints
    feature: Ints
    above: Floats
    upto: Floats
    missing: Flags
    weights: Floats
    offset: Floats


def parse_trees(head: onnx.NodeProto, features: int) -> Leaves | None:
    """The leaves of a TreeEnsembleClassifier or -Regressor (ai.onnx.ml 1 to 3).

    Returns None for branch modes that intervals cannot express (BRANCH_EQ, BRANCH_NEQ). Raises ModelError for a
    malformed ensemble: a cycle, a child or feature out of range, no leaf.
    """
    fields = attributes(head)
    if set(_strings(fields, "nodes_modes")) - set(MODES) - {"LEAF"}:
        return None
    return _assemble(_Nodes(fields, features), fields)


MODES = {
    # per mode: is the bound part of the true side, and is the true side below the bound?
    "BRANCH_LEQ": (True, True),
    "BRANCH_LT": (False, True),
    "BRANCH_GTE": (False, False),
    "BRANCH_GT": (True, False),
}
"""All four become x <= bound: x < t is x <= the float32 before t, and 'greater' swaps the branches."""


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

    def split(self, i: int) -> tuple[int, int, float, bool]:
        """Low child, high child, bound (x <= bound goes to the low child) and whether missing goes low."""
        import numpy as np

        closed, true_is_low = MODES[self.mode[i]]
        bound = float(self.bound[i])
        if not closed:
            bound = float(np.nextafter(np.float32(bound), np.float32(-np.inf)))
        try:
            true, false = self.at[self.tree[i], self.true[i]], self.at[self.tree[i], self.false[i]]
        except KeyError as error:
            raise ModelError("The trees of this model point to a node that is not there. Export it anew.") from error
        missing_true = bool(self.tracks_true[i])
        return (true, false, bound, missing_true) if true_is_low else (false, true, bound, not missing_true)


Path = dict[int, tuple[float, float, bool]]


def _leaves(nodes: _Nodes) -> tuple[list[int], list[Path]]:
    """Every leaf's node and its conditions: feature -> (above, upto, missing allowed)."""
    found: list[int] = []
    paths: list[Path] = []
    open_nodes: list[tuple[int, Path]] = [(root, {}) for root in reversed(nodes.roots())]
    budget = len(nodes.tree)
    while open_nodes:
        i, path = open_nodes.pop()
        budget -= 1
        if budget < 0:
            raise ModelError("The trees of this model share nodes or run in a circle. Export the model anew.")
        if nodes.mode[i] == "LEAF":
            found.append(i)
            paths.append(path)
            continue
        low, high, bound, missing_low = nodes.split(i)
        feature = nodes.feature[i]
        above, upto, missing = path.get(feature, (-float("inf"), float("inf"), True))
        open_nodes.append((high, path | {feature: (max(above, bound), upto, missing and not missing_low)}))
        open_nodes.append((low, path | {feature: (above, min(upto, bound), missing and missing_low)}))
    if budget:
        raise ModelError("The trees of this model run in a circle or hang apart. Export the model anew.")
    return found, paths


def _assemble(nodes: _Nodes, fields: dict[str, Any]) -> Leaves:
    import numpy as np

    found, paths = _leaves(nodes)
    if not found:
        raise ModelError("The trees of this model have no leaf. Export the model anew.")
    conditions = [
        (leaf, feature, *interval) for leaf, path in enumerate(paths) for feature, interval in sorted(path.items())
    ]
    columns = list(zip(*conditions, strict=True)) if conditions else [(), (), (), (), ()]
    return Leaves(
        leaf=np.array(columns[0], dtype=np.int64),
        feature=np.array(columns[1], dtype=np.int64),
        above=np.array(columns[2], dtype=np.float64),
        upto=np.array(columns[3], dtype=np.float64),
        missing=np.array(columns[4], dtype=bool),
        weights=_weights(nodes, found, fields),
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
