"""One batch at a time in a folder."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from explain.batches.files import refused
from explain.errors import WhysureError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the folder while a batch runs; the system lets go of it when the process ends, however it does.

    Raises WhysureError where another process holds it.
    """
    try:
        import fcntl
    except ImportError:  # on Windows two runs at once do the same work twice, into the same files
        yield
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        file = (out / ".lock").open("w")
    except OSError as error:
        raise refused(error, out / ".lock") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WhysureError(
                f"Another batch is being written to '{out}'. Wait for it, or name another folder."
            ) from error
        yield
