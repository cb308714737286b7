"""Which files were tried before: a model is tried apart once on a machine, not at every start."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from explain import cache
from explain.models.safety.trial import try_onnx
from explain.safety.limited import run_limited

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    import pandas as pd

RULES = 2
"""Raised whenever a rule of this folder becomes stricter: what was let in before is then tried anew."""
LARGEST_REFERENCE = 2_000_000_000
"""Bytes of the reference rows in memory: as of any upload (explain.tables.LIMITS.unpacked)."""


def admit(
    model: bytes, reference: bytes, rows: Callable[[], pd.DataFrame], outputs: int, allow: Collection[str] = ()
) -> None:
    """Let a package's two files in, or raise ModelError or TooLargeError with what is wrong.

    `rows` reads the reference rows; it is called only after they were read apart without harm. That a file was let in
    is remembered by its hash, with the versions of the rules and of ONNX Runtime, in the user's cache: never in the
    package, which says what its maker wants.
    """
    mark = _mark(model, reference, sorted(allow))
    if mark.exists():
        return
    read_apart = partial(run_limited, "parquet", {"file": reference}, {"unpacked": LARGEST_REFERENCE})
    _meanwhile(read_apart, "pandas", "pyarrow.parquet")
    _meanwhile(partial(try_onnx, model, rows(), outputs, allow), "onnx", "onnxruntime")
    remember(model, reference, allow)


def _meanwhile(work: Callable[[], object], *modules: str) -> None:
    """Wait for the work, and import what is needed afterwards beside it: a first look takes half as long so."""
    with ThreadPoolExecutor(1) as beside:
        done = beside.submit(work)
        for name in modules:
            importlib.import_module(name)
        done.result()


def remember(model: bytes, reference: bytes, allow: Collection[str] = ()) -> None:
    """Note that these two files were tried without harm."""
    mark = _mark(model, reference, sorted(allow))
    with contextlib.suppress(OSError):  # a folder that cannot be written to only costs time
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def _mark(model: bytes, reference: bytes, allow: list[str]) -> Path:
    said = f"{RULES} {version('onnxruntime')} {' '.join(allow)}".encode()
    parts = (hashlib.sha256(part).digest() for part in (model, reference, said))
    return cache.folder().with_name("admitted") / hashlib.sha256(b"".join(parts)).hexdigest()
