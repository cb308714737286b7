"""A time limit for each run of a model in this process: ONNX Runtime looks at a flag between two operators.

https://onnxruntime.ai/docs/api/python/api_summary.html#onnxruntime.RunOptions
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

from explain.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import onnxruntime as ort

LONGEST_RUN = 60.0
"""Seconds of one run of at most a block of rows; no model that people wait for takes as long."""
LOOKED_AT = 0.25
"""Seconds between two looks at the clock."""
_OPEN: dict[int, tuple[float, ort.RunOptions]] = {}
_LOCK = threading.Lock()
_WATCH: list[threading.Thread] = []


@contextlib.contextmanager
def deadline(seconds: float = LONGEST_RUN) -> Iterator[ort.RunOptions]:
    """Options for one run, which ends when its time is over; raises ModelError then.

    One thread watches over all runs: a timer for each would take longer than a lone row does.
    """
    import onnxruntime as ort

    options = ort.RunOptions()
    with _LOCK:
        _OPEN[id(options)] = time.monotonic() + seconds, options
        if not _WATCH or not _WATCH[0].is_alive():
            _WATCH[:] = [threading.Thread(target=_watch, name="whysure-deadline", daemon=True)]
            _WATCH[0].start()
    try:
        yield options
    except Exception as error:
        if options.terminate:
            raise ModelError(
                f"The model took more than {seconds:g} s for these rows, and was stopped. Review fewer rows at once."
            ) from error
        raise
    finally:
        with _LOCK:
            del _OPEN[id(options)]


def _watch() -> None:
    while True:
        time.sleep(LOOKED_AT)
        now = time.monotonic()
        with _LOCK:
            for until, options in _OPEN.values():
                if now > until:
                    options.terminate = True
