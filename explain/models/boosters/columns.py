"""From raw columns to the features of an ensemble, as standard operators, each of which keeps columns apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.models.boosters.forest import LEAF, MEMBER, Ensemble

if TYPE_CHECKING:
    import numpy as np
    import onnx

    from explain.types import Column, Schema

TINY = float.fromhex("0x1.a95a5c0000000p-117")
"""1e-35 as float32: what LightGBM takes for zero."""
ML = "ai.onnx.ml"
NAMED = 5
"""Missing columns that a sentence names."""


@dataclass
class Draft:
    """A graph while it is written: inner tensors get names that no column has."""

    prefix: str
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)

    def add(self, op: str, *inputs: str, domain: str = "", name: str = "", **attributes: Any) -> str:  # noqa: ANN401 - an operator's own
        """One more node; the name of its output."""
        from onnx import helper

        out = name or f"{self.prefix}{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [out], domain=domain, **attributes))
        return out

    def number(self, value: float) -> str:
        """A constant double; the name of its tensor."""
        import numpy as np

        name = f"{self.prefix}number_{value!r}"
        self.constants[name] = np.array(value, dtype=np.float64)
        return name


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


def prepare(draft: Draft, ensemble: Ensemble, columns: list[Column]) -> Features:
    """Write the features that the trees ask for, the first where they ask for none."""
    nodes = ensemble.nodes
    inner = nodes.feature != LEAF
    asked = sorted(set(zip(nodes.feature[inner].tolist(), nodes.zero_missing[inner].tolist(), strict=True)))
    codes = _largest_codes(ensemble)
    asked = asked or [(0, False)]
    plain = [at for at, zero in asked if not zero and at not in codes and at not in ensemble.categories]
    zeros = [at for at, zero in asked if zero]
    sets = [at for at, zero in asked if not zero and at not in plain]
    parts: list[str] = []
    place: dict[tuple[int, bool], int] = {}
    missing: dict[int, int] = {}
    for at in [*plain, *zeros]:
        if columns[at].kind != "number":
            raise ModelError(
                f"The {ensemble.source} model compares '{columns[at].name}' as a number, but it is a category here. "
                "Make it a number in the schema."
            )
    if plain:
        parts.append(_narrow(draft, ensemble, _side_by_side(draft, [columns[at].name for at in plain])))
    if zeros:
        given = _side_by_side(draft, [columns[at].name for at in zeros])
        small = draft.add("LessOrEqual", draft.add("Abs", given), draft.number(TINY))
        parts.append(draft.add("Where", small, draft.number(float("nan")), given))
    for at in sets:
        known = ensemble.categories.get(at, ())
        missing[at] = max(len(known), codes.get(at, 0) + 1) + 1
        parts.append(_coded(draft, ensemble, at, columns[at], missing[at]))
    for key in [*((at, False) for at in plain), *((at, True) for at in zeros), *((at, False) for at in sets)]:
        place[key] = len(place)
    return Features(_side_by_side(draft, parts), place, missing)


def _largest_codes(ensemble: Ensemble) -> dict[int, int]:
    """The largest code that a set of each category feature has."""
    nodes = ensemble.nodes
    found: dict[int, int] = {}
    for node in (nodes.comparison == MEMBER).nonzero()[0].tolist():
        if nodes.feature[node] != LEAF:
            at = int(nodes.feature[node])
            found[at] = max(found.get(at, 0), *nodes.members[node])
    return found


def _side_by_side(draft: Draft, names: list[str]) -> str:
    return names[0] if len(names) == 1 else draft.add("Concat", *names, axis=1)


def _narrow(draft: Draft, ensemble: Ensemble, given: str) -> str:
    """Numbers rounded to float32, as the library holds them, and doubles again."""
    from onnx import TensorProto

    if not ensemble.narrow:
        return given
    return draft.add("Cast", draft.add("Cast", given, to=TensorProto.FLOAT), to=TensorProto.DOUBLE)


def _coded(draft: Draft, ensemble: Ensemble, at: int, column: Column, blank: int) -> str:
    """A category column as whole numbers: 1 and more for its codes, 0 for what is in no set, `blank` for a blank."""
    import numpy as np

    known = ensemble.categories.get(at, ())
    if column.kind == "number" and not known:
        return _whole(draft, ensemble, column.name, blank)
    if not known and not all(_is_code(name) for name in column.categories):
        raise ModelError(
            f"The {ensemble.source} file has codes for the categories of '{column.name}', but not their names. Bring "
            "the column as those codes, or train with a version that keeps names (XGBoost 3.1, LightGBM with pandas)."
        )
    names = known or tuple(str(code) for code in range(blank - 1))
    keys: dict[Any, float] = {name: code + 1.0 for code, name in reversed(list(enumerate(names)))}
    if column.kind == "number":
        numbers = _numbers(ensemble, column, keys)
        table = np.array(list(numbers)), np.array(list(numbers.values())), np.array([float(blank)])
        return _table(draft, column.name, *table)
    # a whole number that was read beside blanks has a point
    keys = {f"{name}.0": code for name, code in keys.items() if _is_code(name)} | keys
    if not known:
        keys[""] = float(blank)
    elsewhere = float(blank) if known else 0.0
    return _table(
        draft, column.name, np.array(list(keys), dtype=object), np.array(list(keys.values())), np.array([elsewhere])
    )


def _is_code(text: str) -> bool:
    return text.removesuffix(".0").lstrip("-").isdigit()


def _numbers(ensemble: Ensemble, column: Column, keys: dict[Any, float]) -> dict[float, float]:
    try:
        return {float(name): code for name, code in keys.items()}
    except ValueError as error:
        raise ModelError(
            f"The {ensemble.source} model knows '{column.name}' as a category with names, but it is a number here. "
            "Make it a category in the schema."
        ) from error


def _table(
    draft: Draft,
    given: str,
    keys: np.ndarray[Any, Any],
    values: np.ndarray[Any, Any],
    elsewhere: np.ndarray[Any, Any],
) -> str:
    from onnx import numpy_helper

    return draft.add(
        "LabelEncoder",
        given,
        domain=ML,
        keys_tensor=numpy_helper.from_array(keys, "keys"),
        values_tensor=numpy_helper.from_array(values, "values"),
        default_tensor=numpy_helper.from_array(elsewhere, "default"),
    )


def _whole(draft: Draft, ensemble: Ensemble, name: str, blank: int) -> str:
    """A column that holds the codes themselves: their whole part, where they lie in the range of codes."""
    given = _narrow(draft, ensemble, name)
    in_range = draft.add(
        "And",
        draft.add("GreaterOrEqual", given, draft.number(ensemble.least_code)),
        draft.add("Less", given, draft.number(blank - 1.0)),
    )
    code = draft.add("Add", draft.add("Floor", draft.add("Max", given, draft.number(0.0))), draft.number(1.0))
    known = draft.add("Where", in_range, code, draft.number(0.0))
    return draft.add("Where", draft.add("IsNaN", given), draft.number(float(blank)), known)
