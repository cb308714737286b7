"""Reasons of 10,000 rows: this library against the whole reference set, the others as their users call them.

Run by `make bench` in an environment of its own, because the other tools are not needed for anything else.
"""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import shap
import shapiq
from fasttreeshap_fixed import TreeExplainer as FastTreeExplainer
from lightgbm import LGBMClassifier
from onnxmltools.convert import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from woodelf import WoodelfExplainer
from xgboost import DMatrix, XGBClassifier

import explain
from benchmarks.figures import Figure, keep, seconds
from explain.attributions import explain as reasons_of
from explain.attributions import explain_pairs, explainer_for
from explain.attributions.choose import build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from onnx import ModelProto

    from explain.models import Package

Fitted: TypeAlias = LGBMClassifier | XGBClassifier | RandomForestClassifier
COLUMNS, TRAINED, REFERENCE, ROWS = 20, 7_000, 3_000, 10_000
FEW = 100
"""Background rows that shap gets, which is what it takes by itself."""
KEPT = 1.0
"""Seconds of getting ready from which on the tables are kept on disk."""
PAIRED = 200
"""Rows whose pairs are worked out."""
SAME = 1e-4
"""Largest difference, in mean |share|, at which two tools count as equal."""


@dataclass(frozen=True)
class Case:
    """A fitted model with its package; shap is timed on `timed` rows, since it takes long."""

    title: str
    model: Fitted
    package: Package
    timed: int


