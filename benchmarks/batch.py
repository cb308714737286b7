"""How fast a batch decides rows from Parquet, and how much memory it takes, for tables of two lengths.

Whole decisions with LightGBM of 200 trees on 20 columns. Each batch runs in a process of its own, twice: the first time
is not counted, as it compiles what is kept for later. Run by hand: python -m benchmarks.batch [rows …]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd

import explain
from explain.batches.plan import Options
from explain.batches.run import DECIDING, run
from explain.parallel import threads

TREES, COLUMNS = 200, 20
LEARNED, HELD_OUT = 10_000, 5_000
SIZES = 200_000, 1_000_000
GROUP = 100_000
"""Rows of a row group."""


def make(folder: Path, sizes: list[int]) -> None:
    """A model package, and a Parquet file of each length, in a folder."""
    draw = np.random.default_rng(0)
    weights = draw.normal(size=COLUMNS)
    names = [f"column {at}" for at in range(COLUMNS)]

    def rows(count: int) -> pd.DataFrame:
        return pd.DataFrame(draw.normal(size=(count, COLUMNS)), columns=names)

    past = rows(LEARNED + HELD_OUT)
    outcome = (past.to_numpy() @ weights + draw.logistic(size=len(past))) > 0
    booster = lightgbm.LGBMClassifier(n_estimators=TREES, verbose=-1).fit(past[:LEARNED], outcome[:LEARNED])
    booster.booster_.save_model(folder / "model.txt")
    past.assign(outcome=np.where(outcome, "yes", "no"), kept=np.arange(len(past)) >= LEARNED).to_csv(
        folder / "past.csv", index=False
    )
    said = ["--reference", folder / "past.csv", "--target", "outcome", "--held-out", "kept", "--outcomes", "no,yes"]
    command = ["-m", "explain.commands", "--home", folder / "home", "add", folder / "model.txt", "--name", "trees"]
    subprocess.run([sys.executable, *map(str, [*command, *said])], check=True)
    for count in sizes:
        rows(count).assign(account=np.arange(count).astype(str)).to_parquet(
            folder / f"{count}.parquet", row_group_size=GROUP
        )


def measure(folder: Path, count: int) -> None:
    """Print as JSON how long one batch takes, from the start of the process on, and its largest processes."""
    from explain.models import catalog

    model = explain.load_model(catalog.packages(folder / "home")["trees"])
    began: list[tuple[int, float]] = []

    def tell(done: int, _total: int, doing: str) -> None:
        if doing == DECIDING:
            began.append((done, time.perf_counter()))

    started = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=folder) as out:
        run(folder / f"{count}.parquet", model, Path(out) / "out", Options(), workers=threads(), tell=tell)
    spent = time.perf_counter() - started
    ends = [at for done, at in began if done]
    steady = [done for done, _ in began if done]
    found = {
        "rows": count,
        "seconds": round(spent, 1),
        "rows a second": round(count / spent),
        "rows a second once all processes decide": round((steady[-1] - steady[0]) / max(ends[-1] - ends[0], 1e-9)),
        "parent's peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
        "largest worker's peak MB": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000),
    }
    sys.stdout.write(json.dumps(found) + "\n")


def main() -> None:
    """Measure each length in a process of its own."""
    if sys.argv[1:2] == ["one"]:
        measure(Path(sys.argv[2]), int(sys.argv[3]))
        return
    sizes = [int(text) for text in sys.argv[1:]] or list(SIZES)
    with tempfile.TemporaryDirectory() as name:
        make(Path(name), sizes)
        for count in [sizes[0], *sizes]:
            subprocess.run([sys.executable, "-m", "benchmarks.batch", "one", name, str(count)], check=True)


if __name__ == "__main__":
    main()
