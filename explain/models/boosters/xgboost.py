"""XGBoost's JSON and UBJSON files: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html.

Numbers are rounded to float32 and go to the left (true) side where they are below a threshold; a category goes to the
right side where it is in the node's set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.errors import ModelError
from explain.models.boosters.fields import SHOWN, Fields, parse_json
from explain.models.boosters.forest import (
    BELOW,
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
    no_nodes,
    refuse_large,
    scaled,
)
from explain.models.boosters.names import code_names
from explain.models.boosters.ubjson import parse_ubjson
from explain.models.safety.trees import MOST_TREES, refuse_many

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explain.types import Floats, Task

SOURCE = "XGBoost"
OLD_BINARY = (b"binf", b"bs64")
"""How the binary files of XGBoost before 2.0 begin."""


@dataclass(frozen=True)
class Objective:
    """`link` from margins to scores; `scale` says on which scale of it the base score is given."""

    link: Link
    task: Task
    scale: str = "margin"


RAW = "binary:logitraw"
SHOWN_BASES = 5
VALUE = Objective("identity", "regression")
RATE = Objective("exponential", "regression", "target")
CLASSES = Objective("softmax", "multiclass")
QUANTILE = "quantile "
"""Begins the name of a value that is a quantile."""
OBJECTIVES = {
    "binary:logistic": Objective("logistic", "binary", "probability"),
    "reg:logistic": Objective("logistic", "regression", "probability"),
    "binary:logitraw": Objective("logistic", "binary"),
    "multi:softprob": CLASSES,
    "multi:softmax": CLASSES,
    "count:poisson": RATE,
    "reg:gamma": RATE,
    "reg:tweedie": RATE,
    **dict.fromkeys(
        [
            "reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:absoluteerror", "reg:pseudohubererror",
            "reg:quantileerror",
        ],
        VALUE,
    ),
}  # fmt: skip


def read_xgboost(content: bytes, categories: Mapping[str, Sequence[str]] | None = None) -> Ensemble:
    """An XGBoost file, JSON or UBJSON, as an ensemble.

    `categories` says the names that each category column may have (those of the schema): XGBoost cuts names with
    letters beyond ASCII in the wrong places. Raises ModelError for a file that is broken, or that has an objective or
    a booster that is not read, naming it.
    """
    opened = _opened(content)
    # beside its settings, as skops and pickle keep a booster
    learner = (opened.part("Model") if opened.has("Model") else opened).part("learner")
    params = learner.part("learner_model_param")
    width = params.whole("num_feature", 1, MOST_FEATURES)
    objective_name, objective = _objective(learner)
    targets = _targets(learner, params)
    offset, base_score = _base(params, objective, max(len(targets), 1))
    given = _names(learner, width)
    names = given or tuple(f"f{at}" for at in range(width))
    linear = learner.part("gradient_booster").any("name") == "gblinear"
    parts: list[Nodes] = []
    found_categories: dict[int, tuple[str, ...]] = {}
    weights: Floats | None = None
    notes: tuple[str, ...] = ()
    if linear:
        weights, offset = _weights(learner, width, offset)
    else:
        model, parts, notes = _trees(learner, len(offset))
        found_categories = _categories(model, learner, names, categories or {})
    notes += (_started(base_score),)
    if objective_name == RAW:
        notes += (f"{RAW} gives log-odds; here both outcomes have their probabilities.",)
    if objective_name == "multi:softmax":
        notes += ("multi:softmax names the class alone; here all classes have their probabilities.",)
    if any(found_categories.values()):
        notes += (f"{SOURCE} refuses a category that it was not trained with; here it counts as missing.",)
    return check(
        Ensemble(
            source=SOURCE,
            objective=objective_name,
            names=names,
            named=bool(given),
            categories=found_categories,
            narrow=True,
            nodes=no_nodes() if linear else join(parts),
            offset=offset,
            link=objective.link,
            task=objective.task,
            notes=notes,
            linear=weights,
            targets=targets,
        )
    )


def _targets(learner: Fields, params: Fields) -> tuple[str, ...]:
    """The names of several values: the quantiles of a model that foretells some at once."""
    outputs = params.whole("num_target", 1, MOST_OUTPUTS) if params.has("num_target") else 1
    if outputs == 1:
        return ()
    objective = learner.part("objective")
    said = objective.part("quantile_loss_param").text("quantile_alpha") if objective.has("quantile_loss_param") else ""
    try:
        found = tuple(f"{QUANTILE}{float(one):g}" for one in said.strip("[]() ").split(","))
    except ValueError:
        found = ()
    if len(found) != outputs or len(set(found)) < outputs:
        raise ModelError(f"This XGBoost model has {outputs:,} targets. Expected one: train a model for each of them.")
    return found


def _weights(learner: Fields, width: int, base: Floats) -> tuple[Floats, Floats]:
    """(f, t) the weights of gblinear, and the base with its own offset."""
    import numpy as np

    margins = len(base)
    found = learner.part("gradient_booster").part("model").floats("weights", (width + 1) * margins)
    if not np.isfinite(found).all():
        raise broken(SOURCE, "a weight is not a finite number")
    # of several classes all start from one and the same number, which a softmax does not see
    start = base if margins == 1 else np.zeros(margins)
    return found[: width * margins].reshape(width, margins), start + found[width * margins :]


def _opened(content: bytes) -> Fields:
    """The file as an object, whichever of the two forms it has: behind its first brace JSON has a quote."""
    if content[:4] in OLD_BINARY:
        raise ModelError(
            "This is XGBoost's old binary format. Expected JSON or UBJSON: load it in XGBoost and save it with "
            "save_model('model.json')."
        )
    head = content[:64].lstrip()
    if head[:1] != b"{" or head[1:].lstrip()[:1] in {b'"', b"}"}:
        return parse_json(content, SOURCE)
    return Fields(parse_ubjson(content, SOURCE), SOURCE)


def _trees(learner: Fields, outputs: int) -> tuple[Fields, list[Nodes], tuple[str, ...]]:
    """The part of the file with the trees, those of them that count, and what was followed."""
    model, drops = _model(learner.part("gradient_booster"))
    found = model.any("trees")
    refuse_many(len(found) if isinstance(found, list) else 0)
    trees = model.parts("trees", MOST_TREES)
    refuse_large(sum(tree.count("left_children") for tree in trees))
    targets = model.ints("tree_info", len(trees))
    end, notes = _followed(learner, model, len(trees), outputs)
    if drops is not None and len(drops) != len(trees):
        raise broken(SOURCE, f"'weight_drop' should hold {len(trees):,} weights, one a tree, but holds {len(drops):,}")
    factors = [1.0] * end if drops is None else drops[:end].tolist()
    return model, [_tree(trees[at], at, int(targets[at]), factors[at]) for at in range(end)], notes


def _model(booster: Fields) -> tuple[Fields, Floats | None]:
    """The trees' part, and the weights that dart gives them."""
    kind = booster.text("name")
    if kind == "dart":
        return booster.part("gbtree").part("model"), booster.floats("weight_drop")
    if kind != "gbtree":
        raise ModelError(
            f"This XGBoost model is a '{kind[:SHOWN]}' booster. Expected gbtree, dart or gblinear: train with one of "
            "them, or export the model to ONNX yourself."
        )
    return booster.part("model"), None


