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
from benchmarks.in_full import play, shares_of
from explain.attributions.black_box import open_box
from explain.attributions.choose import sampled_explainer
from explain.attributions.sampled import every_coalition
from explain.models import runtime
from explain.models.predict import predict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explain.models import Package

COLUMNS, TRAINED, BACKGROUND, ROWS, SEEDS = 14, 4_000, 30, 8, 4


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
    truth = np.stack([
        shares_of(all_of_them, play(box, row, all_of_them.coalitions), BACKGROUND).shares[:, 1]
        for row in box.prepare(rows)
    ])  # fmt: skip
    prediction = predict(package, rows)

    def ours(seed: int) -> np.ndarray:
        return sampled_explainer(package, past, seed).explain(rows, prediction).values  # noqa: PD011 - an Explanation's values

    size = _scored(lambda: ours(0)) // (ROWS * BACKGROUND)

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
    ready = sampled_explainer(package, past)
    started = time.perf_counter()
    ready.explain(rows, prediction)
    yield Figure(
        f"network, 14 columns: a row against {BACKGROUND} reference rows",
        1000 * (time.perf_counter() - started) / ROWS,
        "ms",
        f"{size} coalitions each",
    )


def _scored(work: Callable[[], object]) -> int:
    """How many rows the model is asked for meanwhile."""
    counts, usual = [], runtime.run

    def counting(session: object, names: list[str], fed: dict[str, np.ndarray]) -> list[np.ndarray]:
        counts.append(max(map(len, fed.values())))
        return usual(session, names, fed)

    runtime.run = counting
    try:
        work()
    finally:
        runtime.run = usual
    return sum(counts)


def _off(estimate: Callable[[int], np.ndarray], truth: np.ndarray) -> float:
    errors = [np.square(estimate(seed) - truth).mean() for seed in range(SEEDS)]
    return 100 * float(np.sqrt(np.mean(errors)) / np.abs(truth).mean())


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    keep("sampled", figures())
