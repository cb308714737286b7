"""The fixtures of boosters, for the tests of their readers and of the writer (tests/fixtures/make_boosters.py)."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from explain.models.boosters import catboost_json, read_catboost, read_lightgbm, read_xgboost, write_onnx
from explain.models.boosters.forest import BELOW, LEAF, MEMBER
from explain.models.card import propose_schema

FIXTURES = Path(__file__).parents[2] / "fixtures" / "boosters"
NAMES = sorted(path.name for path in FIXTURES.iterdir() if (path / "rows.parquet").exists())
JOINT = [name for name in NAMES if name.startswith("cat_joint")]
"""Their trees ask for several columns together."""
LINEAR = [name for name in NAMES if name.startswith("xgb_linear")]
"""They have no trees."""
LINES = [name for name in NAMES if name.startswith("lgb_lines")]
"""They have linear models in their leaves."""
READERS = {"xgb": read_xgboost, "cat": read_catboost}


def file_of(name):
    return next(path for path in (FIXTURES / name).iterdir() if path.name.startswith("model."))


@lru_cache(maxsize=64)
def rows_of(name):
    """(n, p) raw rows, and what the library itself predicts for them (n, k); of a binary model the one probability."""
    rows = pd.read_parquet(FIXTURES / name / "rows.parquet")
    scores = pd.read_parquet(FIXTURES / name / "scores.parquet").to_numpy(dtype=np.float64)
    # what the library gives as log-odds are probabilities here
    return rows, 1 / (1 + np.exp(-scores)) if name == "xgb_logitraw" else scores


@lru_cache(maxsize=64)
def schema_of(name):
    rows, _ = rows_of(name)
    return propose_schema(rows, {name: {"kind": "category"} for name in rows if rows[name].dtype.kind not in "fiu"})


def read(name, content=None):
    if content is None:
        content = file_of(name).read_bytes()
        content = catboost_json(content) if content.startswith(b"CBM1") else content
    if name.startswith("lgb"):
        return read_lightgbm(content)
    return READERS[name[:3]](content, {column.name: column.categories for column in schema_of(name)})


@lru_cache(maxsize=64)
def packed(name):
    """The ensemble and its ONNX file."""
    ensemble = read(name)
    return ensemble, write_onnx(ensemble, schema_of(name))


def leaves(ensemble, numbers):
    """(n, trees) the leaf of each row in each tree, found node by node; `numbers` (n, f) are all numbers."""
    nodes = ensemble.nodes
    at = np.tile(nodes.roots, (len(numbers), 1))
    if ensemble.narrow:
        numbers = numbers.astype(np.float32).astype(np.float64)
    while (nodes.feature[at] != LEAF).any():
        value = np.take_along_axis(numbers, np.maximum(nodes.feature[at], 0), axis=1)
        assert (nodes.comparison[at] != MEMBER).all()
        missing = np.isnan(value) | (nodes.zero_missing[at] & (abs(value) <= np.float32(1e-35)))
        holds = np.where(nodes.comparison[at] == BELOW, value < nodes.bound[at], value <= nodes.bound[at])
        after = np.where(np.where(missing, nodes.missing_true[at], holds), nodes.true[at], nodes.false[at])
        at = np.where(nodes.feature[at] == LEAF, at, after)
    return at
