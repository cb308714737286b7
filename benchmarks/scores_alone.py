"""Reasons from scores alone: models made of models, beside the plain way of playing every row in full.

The plain way is what `sampled.py` and `black_box.py` hold against brute force: 100 background rows and eight coalitions
a column with each of them, or every coalition up to 12 columns, whatever the row; texts are read beforehand here.
"""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import skops.io as sio
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import explain
from benchmarks.figures import Figure, keep
from benchmarks.in_full import make_design, play, shares_of
from explain.attributions.black_box import open_box
from explain.attributions.choose import sampled_explainer
from explain.attributions.sampled import BACKGROUND
from explain.models.card import propose_schema
from explain.models.predict import predict
from explain.models.sources.source import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sklearn.base import BaseEstimator

    from explain.models import Package
    from explain.types import Floats

REFERENCE, ROWS, PLAIN = 2_000, 560, 10
"""Reference rows, rows explained, and those of them that are played the plain way as well."""
KINDS = (2, 3, 4, 5, 3, 6, 8, 2, 4, 5)
"""How many categories the columns of texts have; half of the cells hold the first."""


def table(numbers: int, texts: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Made rows whose outcome hangs on products of columns, and the outcome."""
    draw, count = np.random.default_rng(numbers), REFERENCE + ROWS
    columns = {f"n{at}": np.round(10 * draw.normal(size=count), 2) for at in range(numbers)}
    score = columns["n0"] * columns["n1"] / 80 + columns["n2"] / 10
    for at, kinds in enumerate(KINDS[:texts]):
        code = draw.choice(kinds, count, p=[0.5, *[0.5 / (kinds - 1)] * (kinds - 1)])
        columns[f"t{at}"] = np.array([f"value {kind}" for kind in range(kinds)], dtype=object)[code]
        score = score + 0.6 * (code == 1) * (1 if at % 2 else np.sign(columns["n3"]))
    score = score + 0.7 * draw.normal(size=count)
    return pd.DataFrame(columns), np.where(score > np.median(score), "yes", "no")


def models() -> Iterator[tuple[str, BaseEstimator, int, int]]:
    """Title, model, and how many columns of numbers and of texts it takes."""
    few = {"random_state": 0}

    def prepared(model: BaseEstimator, numbers: int, texts: int) -> BaseEstimator:
        names = ([f"n{at}" for at in range(numbers)], [f"t{at}" for at in range(texts)])
        made = make_column_transformer(
            (StandardScaler(), names[0]), (OneHotEncoder(handle_unknown="ignore", sparse_output=False), names[1])
        )
        return make_pipeline(made, model)

    forest, weights = RandomForestClassifier(100, max_depth=6, **few), LogisticRegression(max_iter=500)
    yield "calibrated forest, 13 columns", CalibratedClassifierCV(prepared(forest, 6, 7), cv=3), 6, 7
    yield "calibrated weights, 13 columns", CalibratedClassifierCV(prepared(weights, 6, 7), cv=3), 6, 7
    members = [("lines", weights), ("forest", forest)]
    vote = VotingClassifier([*members, ("bayes", GaussianNB())], voting="soft")
    yield "vote of three, 13 columns", prepared(vote, 6, 7), 6, 7
    yield "stack of two, 13 columns", prepared(StackingClassifier(members, cv=3), 6, 7), 6, 7
    yield "network, 20 columns", prepared(MLPClassifier((32, 32), max_iter=60, **few), 10, 10), 10, 10
    yield "calibrated forest, 10 columns", CalibratedClassifierCV(prepared(forest, 5, 5), cv=3), 5, 5


def packaged(model: BaseEstimator, frame: pd.DataFrame, outcome: np.ndarray) -> Package:
    """The model fitted on the reference rows, written as the app would."""
    past = frame[:REFERENCE]
    model.fit(past, outcome[:REFERENCE])
    source = open_source(sio.dumps(model), past)
    facts = source.facts
    schema = propose_schema(past[list(facts.features)], {name: {"kind": kind} for name, kind in facts.kinds.items()})
    reference = past[schema.names].assign(outcome=outcome[:REFERENCE])
    folder = Path(tempfile.mkdtemp()) / "model"
    explain.write_package(folder, onnx=source.to_onnx(schema), reference=reference, target="outcome")
    return explain.load_model(folder)


def plain(package: Package, rows: pd.DataFrame) -> tuple[float, Floats]:
    """Seconds a row the plain way, and the standard errors (n, p) from both choices."""
    past = package.reference.frame.sample(BACKGROUND, random_state=0)
    box, design = open_box(package, past), make_design(len(package.schema), BACKGROUND)
    errors, started = [], time.perf_counter()
    for row in range(len(rows)):
        scores = play(box, box.prepare(rows.iloc[[row]])[0], design.coalitions)
        found = shares_of(design, scores, REFERENCE)
        errors.append(np.hypot(0.0 if found.error is None else found.error, found.background_error)[:, 1])
    return (time.perf_counter() - started) / len(rows), np.array(errors)


def figures() -> Iterator[Figure]:
    """Seconds and errors of each model; both ways take turns, and the fastest turn of each counts."""
    for title, model, numbers, texts in models():
        frame, outcome = table(numbers, texts)
        package = packaged(model, frame, outcome)
        rows = frame[REFERENCE:].reset_index(drop=True)
        started = time.perf_counter()
        explainer = sampled_explainer(package, package.reference.frame)
        ready, prediction = time.perf_counter() - started, predict(package, rows)
        spent = []
        for _ in range(3):
            started = time.perf_counter()
            found = explainer.explain(rows, prediction)
            spent.append(((time.perf_counter() - started) / ROWS, plain(package, rows.head(PLAIN))))
        mine, other = min(item[0] for item in spent), min(item[1][0] for item in spent)
        error = np.hypot(0.0 if found.error is None else found.error, found.background_error)
        yield Figure(f"{title}: {ROWS} rows from scores alone", ROWS * mine, "s", f"{REFERENCE:,} reference rows")
        yield Figure(f"{title}: getting ready, once a model", ready, "s", "its members' tables")
        yield Figure(f"{title}: every row in full", other / mine, "x", "as long a row")
        yield Figure(f"{title}: standard error", 100 * _rms(error), "points", "of a share, both choices")
        yield Figure(f"{title}: standard error in full", 100 * _rms(spent[0][1][1]), "points", "of a share")


def _rms(errors: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    # nothing made ready in an earlier run
    os.environ["WHYSURE_HOME"] = tempfile.mkdtemp()
    keep("scores_alone", figures())
