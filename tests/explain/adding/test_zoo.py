"""Every booster of the fixtures, asked through its own library: the package says the same on all rows and edge rows."""

import numpy as np
import pytest

from explain.adding.choices import Choices
from explain.adding.draft import draft, proof
from explain.models.sources.open import open_source
from tests.explain.models.boosters import NAMES, file_of, rows_of

OLD = [name for name in NAMES if name.startswith(("xgb_1", "xgb_2"))]
ZOO = [name for name in NAMES if name not in OLD[1:]]
"""One file of an older version is asked; the readers' tests hold all of them against what was written down."""
AS_SAME = 1e-6
"""Of a probability."""
AS_SAME_VALUE = 1e-5
"""Of a target value, as a share of the values' spread."""


@pytest.mark.parametrize("name", ZOO)
def test_what_is_added_predicts_what_its_library_predicts(name):
    rows, _ = rows_of(name)
    rows = rows[np.isfinite(rows.select_dtypes("number").fillna(0)).all(axis=1)].reset_index(drop=True)
    source = open_source(file_of(name).read_bytes(), rows)
    made = draft(source, rows, Choices())
    found = proof(made)
    assert (found.verdict, found.flips, found.noticed) == ("same", 0, 0), found
    assert found.rows == len(rows)
    assert found.edge_rows > 20
    assert found.largest <= (AS_SAME_VALUE if made.task == "regression" else AS_SAME)
