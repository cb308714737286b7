"""How fast Ray, Dask and Spark decide a batch beside `local`, with as many processes of this machine each.

What counts is the time from the first part that is done to the last: starting an engine, which a long batch does not
notice, is shown beside it. Each runs in a process of its own, after one of `local` that compiles what is kept.
Run by hand, where `make test-engines` installed them: .venv-engines/bin/python -m benchmarks.engines [rows]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import explain
from benchmarks.batch import make
from explain.batches.engines import Engine
from explain.batches.engines.engine import LIBRARIES
from explain.batches.plan import Options
from explain.batches.run import DECIDING, run
from explain.parallel import threads

ROWS, PARTS = 400_000, 40
MOST = 1.3
"""Times of `local` that an engine may take."""


def measure(folder: Path, rows: int, engine: str) -> None:
    """Print as JSON how long one engine takes."""
    from explain.models import catalog

    model = explain.load_model(catalog.packages(folder / "home")["trees"])
    heard: list[tuple[int, float]] = []

    def tell(done: int, _total: int, doing: str) -> None:
        if doing == DECIDING and done:
            heard.append((done, time.perf_counter()))

    started = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=folder) as out:
        options = Options(rows_per_part=rows // PARTS)
        run(folder / f"{rows}.parquet", model, Path(out) / "out", options, engine=Engine(engine), tell=tell)
        whole = time.perf_counter() - started
    (first, begun), (last, ended) = heard[0], heard[-1]
    found = {"whole": whole, "rows a second": (last - first) / (ended - begun), "load": os.getloadavg()[0]}
    sys.stdout.write(json.dumps(found) + "\n")


def main() -> None:
    """Measure each engine in a process of its own."""
    if sys.argv[1:2] == ["one"]:
        measure(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
        return
    rows = int(sys.argv[1]) if sys.argv[1:] else ROWS
    with tempfile.TemporaryDirectory() as name:
        make(Path(name), [rows])
        found = {}
        for engine in ["local", *LIBRARIES]:
            command = [sys.executable, "-m", "benchmarks.engines", "one", name, str(rows), engine]
            said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            found[engine] = json.loads(said.splitlines()[-1])
    sys.stdout.write(f"{rows:,} rows, {threads()} processes; at most {MOST} times the time of local is aimed at\n")
    sys.stdout.write("engine   rows a second   times local   seconds from start to end   load of the machine\n")
    for engine, one in found.items():
        times = found["local"]["rows a second"] / one["rows a second"]
        line = f"{engine:<8}{one['rows a second']:>14,.0f}{times:>14.2f}{one['whole']:>28.1f}{one['load']:>22.1f}\n"
        sys.stdout.write(line)


if __name__ == "__main__":
    main()
