"""What a person said of how uploads are to be read: which column is which, and which word which category."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explain.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Said:
    """`columns`: model column -> uploaded column, followed where the upload has such a column and not the model's own.

    `words`: model column -> text as uploaded -> category, followed where the text is no category itself. `accept` takes
    whatever is proposed and clear.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    accept: bool = False

    def and_also(self, other: Said) -> Said:
        """Both, the later one first."""
        words = {
            column: {**self.words.get(column, {}), **other.words.get(column, {})}
            for column in {**self.words, **other.words}
        }
        return Said({**self.columns, **other.columns}, words, self.accept or other.accept)

    def to_json(self) -> str:
        """What is kept for the next upload."""
        return json.dumps({"columns": dict(self.columns), "words": self.words}, ensure_ascii=False, indent=1) + "\n"


NOTHING = Said()


def read_said(text: str) -> Said:
    """What was kept; nothing where the file is not what was written."""
    try:
        found = json.loads(text)
        columns, words = found["columns"], found["words"]
        texts = [*columns.items(), *(pair for mapping in words.values() for pair in mapping.items())]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return NOTHING
    return Said(columns, words) if all(isinstance(item, str) for pair in texts for item in pair) else NOTHING


def column_pairs(texts: Iterable[str]) -> dict[str, str]:
    """`tenure=src_tenure,…` as model column -> uploaded column; raises TableError for what is none."""
    return {left: right for text in texts for left, right in _pairs(text, "--columns tenure=src_tenure,age=alter")}


def word_pairs(texts: Iterable[str]) -> dict[str, dict[str, str]]:
    """`sex:M=male,F=female` as model column -> text -> category; raises TableError for what is none."""
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        column, colon, rest = text.partition(":")
        if not colon:
            raise TableError(f"“{text}” names no column. Expected something like: --map sex:M=male,F=female")
        found.setdefault(column.strip(), {}).update(_pairs(rest, "--map sex:M=male,F=female"))
    return found


def _pairs(text: str, example: str) -> list[tuple[str, str]]:
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not pairs or not all(left.strip() and sign and right.strip() for left, sign, right in pairs):
        raise TableError(f"“{text}” pairs nothing. Expected something like: {example}")
    return [(left.strip(), right.strip()) for left, _, right in pairs]
