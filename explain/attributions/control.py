"""What of a model's scores can be taken apart exactly: trees and weights inside of it, weighed so that they come close.

A calibrated, voting or stacked model has no exact reasons as a whole, but its members have. The sum of members that
comes closest to the scores is explained exactly, against all reference rows; only the scores less that sum are left to
be sampled. Shares are linear in the scores, so that the two together are the shares of the scores themselves (a
control variate: the less is left, the less there is to be wrong about).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from explain.attributions import ready
from explain.attributions.bit_shap import BitTables, bit_margins, bit_values, prepare_bits, walked_margins
from explain.attributions.graph import WEIGHTS, attributes
from explain.attributions.linear import Linear, linear_values, parse_linear
from explain.attributions.tree_shap import tree_values
from explain.attributions.trees import parse_trees
from explain.models import runtime

if TYPE_CHECKING:
    import numpy as np
    import onnx

    from explain.attributions.graph import Hoisted
    from explain.attributions.tree_shap import TreeTables
    from explain.attributions.trees import Trees
    from explain.models import Package
    from explain.parallel import Tell
    from explain.types import Floats

    Cells = np.ndarray[Any, Any]

MOST_MEMBERS = 32
"""Members that are looked at: each costs a pass over its trees for every row."""
ROWS_EACH = 10
"""Reference rows for each number that members are weighed with: with fewer the weights would be noise."""
WORTH = 0.9
"""Largest variance left, as a share of that of the scores: with more left the members are not worth their time."""
PROOF = 64
"""Reference rows on which that is seen."""
FIRM = 1e-3
"""Directions in which margins differ less, as a share of the widest one, get no weight: float32's noise would."""
SAME = 1e-5
"""How far a member as read from the file may be from what the runtime makes of it, as a share of its spread."""


class Ready(NamedTuple):
    """Trees with their tables for the compiled loops."""

    trees: Trees
    tables: TreeTables


@dataclass(frozen=True)
class Member:
    """One deciding node inside a model: `tensor` is what it gives (n, t), `place` where its features stand in cells."""

    tensor: str
    place: slice
    owner: list[int]
    columns: int
    parts: Ready | BitTables | Linear
    mean: Floats

    @property
    def width(self) -> int:
        """How many margins it has."""
        if isinstance(self.parts, Linear):
            return int(self.parts.weights.shape[1])
        return len(self.parts.tables.base if isinstance(self.parts, Ready) else self.parts.base)

    def values(self, cells: Cells) -> Floats:
        """(n, f) cells -> exact shares (n, p, t) against all reference rows."""
        features = cells[:, self.place].astype("float64")
        if isinstance(self.parts, BitTables):
            return bit_values(self.parts, features)
        if isinstance(self.parts, Linear):
            return linear_values(self.parts, self.owner, self.columns, features, self.mean)
        return tree_values(self.parts.tables, features)[0]

    def margins(self, cells: Cells) -> Floats:
        """(n, f) cells -> the margins (n, t) as read from the file, but for what is added to all rows alike."""
        features = cells[:, self.place].astype("float64")
        if isinstance(self.parts, Linear):
            return features @ self.parts.weights
        if isinstance(self.parts, BitTables):
            return bit_margins(self.parts, features)
        layout = self.parts.tables.layout
        return walked_margins(self.parts.trees, layout.knots, layout.tests, features)


@dataclass(frozen=True)
class Control:
    """Members and their `weights` (sum of t, k) for each score; `rest` is the model that gives their margins too."""

    members: list[Member]
    weights: Floats
    found: Hoisted
    rest: bytes

    def exact(self, cells: Cells) -> Floats:
        """(n, f) cells -> (n, p, k) exact shares of the weighed members."""
        import numpy as np

        values = np.concatenate([member.values(cells) for member in self.members], axis=2)
        return np.asarray(values @ self.weights)

    def left(self, cells: Cells) -> Floats:
        """(n, f) cells -> (n, k) scores less the weighed members."""
        scores, margins = _run(self.found, self.rest, self.members, cells)
        return scores - margins @ self.weights


