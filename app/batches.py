"""Batches that are done, by the addresses that the app gives them: where they lie, and one row of them as a review.

They lie below the home folder, or below folders of this server that its owner named (`whysure --data FOLDER`).
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.server import DATA
from explain.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explain.batches.opened import OpenBatch
    from explain.decisions import Decisions

OWN = "batches"
"""The folder, within the home folder, of batches that were started on the screen."""
DEEPEST = 4
"""Folders below a named one that are looked into."""
MOST_OPEN = 3
"""Batches whose columns are kept in memory: some twenty bytes a row."""
SECONDS = 10
"""How long it is remembered which batches there are."""
_ROW = re.compile(r"([0-9a-f]{12})-([0-9]{1,12})")


def roots(home: Path) -> list[Path]:
    """The folders that may hold batches."""
    named = [Path(item) for item in os.environ.get(DATA, "").split(os.pathsep) if item]
    return [home / OWN, *named]


@st.cache_data(ttl=SECONDS, show_spinner=False)
def folders(home: Path) -> dict[str, Path]:
    """The batches that are done, by the names that addresses have for them, the newest first."""
    found = {path for root in roots(home) for path in _batches(root, DEEPEST)}
    newest = sorted(found, key=lambda path: (path / "summary.json").stat().st_mtime_ns, reverse=True)
    return {_name(path): path for path in newest}


def _batches(folder: Path, deep: int) -> Iterator[Path]:
    """Folders that hold a batch, in a folder and below it."""
    try:
        inside = [Path(item.path) for item in os.scandir(folder) if item.is_dir() and not item.name.startswith(".")]
    except OSError:
        return
    if (folder / "summary.json").exists() and (folder / "manifest.json").exists():
        yield folder
    elif deep:
        for one in inside:
            yield from _batches(one, deep - 1)


def _name(folder: Path) -> str:
    """Twelve hex digits that name a batch by its place."""
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]


def batch(name: str, home: Path) -> OpenBatch:
    """A batch by its name in addresses; raises NotFoundError."""
    folder = folders(home).get(name)
    if folder is None:
        raise NotFoundError(
            f"There is no batch '{name[:40]}' here. It lies in a folder that whoever started the app names: "
            "whysure --data FOLDER."
        )
    return _open(folder, (folder / "summary.json").stat().st_mtime_ns)


@st.cache_resource(max_entries=MOST_OPEN, show_spinner="Opening the batch")
def _open(folder: Path, changed: int) -> OpenBatch:  # noqa: ARG001 - part of the key: one that was made anew is read anew
    from explain.batches.opened import open_batch

    return open_batch(folder)


def row_name(name: str, place: int) -> str:
    """What the row at a place of a batch is called where a review is asked for."""
    return f"{name}-{place}"


def of_row(run: str) -> tuple[str, int] | None:
    """The batch and the place that the name of a review means, where it is a row of a batch."""
    found = _ROW.fullmatch(run)
    return (found[1], int(found[2])) if found else None


def row(run: str, home: Path) -> Decisions:
    """A row of a batch as a review of its own; raises NotFoundError."""
    from dataclasses import replace

    import numpy as np

    asked = of_row(run)
    if asked is None:
        raise NotFoundError(f"'{run[:40]}' is no row of a batch.")
    found = batch(asked[0], home)
    if asked[1] >= len(found):
        raise NotFoundError(f"The batch has no row {asked[1] + 1:,}: it has {len(found):,}.")
    decisions = found.decisions(np.array([asked[1]]))
    return replace(decisions, run=dict(decisions.run) | {"id": run})
