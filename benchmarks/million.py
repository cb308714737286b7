"""The reasons of a million rows in a process of their own: how long, and how much memory in all."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

import explain
from explain.attributions import explain as reasons_of

ROWS = 1_000_000


def main() -> None:
    """Print seconds, and the most megabytes that were resident."""
    package = explain.load_model(Path(sys.argv[1]))
    draw = np.random.default_rng(1)
    names = package.schema.names
    rows = pd.DataFrame(draw.normal(size=(ROWS, len(names))).astype(np.float32), columns=names)
    started = time.perf_counter()
    found = reasons_of(package, rows)
    spent = time.perf_counter() - started
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    sys.stdout.write(f"{spent} {most} {found.gap.max()}\n")


if __name__ == "__main__":
    main()
