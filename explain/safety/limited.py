"""Run one function on a stranger's file in a process of its own, with limits; whatever it does there, the answer is a
result or one sentence.

The limits hold against what libraries do with malformed files: crashes, endless loops, memory. They are no jail for
hostile machine code: the process has the rights of its user. On Linux the kernel holds them; on macOS it does not hold
the one on memory, on Windows none: there the parent looks at time and memory every few milliseconds, and a file that
asks for all memory at once can still slow the machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explain import errors
from explain.errors import ModelError, TooLargeError, WhysureError
from explain.safety import child
from explain.safety.arrays import unpack
from explain.safety.resident import resident_bytes
from explain.safety.strange_json import read_json
from explain.shown import reason, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

CHILD = Path(child.__file__)
ROOT = Path(errors.__file__).resolve().parent.parent
AT_ONCE = 2
"""Limited processes that run side by side; more wait, so that many uploads cannot add up to all memory."""
LOOKED_AT = 0.01
"""Seconds between two looks at the process: little beside its start."""
LONGEST_FACTS = 1_000_000
"""Bytes of JSON: a few hundred facts."""
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""What of the environment the process needs to find Python and its libraries; secrets of the server stay out."""
_SYSTEM_MEMORY = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
"""Other allocators take address space in advance, which the limit counts."""
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_TURNS = threading.BoundedSemaphore(AT_ONCE)
CRASHES = {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS"}


@dataclass(frozen=True)
class Limits:
    """Bytes of memory (address space), seconds of processor and of the clock (loading and Python's own start included),
    bytes of any file it writes, and open files.

    Python with ONNX Runtime takes 0.2 GB of address space before any file, with pyarrow 0.4 GB.
    """

    memory: int = 4_000_000_000
    processor: int = 20
    wall: int = 20
    output: int = 100_000_000
    files: int = 64


LIMITS = Limits()
OF_TASK = {
    # less does: the largest column of a row group that is read (500 MB), packed and unpacked, beside pyarrow
    "parquet": Limits(memory=2_000_000_000),
    # a library takes its time to build thousands of trees; it runs on as many processors as the file says
    "source_scores": Limits(processor=120, wall=60),
}
"""Where other limits do."""


@dataclass(frozen=True)
class Result:
    """What the function found: plain facts and arrays; `seconds` from start to end."""

    facts: dict[str, Any]
    arrays: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    seconds: float = 0.0


def run_limited(
    task: str, inputs: Mapping[str, bytes], options: Mapping[str, Any] | None = None, limits: Limits | None = None
) -> Result:
    """Run a function of `child.FUNCTIONS` on files with the contents `inputs`; waits for a turn first.

    Without `limits` they are those of the task.

    Raises the error that the function raised on purpose, else ModelError or TooLargeError with one sentence.
    """
    if task not in child.FUNCTIONS:
        raise ValueError(f"There is no limited function '{task}'.")
    limits = limits or OF_TASK.get(task, LIMITS)
    with _TURNS, tempfile.TemporaryDirectory(prefix="whysure-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        paths = {}
        for key, content in inputs.items():
            paths[key] = str(folder / key)
            (folder / key).write_bytes(content)
        job = {"task": task, "inputs": paths, "options": dict(options or {}), "limits": asdict(limits), "path": _path()}
        (folder / child.JOB).write_text(json.dumps(job), encoding="utf-8")
        began = time.monotonic()
        ended = _watch(_start(folder), limits)
        return _result(folder, ended, limits, time.monotonic() - began)


def _path() -> list[str]:
    """Where the process finds this library and those it uses; never the folder that the server was started from."""
    return [str(ROOT), *(item for item in sys.path if item.endswith(("site-packages", "dist-packages")))]


def _start(folder: Path) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    temporary = dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP"), str(folder))
    return subprocess.Popen(  # noqa: S603 - this interpreter, this file, a folder of our own
        [sys.executable, "-I", "-B", str(CHILD), str(folder)],
        cwd=folder,
        env=kept | temporary | _SYSTEM_MEMORY | {"LC_ALL": "C.UTF-8"} | dict.fromkeys(_ONE_THREAD, "1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _watch(process: subprocess.Popen[bytes], limits: Limits) -> str:
    """How the process ended: "ok", "time", "memory", the name of a signal, or "code N"; nothing of it is left over."""
    until = time.monotonic() + limits.wall
    stopped = ""
    try:
        while process.poll() is None and not stopped:
            if time.monotonic() > until:
                stopped = "time"
            elif resident_bytes(process.pid) > limits.memory:
                stopped = "memory"
            else:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(LOOKED_AT)
    finally:
        _kill(process)
    if stopped or not process.returncode:
        return stopped or "ok"
    if process.returncode > 0:
        return f"code {process.returncode}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-process.returncode).name
    return f"signal {-process.returncode}"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _result(folder: Path, ended: str, limits: Limits, seconds: float) -> Result:
    if ended in {"time", "SIGXCPU", "SIGALRM"}:
        raise ModelError(
            f"The file took more than {limits.wall} s to be read and tried, and was stopped. "
            "Export a smaller or simpler one."
        )
    if ended in {"memory", "SIGKILL"}:
        raise _memory(limits)
    if ended in CRASHES:
        raise ModelError(
            f"The file crashed the library that reads it ({ended}); only the trial was hurt. "
            "It is damaged or malformed: export it anew."
        )
    said = _facts(folder) if ended == "ok" else None
    if said is None:
        raise _garbage()
    if "error" in said:
        raise _error(said, limits)
    return Result(said["facts"], _arrays(folder, limits), seconds)


def _memory(limits: Limits) -> TooLargeError:
    return TooLargeError(
        f"The file asked for more than {limits.memory / 1e9:.3g} GB of memory, and was stopped. Export a smaller one."
    )


def _garbage() -> ModelError:
    return ModelError("The trial of the file ended without an answer that can be read. Export the file anew.")


def _error(said: dict[str, Any], limits: Limits) -> WhysureError:
    """What the process said went wrong, as the error that it was."""
    name, text = str(said["error"]), str(said.get("text", ""))
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and kind in {errors.ModelError, errors.TooLargeError, errors.TableError}:
        return kind(text)
    if name == "memory":
        return _memory(limits)
    if name == "output":
        return TooLargeError(f"The file made more than {limits.output / 1e6:,.0f} MB of answers. Export a smaller one.")
    return ModelError(f"The file cannot be tried: {reason(text) or shown(name)}. Export it anew.")


def _content(path: Path, most: int) -> bytes | None:
    """A plain file of the process; None for none, a link, or one that is too large."""
    try:
        facts = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > most:
        return None
    return path.read_bytes()


def _facts(folder: Path) -> dict[str, Any] | None:
    content = _content(folder / child.FACTS, LONGEST_FACTS)
    try:
        said = read_json(content) if content else None
    except ValueError:
        return None
    sound = isinstance(said, dict) and ("error" in said or isinstance(said.get("facts"), dict))
    return said if sound else None


def _arrays(folder: Path, limits: Limits) -> dict[str, np.ndarray[Any, Any]]:
    if not (folder / child.ARRAYS).exists():
        return {}
    content = _content(folder / child.ARRAYS, limits.output)
    if content is None:
        raise _garbage()
    try:
        return unpack(content, limits.output)
    except (WhysureError, ValueError, TypeError, EOFError) as error:  # what NumPy raises for a header of another kind
        raise _garbage() from error
