"""Rows at the edges of what a model knows, on which a conversion goes wrong first: blanks, the unseen, thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd

    from explain.types import Column, Floats, Schema

COPIES = 6
"""Rows a blank or an unseen category is tried in."""
MOST_CUTS = 400
"""Thresholds of one column whose neighbourhood is tried."""
MOST_ROWS = 20_000
"""In all: of the thresholds of a wide table fewer are drawn each, so that the proof does not grow with its columns."""
NEAR = 8
"""Values that `_near` gives for a threshold."""
UNSEEN = "a category never seen"
FAR = 10.0
"""Spreads beyond the smallest and the largest value."""


@dataclass(frozen=True)
class Part:
    """Rows `first` to `last` (not included) try one thing: `what`, as in "blanks in income"."""

    what: str
    first: int
    last: int


@dataclass(frozen=True)
class Edges:
    """Raw rows (e, p), each a reference row with one cell changed, and what each part of them tries."""

    frame: pd.DataFrame
    parts: tuple[Part, ...]


def edge_rows(reference: pd.DataFrame, schema: Schema, cuts: Mapping[str, Floats], seed: int = 0) -> Edges:
    """Edge rows made from reference rows (m, p).

    Per column: blanks; an unseen category; zero and values far beyond; each threshold of `cuts` (by column; all values
    between two neighbouring reference values where none are known), its float64 and float32 neighbours, and the middles
    between these, which round either way. Beyond the most rows, thresholds are drawn with `seed`.
    """
    import numpy as np
    import pandas as pd

    draw = np.random.default_rng(seed)
    most = max(1, min(MOST_CUTS, MOST_ROWS // (NEAR * max(1, len(schema)))))
    tried: list[tuple[str, str, list[object]]] = []
    for column in schema:
        tried.append((f"blanks in {column.title}", column.name, [None] * COPIES))
        if column.kind == "category":
            tried.append((f"{UNSEEN} in {column.title}", column.name, [_unseen(column)] * COPIES))
        else:
            known = reference[column.name].dropna().unique().astype(np.float64)
            known = known[np.isfinite(known)]
            near = _near(cuts.get(column.name, _between(known)), most, draw)
            tried.append((f"thresholds of {column.title}", column.name, [*near, *_odd(known)]))
    parts: list[Part] = []
    bases = draw.integers(len(reference), size=sum(len(values) for _, _, values in tried))
    frame = reference.iloc[bases].reset_index(drop=True)
    cells = {name: frame[name].to_numpy(dtype=object if schema[name].kind == "category" else np.float64, copy=True)
             for name in schema.names}  # fmt: skip
    at = 0
    for what, name, values in tried:
        kind = object if schema[name].kind == "category" else np.float64
        cells[name][at : at + len(values)] = np.array(values, dtype=kind)
        parts.append(Part(what, at, at + len(values)))
        at += len(values)
    return Edges(
        pd.DataFrame({name: pd.Series(values, dtype=values.dtype) for name, values in cells.items()}), tuple(parts)
    )


def _near(cuts: Floats, most: int, draw: np.random.Generator) -> list[float]:
    """Thresholds (c,), both neighbours in both precisions, and the middles between neighbours in float32."""
    import numpy as np

    cuts = np.unique(cuts[np.isfinite(cuts)])
    if len(cuts) > most:
        cuts = np.sort(draw.permutation(cuts)[:most])
    with np.errstate(over="ignore"):
        narrow = cuts.astype(np.float32)
        below, above = np.nextafter(narrow, np.float32(-np.inf)), np.nextafter(narrow, np.float32(np.inf))
    wide = [part.astype(np.float64) for part in (narrow, below, above)]
    middles = [(wide[0] + wide[1]) / 2, (wide[0] + wide[2]) / 2]
    found = np.concatenate([cuts, np.nextafter(cuts, -np.inf), np.nextafter(cuts, np.inf), *wide, *middles])
    return [float(value) for value in np.unique(found[np.isfinite(found)])]


def _between(known: Floats) -> Floats:
    """The middles between neighbouring values, where trees cut, and the values themselves."""
    import numpy as np

    values = np.sort(known)
    return np.concatenate([values, (values[1:] + values[:-1]) / 2])


def _odd(known: Floats) -> list[float]:
    """Zero of either sign, what LightGBM takes for zero, and values beyond all known ones."""
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    far = FAR * (high - low or 1.0)
    return [0.0, -0.0, 1e-36, -1e-36, low - far, high + far]


def _unseen(column: Column) -> str:
    name = UNSEEN
    while name in column.categories:
        name += "!"
    return name
