"""What was learned of a model's reference rows, kept on disk under a name made of all that it was learned from."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from explain import cache
from explain.forests.forest import Forest
from explain.quality.expected import Expectation, Expected, learn
from explain.quality.profile import profile_of

if TYPE_CHECKING:
    from explain.models import Package
    from explain.parallel import Tell

FORMAT = 3
"""To be raised whenever the same rows would teach something else."""
MOST_READY = 8
"""Models whose expectations are kept in memory."""
_READY: OrderedDict[Package, Expected] = OrderedDict()


def expected_of(model: Package, tell: Tell | None = None) -> Expected:
    """What is to be expected in a model's columns, learned once."""
    found = _READY.get(model)
    if found is None:
        key = f"{FORMAT} {model.card.files['reference.parquet']} {model.schema}"
        path = cache.folder() / f"expected-{hashlib.sha256(key.encode()).hexdigest()[:32]}.npz"
        content = cache.read(path)
        found = learn(profile_of(model), tell=tell) if content is None else _unpacked(content, model)
        if content is None:
            cache.write(_packed(found), path)
    _READY[model] = found
    _READY.move_to_end(model)
    while len(_READY) > MOST_READY:
        _READY.popitem(last=False)
    return found


def _packed(expected: Expected) -> dict[str, Any]:
    import numpy as np

    content: dict[str, Any] = {"limit": np.array(expected.limit), "columns": np.array([c.at for c in expected.columns])}
    for column in expected.columns:
        content |= {f"{column.at}.{name}": values for name, values in column.forest._asdict().items()}
        content |= {f"{column.at}.{name}": getattr(column, name) for name in ("values", "usual", "misses")}
        content[f"{column.at}.floor"] = np.array(column.floor)
    return content


def _unpacked(content: cache.Arrays, model: Package) -> Expected:
    columns = []
    for at in content["columns"].tolist():
        forest = Forest(*(content[f"{at}.{name}"] for name in Forest._fields))
        values, usual, misses = (content[f"{at}.{name}"] for name in ("values", "usual", "misses"))
        number = model.schema.columns[at].kind == "number"
        columns.append(Expectation(at, number, forest, values, usual, float(content[f"{at}.floor"]), misses))
    return Expected(model.schema, tuple(columns), float(content["limit"]))
