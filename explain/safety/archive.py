"""A zip from a stranger: what its directory says is checked before anything is unpacked, and held to while it is.

The directory at the end of a zip (PKWARE's APPNOTE 4.3) is only a claim: a member may be longer than it says, several
may lie over one another, and a name may lead anywhere.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.errors import ModelError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_END = b"PK\x05\x06"
_END_SIZE = 22
_LONGEST_COMMENT = 65_535
_ZIP64, _ZIP64_SIZE = b"PK\x06\x07", 20
"""Stands before the end where that is too small for the numbers, and says where a larger one is."""
_ZIP64_END, _ZIP64_END_SIZE = b"PK\x06\x06", 56
_LOCAL_HEADER = 30
"""Bytes in front of a member's data, its name not counted."""
_DIRECTORY = 8_000_000
"""Bytes of the directory, which is read whole and grows twentyfold in memory: some 100,000 names, four a tree of a
forest."""
_ENCRYPTED = 0x1 | 0x40
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_LONGEST_NAME = 255


@dataclass(frozen=True)
class ArchiveLimits:
    """Unpacked bytes of one member and of all, and how many times smaller the packed file may be.

    Model files pack about ten to one; a thousand to one is the most that deflate can do, and only zeros reach it. The
    ratio counts from `ratio_from` unpacked bytes on, below which it can do no harm.
    """

    member: int = 500_000_000
    total: int = 1_000_000_000
    ratio: int = 200
    ratio_from: int = 20_000_000


ARCHIVE = ArchiveLimits()


def read_archive(
    source: bytes | Path, wanted: Callable[[str], bool] = lambda _: True, limits: ArchiveLimits = ARCHIVE
) -> dict[str, bytes]:
    """The members of a zip by their names, those that are `wanted`, read in memory; nothing is written anywhere.

    Every member is checked, wanted or not. Raises ModelError for what is no sound zip, TooLargeError for what unpacks
    to too much.
    """
    with _opened(source) as (archive, size):
        entries = _checked(archive.infolist(), size, limits)
        return {entry.filename: _read(archive, entry) for entry in entries if wanted(entry.filename)}


def archive_names(source: bytes | Path) -> list[str]:
    """The names that a zip lists, nothing of it unpacked; raises ModelError for what is no sound zip."""
    with _opened(source) as (archive, _):
        return archive.namelist()


@contextmanager
def _opened(source: bytes | Path) -> Iterator[tuple[zipfile.ZipFile, int]]:
    """A zip whose directory is no attack, and its size; whatever is wrong with it is one sentence."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    try:
        with stream:
            size = _check_directory(stream)
            with zipfile.ZipFile(stream) as archive:
                yield archive, size
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, EOFError, ValueError) as error:
        raise ModelError("The file is not a sound ZIP archive. Pack it anew.") from error


def _check_directory(stream: io.BufferedReader | io.BytesIO) -> int:
    """The size of the file; refuses a directory that would fill the memory by being opened."""
    size = stream.seek(0, io.SEEK_END)
    from_ = max(0, size - _END_SIZE - _LONGEST_COMMENT - _ZIP64_SIZE - _ZIP64_END_SIZE)
    stream.seek(from_)
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise zipfile.BadZipFile("no end of the directory")
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    if tail[max(0, at - _ZIP64_SIZE) : at].startswith(_ZIP64):  # as PyTorch writes every file
        larger = max(0, at - _ZIP64_SIZE - _ZIP64_END_SIZE)
        # right before it, as it says: readers differ in which of the two they follow
        if not tail.startswith(_ZIP64_END, larger) or struct.unpack_from("<Q", tail, at - 12)[0] != from_ + larger:
            raise zipfile.BadZipFile("no larger end of the directory")
        (directory,) = struct.unpack_from("<Q", tail, larger + 40)
    if directory > _DIRECTORY:
        raise TooLargeError(f"The ZIP archive lists {directory / 1e6:,.0f} MB of file names. Pack only the model.")
    stream.seek(0)
    return size


def _checked(entries: list[zipfile.ZipInfo], size: int, limits: ArchiveLimits) -> list[zipfile.ZipInfo]:
    """The files among the entries, when all of them are harmless."""
    seen: set[str] = set()
    for entry in entries:
        _check_name(entry, seen)
        _check_kind(entry)
        if entry.file_size > limits.member:
            raise TooLargeError(
                f"'{_shown(entry)}' in the ZIP archive has {entry.file_size / 1e6:,.0f} MB; "
                f"at most {limits.member / 1e6:,.0f} MB are read."
            )
    _check_total(entries, size, limits)
    return [entry for entry in entries if not entry.is_dir()]


def _check_total(entries: list[zipfile.ZipInfo], size: int, limits: ArchiveLimits) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.total:
        raise TooLargeError(
            f"The ZIP archive unpacks to {unpacked / 1e6:,.0f} MB; at most {limits.total / 1e6:,.0f} MB are read."
        )
    if unpacked > limits.ratio_from and unpacked > limits.ratio * size:
        raise TooLargeError(
            f"The ZIP archive unpacks to {unpacked / max(size, 1):,.0f} times its size, as no model does. Pack it anew."
        )
    end = 0
    for entry in sorted(entries, key=lambda item: item.header_offset):
        if entry.header_offset < end:
            raise ModelError("Members of the ZIP archive lie over one another, as in an attack. Pack it anew.")
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size


def _check_name(entry: zipfile.ZipInfo, seen: set[str]) -> None:
    """A name is a plain relative path, and comes once, however its letters are written."""
    name = entry.orig_filename
    leads_out = name.startswith("/") or ".." in name.split("/") or re.match("[A-Za-z]:", name) or "\\" in name
    if leads_out:
        raise ModelError(f"'{_shown(entry)}' in the ZIP archive is a path that leads out of it. Pack only the model.")
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ModelError("A name in the ZIP archive is empty, too long or not printable. Pack it anew.")
    folded = name.casefold().rstrip("/")
    if folded in seen:
        raise ModelError(f"'{_shown(entry)}' is in the ZIP archive twice. Which one is meant?")
    seen.add(folded)


def _check_kind(entry: zipfile.ZipInfo) -> None:
    """A member is a file or a folder, packed in the usual way, without a password."""
    mode = stat.S_IFMT(entry.external_attr >> 16)
    if mode not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise ModelError(f"'{_shown(entry)}' in the ZIP archive is a link or a device, not a file. Pack it anew.")
    if entry.flag_bits & _ENCRYPTED:
        raise ModelError("The ZIP archive is protected by a password. Pack it without one.")
    if entry.compress_type not in _METHODS:
        raise ModelError("The ZIP archive is packed in an unusual way. Pack it anew as a plain ZIP (deflate).")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of a member, one more than it claims at the most."""
    claimed = entry.file_size
    entry.file_size = claimed + 1
    try:
        with archive.open(entry) as member:
            content = member.read(claimed + 1)
    finally:
        entry.file_size = claimed
    if len(content) != claimed:
        raise ModelError(
            f"'{_shown(entry)}' in the ZIP archive is not of the size that the archive says. Pack it anew."
        )
    return content


def _shown(entry: zipfile.ZipInfo) -> str:
    """A name fit for a sentence."""
    return "".join(letter if letter.isprintable() else "?" for letter in entry.orig_filename)[:60]
