"""Tables of a model made ready, kept on disk so that the next process need not make them again.

They lie in the home folder or the user's cache, never in the package: a package may come from a stranger, and the
compiled loops do not check what they are given. A file is named by all that it was made of.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explain.attributions.tree_codes import Knots, Tests
from explain.attributions.tree_layout import Bundles, Deep, Layout, Past, Paths
from explain.attributions.tree_shap import TreeTables, prepare_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from explain.attributions.parallel import Tell
    from explain.attributions.trees import Trees
    from explain.types import Floats

FORMAT = 1
"""To be raised whenever the tables of the same model would be others."""
WORTH_KEEPING = 1.0
"""Seconds of making: what was faster is made anew as fast as it is read."""
MOST_KEPT = 8
"""Files; the ones used longest ago go. A file is about as large as the tables in memory."""


def tables(
    sha256: str, trees: Trees, owner: list[int], columns: int, background: Floats, tell: Tell | None
) -> TreeTables | None:
    """`prepare_tables` of the model with that hash, read from disk where they were made before."""
    import explain

    key = hashlib.sha256(f"{FORMAT} {explain.__version__} {sha256} {owner} {columns} {background.shape}".encode())
    key.update(background.tobytes())
    path = folder() / f"{key.hexdigest()[:32]}.npz"
    found = _read(path)
    if found is not None:
        return found
    started = time.perf_counter()
    made = prepare_tables(trees, owner, columns, background, tell)
    if made is not None and time.perf_counter() - started > WORTH_KEEPING:
        _write(made, path)
    return made


def folder() -> Path:
    """Where the files lie: `ready` under WHYSURE_HOME, else in the user's cache folder."""
    import platformdirs

    home = os.environ.get("WHYSURE_HOME")
    return (Path(home) if home else Path(platformdirs.user_cache_dir("whysure", appauthor=False))) / "ready"


PARTS = {"tests": Tests, "bundle_paths": Paths, "bundles": Bundles, "deep_paths": Paths, "deep": Deep}


def _write(made: TreeTables, path: Path) -> None:
    """Whole or not at all; a folder that cannot be written to only costs time."""
    import numpy as np

    content: dict[str, Any] = {"table": made.table, "base": made.base, "offset": made.offset}
    content["numbers"] = np.array([made.rows, made.columns, made.layout.cells, made.layout.most_players])
    content["knots"] = np.concatenate([*made.layout.knots.values, np.zeros(0)])
    content["knots.each"] = np.array([len(values) for values in made.layout.knots.values], dtype=np.int64)
    for name in PARTS:
        content |= _named(name, getattr(made.layout, name)._asdict())
    content |= _named("past", made.past._asdict())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            np.savez(file, **content)
        Path(file.name).replace(path)
        for old in sorted(path.parent.glob("*.npz"), key=lambda item: -item.stat().st_mtime)[MOST_KEPT:]:
            old.unlink()
    except OSError:
        return


def _named(prefix: str, arrays: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    return {f"{prefix}.{name}": values for name, values in arrays.items()}


def _read(path: Path) -> TreeTables | None:
    """The tables, or None where there are none that can be read; their sums of control are those of the zip format."""
    import numpy as np

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            content = {name: arrays[name] for name in arrays.files}
        os.utime(path)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
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
