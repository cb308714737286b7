"""How long the checks take: a million rows in a process of their own, and the whole trust pass over ten thousand."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
from onnx import TensorProto, helper

import explain
from benchmarks import trust_product as product
from benchmarks.faults import Spoiler
from benchmarks.figures import seconds
from benchmarks.tables import as_text, case_of

ROWS, NUMBERS, CATEGORIES, REFERENCE = 1_000_000, 20, 10, 5_000
FAULTY = 1_000
"""Of the million rows, those with a text in a number, a value far out and a slip of a category each."""
PASS_ROWS = 10_000


def whole_pass() -> float:
    """Seconds of checks, calibration, price and tempering for 10,000 people of the census, 500 of them damaged."""
    case = case_of("adult", 11)
    texts = as_text(case.upload.head(PASS_ROWS))
    spoiled = Spoiler.of(case.package, texts).spoil(np.random.default_rng(0))
    table = product.read(spoiled.frame.to_csv(index=False).encode(), case.package)
    product.whole_pass(table, case.package)  # what is worked out once a model is not counted
    return seconds(lambda: product.whole_pass(table, case.package), 3)


def million() -> tuple[float, float, float]:
    """Seconds of reading a million rows of texts, of checking them, and the most memory in gigabytes."""
    command = [sys.executable, "-m", "benchmarks.trust_speed"]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    reading, checking, memory = (float(part) for part in run.stdout.split())
    return reading, checking, memory


def columns_of(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Half of the numbers whole, half with two decimals; categories of 3 to 30 names."""
    made: dict[str, np.ndarray] = {}
    for at in range(NUMBERS):
        made[f"n{at}"] = np.rint(rng.gamma(3, 300, rows)) if at % 2 else np.round(rng.normal(500, 90, rows), 2)
    for at in range(CATEGORIES):
        names = np.array([f"branch {letter}{at}" for letter in range(3 + 3 * at)], dtype=object)
        made[f"c{at}"] = names[rng.integers(len(names), size=rows)]
    return pd.DataFrame(made)


def texts_of(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """All cells as text, with faults."""
    made = {}
    for name in frame:
        cells = frame[name].astype(str)
        if name[0] == "n":
            cells = cells.str.removesuffix(".0")
        made[name] = cells
    texts = pd.DataFrame(made)
    for name, fault in (("n0", "n/a?"), ("n1", "9999999"), ("c9", "brnach 7")):
        texts.loc[rng.choice(len(texts), FAULTY, replace=False), name] = fault
    return texts


def package_of(reference: pd.DataFrame) -> product.Package:
    """A model that looks at one column: the checks never run it."""
    inputs = [helper.make_tensor_value_info("n0", TensorProto.FLOAT, [None, 1])]
    outputs = [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])]
    graph = helper.make_graph([helper.make_node("Sigmoid", ["n0"], ["p"])], "model", inputs, outputs)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(made)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        known = reference.assign(outcome=np.where(reference["n0"] > reference["n0"].median(), "yes", "no"))
        explain.write_package(path, onnx=made.SerializeToString(), reference=known, target="outcome")
        return explain.load_model(path)


def main() -> None:
    """Print seconds of reading, seconds of checking, and gigabytes."""
    rng = np.random.default_rng(5)
    package = package_of(columns_of(REFERENCE, rng))
    texts = texts_of(columns_of(ROWS, rng), rng)
    product.learn(package)
    started = time.perf_counter()
    table = product.read(texts, package)
    read = time.perf_counter()
    product.warned(table, package)
    checked = time.perf_counter()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    sys.stdout.write(f"{read - started} {checked - read} {most}\n")


if __name__ == "__main__":
    main()
