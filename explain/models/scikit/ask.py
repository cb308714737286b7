"""What a scikit-learn model itself predicts: built by skops, in the limited process only."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, TypeAlias

from explain.errors import ModelError
from explain.models.scikit.allowed import BYTES, CONTAINERS, FUNCTIONS, IGNORED, SCALARS, TYPES
from explain.models.scikit.ties import tied

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    import pandas as pd

    Array: TypeAlias = np.ndarray[Any, Any]

TRUSTED = sorted(TYPES | FUNCTIONS | CONTAINERS | SCALARS | BYTES | IGNORED | {"functools.partial"})
"""What skops may build: the list that the file was held against when it was read, whatever the file asks for."""


def scorer(content: bytes, options: Mapping[str, Any]) -> tuple[Callable[[pd.DataFrame], Array], str]:
    """Rows (n, p) -> probabilities (n, k) or values (n,), and the library's name and version.

    A row whose answer hangs on a tie between neighbours gets no number.

    `options`: `all_columns` that the model was fitted on, whether `named`, `none_as_blank`, `task`.
    """
    import numpy as np

    try:
        import sklearn
        from skops.io import loads
    except ImportError as error:
        raise ModelError(
            "skops is not installed here, so that the model's own predictions cannot be compared with the package's. "
            'Install it with: pip install "whysure[skops]" - or bring a column with the predictions that you expect.'
        ) from error
    warnings.simplefilter("ignore")  # of other versions; the proof tells whether it matters
    model = loads(content, trusted=TRUSTED)
    blanks = set(options["none_as_blank"])
    columns, named = list(options["all_columns"]), bool(options["named"])

    def score(rows: pd.DataFrame) -> Array:
        frame = rows.assign(
            **{str(name): _blank(rows[name]) for name in rows if _is_text(rows[name]) and name not in blanks}
        )
        data = frame.reindex(columns=columns) if named else _plain(frame)
        if options["task"] != "regression":
            found: Array = model.predict_proba(data)
        else:  # an isolation forest alone has both
            found = getattr(model, "decision_function", model.predict)(data)
        accidents = tied(model, data)
        if accidents.any():
            found = np.array(found, dtype=np.float64)
            found[accidents] = np.nan
        return found

    return score, f"scikit-learn {sklearn.__version__}"


def _is_text(values: pd.Series) -> bool:
    return bool(values.dtype == object)


def _blank(values: pd.Series) -> pd.Series:
    """Texts as pandas reads them: not-a-number for a blank."""
    return values.astype("str")


def _plain(frame: pd.DataFrame) -> Array:
    """Without names: one matrix, of numbers where all columns are."""
    from pandas.api.types import is_numeric_dtype

    numbers = all(is_numeric_dtype(frame[name]) for name in frame)
    found: Array = frame.to_numpy(dtype="float64" if numbers else object)
    return found