def find_control(model: Package, found: Hoisted, cells: Cells, tell: Tell | None, *, few: bool) -> Control | None:
    """The members of a model that has any and their weights, from the `cells` (m, f) of all reference rows.

    None where too much would be left over. `few` makes trees ready for a few rows, without compiled loops.
    """
    import numpy as np

    read = [_member(model, found, head, cells, tell, few=few) for head in found.heads[:MOST_MEMBERS] if head.output[-1]]
    members = _proved(found, [member for member in read if member is not None], cells)
    if not members:
        return None
    rest = found.rest_with([member.tensor for member in members])
    scores, margins = _run(found, rest, members, cells)
    if len(cells) < ROWS_EACH * (margins.shape[1] + 1) or not np.isfinite(scores).all():
        return None
    centred, wanted = margins - margins.mean(axis=0), scores - scores.mean(axis=0)
    scale = np.maximum(centred.std(axis=0), np.finfo(np.float32).tiny)
    weights = np.linalg.lstsq(centred / scale, wanted, rcond=FIRM)[0] / scale[:, None]
    left = wanted - centred @ weights
    control = Control(members, weights, found, rest)
    worth = (left**2).sum() <= WORTH * (wanted**2).sum()
    return control if worth and (few or _adds_up(control, cells, left)) else None


def _adds_up(control: Control, cells: Cells, left: Floats) -> bool:
    """Whether exact shares and what is left differ from row to row as the scores do."""
    import numpy as np

    probe = cells[:PROOF]
    total = control.exact(probe).sum(axis=1) + left[:PROOF]
    scores = control.found.score(probe)
    off = np.ptp(total - scores, axis=0)
    return bool((off <= SAME * np.maximum(np.ptp(scores, axis=0), SAME)).all())


def _proved(found: Hoisted, members: list[Member], cells: Cells) -> list[Member]:
    """The members whose margins are those of the runtime, but for what is added to all rows alike."""
    import numpy as np

    if not members:
        return []
    probe = cells[:PROOF]
    names = [member.tensor for member in members]
    raw = found.scores_and(probe, found.rest_with(names), names)[1]
    kept = []
    for member, tensor in zip(members, raw, strict=True):
        own = member.margins(probe)
        off = own - _last(tensor, own.shape[1])
        if np.isfinite(off).all() and (np.ptp(off, axis=0) <= SAME * np.maximum(np.ptp(own, axis=0), SAME)).all():
            kept.append(member)
    return kept


def _run(found: Hoisted, rest: bytes, members: list[Member], cells: Cells) -> tuple[Floats, Floats]:
    """(n, f) cells -> scores (n, k) and the members' margins (n, sum of t), as the runtime gives them."""
    import numpy as np

    scores, raw = found.scores_and(cells, rest, [member.tensor for member in members])
    return scores, np.concatenate([_last(one, member.width) for member, one in zip(members, raw, strict=True)], axis=1)


def _last(raw: Cells, width: int) -> Floats:
    """(n, width) of a tensor: of two outcomes that share one margin it is the second's."""
    import numpy as np

    found = np.asarray(raw, dtype=np.float64).reshape(len(raw), -1)
    return found[:, -width:]


def _member(
    model: Package, found: Hoisted, head: onnx.NodeProto, cells: Cells, tell: Tell | None, *, few: bool
) -> Member | None:
    """A node as a member, None where it is none: trees joined in another way, say."""
    place = next(item.place for item in found.between if item.name == head.input[0])
    owner, columns = found.owner[place], len(model.schema)
    features = cells[:, place].astype("float64")
    if not head.op_type.startswith("Tree"):
        linear = _weights(found, head) if head.op_type in WEIGHTS else parse_linear(head, len(owner))
        if linear is None or len(linear.weights) != len(owner):
            return None
        return Member(head.output[-1], place, owner, columns, linear, features.mean(axis=0))
    trees = parse_trees(head, len(owner))
    if trees is None:
        return None
    parts: Ready | BitTables | None
    if few:
        parts = prepare_bits(trees, owner, columns, features)
    else:
        tables = ready.tables(f"{model.info.sha256} {head.output[0]}", trees, owner, columns, features, tell)
        parts = None if tables is None else Ready(trees, tables)
    return None if parts is None else Member(head.output[-1], place, owner, columns, parts, features.mean(axis=0))


def _weights(found: Hoisted, head: onnx.NodeProto) -> Linear | None:
    """A product with constant weights; what is added to it is the same for all rows and changes no share."""
    import numpy as np
    from onnx import numpy_helper

    known = {item.name: item for item in runtime.parse(found.rest).graph.initializer}
    fields: dict[str, Any] = attributes(head)
    if head.input[1] not in known or fields.get("transA"):
        return None
    weights = numpy_helper.to_array(known[head.input[1]]).astype(np.float64)
    if weights.ndim != 2:
        return None
    weights = float(fields.get("alpha", 1.0)) * (weights.T if fields.get("transB") else weights)
    return Linear(weights, np.zeros(weights.shape[1]))
