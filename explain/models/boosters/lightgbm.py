"""LightGBM's text files, read without the library, which ends the whole process on a malformed one.

Numbers are compared as doubles and go to the left (true) side up to a threshold; a category goes to the left side
where it is in the node's set. https://github.com/microsoft/LightGBM, gbdt_model_text.cpp and tree.h.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explain.errors import ModelError
from explain.models.boosters.fields import SHOWN
from explain.models.boosters.forest import (
    AT_MOST,
    LEAF,
    MEMBER,
    MOST_FEATURES,
    MOST_NODES,
    MOST_OUTPUTS,
    Ensemble,
    Link,
    Nodes,
    broken,
    check,
    inside,
    join,
    refuse_large,
    scaled,
)
from explain.models.boosters.leaf_lines import chained
from explain.models.safety.trees import refuse_many
from explain.safety.strange_json import read_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.types import Flags, Floats, Ints, Task

SOURCE = "LightGBM"
ZERO = float.fromhex("0x1.a95a5c0000000p-117")
"""1e-35 as float32: numbers up to this size are zero to the library."""
IS_CATEGORY, DEFAULT_LEFT = 1, 2
NONE, ZEROS, NANS = 0, 1, 2
"""What counts as missing at a node (bits 2 and 3 of decision_type)."""
WORD = 32
"""Bits a number of cat_threshold."""

IDENTITY = ("regression", "regression_l2", "regression_l1", "huber", "fair", "quantile", "mape")
ROOTED = {"regression", "regression_l2", "regression_l1", "fair", "quantile", "mape"}
"""May be trained on square roots."""
LINKS: dict[str, tuple[Link, Task]] = {
    "binary": ("logistic", "binary"),
    "multiclass": ("softmax", "multiclass"),
    "multiclassova": ("one-vs-all", "multiclass"),
    "cross_entropy": ("logistic", "regression"),
    "cross_entropy_lambda": ("softplus", "regression"),
    "poisson": ("exponential", "regression"),
    "gamma": ("exponential", "regression"),
    "tweedie": ("exponential", "regression"),
    **dict.fromkeys(IDENTITY, ("identity", "regression")),
}


_LEAVES = re.compile(r"^num_leaves=(\d{1,7})$", re.MULTILINE)
"""How large each tree is: it has one node less inside than it has leaves."""


@dataclass(frozen=True)
class Objective:
    """`scale` multiplies the margins before the link."""

    name: str
    link: Link
    task: Task
    scale: float = 1.0


@dataclass(frozen=True)
class Block:
    """The lines `key=value` of the head or of one tree."""

    where: str
    lines: dict[str, str]

    def text(self, key: str) -> str:
        """A value; raises ModelError when there is none."""
        if key not in self.lines:
            raise broken(SOURCE, f"{self.where} lacks '{key}'")
        return self.lines[key]

    def floats(self, key: str, count: int) -> Floats:
        """A list of `count` numbers; a list of none may be left out."""
        import numpy as np

        parts = self.text(key).split() if count or key in self.lines else []
        if len(parts) != count:
            raise broken(SOURCE, f"'{key}' of {self.where} should hold {count:,} numbers, but holds {len(parts):,}")
        try:
            # Python takes 1_0 for a number, LightGBM does not
            return np.array([float(part.replace("_", "?")) for part in parts], dtype=np.float64)
        except ValueError as error:
            raise broken(SOURCE, f"'{key}' of {self.where} holds something that is not a number") from error

    def ints(self, key: str, count: int) -> Ints:
        """A list of `count` whole numbers."""
        import numpy as np

        found = self.floats(key, count)
        if not (np.abs(found) < 2**53).all() or (found != np.floor(found)).any():
            raise broken(SOURCE, f"'{key}' of {self.where} should hold whole numbers")
        return found.astype(np.int64)

    def whole(self, key: str, low: int, high: int) -> int:
        """One whole number between two bounds."""
        found = int(self.ints(key, 1)[0])
        if not low <= found <= high:
            raise broken(SOURCE, f"'{key}' of {self.where} is {found:,}, expected {low:,} to {high:,}")
        return found


def read_lightgbm(content: bytes, objective: str = "", categorical: Sequence[str] = ()) -> Ensemble:
    """A LightGBM text file, with line ends of either kind, as an ensemble.

    `objective` stands in for one that the file does not know ("custom" or none), in LightGBM's words ("binary
    sigmoid:1", "regression"); `categorical` names columns that pandas may have held as categories, for where the file
    leaves that open. Raises ModelError for a file that is broken, or asks for what is not read, naming it.
    """
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise broken(SOURCE, "it is not UTF-8 text") from error
    head_text, *rest = text.split("\nTree=")
    refuse_many(len(rest))
    refuse_large(sum(2 * int(leaves) - 1 for leaves in _LEAVES.findall(text)))
    head = _block("the head", head_text)
    if not rest or "\nend of trees" not in rest[-1] or not head_text.lstrip().startswith("tree"):
        raise broken(SOURCE, "it should begin with 'tree' and list trees up to 'end of trees'")
    rest[-1], _, tail = rest[-1].partition("\nend of trees")
    announced = len(head.text("tree_sizes").split()) if "tree_sizes" in head.lines else len(rest)
    if announced != len(rest):
        raise broken(SOURCE, f"it announces {announced:,} trees, but holds {len(rest):,}")
    width = head.whole("max_feature_idx", 0, MOST_FEATURES) + 1
    names = tuple(head.text("feature_names").strip(" ").split(" "))
    if len(names) != width:
        raise broken(SOURCE, f"it names {len(names):,} features, but has {width:,}")
    each = head.whole("num_tree_per_iteration", 1, MOST_OUTPUTS)
    aim = _objective(objective or head.lines.get("objective", ""), each)
    average = "average_output" in head_text.split("\n")
    scale = aim.scale / (len(rest) // each if average and len(rest) >= each else 1)
    slopes: dict[tuple[int, int], int] = {}
    trees: list[Nodes] = []
    for at, item in enumerate(rest):
        block = _block(f"tree {at}", item)
        trees += with_lines(block, at, _tree(block, at, at % each, scale), scale, slopes, (width, each))
    import numpy as np

    return check(
        Ensemble(
            source=SOURCE,
            objective=aim.name,
            names=names,
            named=names != tuple(f"Column_{at}" for at in range(width)),
            categories=_categories(head, tail, names, categorical),
            narrow=False,
            nodes=join(trees),
            offset=np.zeros(each + len(slopes)),
            lines=tuple(slopes),
            link=aim.link,
            task=aim.task,
            least_code=math.nextafter(-1.0, 0.0),
            notes=_notes(aim, average=average),
        )
    )


def _notes(aim: Objective, *, average: bool) -> tuple[str, ...]:
    found = ["The margins are the mean of the trees, as a random forest's are."] if average else []
    if aim.link == "square":
        found.append("It was trained on square roots: the margin is squared, and keeps its sign.")
    return tuple(found)


def _block(where: str, text: str) -> Block:
    pairs = (line.partition("=") for line in text.split("\n"))
    return Block(where, {key.strip(): value for key, mark, value in pairs if mark})


def _objective(text: str, each: int) -> Objective:
    words = text.split()
    if not words or words[0] in {"custom", "none", "null", "na"}:
        raise ModelError(
            "This LightGBM file does not say what its scores are: it was trained with an objective of one's own. Say "
            'which it is like: "binary sigmoid:1" for probabilities, "regression" for values.'
        )
    name = {"xentropy": "cross_entropy", "xentlambda": "cross_entropy_lambda"}.get(words[0], words[0])
    if name not in LINKS:
        raise ModelError(
            f"This LightGBM model has the objective '{name[:SHOWN]}', whose scores are not known here. Expected one "
            f"of {', '.join(sorted(LINKS))}. Train with one of them, or export the model to ONNX yourself."
        )
    link, task = LINKS[name]
    if (task == "multiclass") != (each > 1):
        raise broken(SOURCE, f"its objective '{name}' does not go with {each:,} trees an iteration")
    known = {"sqrt"} if name in ROOTED else set()
    unknown = [word for word in words[1:] if ":" not in word and word not in known]
    if unknown:
        raise ModelError(f"This LightGBM model's objective has the option '{unknown[0][:SHOWN]}', which is not known.")
    if "sqrt" in words:
        return Objective(text, "square", task)
    options = dict(word.split(":", 1) for word in words[1:] if ":" in word)
    scale = _sigmoid(options.get("sigmoid", "1")) if name in {"binary", "multiclassova"} else 1.0
    return Objective(" ".join(words), link, task, scale)


def _sigmoid(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found < math.inf:
        raise broken(SOURCE, f"the scale of its sigmoid is '{text[:SHOWN]}', expected a number above 0")
    return found


def _tree(block: Block, at: int, target: int, scale: float) -> Nodes:
    import numpy as np

    leaves = block.whole("num_leaves", 1, MOST_NODES)
    inner = leaves - 1
    weight = scaled(block.floats("leaf_value", leaves), scale)
    feature, bound, kinds = (
        block.ints("split_feature", inner),
        block.floats("threshold", inner),
        block.ints("decision_type", inner),
    )
    given = np.stack([block.ints("left_child", inner), block.ints("right_child", inner)])
    # a child below zero is a leaf, counted from -1 down; leaves stand behind the inner nodes here
    children = np.where(given < 0, inner - 1 - given, given)
    inside(SOURCE, at, children.ravel(), inner + leaves)
    missing = kinds >> 2 & 3
    if (kinds < 0).any() or (kinds > 15).any() or (missing > NANS).any():
        raise broken(SOURCE, f"tree {at} has a decision_type that is not known")
    member = (kinds & IS_CATEGORY) > 0
    bound = np.where((bound >= -ZERO) & (bound < 0), math.nextafter(-ZERO, -1), bound)
    bound = np.where((bound >= 0) & (bound < ZERO), ZERO, bound)
    # where nothing is missing, a blank is read as zero; a blank category is in no set
    default = np.where(missing == NONE, bound >= 0, (kinds & DEFAULT_LEFT) > 0) & ~member
    nodes, more = np.zeros(inner + leaves), np.zeros(leaves, dtype=np.int64)
    nodes[inner:] = weight
    return Nodes(
        feature=np.concatenate([feature, more + LEAF]),
        comparison=np.concatenate([np.where(member, MEMBER, AT_MOST), more]),
        bound=np.concatenate([np.where(member, 0.0, bound), more]),
        true=np.concatenate([children[0], more]),
        false=np.concatenate([children[1], more]),
        missing_true=np.concatenate([default, more > 0]),
        zero_missing=np.concatenate([(missing == ZEROS) & ~member, more > 0]),
        weight=nodes,
        target=np.full(inner + leaves, target),
        roots=np.zeros(1, dtype=np.int64),
        members=_sets(block, at, member, block.floats("threshold", inner)),
    )


def with_lines(
    block: Block, at: int, tree: Nodes, scale: float, slopes: dict[tuple[int, int], int], size: tuple[int, int]
) -> list[Nodes]:
    """A tree as it is; one with linear models in its leaves as several: the constants, and the slope of each feature.

    `slopes` gets the target of each (feature, margin) behind the margins; `size` is how many features and margins there
    are. A row with a blank in a feature of its leaf gets the leaf's plain value (LightGBM, linear_tree).
    """
    import numpy as np

    if block.lines.get("is_linear", "0").strip() == "0":
        return [tree]
    leaves = block.whole("num_leaves", 1, MOST_NODES)
    counts = block.ints("num_features", leaves)
    total = int(counts.sum()) if len(counts) and counts.min() >= 0 else -1
    if not 0 <= total <= MOST_NODES:
        raise broken(SOURCE, f"tree {at} has leaves with a number of features that is none")
    features, weights = block.ints("leaf_features", total), scaled(block.floats("leaf_coeff", total), scale)
    if total and not 0 <= features.min() <= features.max() < size[0]:
        raise broken(SOURCE, f"a leaf of tree {at} asks for a feature that is not there")
    ends = np.cumsum(counts)
    own = [range(int(end - count), int(end)) for end, count in zip(ends.tolist(), counts.tolist(), strict=True)]
    margin, inner = int(tree.target[0]), leaves - 1
    asked = [[int(features[one]) for one in part] for part in own]
    constants = scaled(block.floats("leaf_const", leaves), scale)
    made = [chained(tree, asked, constants, tree.weight[inner:])]
    for feature in sorted(set(features.tolist())):
        target = slopes.setdefault((feature, margin), size[1] + len(slopes))
        lines = np.array([sum(float(weights[one]) for one in part if features[one] == feature) for part in own])
        slope = chained(tree, asked, lines, np.zeros(leaves))
        made.append(replace(slope, target=np.full(len(slope.feature), target)))
    refuse_large(sum(len(one.feature) for one in made))
    return made


def _sets(block: Block, at: int, member: Flags, bound: Floats) -> dict[int, tuple[int, ...]]:
    """The category codes that go to the left, by node: bits in the words that `threshold` counts."""
    import numpy as np

    if not member.any():
        return {}
    count = block.whole("num_cat", 1, MOST_NODES)
    ends = block.ints("cat_boundaries", count + 1)
    words = block.text("cat_threshold").split()
    bits = block.ints("cat_threshold", len(words)).tolist()
    if any(not 0 <= word < 2**WORD for word in bits) or (ends < 0).any() or (ends[1:] < ends[:-1]).any():
        raise broken(SOURCE, f"tree {at} has sets of categories that are not bits in order")
    found = {}
    if len(np.unique(bound[member])) < member.sum():
        raise broken(SOURCE, f"two nodes of tree {at} share a set of categories")
    for node in member.nonzero()[0].tolist():
        place = bound[node]
        if not (0 <= place < count and place == int(place)) or ends[int(place) + 1] > len(bits):
            raise broken(SOURCE, f"tree {at} points to a set of categories that is not there")
        own = bits[ends[int(place)] : ends[int(place) + 1]]
        found[node] = tuple(WORD * i + bit for i, word in enumerate(own) for bit in range(WORD) if word >> bit & 1)
    return found


def _categories(head: Block, tail: str, names: tuple[str, ...], said: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """Category features and the names of their codes, where pandas held them as categories."""
    infos = head.text("feature_infos").strip(" ").split(" ")
    if len(infos) != len(names):
        raise broken(SOURCE, f"it describes {len(infos):,} features, but has {len(names):,}")
    coded = [at for at, info in enumerate(infos) if info != "none" and not info.startswith("[")]
    listed = _pandas(tail)
    if not listed:
        return dict.fromkeys(coded, ())
    places = _told(tail, len(names)) or coded
    if len(places) != len(listed):  # a category that no tree asks for looks like any such column
        places = sorted({*coded, *(names.index(name) for name in said if name in names)})
    if len(places) != len(listed):
        raise ModelError(
            f"This LightGBM file lists the categories of {len(listed):,} columns, but not which they are. Say which "
            "columns pandas held as categories."
        )
    return {**dict.fromkeys(coded, ()), **dict(zip(places, listed, strict=True))}


def _pandas(tail: str) -> list[tuple[str, ...]]:
    """The last line's categories, one list a column."""
    _, mark, text = tail.rpartition("\npandas_categorical:")
    try:
        found = read_json(text.strip()) if mark else None
    except ValueError as error:
        raise broken(SOURCE, "its line 'pandas_categorical' is not JSON") from error
    if found is None:
        return []
    plain = (str, int, float, bool)
    if not isinstance(found, list) or not all(
        isinstance(item, list) and all(isinstance(name, plain) for name in item) for item in found
    ):
        raise broken(SOURCE, "its line 'pandas_categorical' is not a list of lists of names")
    return [tuple(str(name) for name in item) for item in found]


def _told(tail: str, width: int) -> list[int]:
    """The columns that the line of parameters calls categories."""
    _, mark, text = tail.partition("\n[categorical_feature:")
    parts = text.partition("]")[0].strip().split(",") if mark else []
    found = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 9]
    return sorted({at for at in found if at < width})
