"""`whysure batch`: decide tables beyond memory, part by part."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TYPE_CHECKING, Any

from explain.commands import asked

if TYPE_CHECKING:
    import argparse

log = logging.getLogger("whysure")

ALL_DONE, FAILED, SOME_REJECTED = 0, 1, 3
"""Exit codes: every row decided; stopped; every row but those that could not be read."""
LEAST_SECONDS = 0.5
"""Seconds between two lines of progress."""


def arguments(batch: argparse.ArgumentParser) -> None:
    """What can be said to `whysure batch`."""
    batch.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="files, folders or globs: Parquet, Arrow, CSV, JSON lines"
    )
    asked.arguments(batch)
    batch.add_argument("--out", required=True, help="folder for decisions, warnings, summary.json and manifest.json")
    batch.add_argument("--workers", type=int, help="processes (default: one a processor, or all that a cluster has)")
    batch.add_argument("--engine", default="local", help="what runs them: local (default), ray, dask or spark")
    batch.add_argument("--address", default="", metavar="URL", help="the cluster of that engine, to work there")
    batch.add_argument("--rows-per-part", type=int, metavar="N", help="rows of a part at most (default 50,000)")
    batch.add_argument(
        "--reasons",
        default="all",
        help="rows to give reasons: all (default), none, flagged (not to be used as they are), or sample=SHARE",
    )
    batch.add_argument("--json", action="store_true", help="print progress and the result as JSON lines")
    batch.set_defaults(run=decide_inputs)


def decide_inputs(options: argparse.Namespace) -> int:
    """`whysure batch INPUT… --model NAME-OR-PATH --out DIR`."""
    from pathlib import Path

    from explain.batches.engines import Engine
    from explain.batches.plan import Options
    from explain.batches.run import run
    from explain.decisions import runs

    if not asked.is_possible(options):
        return 2
    model = asked.model_in(runs.home_folder(options.home), options)
    said = {} if options.rows_per_part is None else {"rows_per_part": options.rows_per_part}
    told = _Told(options.json)
    given = Options(options.level, options.cohort, reasons=options.reasons, **said)
    engine = Engine(options.engine, options.address)
    found = run(options.inputs, model, Path(options.out), given, workers=options.workers, engine=engine, tell=told)
    told.end(found.rows, found.rejected, str(found.out))
    return SOME_REJECTED if found.rejected else ALL_DONE


class _Told:
    """Progress as JSON lines, or as one line that is written over where somebody watches."""

    def __init__(self, as_json: bool) -> None:  # noqa: FBT001 - the flag that was said
        self.as_json = as_json
        self.started = self.last = time.perf_counter()
        self.doing = ""

    def __call__(self, done: int, total: int, doing: str) -> None:
        now = time.perf_counter()
        if doing == self.doing and done < total and now - self.last < LEAST_SECONDS:
            return
        self.last, self.doing = now, doing
        if self.as_json:
            self._line({"doing": doing, "done": done, "rows": total})
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r{doing:<28}{done:>14,} of {total:,}")
            sys.stderr.flush()

    def end(self, rows: int, rejected: int, out: str) -> None:
        """Say what was done."""
        if self.as_json:
            self._line({"doing": "Done", "done": rows, "rows": rows, "rejected": rejected, "out": out})
            return
        if sys.stderr.isatty():
            sys.stderr.write("\n")
        log.info("%s rows decided; written to %s", f"{rows:,}", out)
        if rejected:
            log.warning("%s lines could not be read; they are listed in %s/rejected", f"{rejected:,}", out)

    def _line(self, content: dict[str, Any]) -> None:
        seconds = round(time.perf_counter() - self.started, 3)
        sys.stdout.write(json.dumps(content | {"seconds": seconds}, ensure_ascii=False) + "\n")
        sys.stdout.flush()