def _objective(learner: Fields) -> tuple[str, Objective]:
    name = learner.part("objective").text("name")
    if name not in OBJECTIVES:
        raise ModelError(
            f"This XGBoost model has the objective '{name[:SHOWN]}', whose scores are not known here. Expected one of "
            f"{', '.join(sorted(OBJECTIVES))}. Train with one of them, or export the model to ONNX yourself."
        )
    return name, OBJECTIVES[name]


def _started(base: Floats) -> str:
    """Where its predictions start from, as the file says it."""
    return f"Predictions start from its base score, {', '.join(f'{one:.4g}' for one in base[:SHOWN_BASES].tolist())}."


def _base(params: Fields, objective: Objective, targets: int) -> tuple[Floats, Floats]:
    """(t,) the base score as margins, and as it was said: one number, or since XGBoost 3.1 a list in brackets."""
    import numpy as np

    classes = params.whole("num_class", 0, MOST_OUTPUTS) if params.has("num_class") else 0
    if (classes > 1) != (objective.link == "softmax"):
        raise broken(SOURCE, f"its objective does not go with its {classes:,} classes")
    given = params.any("base_score")
    texts = given.strip("[] ").split(",") if isinstance(given, str) else [given]
    try:
        with np.errstate(over="ignore"):
            base = np.array([float(np.float32(item)) for item in texts])
    except (ValueError, TypeError, OverflowError) as error:
        raise params.wrong("base_score", "a number or a list of numbers in brackets") from error
    several = max(classes, targets)
    if len(base) not in {1, several}:
        raise broken(SOURCE, f"'base_score' should hold one number or {several:,}, but holds {len(base):,}")
    low, high = {"probability": (0.0, 1.0), "target": (0.0, np.inf)}.get(objective.scale, (-np.inf, np.inf))
    if not ((low < base) & (base < high)).all():
        raise broken(SOURCE, f"'base_score' should lie between {low:g} and {high:g}")
    margins = base
    if objective.scale == "probability":
        margins = np.log(base / (1 - base))
    elif objective.scale == "target":
        margins = np.log(base)
    return np.broadcast_to(margins, (several,)).copy(), base


