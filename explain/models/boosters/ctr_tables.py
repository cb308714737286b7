"""The tables of CTRs in a CatBoost file: hashes of categories -> counts of outcomes -> the number that trees compare.

How numbers are worked out of counts is what CatBoost's own export to Python does:
https://catboost.ai/docs/en/concepts/python-reference_apply_catboost_model
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.models.boosters.ctr import FULL, MEANS, Above, Ctr
from explain.models.boosters.fields import SHOWN, Fields
from explain.models.boosters.forest import MOST_FEATURES, broken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.types import Floats, Ints

SOURCE = "CatBoost"
EMPTY = FULL
"""The key of a free place in a table."""
COUNTERS = {"Counter", "FeatureFreq"}
KINDS = {"Borders", "Buckets", *MEANS, *COUNTERS}
MOST_CTRS = 20_000
MOST_ELEMENTS = 64
"""Columns and questions that are taken together; CatBoost's own limit is far below."""
MOST_STRIDE = 1_002
"""Of a table: a key, and a count for each of a thousand classes."""
DIGITS = 20
"""Of a key of 64 bits."""


def read_ctrs(
    info: Fields, data: Fields | None, floats: Mapping[int, tuple[int, bool]], categories: Mapping[int, int]
) -> list[tuple[Ctr, Floats]]:
    """The CTRs of a file in its order, each with the borders (b,) that splits ask for.

    `floats` and `categories` give the column of each float feature (and how its blanks count) and category feature.
    Raises ModelError for a table that is broken or of a kind that is not known.
    """
    items = info.parts("ctrs", MOST_CTRS) if info.has("ctrs") else []
    if items and data is None:
        raise broken(SOURCE, "it has CTRs but no table for them")
    tables: dict[str, tuple[Ints, Floats, int]] = {}
    found = []
    for item in items:
        kind, name = item.text("ctr_type"), item.text("identifier")
        if kind not in KINDS:
            raise ModelError(
                f"This CatBoost model has CTRs of the kind '{kind[:SHOWN]}', which are not read. Expected one of "
                f"{', '.join(sorted(KINDS))}. Train with one of them (simple_ctr, combinations_ctr)."
            )
        if name not in tables:
            tables[name] = _table((data or item).part(name))
        found.append((_ctr(item, kind, tables[name], floats, categories), item.floats("borders")))
    return found


def _table(found: Fields) -> tuple[Ints, Floats, int]:
    """Keys (m,), counts (m, c) and the denominator of a counter."""
    import numpy as np

    stride = found.whole("hash_stride", 2, MOST_STRIDE)
    flat = found.any("hash_map")
    if not isinstance(flat, list) or len(flat) % stride:
        raise found.wrong("hash_map", f"a list in parts of {stride:,}")
    names = flat[::stride]
    if not all(isinstance(name, str) and name.isascii() and name.isdigit() and len(name) <= DIGITS for name in names):
        raise found.wrong("hash_map", "a list with whole numbers as keys")
    hashes = [int(name) for name in names]
    if max(hashes, default=0) > FULL:
        raise found.wrong("hash_map", "a list with keys of 64 bits")
    columns = {str(at): flat[at::stride] for at in range(1, stride)}
    counts = np.column_stack([Fields(columns, SOURCE, "hash_map").floats(key, len(hashes)) for key in columns])
    kept = np.array([value != EMPTY for value in hashes], dtype=bool)
    keys = np.array(hashes, dtype=np.uint64)[kept].view(np.int64)
    _, first = np.unique(keys, return_index=True)
    return keys[first], counts[kept][first], found.whole("counter_denominator", 0, 2**31)


def _ctr(
    item: Fields,
    kind: str,
    table: tuple[Ints, Floats, int],
    floats: Mapping[int, tuple[int, bool]],
    categories: Mapping[int, int],
) -> Ctr:
    import numpy as np

    keys, counts, denominator = table
    # the misspelling is CatBoost's own
    settings = {name: [item.any(name)] for name in ("prior_numerator", "prior_denomerator", "shift", "scale")}
    prior = Fields(settings, SOURCE, item.where)
    numbers = [float(prior.floats(name, 1)[0]) for name in settings]
    good, total = _counts(item, kind, counts, denominator)
    none = (0.0, float(denominator) if kind in COUNTERS else 0.0)
    values = _values(np.append(good, none[0]), np.append(total, none[1]), *numbers)
    parts = _elements(item, floats, categories)
    return Ctr(kind, *parts, keys=keys, values=values[:-1], elsewhere=float(values[-1]))


def _counts(item: Fields, kind: str, counts: Floats, denominator: int) -> tuple[Floats, Floats]:
    """What stands above and below the line (m,) each, by the kind of CTR."""
    import numpy as np

    classes = counts.shape[1]
    border = item.whole("target_border_idx", 0, MOST_STRIDE)
    if kind in COUNTERS:
        return counts[:, 0], np.full(len(counts), float(denominator))
    if classes < 2 or (kind in MEANS and classes != 2) or border >= classes:
        raise broken(SOURCE, f"a table of {kind} has {classes:,} counts a row")
    if kind in MEANS:
        return counts[:, 0], counts[:, 1]
    total = counts.sum(axis=1)
    if kind == "Buckets":
        return counts[:, border], total
    return counts[:, border + 1 :].sum(axis=1) if classes > 2 else counts[:, 1], total


def _values(good: Floats, total: Floats, numerator: float, denominator: float, shift: float, scale: float) -> Floats:
    """(good + prior) / (total + prior's weight), shifted and scaled, in the float32 that CatBoost reckons in."""
    import numpy as np

    narrow = np.float32
    with np.errstate(all="ignore"):
        share = (good.astype(narrow) + narrow(numerator)) / (total.astype(narrow) + narrow(denominator))
        found = ((share + narrow(shift)) * narrow(scale)).astype(np.float64)
    if not np.isfinite(found).all():
        raise broken(SOURCE, "a CTR is not a finite number")
    return found


def _elements(
    item: Fields, floats: Mapping[int, tuple[int, bool]], categories: Mapping[int, int]
) -> tuple[tuple[int, ...], tuple[Above, ...], tuple[tuple[int, int], ...]]:
    import numpy as np

    texts: list[int] = []
    above: list[Above] = []
    equal: list[tuple[int, int]] = []
    for part in item.parts("elements", MOST_ELEMENTS):
        kind = part.text("combination_element")
        own: Mapping[int, Any] = floats if kind == "float_feature" else categories
        key = "float_feature_index" if kind == "float_feature" else "cat_feature_index"
        at = part.whole(key, 0, MOST_FEATURES)
        if at not in own:
            raise broken(SOURCE, f"a CTR asks for the feature {at}, which it does not have")
        if kind == "float_feature":
            place, missing = floats[at]
            border = Fields({"border": [part.any("border")]}, SOURCE, part.where).floats("border", 1)
            above.append(Above(place, float(np.float32(border[0])), not missing))
        elif kind == "cat_feature_exact_value":
            equal.append((categories[at], part.whole("value", -(2**31), 2**32)))
        elif kind == "cat_feature_value":
            texts.append(categories[at])
        else:
            raise broken(SOURCE, f"a CTR is made of '{kind[:SHOWN]}'")
    if not texts:
        raise broken(SOURCE, "a CTR is made of no category")
    return tuple(texts), tuple(above), tuple(equal)