@cache
def data() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Made rows with interactions, half of the columns whole-numbered; two and three outcomes."""
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(TRAINED + REFERENCE + ROWS, COLUMNS)).astype(np.float32)
    rows[:, 10:] = draw.integers(0, 8, (len(rows), 10))
    score = rows[:, 0] * rows[:, 1] + 2 * np.sin(rows[:, 2]) + rows[:, 3] + 0.3 * rows[:, 10]
    score += draw.normal(size=len(rows)) - 0.2 * rows[:, 11] * rows[:, 4]
    frame = pd.DataFrame(rows, columns=[f"c{at}" for at in range(COLUMNS)])
    return frame, (score > np.median(score)).astype(int), np.digitize(score, np.quantile(score, [1 / 3, 2 / 3]))


def cases() -> Iterator[Case]:
    """Each model, made when its turn comes."""
    frame, two, three = data()
    rows = frame.to_numpy()[:TRAINED]
    inputs = [("rows", FloatTensorType([None, COLUMNS]))]
    for title, trees, outcome in (("200 x 31 leaves", 200, two), ("3 classes, 100 x 31 leaves", 100, three)):
        light = LGBMClassifier(n_estimators=trees, num_leaves=31, verbose=-1).fit(rows, outcome[:TRAINED])
        onnx = convert_lightgbm(light, "m", inputs, zipmap=False)
        yield Case(f"LightGBM {title}", light, packaged(onnx, outcome), 100 if outcome is two else 30)
    boosted = XGBClassifier(n_estimators=300, max_depth=6).fit(rows, two[:TRAINED])
    yield Case("XGBoost 300 x depth 6", boosted, packaged(convert_xgboost(boosted, "m", inputs), two), 100)
    for title, depth, timed in (("100 x depth 10", 10, 30), ("100, fully grown", None, 15)):
        forest = RandomForestClassifier(100, max_depth=depth, random_state=0).fit(rows, two[:TRAINED])
        onnx = to_onnx(forest, rows[:1], options={"zipmap": False}, target_opset={"": 18, "ai.onnx.ml": 3})
        yield Case(f"forest {title}", forest, packaged(onnx, two), timed)


def packaged(onnx: ModelProto, outcome: np.ndarray) -> Package:
    """The model as a package with the reference rows."""
    place = slice(TRAINED, TRAINED + REFERENCE)
    reference = data()[0].iloc[place].assign(outcome=outcome[place].astype(str))
    names = [str(at) for at in range(outcome.max() + 1)]
    folder = Path(tempfile.mkdtemp()) / "model"
    explain.write_package(folder, onnx=onnx.SerializeToString(), reference=reference, target="outcome", outputs=names)
    return explain.load_model(folder)


def main() -> None:
    """Measure and keep."""
    warnings.simplefilter("ignore")
    # nothing made ready in an earlier run
    os.environ["WHYSURE_HOME"] = tempfile.mkdtemp()
    keep("attributions", [*compiling(), *(figure for case in cases() for figure in compare(case))])


def compiling() -> list[Figure]:
    """The loops compiled into an empty cache, and loaded from it by the next process."""
    code = "import time; s = time.perf_counter(); from explain.attributions import compile_loops; compile_loops(); "
    code += "print(time.perf_counter() - s)"
    environment = os.environ | {"NUMBA_CACHE_DIR": tempfile.mkdtemp()}
    spent = [
        float(subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True).stdout)
        for _ in range(2)
    ]
    return [
        Figure("compiling the loops, once after installation", spent[0], "s", "`make run` does it beforehand"),
        Figure("loading the compiled loops", spent[1], "s", "in another process"),
    ]


def first_row(package: Package) -> tuple[float, float]:
    """Seconds until a package is let in, and to the reasons of a lone row, in a new process with nothing compiled.

    From the first import on; the median of some processes, each with a home of its own.
    """
    command = [sys.executable, "-m", "benchmarks.first_row", str(package.path)]
    spent = []
    for _ in range(3):
        environment = os.environ | {"NUMBA_CACHE_DIR": tempfile.mkdtemp(), "WHYSURE_HOME": tempfile.mkdtemp()}
        said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()
        spent.append((float(said[1]), float(said[0])))
    total, let_in = sorted(spent)[1]
    return let_in, total


def compare(case: Case) -> list[Figure]:
    """One model: ours on all rows, and how many times longer the others take for a row."""
    frame, package = data()[0], case.package
    rows, past = frame.iloc[TRAINED + REFERENCE :].reset_index(drop=True), frame.iloc[TRAINED : TRAINED + REFERENCE]
    started = time.perf_counter()
    explainer_for(package)
    ready = time.perf_counter() - started
    again = seconds(lambda: build(package, package.reference.frame), 1)
    ours = seconds(lambda: reasons_of(package, rows), 3) / ROWS
    one = seconds(lambda: reasons_of(package, rows.head(1)), 9)
    pairs = seconds(lambda: explain_pairs(package, rows.head(PAIRED)), 1)
    title, (let_in, first) = case.title, first_row(package)
    return [
        Figure(f"{title}: rows a second, {REFERENCE:,} reference rows", 1 / ours, "rows/s", "this library"),
        Figure(f"{title}: getting ready, once a model", ready, "s", "this library"),
        *([Figure(f"{title}: the same in another process", again, "s", "read from disk")] if ready > KEPT else []),
        Figure(f"{title}: one row alone", 1000 * one, "ms", "at most 5 ms, 50 ms for full forests"),
        Figure(f"{title}: first row after an installation", first, "s", "at most 2 s, nothing compiled"),
        Figure(f"{title}: of it until the package was let in", let_in, "s", "tried in the limited process"),
        Figure(f"{title}: what pairs of columns do, {PAIRED} rows", pairs, "s", "getting ready included"),
        *(million(package) if title.startswith("LightGBM 200") else ()),
        *(
            Figure(f"{title}: {name}", spent / ours, "x", "as long a row as this library")
            for name, spent in others(case, rows, past)
        ),
        Figure(f"{title}: difference to shap, same background", difference(case, rows), "", f"at most {SAME}"),
    ]


def million(package: Package) -> Iterator[Figure]:
    """A million rows in another process."""
    command = [sys.executable, "-m", "benchmarks.million", str(package.path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    yield Figure("LightGBM 200 x 31 leaves: a million rows x 20 columns", float(said[0]), "s", "getting ready included")
    yield Figure("LightGBM 200 x 31 leaves: most memory for them", float(said[1]), "MB", "at most 1,500 MB in all")


def others(case: Case, rows: pd.DataFrame, past: pd.DataFrame) -> Iterator[tuple[str, float]]:
    """Seconds a row of each other tool that takes the model; woodelf takes minutes for these rows of a forest."""
    few = rows.head(case.timed).to_numpy()
    explainer = shap_explainer(case.model, past.head(FEW))
    yield f"shap.TreeExplainer, {FEW} background rows", seconds(lambda: explainer.shap_values(few), 3) / len(few)
    native = native_shares(case.model)
    if native is None:
        return
    some = rows.head(2_000).to_numpy()
    library = type(case.model).__module__.split(".")[0]
    own = f"its own path-dependent shares (pred_contrib of {library} {version(library)})"
    yield own, seconds(lambda: native(some), 3) / len(some)
    yield from more_tools(case, rows)
    wood = WoodelfExplainer(case.model, past, feature_perturbation="interventional")
    spent = seconds(lambda: wood.shap_values(rows, verbose=False), 1)
    yield f"woodelf, {REFERENCE:,} background rows", spent / ROWS


def more_tools(case: Case, rows: pd.DataFrame) -> Iterator[tuple[str, float]]:
    """Path-dependent shares of tools that take boosters for two outcomes."""
    if case.title.startswith("LightGBM 200"):
        fast = FastTreeExplainer(case.model, algorithm="v2", n_jobs=-1)
        some = rows.head(1_000).to_numpy()
        yield "fasttreeshap v2, path-dependent", seconds(lambda: fast.shap_values(some), 3) / len(some)
        yield from shapiq_figures(case.model, rows)


def shapiq_figures(model: Fitted, rows: pd.DataFrame) -> Iterator[tuple[str, float]]:
    """Both of its ways; before 1.8, which needs Python 3.12, it has the path-dependent one alone."""
    name, few = f"shapiq {version('shapiq')}", rows.head(20).to_numpy()
    one = shapiq.TreeExplainer(model=model, max_order=1, index="SV")
    yield f"{name}, path-dependent", seconds(lambda: [one.explain(row) for row in few], 1) / len(few)
    if "reference_dataset" in inspect.signature(shapiq.TreeExplainer).parameters:
        past = data()[0].iloc[TRAINED : TRAINED + REFERENCE].to_numpy()
        all_of_them = shapiq.TreeExplainer(
            model=model, mode="interventional", reference_dataset=past, max_order=1, index="SV"
        )
        spent = seconds(lambda: [all_of_them.explain(row) for row in few], 1)
        yield f"{name}, {REFERENCE:,} background rows", spent / len(few)


def native_shares(model: Fitted) -> Callable[[np.ndarray], object] | None:
    """The booster's own contributions."""
    if isinstance(model, LGBMClassifier):
        return lambda rows: model.predict(rows, pred_contrib=True)
    if isinstance(model, XGBClassifier):
        return lambda rows: model.get_booster().predict(DMatrix(rows), pred_contribs=True)
    return None


def shap_explainer(model: Fitted, past: pd.DataFrame) -> shap.TreeExplainer:
    """With a masker that keeps every row of the background."""
    masker = shap.maskers.Independent(past.to_numpy(), max_samples=len(past))
    return shap.TreeExplainer(model, masker, feature_perturbation="interventional")


def difference(case: Case, rows: pd.DataFrame) -> float:
    """Largest difference to shap over 20 rows and the same 100 background rows, in mean |share|, before any link."""
    few, past = rows.head(20), case.package.reference.frame.head(FEW)
    mine, _ = build(case.package, past).head.margins(few)
    theirs = np.asarray(shap_explainer(case.model, past).shap_values(few.to_numpy()))
    theirs = theirs.reshape(20, COLUMNS, -1)[:, :, -mine.shape[2] :]
    return float(np.abs(mine - theirs).max() / np.abs(theirs).mean())


if __name__ == "__main__":
    main()
