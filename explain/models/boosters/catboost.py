"""CatBoost's own JSON export (`save_model(path, format="json")`), with symmetric trees or others.

Numbers are rounded to float32 and go to the true side where they are above a border; a category does where it is the
one that the split names, by its hash. https://catboost.ai/docs/en/concepts/apply-model-json
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.models.boosters.city import category_hash
from explain.models.boosters.ctr_tables import read_ctrs
from explain.models.boosters.fields import SHOWN, Fields, parse_json
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
    join,
    scaled,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explain.models.boosters.ctr import Ctr
    from explain.types import Floats, Task

SOURCE = "CatBoost"
DEEPEST = 16
"""Of a symmetric tree: CatBoost's own limit."""
LONGEST_WAY = 900
"""Of any other tree; deeper JSON is not read, either."""
MOST_TREES = 100_000
BLANKS = {"AsIs": True, "AsFalse": True, "AsTrue": False}
"""Whether a missing value counts as at most the border: left as it is, below everything, above everything."""
UNREAD = {
    "text_features": "columns of text",
    "embedding_features": "columns of embeddings",
}
BLANK_WORDS = ("nan", "None", "NaN", "<NA>", "NaT")
"""What a blank becomes where a column is made text, as CatBoost takes no blank category."""
VALUE: tuple[Link, Task] = ("identity", "regression")
LOSSES: dict[str, tuple[Link, Task]] = {
    "Logloss": ("logistic", "binary"),
    "CrossEntropy": ("logistic", "binary"),
    "MultiClass": ("softmax", "multiclass"),
    "MultiClassOneVsAll": ("one-vs-all", "multiclass"),
    "Poisson": ("exponential", "regression"),
    "Tweedie": ("exponential", "regression"),
    **dict.fromkeys(
        ["RMSE", "MAE", "Quantile", "MAPE", "Huber", "LogCosh", "Expectile", "Lq", "LogLinQuantile"], VALUE
    ),
}


@dataclass(frozen=True)
class Columns:
    """The features by CatBoost's two counts: place of each float and each category feature, and what they are.

    Its splits are numbered: those of CTRs from `first` on, each of which asks for a CTR and a border (`asked`).
    """

    names: tuple[str, ...]
    floats: Mapping[int, tuple[int, bool]]
    hashes: Mapping[int, tuple[int, dict[int, int]]]
    ctrs: tuple[Ctr, ...] = ()
    first: int = 0
    asked: tuple[tuple[int, float], ...] = ()


@dataclass
class Growing:
    """The nodes of one tree while it is written down."""

    target: int
    feature: list[int] = field(default_factory=list)
    comparison: list[int] = field(default_factory=list)
    bound: list[float] = field(default_factory=list)
    true: list[int] = field(default_factory=list)
    false: list[int] = field(default_factory=list)
    missing: list[bool] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)
    members: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def add(self, split: Split | None, weight: float = 0.0) -> int:
        """One more node, whose children are told later."""
        at = len(self.feature)
        self.feature.append(split.feature if split else LEAF)
        self.comparison.append(MEMBER if split and split.code is not None else AT_MOST)
        self.bound.append(split.border if split else 0.0)
        self.missing.append(bool(split and split.missing))
        self.weight.append(weight)
        self.true.append(-1)
        self.false.append(-1)
        if split and split.code is not None:
            self.members[at] = (split.code,)
        return at

    def point(self, at: int, split: Split, right: int, left: int) -> None:
        """Children by CatBoost's sides: right is above the border, or the category."""
        above = split.code is not None
        self.true[at], self.false[at] = (right, left) if above else (left, right)

    def nodes(self) -> Nodes:
        """The tree as arrays."""
        import numpy as np

        count = len(self.feature)
        return Nodes(
            feature=np.array(self.feature, dtype=np.int64),
            comparison=np.array(self.comparison, dtype=np.int64),
            bound=np.array(self.bound),
            true=np.array(self.true, dtype=np.int64),
            false=np.array(self.false, dtype=np.int64),
            missing_true=np.array(self.missing, dtype=bool),
            zero_missing=np.zeros(count, dtype=bool),
            weight=np.array(self.weight),
            target=np.full(count, self.target),
            roots=np.zeros(1, dtype=np.int64),
            members=self.members,
        )


