"""How long bringing a model in takes: its file and rows on one side, the package in the home folder on the other."""

from __future__ import annotations

import io
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import joblib
import lightgbm
import numpy as np
import pandas as pd
import skops.io
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from benchmarks.figures import Figure, keep, seconds
from explain.adding.choices import Choices
from explain.adding.draft import draft, proof
from explain.adding.install import install
from explain.models.packing import pack_rows
from explain.models.sources.open import open_source
from explain.safety.limited import run_limited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explain.models.parity import Parity

ROWS, TREES, MANY_TREES = 5_000, 300, 1_000


def main() -> None:
    """Measure and keep."""
    keep("adding", list(measured()))


def rows() -> pd.DataFrame:
    """Twelve numbers and two texts, some of them blank, with an outcome."""
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(draw.normal(size=(ROWS, 12)), columns=[f"n{at}" for at in range(12)])
    score = frame["n0"] + frame["n1"] * frame["n2"] + draw.normal(0, 0.5, ROWS)
    frame = frame.mask(draw.random(frame.shape) < 0.03)
    frame["town"], frame["job"] = draw.choice(["Bern", "Oslo", "Rome"], ROWS), draw.choice(["a", "b", "c", "d"], ROWS)
    return frame.assign(outcome=np.where(score > 0, "yes", "no"))


def measured() -> Iterator[Figure]:
    """Each library's model, from its file to the installed package, proof included."""
    frame = rows()
    numbers, outcome = frame.filter(regex="^n"), (frame["outcome"] == "yes").astype(int)
    light = lightgbm.LGBMClassifier(n_estimators=TREES, verbose=-1).fit(numbers, outcome)
    boosted = xgboost.XGBClassifier(n_estimators=TREES).fit(numbers, outcome)
    cells = ColumnTransformer(
        [("n", SimpleImputer(), list(numbers)), ("t", OneHotEncoder(handle_unknown="ignore"), ["town", "job"])]
    )
    forests = [
        make_pipeline(cells, RandomForestClassifier(trees, max_depth=depth, n_jobs=2, random_state=0)).fit(
            frame.drop(columns="outcome"), frame["outcome"]
        )
        for trees, depth in ((100, 10), (MANY_TREES, 8))
    ]
    files = {
        "LightGBM": (
            light.booster_.model_to_string().encode(),
            numbers.assign(outcome=frame["outcome"]),
            ("no", "yes"),
        ),
        "XGBoost": (
            bytes(boosted.get_booster().save_raw("json")),
            numbers.assign(outcome=frame["outcome"]),
            ("no", "yes"),
        ),
        "scikit-learn": (skops.io.dumps(forests[0]), frame, ()),
    }
    for name, (content, table, outcomes) in files.items():
        spent, parity = added(content, table, outcomes)
        what = f"{TREES} trees of {name}" if name != "scikit-learn" else "a scikit-learn pipeline with 100 trees"
        yield Figure(f"adding {what}, {ROWS:,} rows", spent, "s", "at most 5 s, proof included")
        yield Figure(f"its largest difference on {parity.rows + parity.edge_rows:,} rows", parity.largest, "", "1e-6")
    stream = io.BytesIO()
    joblib.dump(forests[1], stream)
    spent, parity = added(stream.getvalue(), frame, ())
    yield Figure(f"adding a joblib file of {MANY_TREES:,} trees, {ROWS:,} rows", spent, "s", "at most 10 s")
    yield Figure(f"its largest difference on {parity.rows + parity.edge_rows:,} rows", parity.largest, "", "1e-6")
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    yield Figure("memory of the larger of both processes", most / 1e6, "GB", "at most 1 GB")
    yield Figure("a limited process that opens an ONNX file", probe(), "s", "at most 1.5 s")


def added(content: bytes, table: pd.DataFrame, outcomes: tuple[str, ...]) -> tuple[float, Parity]:
    """Seconds, and the proof."""
    began = time.perf_counter()
    made = draft(open_source(content, table), table, Choices(target="outcome", outputs=outcomes, held_out="all"))
    parity = proof(made)
    install(made, parity, Path(tempfile.mkdtemp()))
    return time.perf_counter() - began, parity


def probe() -> float:
    """The start of the process, its look at a file and a first run."""
    from explain.models import load_model

    model = load_model("german_credit")
    sample = model.reference.frame.head(256)
    options = {"names": list(sample.columns), "outputs": 2, "allow": []}
    inputs = {"model": model.onnx, "rows": pack_rows(sample)}
    return seconds(lambda: run_limited("try_onnx", inputs, options))


if __name__ == "__main__":
    main()
