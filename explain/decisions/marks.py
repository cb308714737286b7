"""What people marked in a review: rows that were looked at, each with a short note; kept beside the review."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explain.errors import WhysureError
from explain.safety.strange_json import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "marks.json"
LONGEST_NOTE = 500
"""Characters of a note."""


@dataclass(frozen=True)
class Mark:
    """A row that was looked at, with a note ("" for none), who did so ("" where nobody signs in) and when (UTC)."""

    note: str = ""
    by: str = ""
    at: str = ""


def read_marks(folder: Path) -> dict[str, Mark]:
    """Row id -> mark, of a review's folder; empty where nothing was marked or the file is broken."""
    try:
        content = read_json((folder / FILE).read_bytes())
        return {str(row): Mark(**{key: str(value) for key, value in said.items()}) for row, said in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write_mark(folder: Path, row: str, mark: Mark | None) -> None:
    """Mark a row, or with None take its mark away; the file is replaced as a whole.

    Raises WhysureError for a note that is too long.
    """
    if mark is not None and len(mark.note) > LONGEST_NOTE:
        raise WhysureError(f"A note has at most {LONGEST_NOTE} characters; this one has {len(mark.note):,}.")
    marks: Mapping[str, Mark] = {key: value for key, value in read_marks(folder).items() if key != row}
    marks = dict(marks) | ({row: mark} if mark is not None else {})
    handle, name = tempfile.mkstemp(dir=folder, prefix=".marks-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({key: asdict(value) for key, value in marks.items()}, file, ensure_ascii=False)
    Path(name).replace(folder / FILE)
