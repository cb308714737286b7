"""How far off estimated reasons are: this library beside shap's samplers at the same number of model evaluations."""

from __future__ import annotations

import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shap
from skl2onnx import to_onnx
from sklearn.neural_network import MLPClassifier

import explain
from benchmarks.figures import Figure, keep
from explain.attributions.black_box import open_box
from explain.attributions.sampled import every_coalition, sampled_design, shares_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explain.models import Package

COLUMNS, TRAINED, BACKGROUND, ROWS, SEEDS = 14, 4_000, 30, 8, 4
PER_COLUMN = 8


def network() -> tuple[Package, pd.DataFrame]:
    """A network of two hidden layers over columns that interact, as a package, and its rows."""
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(TRAINED + BACKGROUND + ROWS, COLUMNS)).astype(np.float32)
    score = rows[:, 0] * rows[:, 1] + 2 * np.sin(rows[:, 2]) + rows[:, 3] + rows[:, 4] * rows[:, 5] * rows[:, 6] / 2
    model = MLPClassifier(hidden_layer_sizes=(32, 32), max_iter=60, random_state=0)
    model.fit(rows[:TRAINED], (score > 0)[:TRAINED].astype(int))
    onnx = to_onnx(model, rows[:1], options={"zipmap": False}, target_opset={"": 18, "ai.onnx.ml": 3})
    frame = pd.DataFrame(rows, columns=[f"c{at}" for at in range(COLUMNS)])
    reference = frame.iloc[TRAINED : TRAINED + BACKGROUND].assign(outcome=["0", "1"] * (BACKGROUND // 2))
    folder = Path(tempfile.mkdtemp()) / "model"
    explain.write_package(folder, onnx=onnx.SerializeToString(), reference=reference, target="outcome")
    return explain.load_model(folder), frame


def figures() -> Iterator[Figure]:
    """Root mean square error in per cent of the mean |share|, the truth being all 2^14 coalitions."""
    package, frame = network()
    past, rows = frame.iloc[TRAINED : TRAINED + BACKGROUND], frame.iloc[TRAINED + BACKGROUND :]
    box, all_of_them = open_box(package, past), every_coalition(COLUMNS)
    cells = box.prepare(rows)
    truth = np.stack([
        shares_of(all_of_them, box.play(row, all_of_them.coalitions), BACKGROUND).shares[:, 1] for row in cells
    ])  # fmt: skip
    size = PER_COLUMN * (COLUMNS + 1)

    def ours(seed: int) -> np.ndarray:
        design = sampled_design(COLUMNS, BACKGROUND, size - 2, np.random.default_rng(seed))
        return np.stack([shares_of(design, box.play(row, design.coalitions), BACKGROUND).shares[:, 1] for row in cells])

    def score(given: np.ndarray) -> np.ndarray:
        return box.score(np.asarray(given, dtype=np.float32))[:, 1]

    def kernel(seed: int) -> np.ndarray:
        np.random.seed(seed)  # noqa: NPY002 - what KernelExplainer draws from
        explainer = shap.KernelExplainer(score, past.to_numpy())
        return np.asarray(explainer.shap_values(rows.to_numpy(), nsamples=size, silent=True, l1_reg=False))

    def permutation(seed: int) -> np.ndarray:
        masker = shap.maskers.Independent(past.to_numpy(), max_samples=BACKGROUND)
        explainer = shap.PermutationExplainer(score, masker, seed=seed)
        return np.asarray(explainer(rows.to_numpy(), max_evals=size + 1, silent=True).values)

    mine = _off(ours, truth)
    yield Figure("network, 14 columns: error of estimated reasons", mine, "%", "of the mean |share|, this library")
    for title, others in (("PermutationExplainer", permutation), ("KernelExplainer", kernel)):
        yield Figure(
            f"network, 14 columns: error of shap.{title}", _off(others, truth) / mine, "x", "at as many evaluations"
        )
    started = time.perf_counter()
    ours(0)
    yield Figure(
        f"network, 14 columns: a row against {BACKGROUND} reference rows",
        1000 * (time.perf_counter() - started) / ROWS,
        "ms",
        f"{size} coalitions each, drawing them included",
    )


def _off(estimate: Callable[[int], np.ndarray], truth: np.ndarray) -> float:
    errors = [np.square(estimate(seed) - truth).mean() for seed in range(SEEDS)]
    return 100 * float(np.sqrt(np.mean(errors)) / np.abs(truth).mean())


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    keep("sampled", figures())
