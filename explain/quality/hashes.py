"""Hashes of rows and cells: equal ones are alike, wherever they stand and however a table is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.types import Codes

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from explain.types import Cells

    Hashes = npt.NDArray[np.uint64]


def row_hashes(cells: Cells, context: pd.DataFrame | None = None) -> Hashes:
    """(n,) a hash of all cells of each row, those of a `context` (n, any) of texts included."""
    import numpy as np

    found = np.zeros(len(cells), dtype=np.uint64)
    beside = [] if context is None else [context.iloc[:, at].to_numpy(dtype=object) for at in range(context.shape[1])]
    for hashed in [*column_hashes(cells), *map(text_hashes, beside)]:
        found = mixed(found ^ hashed)
    return found


def column_hashes(cells: Cells) -> list[Hashes]:
    """(n,) a hash of each cell, column by column; a zero is a zero and a blank a blank."""
    import numpy as np
    import pandas as pd

    return [
        text_hashes(np.array([*own.words, ""], dtype=object))[own.places]
        if isinstance(own, Codes)
        else np.asarray(pd.util.hash_array(np.where(np.isnan(own), np.nan, own + 0.0)))
        for own in cells.columns.values()
    ]


def text_hashes(texts: npt.NDArray[np.object_]) -> Hashes:
    """(n,) a hash of each text."""
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(texts)
    found = np.asarray(pd.util.hash_array(np.asarray(distinct, dtype=object), categorize=False), dtype=np.uint64)
    return found[codes]


def mixed(values: Hashes) -> Hashes:
    """(n,) each number as another one, so that neighbours lie anywhere (splitmix64; Steele, Lea and Flood 2014)."""
    import numpy as np

    found = values + np.uint64(0x9E3779B97F4A7C15)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(found ^ (found >> np.uint64(31)))
