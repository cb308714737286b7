"""A model as a game to be played: rows mixed with background rows after the preparation, and scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from explain.attributions.graph import hoist
from explain.types import as_cells

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from explain import types
    from explain.attributions.graph import Hoisted
    from explain.models import Package
    from explain.types import Floats

    Cells: TypeAlias = npt.NDArray[Any]

MOST_MIXED = 4_000_000
"""Numbers mixed at once: 32 MB, which the processor's cache and the runtime digest well."""
PROOF = 64
"""Reference rows on which preparation and rest must give the model's own scores."""


@dataclass(frozen=True)
class BlackBox:
    """`prepare` gives the cells (n, f) of raw rows, `owner` (f,) the raw column behind each (-1: none).

    `score` gives (n, k) scores of cells, `background` (b, f) are the cells of the background rows. `parts` are the two
    parts of the graph, where it could be cut.
    """

    prepare: Callable[[pd.DataFrame | types.Cells], Cells]
    score: Callable[[Cells], Floats]
    owner: list[int]
    background: Cells
    parts: Hoisted | None = None


def open_box(model: Package, background: pd.DataFrame) -> BlackBox:
    """The model with its preparation done once per row, where the graph can be cut; else from the raw columns."""
    found = two_parts(model, background)
    if found is not None:
        return BlackBox(found.prepare, found.score, found.owner, found.prepare(background), found)
    return BlackBox(
        lambda rows: as_cells(rows, model.schema).frame.to_numpy(dtype=object),
        lambda cells: model.score(_raw(model, cells)),
        list(range(len(model.schema))),
        background.to_numpy(dtype=object),
    )


def two_parts(model: Package, background: pd.DataFrame) -> Hoisted | None:
    """Preparation and rest of a model, where they give the model's own scores on rows of the background."""
    import numpy as np

    found = hoist(model.onnx, model.schema, len(model.info.outputs), background.head(2))
    proof = background.head(PROOF)
    if found is None:
        return None
    same = np.allclose(found.score(found.prepare(proof)), model.score(proof), rtol=0, atol=1e-6, equal_nan=True)
    return found if same else None


def _raw(model: Package, cells: Cells) -> pd.DataFrame:
    """Cells of raw columns as the frame that the model takes."""
    import numpy as np
    import pandas as pd

    def column(at: int, kind: str) -> np.ndarray[Any, Any]:
        return cells[:, at].astype(np.float64) if kind == "number" else cells[:, at]

    return pd.DataFrame({item.name: column(at, item.kind) for at, item in enumerate(model.schema)})
