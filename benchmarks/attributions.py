"""Reasons of 10,000 rows: this library against the whole reference set, the others as their users call them.

Run by `make bench` in an environment of its own, because the other tools are not needed for anything else.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import explain
from benchmarks.figures import Figure, keep, seconds
from explain.attributions import compile_loops, explainer_for
from explain.attributions import explain as reasons_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explain.models import Package

COLUMNS, TRAINED, REFERENCE, ROWS = 20, 7_000, 3_000, 10_000
FEW = 100
"""Background rows that shap gets, which is what it takes by itself."""
SAME = 1e-4
"""Largest difference, in mean |share|, at which two tools count as equal."""


def data() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Made rows with interactions, half of the columns whole-numbered; two and three outcomes."""
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(TRAINED + REFERENCE + ROWS, COLUMNS)).astype(np.float32)
    rows[:, 10:] = draw.integers(0, 8, (len(rows), 10))
    score = rows[:, 0] * rows[:, 1] + 2 * np.sin(rows[:, 2]) + rows[:, 3] + 0.3 * rows[:, 10]
    score += draw.normal(size=len(rows)) - 0.2 * rows[:, 11] * rows[:, 4]
    frame = pd.DataFrame(rows, columns=[f"c{at}" for at in range(COLUMNS)])
    return frame, (score > np.median(score)).astype(int), np.digitize(score, np.quantile(score, [1 / 3, 2 / 3]))


def models() -> Iterator[tuple[str, object, bytes, int, int]]:
    """Name, fitted model, its ONNX file, rows that shap is timed on, number of outcomes."""
    import lightgbm as lgb
    import xgboost as xgb
    from onnxmltools.convert import convert_lightgbm, convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType
    from skl2onnx import to_onnx
    from sklearn.ensemble import RandomForestClassifier

    frame, two, three = data()
    rows = frame.to_numpy()[:TRAINED]
    inputs = [("rows", FloatTensorType([None, COLUMNS]))]
    light = lgb.LGBMClassifier(n_estimators=200, num_leaves=31, verbose=-1).fit(rows, two[:TRAINED])
    yield "LightGBM 200 x 31 leaves", light, _bytes(convert_lightgbm(light, "m", inputs, zipmap=False)), 100, 2
    boosted = xgb.XGBClassifier(n_estimators=300, max_depth=6).fit(rows, two[:TRAINED])
    yield "XGBoost 300 x depth 6", boosted, _bytes(convert_xgboost(boosted, "m", inputs)), 100, 2
    light = lgb.LGBMClassifier(n_estimators=100, num_leaves=31, verbose=-1).fit(rows, three[:TRAINED])
    yield "LightGBM 3 classes, 100 x 31", light, _bytes(convert_lightgbm(light, "m", inputs, zipmap=False)), 30, 3
    for title, depth, timed in (("forest 100 x depth 10", 10, 30), ("forest 100, fully grown", None, 15)):
        forest = RandomForestClassifier(100, max_depth=depth, random_state=0).fit(rows, two[:TRAINED])
        options = {"zipmap": False}
        yield (
            title,
            forest,
            _bytes(to_onnx(forest, rows[:1], options=options, target_opset={"": 18, "ai.onnx.ml": 3})),
            timed,
            2,
        )


def _bytes(model: object) -> bytes:
    return model.SerializeToString()  # type: ignore[attr-defined]


def packaged(onnx: bytes, outcomes: int) -> Package:
    """The model as a package with the reference rows."""
    frame, two, three = data()
    place = slice(TRAINED, TRAINED + REFERENCE)
    known = (two if outcomes == 2 else three)[place].astype(str)
    folder = Path(tempfile.mkdtemp()) / "model"
    reference = frame.iloc[place].assign(outcome=known)
    names = [str(at) for at in range(outcomes)]
    return explain.load_model(
        explain.write_package(folder, onnx=onnx, reference=reference, target="outcome", outputs=names)
    )


