"""The limited process: confines itself, runs one function of a short list, writes what it found, ends.

Run as a script (`python -I child.py FOLDER`), so that nothing is imported before the limits hold, and so that no module
of the folder it is started from can take the place of another. The folder holds job.json; it gets result.json, and
result.npz where there are arrays.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

FUNCTIONS = {
    "try_onnx": ("explain.models.safety.answers", "answers"),
    "onnx_facts": ("explain.models.sources.bare", "onnx_facts"),
    "catboost_json": ("explain.models.boosters.cbm", "export"),
    "keras_weights": ("explain.models.keras.weights", "weights"),
    "source_scores": ("explain.models.sources.native", "scores"),
    "sheets": ("explain.safety.uploads", "sheets"),
    "parquet": ("explain.safety.uploads", "parquet"),
    "arrow": ("explain.safety.uploads", "arrow"),
}
"""What may be asked for: name -> module and function. A function takes the paths of its inputs and its options, and
gives facts (plain JSON) and arrays (numbers, or texts of a fixed width)."""
JOB, FACTS, ARRAYS = "job.json", "result.json", "result.npz"
GRACE = 2
"""Seconds after its wall-clock limit at which a process ends itself, should its parent be gone."""


def main(folder: Path) -> None:
    """Do the job of a folder."""
    job = json.loads((folder / JOB).read_text(encoding="utf-8"))
    confine(job["limits"])
    installed = (at for at, item in enumerate(sys.path) if item.endswith(("site-packages", "dist-packages")))
    at = next(installed, len(sys.path))
    sys.path[at:at] = job["path"]  # behind Python's own modules, before any other copy of this library
    try:
        found = _run(job)
        _write(folder, *found)
        said: dict[str, Any] = {"facts": found[0]}
    except MemoryError:
        said = {"error": "memory"}
    except OSError as error:
        said = {"error": "output" if error.errno in {27, 28} else "other", "text": str(error)[:500]}
    except BaseException as error:  # noqa: BLE001 - a panic of a Rust library is no Exception; all is judged outside
        said = {"error": type(error).__name__, "text": str(error)[:2_000]}
    (folder / FACTS).write_text(json.dumps(said), encoding="utf-8")


def confine(limits: dict[str, int]) -> None:
    """Memory, processor time, size of files and open files, no core dumps; where the system knows such limits."""
    try:
        import resource
    except ImportError:  # Windows: the parent watches time and memory
        return
    if hasattr(signal, "SIGALRM"):
        signal.alarm(limits["wall"] + GRACE)
    wanted = {
        resource.RLIMIT_CPU: limits["processor"],
        resource.RLIMIT_FSIZE: limits["output"],
        resource.RLIMIT_NOFILE: limits["files"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: limits["memory"],
    }
    for kind, most in wanted.items():
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)  # noqa: PLW2901 - never above what is allowed
        try:
            # at the hard limit on processor time the kernel kills without saying why; at the soft one it says
            resource.setrlimit(kind, (most, hard if kind == resource.RLIMIT_CPU else most))
        except (OSError, ValueError):  # macOS knows RLIMIT_AS and refuses to set it: the parent watches memory
            if sys.platform == "linux":
                raise


def _run(job: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    module, name = FUNCTIONS[job["task"]]
    inputs = {key: Path(value) for key, value in job["inputs"].items()}
    facts, arrays = getattr(importlib.import_module(module), name)(inputs, job["options"])
    return facts, arrays


def _write(folder: Path, facts: dict[str, Any], arrays: dict[str, Any]) -> None:
    json.dumps(facts)
    if not arrays:
        return
    from explain.safety.arrays import pack

    (folder / ARRAYS).write_bytes(pack(arrays))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)  # all is written; libraries take longer to clear up than many a file does to be tried