@dataclass(frozen=True)
class Split:
    """A question: is the feature above the border, or the category with the code."""

    feature: int
    border: float = 0.0
    missing: bool = False
    code: int | None = None


def read_catboost(content: bytes, categories: Mapping[str, Sequence[str]] | None = None) -> Ensemble:
    """CatBoost's JSON export as an ensemble.

    The file knows categories by their hashes only, so that `categories` says the names that each category column may
    have (those of the schema). Raises ModelError for a file that is broken, or has a loss, a feature or a split that
    is not read, naming it.
    """
    if content[:4] == b"CBM1":
        raise ModelError("This is CatBoost's binary format. Save it with save_model('model.json', format='json').")
    found = parse_json(content, SOURCE)
    loss, (link, task) = _loss(found)
    columns = _columns(found.part("features_info"), found.part("ctr_data") if found.has("ctr_data") else None)
    scale, offset = _scale(found, link)
    trees: list[Nodes] = []
    total = 0
    for at, item in enumerate(_listed(found)):
        read = _symmetric if item.has("splits") or item.has("leaf_values") else _free
        trees += read(item, at, columns, len(offset))
        total += sum(len(tree.feature) for tree in trees[-len(offset) :])
        if total > MOST_NODES:
            break  # `join` says so
    nodes = join(trees)
    blanks = _blanks(columns)
    named, notes = _category_names(columns, categories or {}, blanks)
    return check(
        Ensemble(
            source=SOURCE,
            objective=loss,
            names=columns.names,
            named=columns.names != tuple(str(at) for at in range(len(columns.names))),
            categories=named,
            ctrs=columns.ctrs,
            blanks=blanks,
            narrow=True,
            nodes=replace(nodes, weight=scaled(nodes.weight, scale)),
            offset=offset,
            link=link,
            task=task,
            classes=_classes(found, len(offset) if task == "multiclass" else 2) if task != "regression" else (),
            notes=notes,
        )
    )


def _listed(found: Fields) -> list[Fields]:
    return found.parts("oblivious_trees" if "oblivious_trees" in found.content else "trees", MOST_TREES)


def _loss(found: Fields) -> tuple[str, tuple[Link, Task]]:
    info = found.part("model_info")
    params = parse_json(info.text("params").encode(), SOURCE) if isinstance(info.any("params"), str) else (
        info.part("params")
    )  # fmt: skip
    name = params.part("loss_function").text("type")
    if name not in LOSSES:
        raise ModelError(
            f"This CatBoost model has the loss '{name[:SHOWN]}', whose scores are not known here. Expected one of "
            f"{', '.join(sorted(LOSSES))}. Train with one of them, or export the model to ONNX yourself."
        )
    return name, LOSSES[name]


def _columns(info: Fields, tables: Fields | None) -> Columns:
    for kind, words in UNREAD.items():
        if info.has(kind):
            raise ModelError(
                f"This CatBoost model has {words}, which are not read. Expected numbers and categories. Train without "
                "them, or turn them into numbers beforehand."
            )
    floats = info.parts("float_features", MOST_FEATURES) if info.has("float_features") else []
    categories = info.parts("categorical_features", MOST_FEATURES) if info.has("categorical_features") else []
    width = len(floats) + len(categories)
    names: dict[int, str] = {}
    by_float: dict[int, tuple[int, bool]] = {}
    by_category: dict[int, tuple[int, dict[int, int]]] = {}
    first = 0
    for item in [*floats, *categories]:
        place, own = item.whole("flat_feature_index", 0, MOST_FEATURES), item.whole("feature_index", 0, MOST_FEATURES)
        names[place] = (item.text("feature_id") if item.has("feature_id") else "") or str(place)
        if item.where.startswith("float"):
            treatment = item.text("nan_value_treatment") if item.has("nan_value_treatment") else "AsIs"
            if treatment not in BLANKS:
                raise item.wrong("nan_value_treatment", f"one of {', '.join(BLANKS)}")
            by_float[own] = (place, BLANKS[treatment])
            first += len(item.floats("borders")) if item.has("borders") else 0
        else:
            hashes = item.ints("values").tolist() if item.has("values") else []
            by_category[own] = (place, {value: code for code, value in enumerate(dict.fromkeys(hashes))})
            first += len(hashes)
    if sorted(names) != list(range(width)) or len(by_float) + len(by_category) != width:
        raise broken(SOURCE, "its features are not counted one after the other")
    found = read_ctrs(info, tables, by_float, {own: place for own, (place, _) in by_category.items()})
    asked = tuple((at, border) for at, (_, borders) in enumerate(found) for border in borders.tolist())
    ctrs = tuple(ctr for ctr, _ in found)
    return Columns(tuple(names[at] for at in range(width)), by_float, by_category, ctrs, first, asked)


