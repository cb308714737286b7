"""From raw columns to the features of an ensemble, as standard operators, each of which keeps columns apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.models.boosters.city import category_hash
from explain.models.boosters.ctr import NEVER
from explain.models.boosters.forest import LEAF, MEMBER, Ensemble

if TYPE_CHECKING:
    from collections.abc import Callable

    from explain.models.onnx_graph import OnnxGraph
    from explain.types import Column, Schema

TINY = float.fromhex("0x1.a95a5c0000000p-117")
"""1e-35 as float32: what LightGBM takes for zero."""
NAMED = 5
"""Missing columns that a sentence names."""


@dataclass(frozen=True)
class Features:
    """`matrix` (n, f) double tensor; `place` of each feature in it, by feature and whether zero counts as missing.

    `missing` is the code of a blank, by category feature.
    """

    matrix: str
    place: dict[tuple[int, bool], int]
    missing: dict[int, int]


def match(ensemble: Ensemble, schema: Schema) -> list[Column]:
    """The column of each feature: by name, where the file has names, else by position.

    LightGBM writes spaces in names as underscores. Raises ModelError naming what is missing.
    """
    columns = list(schema)
    if not ensemble.named:
        if len(columns) != len(ensemble.names):
            raise ModelError(
                f"The {ensemble.source} model takes {len(ensemble.names):,} columns that it has no names for, but the "
                f"reference has {len(columns):,}. Bring the columns that it was trained on, in that order."
            )
        return columns
    by_name = {column.name: column for column in columns}
    if ensemble.source == "LightGBM":
        by_name = {"_".join(column.name.split(" ")): column for column in columns} | by_name
    missing = [name for name in ensemble.names if name not in by_name]
    if missing:
        raise ModelError(
            f"The {ensemble.source} model was trained on columns that the reference does not have: "
            f"{', '.join(missing[:NAMED])}. Bring a reference with all of its columns."
        )
    found = [by_name[name] for name in ensemble.names]
    if len({column.name for column in found}) < len(found):
        raise ModelError("Two features of the model have the name of one column. Rename columns and train anew.")
    return found


def prepare(graph: OnnxGraph, ensemble: Ensemble, columns: list[Column]) -> Features:
    """Write the features that the trees ask for, the first where they ask for none."""
    nodes = ensemble.nodes
    inner = nodes.feature != LEAF
    asked = sorted(set(zip(nodes.feature[inner].tolist(), nodes.zero_missing[inner].tolist(), strict=True)))
    codes = _largest_codes(ensemble)
    asked = asked or [(0, False)]
    width = len(ensemble.names)
    ctrs = [at for at, _ in asked if at >= width]
    joint = [at for at in ctrs if not ensemble.ctrs[at - width].alone]
    beside = {question.feature for at in joint for question in ensemble.ctrs[at - width].above}
    plain = [at for at, zero in asked if not zero and at < width and at not in codes and at not in ensemble.categories]
    plain = sorted(beside.union(plain))
    zeros = [at for at, zero in asked if zero]
    sets = [at for at, zero in asked if not zero and at < width and at not in plain]
    parts: list[str] = []
    place: dict[tuple[int, bool], int] = {}
    missing: dict[int, int] = {}
    for at in [*plain, *zeros]:
        numbers(ensemble, columns[at])
    if plain:
        parts.append(_narrow(graph, ensemble, graph.side_by_side([columns[at].name for at in plain])))
    if zeros:
        given = graph.side_by_side([columns[at].name for at in zeros])
        small = graph.add("LessOrEqual", graph.add("Abs", given), graph.number(TINY))
        parts.append(graph.add("Where", small, graph.number(float("nan")), given))
    for at in sets:
        known = ensemble.categories.get(at, ())
        missing[at] = max(len(known), codes.get(at, 0) + 1) + 1
        parts.append(_coded(graph, ensemble, at, columns[at], missing[at]))
    single = [at for at in ctrs if at not in joint]
    for at in single:
        ctr = ensemble.ctrs[at - width]
        parts.append(_by_hash(graph, ensemble, ctr.categories[0], columns[ctr.categories[0]], ctr.of, ctr.elsewhere))
    for key in [
        *((at, False) for at in plain),
        *((at, True) for at in zeros),
        *((at, False) for at in [*sets, *single]),
    ]:
        place[key] = len(place)
    if not joint:
        return Features(graph.side_by_side(parts), place, missing)
    return Features(_with_joint(graph, ensemble, columns, parts, place, joint), place, missing)


def numbers(ensemble: Ensemble, column: Column) -> str:
    """The name of a column that is taken as a number; raises ModelError for a category."""
    if column.kind != "number":
        raise ModelError(
            f"The {ensemble.source} model compares '{column.name}' as a number, but it is a category here. "
            "Make it a number in the schema."
        )
    return column.name


def _with_joint(
    graph: OnnxGraph,
    ensemble: Ensemble,
    columns: list[Column],
    parts: list[str],
    place: dict[tuple[int, bool], int],
    joint: list[int],
) -> str:
    """The features in `parts`, hashes of categories, and behind them the CTRs of several columns; adds to `place`.

    All that hangs on one column alone stands in one tensor, so that reasons can be worked out from there on.
    """
    width = len(ensemble.names)
    ctrs = [ensemble.ctrs[at - width] for at in joint]
    texts = sorted({at for ctr in ctrs for at in [*ctr.categories, *(own for own, _ in ctr.equal)]})
    hashes = [_by_hash(graph, ensemble, at, columns[at], float, NEVER) for at in texts]
    own = graph.side_by_side([*parts, *hashes])
    first = len(place)
    picked: dict[int, str] = {}

    def pick(at: int) -> str:
        if at not in picked:
            picked[at] = graph.add("Gather", own, graph.array([at], "int64"), axis=1)
        return picked[at]

    made = [
        ctr.write(graph, lambda at: pick(first + texts.index(at)), lambda at: pick(place[at, False])) for ctr in ctrs
    ]
    place.update({(at, False): first + len(texts) + number for number, at in enumerate(joint)})
    return graph.side_by_side([own, *made])


def _by_hash(
    graph: OnnxGraph,
    ensemble: Ensemble,
    at: int,
    column: Column,
    value: Callable[[int], float | None],
    elsewhere: float,
) -> str:
    """A number (n, 1) for each category that the schema names, by its hash; `elsewhere` where there is none."""
    if column.kind == "number":
        raise _named_here(ensemble, column)
    keys: dict[str, float] = {}
    for name in column.categories:
        for text in [name, f"{name}.0"] if _is_code(name) else [name]:
            found = value(category_hash(name))
            if found is not None and (text == name or text not in column.categories):
                keys[text] = found
    blank = value(category_hash(ensemble.blanks.get(at, "")))
    if blank is not None:
        keys[""] = blank
    return graph.table(column.name, list(keys) or [""], list(keys.values()) or [elsewhere], elsewhere)


def _largest_codes(ensemble: Ensemble) -> dict[int, int]:
    """The largest code that a set of each category feature has."""
    nodes = ensemble.nodes
    found: dict[int, int] = {}
    for node in (nodes.comparison == MEMBER).nonzero()[0].tolist():
        if nodes.feature[node] != LEAF:
            at = int(nodes.feature[node])
            found[at] = max(found.get(at, 0), *nodes.members[node])
    return found


def _narrow(graph: OnnxGraph, ensemble: Ensemble, given: str) -> str:
    """Numbers as the library holds them: rounded to float32 where it does so."""
    return graph.narrow(given) if ensemble.narrow else given


def _coded(graph: OnnxGraph, ensemble: Ensemble, at: int, column: Column, blank: int) -> str:
    """A category column as whole numbers: 1 and more for its codes, 0 for what is in no set, `blank` for a blank."""
    known = ensemble.categories.get(at, ())
    if column.kind == "number" and not known:
        return _whole(graph, ensemble, column.name, blank)
    if not known and not all(_is_code(name) for name in column.categories):
        raise ModelError(
            f"The {ensemble.source} file has codes for the categories of '{column.name}', but not their names. Bring "
            "the column as those codes, or train with a version that keeps names (XGBoost 3.1, LightGBM with pandas)."
        )
    names = known or tuple(str(code) for code in range(blank - 1))
    keys: dict[Any, float] = {name: code + 1.0 for code, name in reversed(list(enumerate(names)))}
    if column.kind == "number":
        numbers = _numbers(ensemble, column, keys)
        return graph.table(column.name, list(numbers), list(numbers.values()), float(blank))
    # a whole number that was read beside blanks has a point
    keys = {f"{name}.0": code for name, code in keys.items() if _is_code(name)} | keys
    if not known:
        keys[""] = float(blank)
    elif ensemble.blanks.get(at) in keys:
        keys[""] = keys[ensemble.blanks[at]]
    elsewhere = float(blank) if known else 0.0
    return graph.table(column.name, list(keys), list(keys.values()), elsewhere)


def _is_code(text: str) -> bool:
    return text.removesuffix(".0").lstrip("-").isdigit()


def _numbers(ensemble: Ensemble, column: Column, keys: dict[Any, float]) -> dict[float, float]:
    try:
        return {float(name): code for name, code in keys.items()}
    except ValueError as error:
        raise _named_here(ensemble, column) from error


def _named_here(ensemble: Ensemble, column: Column) -> ModelError:
    return ModelError(
        f"The {ensemble.source} model knows '{column.name}' as a category with names, but it is a number here. "
        "Make it a category in the schema."
    )


def _whole(graph: OnnxGraph, ensemble: Ensemble, name: str, blank: int) -> str:
    """A column that holds the codes themselves: their whole part, where they lie in the range of codes."""
    given = _narrow(graph, ensemble, name)
    in_range = graph.add(
        "And",
        graph.add("GreaterOrEqual", given, graph.number(ensemble.least_code)),
        graph.add("Less", given, graph.number(blank - 1.0)),
    )
    code = graph.add("Add", graph.add("Floor", graph.add("Max", given, graph.number(0.0))), graph.number(1.0))
    known = graph.add("Where", in_range, code, graph.number(0.0))
    return graph.add("Where", graph.add("IsNaN", given), graph.number(float(blank)), known)
