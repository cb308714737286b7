"""What is to be reviewed: files, folders, globs and hive partitions -> a list of files, each known by what is in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import unquote

from explain.errors import NotFoundError, TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Kind: TypeAlias = Literal["parquet", "arrow", "csv", "jsonl"]

KINDS: dict[str, Kind] = {
    ".parquet": "parquet", ".pq": "parquet", ".arrow": "arrow", ".feather": "arrow", ".ipc": "arrow",
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
}  # fmt: skip
"""What a file is by the end of its name."""
PACKED = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd", ".lz4": "lz4"}
"""How text files may be compressed, by the last end of their names, as Arrow calls it."""
BLANK = "__HIVE_DEFAULT_PARTITION__"
"""What stands for a blank in the name of a partition's folder."""
WANTED = "Expected Parquet, Arrow, CSV or JSON lines, text also as .gz, .bz2, .zst or .lz4."
_PARTITION = re.compile(r"([^=]+)=(.*)")
READ_AT_ONCE = 1 << 20
"""Bytes of a file that are hashed in one go."""


@dataclass(frozen=True)
class Input:
    """One file: its `path` as it was said, kind, compression ("" for none), size in bytes and time of change.

    `partition` are the columns that the names of its folders hold, as hive writes them: (("day", "2026-01-01"),).
    """

    path: str
    kind: Kind
    packed: str
    size: int
    changed: int
    partition: tuple[tuple[str, str], ...] = ()

    @property
    def folder(self) -> str:
        """The folders of its partition, below which its parts are written: "day=2026-01-01"; "" for none."""
        names = [part for part in Path(self.path).parts[:-1] if _PARTITION.fullmatch(part)]
        return "/".join(names)


def inputs_of(said: str | Path | Iterable[str | Path]) -> tuple[Input, ...]:
    """The files that files, folders and globs name, in the order that they were said, within each by name.

    Raises NotFoundError where nothing is there, TableError for what is no table by its name.
    """
    asked = [said] if isinstance(said, str | Path) else list(said)
    paths = dict.fromkeys(path for one in asked for path in _paths(str(one)))
    if not paths:
        raise NotFoundError("There is no input. Name files, folders or globs.")
    return tuple(input_of(path) for path in paths)


def input_of(path: str) -> Input:
    """One file as an input; raises NotFoundError where it is gone."""
    kind, packed = _kind(path)
    try:
        found = Path(path).stat()
    except OSError as error:
        raise NotFoundError(f"The input '{path}' is not there: {error.strerror}.") from error
    pairs = [_PARTITION.fullmatch(part) for part in Path(path).parts[:-1]]
    partition = tuple((one[1], "" if one[2] == BLANK else unquote(one[2])) for one in pairs if one)
    return Input(path, kind, packed, found.st_size, found.st_mtime_ns, partition)


def _paths(said: str) -> Sequence[str]:
    path = Path(said)
    if path.is_dir():
        files = (item for item in path.rglob("*") if item.is_file() and not _hidden(item, path))
        found = sorted(str(item) for item in files if _known(item.name))
        if not found:
            raise NotFoundError(f"There is no table in the folder '{said}'. {WANTED}")
        return found
    if path.exists():
        return [said]
    # as the shell has it: from the folder that the command is run in, or the root
    found = sorted(str(item) for item in Path(path.anchor).glob(str(path.relative_to(path.anchor))) if item.is_file())
    if not found:
        raise NotFoundError(f"There is no file '{said}'.")
    return found


def _hidden(path: Path, folder: Path) -> bool:
    """Whether a file is none of the table's: engines write marks such as _SUCCESS and .crc beside it."""
    return any(part.startswith((".", "_")) and "=" not in part for part in path.relative_to(folder).parts)


def _known(name: str) -> bool:
    path = Path(name)
    return path.suffix.lower() in KINDS or (path.suffix.lower() in PACKED and Path(path.stem).suffix.lower() in KINDS)


def _kind(path: str) -> tuple[Kind, str]:
    name = Path(path)
    packed = PACKED.get(name.suffix.lower(), "")
    kind = KINDS.get((Path(name.stem) if packed else name).suffix.lower())
    if kind is None:
        raise TableError(f"'{path}' is no table by its name. {WANTED}")
    if packed and kind == "parquet":
        raise TableError(f"'{path}' is a compressed Parquet file, which compresses by itself. Unpack it first.")
    return kind, packed


def content_hash(path: str) -> str:
    """sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(READ_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()
