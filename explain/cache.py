"""Where things made ready lie, so that the next process need not make them again.

In the home folder or the user's cache, never in a package: that may come from a stranger.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    Arrays: TypeAlias = Mapping[str, np.ndarray[Any, Any]]

MOST_KEPT = 24
"""Files; the ones used longest ago go. A file is about as large as its arrays in memory."""


def folder() -> Path:
    """Where the files lie: `ready` under WHYSURE_HOME, else in the user's cache folder."""
    import platformdirs

    home = os.environ.get("WHYSURE_HOME")
    return (Path(home) if home else Path(platformdirs.user_cache_dir("whysure", appauthor=False))) / "ready"


def write(content: Arrays, path: Path) -> None:
    """Arrays into a file, whole or not at all; a folder that cannot be written to only costs time."""
    import numpy as np

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            np.savez(file, allow_pickle=False, **content)
        Path(file.name).replace(path)
        for old in sorted(path.parent.glob("*.npz"), key=lambda item: -item.stat().st_mtime)[MOST_KEPT:]:
            old.unlink()
    except OSError:
        return


def read(path: Path) -> Arrays | None:
    """The arrays, or None where there are none that can be read; their sums of control are those of the zip format."""
    import numpy as np

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            content = {name: arrays[name] for name in arrays.files}
        os.utime(path)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    return content
