"""The one road: a row, 200 rows in a new process, 100,000 in memory, and a million from CSV to files."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import explain
from benchmarks.figures import Figure, keep
from explain.adding.request import Request, add
from explain.attributions import compile_loops

COLUMNS, CATEGORIES, PAST = 20, 6, 3_000
WORDS = np.array(["red", "green", "blue", "none", "other"], dtype=object)
ONE_ROW, IN_MEMORY, FROM_FILE = 400, 100_000, 1_000_000


def rows(count: int, seed: int) -> pd.DataFrame:
    """Rows of 14 numbers with two decimals and 6 categories."""
    draw = np.random.default_rng(seed)
    numbers = {f"n{at}": np.round(draw.normal(50, 10, count), 2) for at in range(COLUMNS - CATEGORIES)}
    return pd.DataFrame(numbers | {f"c{at}": WORDS[draw.integers(0, len(WORDS), count)] for at in range(CATEGORIES)})


def outcomes(frame: pd.DataFrame, seed: int) -> np.ndarray:
    """Yes or no, by two numbers and a category."""
    odds = (frame.n0 - 50) / 10 + (frame.c0 == "red") * 1.0 + (frame.n1 > 55) * 0.7
    chance = np.random.default_rng(seed).random(len(frame))
    return np.where(chance < 1 / (1 + np.exp(-odds)), "yes", "no")


def model_in(home: Path) -> explain.models.Package:
    """LightGBM, 200 trees of 31 leaves, with 3,000 reference rows, added as a person adds it."""
    import lightgbm

    learned, past = rows(PAST, 0), rows(PAST, 1)
    typed = learned.astype({name: "category" for name in learned if name.startswith("c")})
    fitted = lightgbm.LGBMClassifier(n_estimators=200, num_leaves=31, verbose=-1).fit(typed, outcomes(learned, 2))
    fitted.booster_.save_model(str(home / "model.txt"))
    past.assign(outcome=outcomes(past, 3)).to_csv(home / "past.csv", index=False)
    said = {"reference": str(home / "past.csv"), "target": "outcome", "outcomes": ("no", "yes"), "held_out": "all"}
    return add(Request(str(home / "model.txt"), name="road", **said), home)


def one_row(model: explain.models.Package) -> list[float]:
    """Milliseconds for reading and reviewing a row, and for its whole Decision, row after row, warm."""
    frame, spent = rows(ONE_ROW + 20, 4), []
    for at in range(len(frame)):
        row = frame.iloc[[at]].reset_index(drop=True)
        started = time.perf_counter()
        decisions = explain.review(explain.read_table(row, model.schema), model)
        decisions[0].to_dict()
        spent.append(1_000 * (time.perf_counter() - started))
    return spent[20:]


def reviewed(home: Path, table: Path) -> tuple[float, float]:
    """Seconds, and those of processors, of `whysure review` in a process of its own, everything learned before."""
    command = [sys.executable, "-m", "explain.commands", "--home", str(home), "review", str(table)]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([*command, "--model", "road", "--out", str(home / "out")], check=True, capture_output=True)
    spent, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def in_memory(model: explain.models.Package) -> float:
    """Rows a second, whole Decisions, from a data frame."""
    frame = rows(IN_MEMORY, 5)
    spent = []
    for _ in range(3):
        started = time.perf_counter()
        explain.review(frame, model)
        spent.append(time.perf_counter() - started)
    return IN_MEMORY / sorted(spent)[1]


def main() -> None:
    """Measure and keep."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ["WHYSURE_HOME"] = folder
        compile_loops()
        model = model_in(home)
        spent = one_row(model)
        few, many = home / "two_hundred.csv", home / "million.csv"
        rows(200, 7).to_csv(few, index=False)
        reviewed(home, few)
        figures = [
            Figure("one row, warm, read and reviewed: half within", float(np.median(spent)), "ms", "at most 3"),
            Figure("the same: 99 of 100 within", float(np.quantile(spent, 0.99)), "ms", "at most 10"),
            Figure(
                "whysure review of 200 rows, new process, processor time",
                sorted(reviewed(home, few)[1] for _ in range(3))[1], "s", "at most 1.5",
            ),
            Figure("100,000 rows in memory, whole decisions", in_memory(model), "rows/s", "at least 50,000"),
        ]  # fmt: skip
        rows(FROM_FILE, 6).to_csv(many, index=False)
        figures.append(Figure("1,000,000 rows from CSV to files", reviewed(home, many)[0], "s", "at most 60"))
        # the largest process so far, which is that one
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
        keep("road", [*figures, Figure("the same: memory at most", most, "GB", "at most 1.5")])


if __name__ == "__main__":
    main()
