"""Files that appear whole or not at all: written beside, and renamed."""

from __future__ import annotations

import errno
import json
import os
import uuid
from typing import TYPE_CHECKING, Any

from explain.errors import FullError, WhysureError
from explain.safety.strange_json import read_json as parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

DRAFT = ".draft-"
"""How the names of files begin that are being written."""


def written(target: Path, write: Callable[[Path], object]) -> None:
    """Have a file written beside its place and put there by one rename, its bytes on the disk first.

    Raises FullError where the disk is full, WhysureError where it cannot be written to.
    """
    # a name of its own: on a cluster, a task that was given up may still run beside the one in its place
    draft = target.with_name(f"{DRAFT}{uuid.uuid4().hex}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write(draft)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise refused(error, target) from error


def refused(error: OSError, target: Path) -> WhysureError:
    """Why a file could not be written, in a sentence."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return FullError(
            f"The disk of '{target.parent}' is full. What is done is kept: make room, and run the same command again."
        )
    return WhysureError(f"'{target}' cannot be written: {error.strerror or error}. Run the same command again after.")


def write_bytes(target: Path, content: bytes) -> None:
    """Bytes as a file, whole or not at all."""
    written(target, lambda path: path.write_bytes(content))


def write_json(target: Path, content: Mapping[str, Any]) -> None:
    """An object as a JSON file, whole or not at all."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"
    write_bytes(target, text.encode())


def read_json(path: Path) -> dict[str, Any] | None:
    """The object that `write_json` wrote; None where there is no such file. Raises WhysureError where it is another."""
    try:
        found = parsed(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise WhysureError(f"'{path}' is damaged. Remove it, or write to another folder.")
    return found


def demanded_json(path: Path) -> dict[str, Any]:
    """The same where it must be there; raises WhysureError where somebody removed it."""
    found = read_json(path)
    if found is None:
        raise WhysureError(f"'{path}' is gone, though the batch is not done. Run the same command again.")
    return found


def remove_drafts(folder: Path) -> None:
    """Remove what a run that was killed had not put in its place."""
    for draft in folder.rglob(f"{DRAFT}*"):
        draft.unlink(missing_ok=True)
