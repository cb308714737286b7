"""UBJSON as XGBoost writes it: https://ubjson.org, draft 12, with big-endian numbers and typed arrays.

Every size is held against the bytes that are left before anything is made of it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from explain.models.boosters.forest import broken

NUMBERS = {"i": ">i1", "U": ">u1", "I": ">i2", "l": ">i4", "L": ">i8", "d": ">f4", "D": ">f8"}
SIZES = {marker: int(kind[2]) for marker, kind in NUMBERS.items()}
CODES = {"i": ">b", "U": ">B", "I": ">h", "l": ">i", "L": ">q", "d": ">f", "D": ">d"}
LENGTHS = "iUIlL"
WORDS = {"T": True, "F": False, "Z": None}
DEEPEST = 32
"""Containers in containers; XGBoost needs 8."""


@dataclass
class Reader:
    """Bytes and how far they are read."""

    content: bytes
    source: str
    at: int = 0

    def take(self, count: int) -> bytes:
        """The next bytes; raises ModelError when fewer are left."""
        if not 0 <= count <= len(self.content) - self.at:
            raise broken(
                self.source, f"byte {self.at:,} announces {count:,} bytes, but {len(self.content) - self.at:,} are left"
            )
        self.at += count
        return self.content[self.at - count : self.at]

    def marker(self) -> str:
        """The next character, fillers left out."""
        found = b"N"
        while found == b"N":
            found = self.take(1)
        return found.decode("latin-1")

    def peek(self) -> str:
        """The next character, which stays."""
        return self.content[self.at : self.at + 1].decode("latin-1")

    def number(self, kind: str) -> int | float:
        """A number of a kind."""
        found: int | float = struct.unpack(CODES[kind], self.take(SIZES[kind]))[0]
        return found

    def length(self) -> int:
        """A size, which is a whole number and not below zero."""
        kind = self.marker()
        if kind not in LENGTHS:
            raise broken(self.source, f"byte {self.at - 1:,} should announce a length")
        found = int(self.number(kind))
        if found < 0:
            raise broken(self.source, f"byte {self.at:,} announces a length of {found:,}")
        return found

    def text(self) -> str:
        """A text with its length before it."""
        raw = self.take(self.length())
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise broken(self.source, f"the text before byte {self.at:,} is not UTF-8") from error

    def header(self) -> tuple[str, int | None]:
        """The kind of all items of a container ("" where each says its own) and their number (None: up to its end)."""
        kind = ""
        if self.peek() == "$":
            self.take(1)
            kind = self.take(1).decode("latin-1")
            if self.peek() != "#":
                raise broken(self.source, f"the container at byte {self.at:,} has a kind but no length")
        if self.peek() != "#":
            return "", None
        self.take(1)
        return kind, self.length()


def parse_ubjson(content: bytes, source: str) -> dict[str, Any]:
    """The object that a UBJSON file holds; typed arrays of numbers become arrays, others lists."""
    reader = Reader(content, source)
    found = _value(reader, reader.marker(), 0)
    if not isinstance(found, dict):
        raise broken(source, "it is UBJSON, but not an object")
    return found


def _value(reader: Reader, kind: str, depth: int) -> Any:  # noqa: ANN401 - a stranger's value is of any kind
    if depth > DEEPEST:
        raise broken(reader.source, f"it is nested more than {DEEPEST} deep")
    if kind in CODES:
        return reader.number(kind)
    if kind in WORDS:
        return WORDS[kind]
    if kind == "S":
        return reader.text()
    if kind == "C":
        return reader.take(1).decode("latin-1")
    if kind == "[":
        return _array(reader, depth)
    if kind == "{":
        return _object(reader, depth)
    raise broken(reader.source, f"byte {reader.at - 1:,} is not the beginning of a value")


def _array(reader: Reader, depth: int) -> Any:  # noqa: ANN401 - a list, or an array of numbers
    import numpy as np

    kind, count = reader.header()
    if kind in NUMBERS and count is not None:
        return np.frombuffer(reader.take(count * SIZES[kind]), dtype=NUMBERS[kind])
    _plain(reader, kind, count)
    found: list[Any] = []
    while len(found) != count:
        marker = kind or reader.marker()
        if count is None and marker == "]":
            break
        found.append(_value(reader, marker, depth + 1))
    return found


def _object(reader: Reader, depth: int) -> dict[str, Any]:
    kind, count = reader.header()
    _plain(reader, kind, count)
    found: dict[str, Any] = {}
    entries = 0
    while entries != count:
        if count is None and reader.peek() == "}":
            reader.take(1)
            break
        key = reader.text()
        found[key] = _value(reader, kind or reader.marker(), depth + 1)
        entries += 1
    return found


def _plain(reader: Reader, kind: str, count: int | None) -> None:
    """Items that take no bytes could be announced by the billion: each must take one at least."""
    if kind in WORDS or kind == "N":
        raise broken(reader.source, f"the container at byte {reader.at:,} is of a kind without content")
    if count is not None:
        left = len(reader.content) - reader.at
        if count > left:
            raise broken(reader.source, f"byte {reader.at:,} announces {count:,} items, but {left:,} bytes are left")
