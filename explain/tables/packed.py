"""Files packed as gzip or in a ZIP archive -> the file inside, within limits."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, TypeAlias

from explain import words
from explain.errors import SheetsError, TableError, TooLargeError
from explain.tables import limits
from explain.tables.sniff import WANTED
from explain.types import Note

if TYPE_CHECKING:
    import zipfile

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
_WORKBOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
"""What a ZIP archive holds that is a workbook."""
_BLOCK = 1_000_000


Unpacked: TypeAlias = "tuple[bytes, tuple[Note, ...], str | None]"


def unpack(content: bytes, member: str | None = None) -> Unpacked:
    """The file in a gzip file or a ZIP archive, what to say of it, and what was not asked for yet; others as they are.

    Of several files `member` names the one that is meant, else SheetsError is raised. Raises TooLargeError for what
    unpacks to more than is read, TableError for a broken archive.
    """
    if content.startswith(GZIP):
        return _gunzip(content), (Note("The file was unpacked from gzip."),), member
    if not content.startswith(ZIP):
        return content, (), member
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _member(archive, content, member)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error):
        return (
            content,
            (),
            member,
        )  # the reader of workbooks says what is wrong, in the same words for every damaged file


def _member(archive: zipfile.ZipFile, content: bytes, member: str | None) -> Unpacked:
    names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    if any(name.lower() in _WORKBOOKS for name in names):
        return content, (), member
    files = [name for name in names if not name.startswith("__MACOSX/") and not name.split("/")[-1].startswith(".")]
    if not files:
        raise TableError(f"The ZIP archive holds no file. {WANTED}")
    if member is not None and member in files:
        files, member = [member], None
    if len(files) > 1:
        raise SheetsError(
            f"The ZIP archive has {len(files):,} files: {words.listed([f'“{name}”' for name in files])}. Say which one "
            "is meant.",
            tuple(files),
        )
    with archive.open(files[0]) as stream:
        parts, size = [], 0
        while block := stream.read(_BLOCK):
            size += len(block)
            _refuse_large(size)
            parts.append(block)
    return b"".join(parts), (Note(f"“{files[0]}” was unpacked from the ZIP archive."),), member


def _gunzip(content: bytes) -> bytes:
    """All members of a gzip file, one after the other."""
    parts: list[bytes] = []
    size, rest = 0, content
    try:
        while rest.startswith(GZIP):
            stream = zlib.decompressobj(wbits=31)
            while rest and not stream.eof:
                block = stream.decompress(rest, _BLOCK)
                size += len(block)
                _refuse_large(size)
                parts.append(block)
                rest = stream.unconsumed_tail or stream.unused_data
            if not stream.eof:
                raise TableError("The gzip file ends too early. Copy or export it anew.")
    except zlib.error as error:
        raise TableError("The gzip file is damaged. Copy or export it anew.") from error
    return b"".join(parts)


def _refuse_large(size: int) -> None:
    if size > limits.LIMITS.unpacked:
        raise TooLargeError(f"The file unpacks to more than {limits.LIMITS.unpacked / 1e6:,.0f} MB. Split it.")
