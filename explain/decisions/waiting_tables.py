"""Tables that were opened and not yet reviewed, kept in the home folder so that no reload or crash loses them.

One file each: a line of JSON that says how the table is to be read, and below it the upload byte by byte. A file
appears whole, by one rename, or not at all. Its name begins with a hash of its owner; nobody else is told of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from explain.decisions import room
from explain.errors import NotFoundError
from explain.safety.strange_json import read_json
from explain.tables import read_table
from explain.tables.repairs import accept
from explain.tables.said import NOTHING, Said, read_said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.models import Package
    from explain.types import Table

FOLDER, ENDING = "waiting", ".table"
MOST = 3
"""Tables kept for one owner, the newest ones: each may be as large as the largest upload."""
LASTS = 7 * 24 * 3600
"""Seconds until a table that nobody went on with is deleted: a sign-in lasts no longer, and with it its owner."""
LONGEST_LINE = 10_000_000
"""Bytes of the line above an upload: words that were said of every category, and then some."""
GONE = "That table waits no longer: it was reviewed or dismissed meanwhile. Look in the library, or open it again."


@dataclass(frozen=True)
class Opened:
    """How a table was opened: the name of its file and of the model, and what was said of how it is to be read.

    `columns` maps model columns to uploaded ones; `accepted` are columns whose other reading was taken. A table that
    came of the stored review `run` has no upload of its own.
    """

    name: str
    model: str
    sheet: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    said: Said = NOTHING
    accepted: tuple[str, ...] = ()
    run: str | None = None


@dataclass(frozen=True)
class Upload:
    """An upload as it came, with how it was opened."""

    opened: Opened
    content: bytes

    def read(self, package: Package) -> Table:
        """The table, read as it was read before; raises TableError and its kin where the model has changed since."""
        how = self.opened
        table = read_table(
            self.content, package.schema, columns=dict(how.columns) or None, name=how.name, sheet=how.sheet,
            said=how.said,
        )  # fmt: skip
        for column in how.accepted:
            if any(item.column == column for item in table.proposals):
                table = accept(table, column)
        return table


def keep(upload: Upload, owner: str, home: Path) -> str:
    """Keep a table until it is dropped, and return its id; raises FullError where the home folder has no room.

    Makes room first: what is older than `LASTS`, and all but the newest of this owner.
    """
    folder = home / FOLDER
    for path, age in _ages(folder):
        if age > LASTS:
            _remove(path)
    for name, _ in waiting(owner, home)[MOST - 1 :]:
        drop(name, home)
    room.demand_room(home)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{_hash(owner)}-{secrets.token_hex(8)}"
    # `mkstemp` makes files that their owner alone can read
    handle, draft = tempfile.mkstemp(prefix=".draft-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_line(upload.opened))
            file.write(upload.content)
        Path(draft).replace(folder / f"{name}{ENDING}")
    finally:
        _remove(Path(draft))
    return name


def waiting(owner: str, home: Path) -> list[tuple[str, Opened]]:
    """The tables of an owner by their ids, newest first; files that are none are passed over."""
    found = []
    for path, age in _ages(home / FOLDER, f"{_hash(owner)}-*{ENDING}"):
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError), path.open("rb") as file:
            found.append((age, path.stem, _opened(file.readline(LONGEST_LINE))))
    return [(name, opened) for age, name, opened in sorted(found, key=lambda item: item[:2]) if age <= LASTS]


def read(name: str, owner: str, home: Path) -> Upload:
    """The table called `name`; raises NotFoundError where this owner has none of that id."""
    if not name.startswith(f"{_hash(owner)}-"):
        raise NotFoundError(GONE)
    try:
        with _path(name, home).open("rb") as file:
            return Upload(_opened(file.readline(LONGEST_LINE)), file.read())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotFoundError(GONE) from error


def drop(name: str, home: Path) -> None:
    """Delete a table: it was reviewed, cancelled or dismissed. A second call does nothing."""
    _remove(_path(name, home))


def _path(name: str, home: Path) -> Path:
    """The file of an id; raises NotFoundError for what is none."""
    if not re.fullmatch(r"[0-9a-f]{32}-[0-9a-f]{16}", name):
        raise NotFoundError(GONE)
    return home / FOLDER / f"{name}{ENDING}"


def _ages(folder: Path, pattern: str = "*") -> list[tuple[Path, float]]:
    """Files and how many seconds ago they were written; drafts that a crash left behind match "*", too."""
    now, found = time.time(), []
    for path in folder.glob(pattern):
        with suppress(OSError):
            found.append((path, now - path.stat().st_mtime))
    return found


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _hash(owner: str) -> str:
    """128 bits in hex: names and sign-ins stand in no file name."""
    return hashlib.sha256(owner.encode()).hexdigest()[:32]


def _line(opened: Opened) -> bytes:
    # an uploaded name may hold half a character, which JSON writes as an escape
    content = asdict(replace(opened, said=NOTHING)) | {"said": opened.said.to_json()}
    return json.dumps(content).encode() + b"\n"


def _opened(line: bytes) -> Opened:
    """Raises ValueError, KeyError, TypeError or AttributeError for what `_line` did not write."""
    found: Mapping[str, object] = read_json(line)
    texts = [found["name"], found["model"], found["said"]]
    maybe = [found["sheet"], found["run"]]
    columns, accepted = found["columns"], found["accepted"]
    if not (isinstance(columns, list) and isinstance(accepted, list)):
        raise TypeError("no lists")
    pairs = [(left, right) for left, right in columns]
    texts += [*accepted, *(text for pair in pairs for text in pair), *(item for item in maybe if item is not None)]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("no texts")
    sheet, run = (None if item is None else str(item) for item in maybe)
    said = read_said(str(found["said"]))
    return Opened(str(found["name"]), str(found["model"]), sheet, tuple(pairs), said, tuple(accepted), run)
