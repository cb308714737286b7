"""Tables of a model made ready, kept on disk under a name made of all that they were made of (see explain/cache.py).

The compiled loops do not check what they are given: nothing but what was made here is read.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

from explain import cache
from explain.attributions.tree_codes import Knots, Tests
from explain.attributions.tree_layout import Bundles, Deep, Layout, Past, Paths
from explain.attributions.tree_shap import TreeTables, prepare_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np

    from explain.attributions.trees import Trees
    from explain.parallel import Tell
    from explain.types import Floats

FORMAT = 2
"""To be raised whenever the tables of the same model would be others."""
WORTH_KEEPING = 0.2
"""Seconds that reading must be faster than making, or writing is not worth its time and room."""
READ = 100_000_000
"""Bytes a second, about, that tables are read with."""


def tables(
    sha256: str, trees: Trees, owner: list[int], columns: int, background: Floats, tell: Tell | None
) -> TreeTables | None:
    """`prepare_tables` of the model with that hash, read from disk where they were made before."""
    import explain

    key = hashlib.sha256(f"{FORMAT} {explain.__version__} {sha256} {owner} {columns} {background.shape}".encode())
    key.update(background.tobytes())
    path = cache.folder() / f"{key.hexdigest()[:32]}.npz"
    found = _read(path)
    if found is not None:
        return found
    started = time.perf_counter()
    made = prepare_tables(trees, owner, columns, background, tell)
    spent = time.perf_counter() - started
    if made is not None and spent - _bytes(made) / READ > WORTH_KEEPING:
        _write(made, path)
    return made


def _bytes(made: TreeTables) -> int:
    """How large what takes nearly all of the room is."""
    return int(made.table.nbytes + sum(item.nbytes for item in made.past))


PARTS = {"tests": Tests, "bundle_paths": Paths, "bundles": Bundles, "deep_paths": Paths, "deep": Deep}


def _write(made: TreeTables, path: Path) -> None:
    import numpy as np

    content: dict[str, Any] = {"table": made.table, "base": made.base, "offset": made.offset}
    content["numbers"] = np.array([made.rows, made.columns, made.layout.cells, made.layout.most_players])
    content["knots"] = np.concatenate([*made.layout.knots.values, np.zeros(0)])
    content["knots.each"] = np.array([len(values) for values in made.layout.knots.values], dtype=np.int64)
    for name in PARTS:
        content |= _named(name, getattr(made.layout, name)._asdict())
    content |= _named("past", made.past._asdict())
    cache.write(content, path)


def _named(prefix: str, arrays: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    return {f"{prefix}.{name}": values for name, values in arrays.items()}


def _read(path: Path) -> TreeTables | None:
    import numpy as np

    content = cache.read(path)
    if content is None:
        return None

    def part(name: str, kind: Any) -> Any:  # noqa: ANN401 - one of the named tuples of the layout
        return kind(**{item: content[f"{name}.{item}"] for item in kind._fields})

    rows, columns, cells, most_players = (int(item) for item in content["numbers"])
    knots = Knots(tuple(np.split(content["knots"], np.cumsum(content["knots.each"])[:-1])))
    layout = Layout(
        knots=knots,
        **{name: part(name, kind) for name, kind in PARTS.items()},
        cells=cells,
        most_players=most_players,
        columns=columns,
    )
    past = part("past", Past)
    return TreeTables(layout, content["table"], past, rows, content["base"], content["offset"], columns)