def _scale(found: Fields, link: Link) -> tuple[float, Floats]:
    import numpy as np

    given = found.any("scale_and_bias")
    if not isinstance(given, list) or len(given) != 2:
        raise found.wrong("scale_and_bias", "a scale and a list of biases")
    bias = given[1] if isinstance(given[1], list) else [given[1]]
    read = Fields({"scale": [given[0]], "bias": bias}, SOURCE, "scale_and_bias")
    scale, offset = float(read.floats("scale", 1)[0]), read.floats("bias")
    several = link in {"softmax", "one-vs-all"}
    if not np.isfinite(scale) or not (1 if several else 0) < len(offset) <= (MOST_OUTPUTS if several else 1):
        raise broken(SOURCE, f"its scale and its {len(offset):,} biases do not go with its loss")
    return scale, offset


def _classes(found: Fields, count: int) -> tuple[str, ...]:
    info = found.part("model_info")
    if not info.has("class_params") or not info.part("class_params").has("class_names"):
        return ()
    names = info.part("class_params").any("class_names")
    plain = isinstance(names, list) and all(isinstance(name, str | int | float) for name in names)
    return tuple(str(name) for name in names) if plain and len(names) == count else ()


def _split(item: Fields, columns: Columns) -> Split:
    import numpy as np

    kind = item.text("split_type")
    if kind == "FloatFeature":
        own = item.whole("float_feature_index", 0, MOST_FEATURES)
        if own not in columns.floats:
            raise broken(SOURCE, f"a split asks for the number {own}, which it does not have")
        place, missing = columns.floats[own]
        border = Fields({"border": [item.any("border")]}, SOURCE, item.where).floats("border", 1)
        with np.errstate(over="ignore"):
            return Split(place, float(np.float32(border[0])), missing)
    if kind == "OneHotFeature":
        own = item.whole("cat_feature_index", 0, MOST_FEATURES)
        value = item.whole("value", -(2**31), 2**32)
        if own not in columns.hashes or value not in columns.hashes[own][1]:
            raise broken(SOURCE, "a split asks for a category that its feature does not have")
        place, codes = columns.hashes[own]
        return Split(place, code=codes[value])
    if kind == "OnlineCtr":
        at = item.whole("split_index", 0, MOST_NODES) - columns.first
        border = Fields({"border": [item.any("border")]}, SOURCE, item.where).floats("border", 1)
        if not 0 <= at < len(columns.asked) or columns.asked[at][1] != border[0]:
            raise broken(SOURCE, "a split asks for a CTR that it does not have")
        return Split(len(columns.names) + columns.asked[at][0], float(np.float32(border[0])))
    raise ModelError(
        f"This CatBoost model has splits of the kind '{kind[:SHOWN]}', which are not read. Expected numbers and "
        "categories. Train without other columns."
    )


def _symmetric(tree: Fields, at: int, columns: Columns, margins: int) -> list[Nodes]:
    """One tree a margin: all nodes of a level ask the same, the first split gives the lowest bit of the leaf."""
    splits = tree.parts("splits", DEEPEST) if tree.has("splits") else []
    values = tree.floats("leaf_values", margins << len(splits)).reshape(-1, margins)
    if 2 * values.size > MOST_NODES:
        raise broken(SOURCE, f"tree {at} has {values.size:,} leaves")
    asked = [_split(item, columns) for item in reversed(splits)]
    return [_full(asked, values[:, margin], margin) for margin in range(margins)]


