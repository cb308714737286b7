"""What people said of how uploads for a model are to be read, kept in the home folder for the next upload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.tables.said import NOTHING, Said, read_said

if TYPE_CHECKING:
    from pathlib import Path

    from explain.types import Table

FOLDER = "readings"


def said_of(model: str, home: Path) -> Said:
    """What was said of uploads for a model so far."""
    try:
        return read_said((home / FOLDER / f"{model}.json").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return NOTHING


def taken(before: Said, said: Said, table: Table) -> Said:
    """What is kept after a table was read: what was said before and now, and the proposals that were taken."""
    words = {
        item.column: dict(zip(item.found, table.cells.take(item.rows).objects(item.column), strict=True))
        for item in table.repairs
        if item.kind == "other words"
    }
    return before.and_also(Said(said.columns, {**said.words, **words}))


def keep(model: str, said: Said, home: Path) -> None:
    """Write it, where there is anything new to keep; at once, so that nobody reads half of it."""
    path = home / FOLDER / f"{model}.json"
    if not (said.columns or said.words) or said_of(model, home) == said:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(said.to_json(), encoding="utf-8")
    new.replace(path)