def _followed(learner: Fields, model: Fields, trees: int, outputs: int) -> tuple[int, tuple[str, ...]]:
    """How many trees count, and the sentence about it: those up to the best iteration where training stopped early."""
    attributes = learner.part("attributes") if learner.has("attributes") else None
    if attributes is None or not attributes.has("best_iteration"):
        return trees, ()
    if model.has("iteration_indptr"):
        ends = model.ints("iteration_indptr")[1:]
    else:
        import numpy as np

        parallel = model.part("gbtree_model_param").whole("num_parallel_tree", 0, MOST_TREES)
        ends = np.arange(1, trees // (max(parallel, 1) * outputs) + 1) * max(parallel, 1) * outputs
    best = attributes.whole("best_iteration", 0, max(len(ends) - 1, 0))
    end = int(ends[best]) if len(ends) else 0
    if not 0 < end <= trees:
        raise broken(SOURCE, f"its best iteration ends at tree {end:,}, but it has {trees:,}")
    if end == trees:
        return trees, ()
    said = (
        f"Training stopped early: the best iteration is number {best} (counted from 0), and {end:,} of {trees:,} trees "
        "up to it are followed, as scikit-learn's predict does. A bare Booster.predict takes all trees."
    )
    return end, (said,)


def _tree(tree: Fields, at: int, target: int, factor: float) -> Nodes:
    import numpy as np

    left = tree.ints("left_children")
    count = len(left)
    if not 0 < count <= MOST_NODES:
        raise broken(SOURCE, f"tree {at} has {count:,} nodes")
    params = tree.part("tree_param")
    if params.has("size_leaf_vector") and params.whole("size_leaf_vector", 0, MOST_OUTPUTS) > 1:
        raise ModelError(
            "This XGBoost model has several values a leaf (multi_strategy='multi_output_tree'). Expected one: train "
            "with multi_strategy='one_output_per_tree'."
        )
    right, values = tree.ints("right_children", count), tree.floats("split_conditions", count)
    leaf = left == -1
    inside(SOURCE, at, np.concatenate([left[~leaf], right[~leaf]]), count)
    sets = _sets(tree, at, count)
    kinds = tree.ints("split_type", count) if tree.has("split_type") else np.zeros(count, dtype=np.int64)
    member = (kinds == 1) & ~leaf
    if set(member.nonzero()[0].tolist()) - set(sets):
        raise broken(SOURCE, f"tree {at} has a split by categories without a set of them")
    missing_left = tree.ints("default_left", count) == 1
    return Nodes(
        feature=np.where(leaf, LEAF, tree.ints("split_indices", count)),
        comparison=np.where(member, MEMBER, BELOW),
        bound=np.where(leaf | member, 0.0, _rounded(values)),
        true=np.where(member, right, left),
        false=np.where(member, left, right),
        missing_true=missing_left != member,
        zero_missing=np.zeros(count, dtype=bool),
        weight=np.where(leaf, scaled(_rounded(values), factor), 0.0),
        target=np.full(count, target),
        roots=np.zeros(1, dtype=np.int64),
        members={node: codes for node, codes in sets.items() if member[node]},
    )


def _rounded(values: Floats) -> Floats:
    """As the library holds them: float32; a number beyond it becomes infinite, and is refused where it matters."""
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(np.float32).astype(np.float64)


def _sets(tree: Fields, at: int, count: int) -> dict[int, tuple[int, ...]]:
    """The category codes that go to the right, by node."""
    if not tree.has("categories_nodes"):
        return {}
    nodes = tree.ints("categories_nodes")
    starts, sizes = tree.ints("categories_segments", len(nodes)), tree.ints("categories_sizes", len(nodes))
    codes = tree.ints("categories")
    inside(SOURCE, at, nodes, count)
    if (starts < 0).any() or (sizes < 0).any() or (starts + sizes > len(codes)).any() or sizes.sum() > len(codes):
        raise broken(SOURCE, f"tree {at} has sets of categories that are not among its {len(codes):,} codes")
    flat = codes.tolist()
    return {
        node: tuple(sorted(set(flat[start : start + size])))
        for node, start, size in zip(nodes.tolist(), starts.tolist(), sizes.tolist(), strict=True)
    }


def _names(learner: Fields, width: int) -> tuple[str, ...]:
    return tuple(learner.texts("feature_names", width)) if learner.has("feature_names") else ()


def _categories(
    model: Fields, learner: Fields, names: Sequence[str], known: Mapping[str, Sequence[str]]
) -> dict[int, tuple[str, ...]]:
    """The names of the codes of each category feature, where the file has them (XGBoost 3.1 and later)."""
    width = len(names)
    kinds = learner.texts("feature_types", width) if learner.has("feature_types") else []
    found: dict[int, tuple[str, ...]] = {at: () for at, kind in enumerate(kinds) if kind == "c"}
    listed = model.part("cats").parts("enc", width) if model.has("cats") and model.part("cats").has("enc") else []
    for at, item in enumerate(listed):
        if item.has("values"):
            found[at] = code_names(item, names[at], known.get(names[at], ()))
    return found