def main() -> None:
    """Measure and keep."""
    warnings.simplefilter("ignore")
    figures = [
        Figure("compiling the loops, once after installation", seconds(compile_loops, 1), "s", "or loading them")
    ]
    for title, model, onnx, timed, outcomes in models():
        figures += compare(title, model, packaged(onnx, outcomes), timed)
    keep("attributions", figures)


def compare(title: str, model: object, package: Package, timed: int) -> list[Figure]:
    """One model: ours on all rows, and how many times longer the others take for a row."""
    frame = data()[0]
    rows, past = frame.iloc[TRAINED + REFERENCE :].reset_index(drop=True), frame.iloc[TRAINED : TRAINED + REFERENCE]
    started = time.perf_counter()
    explainer_for(package)
    ready = time.perf_counter() - started
    ours = seconds(lambda: reasons_of(package, rows), 3) / ROWS
    one = seconds(lambda: reasons_of(package, rows.head(1)), 9)
    found = [
        Figure(f"{title}: rows a second, {REFERENCE:,} reference rows", 1 / ours, "rows/s", "this library"),
        Figure(f"{title}: getting ready, once a model", ready, "s", "this library"),
        Figure(f"{title}: one row alone", 1000 * one, "ms", "at most 5 ms, 50 ms for full forests"),
    ]
    for name, spent in others(model, rows, past, timed):
        found.append(Figure(f"{title}: {name}", spent / ours, "x", "as long a row as this library"))
    found.append(
        Figure(f"{title}: difference to shap, same background", difference(model, package, rows), "", f"at most {SAME}")
    )
    return found


def others(model: object, rows: pd.DataFrame, past: pd.DataFrame, timed: int) -> Iterator[tuple[str, float]]:
    """Seconds a row of each other tool that takes the model."""
    explainer = shap_explainer(model, past.head(FEW))
    yield (
        f"shap.TreeExplainer, {FEW} background rows",
        seconds(lambda: explainer.shap_values(rows.head(timed).to_numpy()), 3) / timed,
    )
    native = native_shares(model)
    if native is None:
        # woodelf takes minutes for 10,000 rows of a forest
        return
    spent = seconds(lambda: native(rows.head(2_000).to_numpy()), 3)
    yield "its own path-dependent shares (pred_contrib)", spent / 2_000
    from woodelf import WoodelfExplainer

    wood = WoodelfExplainer(model, past, feature_perturbation="interventional")
    spent = seconds(lambda: wood.shap_values(rows, verbose=False), 1)
    yield f"woodelf, {REFERENCE:,} background rows", spent / ROWS


def native_shares(model: object) -> Callable[[np.ndarray], object] | None:
    """The booster's own contributions."""
    kind = type(model).__module__
    if kind.startswith("lightgbm"):
        return lambda rows: model.predict(rows, pred_contrib=True)  # type: ignore[attr-defined]
    if kind.startswith("xgboost"):
        import xgboost as xgb

        booster = model.get_booster()  # type: ignore[attr-defined]
        return lambda rows: booster.predict(xgb.DMatrix(rows), pred_contribs=True)
    return None


def shap_explainer(model: object, past: pd.DataFrame) -> object:
    """With a masker that keeps every row of the background."""
    import shap

    masker = shap.maskers.Independent(past.to_numpy(), max_samples=len(past))
    return shap.TreeExplainer(model, masker, feature_perturbation="interventional")


def difference(model: object, package: Package, rows: pd.DataFrame) -> float:
    """Largest difference to shap over 20 rows and the same 100 background rows, in mean |share|, before any link."""
    from explain.attributions.choose import build

    few = rows.head(20)
    past = package.reference.frame.head(FEW)
    mine, _, _ = build(package, past).margins(few)
    theirs = np.asarray(shap_explainer(model, past).shap_values(few.to_numpy()))  # type: ignore[attr-defined]
    theirs = theirs.reshape(20, COLUMNS, -1)[:, :, -mine.shape[2] :]
    return float(np.abs(mine - theirs).max() / np.abs(theirs).mean())


if __name__ == "__main__":
    main()