def _full(asked: list[Split], values: Floats, margin: int) -> Nodes:
    """A whole binary tree level by level: node i has the children 2i + 1 (left) and 2i + 2; leaves come last."""
    import numpy as np

    leaves = len(values)
    inner = leaves - 1
    level = np.repeat(np.arange(len(asked)), 1 << np.arange(len(asked)))
    rest = np.zeros(leaves, dtype=np.int64)
    member = np.array([split.code is not None for split in asked], dtype=bool)[level]
    left, right = 2 * np.arange(inner) + 1, 2 * np.arange(inner) + 2
    features = np.array([split.feature for split in asked], dtype=np.int64)[level]
    return Nodes(
        feature=np.concatenate([features, rest + LEAF]),
        comparison=np.concatenate([np.where(member, MEMBER, AT_MOST), rest]),
        bound=np.concatenate([np.array([split.border for split in asked])[level], rest]),
        true=np.concatenate([np.where(member, right, left), rest]),
        false=np.concatenate([np.where(member, left, right), rest]),
        missing_true=np.concatenate([np.array([split.missing for split in asked], dtype=bool)[level], rest > 0]),
        zero_missing=np.zeros(inner + leaves, dtype=bool),
        weight=np.concatenate([np.zeros(inner), values]),
        target=np.full(inner + leaves, margin),
        roots=np.zeros(1, dtype=np.int64),
        members={node: (asked[at].code or 0,) for node, at in enumerate(level.tolist()) if member[node]},
    )


def _free(tree: Fields, at: int, columns: Columns, margins: int) -> list[Nodes]:
    """One tree a margin, of trees that are written as nodes in nodes."""
    grown = [Growing(margin) for margin in range(margins)]
    open_nodes: list[tuple[Fields, int, Split | None, int, bool]] = [(tree, -1, None, 0, False)]
    halves: dict[int, int] = {}
    while open_nodes:
        item, parent, asked, depth, right = open_nodes.pop()
        if depth > LONGEST_WAY or len(grown[0].feature) * margins > MOST_NODES:
            raise broken(SOURCE, f"tree {at} is too deep or too large")
        split = _split(item.part("split"), columns) if item.has("split") else None
        values = [0.0] * margins if split else _leaf(item, margins)
        places = [own.add(split, value) for own, value in zip(grown, values, strict=True)]
        if asked is not None and right:
            halves[parent] = places[0]
        elif asked is not None:
            for own in grown:
                own.point(parent, asked, halves[parent], places[0])
        if split is not None:
            open_nodes.append((item.part("left"), places[0], split, depth + 1, False))
            open_nodes.append((item.part("right"), places[0], split, depth + 1, True))
    return [own.nodes() for own in grown]


def _leaf(item: Fields, margins: int) -> list[float]:
    found: Any = item.any("value")
    values: list[float] = Fields(
        {"value": found if isinstance(found, list) else [found]}, SOURCE, item.where
    ).floats("value", margins).tolist()  # fmt: skip
    return values


def _blanks(columns: Columns) -> dict[int, str]:
    """The word that blanks were in training, by category column: the one that the file knows."""
    found = {}
    for place, codes in columns.hashes.values():
        alone = [ctr for ctr in columns.ctrs if ctr.alone and ctr.categories[0] == place]
        for word in ("", *BLANK_WORDS):
            hashed = category_hash(word)
            if hashed in codes or any(ctr.of(hashed) is not None for ctr in alone):
                found[place] = word
                break
    return found


def _category_names(
    columns: Columns, known: Mapping[str, Sequence[str]], blanks: Mapping[int, str]
) -> tuple[dict[int, tuple[str, ...]], tuple[str, ...]]:
    """The name of each hash, and a sentence for each column with hashes that no name has."""
    found: dict[int, tuple[str, ...]] = {}
    notes = []
    for place, codes in columns.hashes.values():
        name = columns.names[place]
        word = blanks.get(place)
        named = {category_hash(text): text for text in [*([] if word is None else [word]), *known.get(name, ())]}
        lost = [value for value in codes if value not in named]
        found[place] = tuple(named.get(value, f"hash {value}") for value in codes)
        if lost:
            notes.append(
                f"The trees ask for {len(lost):,} categories of '{name}' that the reference rows do not have; the file "
                "keeps hashes, not names, so that these are taken as never met."
            )
        if word:
            notes.append(f"A blank in '{name}' is taken as '{word}', which is what the model met in training.")
    return found, tuple(notes)
