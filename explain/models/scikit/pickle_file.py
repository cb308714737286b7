"""A pickle or joblib file of a fitted model as data, against the same fixed list of types as skops files.

joblib (https://github.com/joblib/joblib, numpy_pickle.py) writes the bytes of each array into the stream, behind the
object that announces it, and may pack the whole.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import math
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError, TooLargeError
from explain.models.boosters.forest import broken
from explain.models.scikit.allowed import BYTES, CONTAINERS, FUNCTIONS, IGNORED, SCALARS, TYPES
from explain.models.scikit.pickle_machine import SOURCE, Machine, Made, Pairs, refused
from explain.models.scikit.records import MAKERS, MOST_FIELDS, OPAQUE, ROOM, ROOM_FOR, UNSEEN, Values, sizes_of
from explain.models.scikit.searches import SEARCHES
from explain.models.scikit.thing import Thing
from explain.models.scikit.thresholds import THRESHOLDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from explain.models.scikit.pickle_machine import Record

MOST_UNPACKED = 1_000_000_000
"""Bytes of a packed file, unpacked."""
RATIO, RATIO_FROM = 200, 20_000_000
"""How many times longer than packed it may be, from so many bytes on: models pack about ten to one."""
HEAD = 4_096
"""Unpacked bytes that tell whether a packed file is a pickle."""
PACKINGS: Mapping[bytes, str] = {
    b"\x1f\x8b": "gzip", b"\x78\x01": "zlib", b"\x78\x5e": "zlib", b"\x78\x9c": "zlib", b"\x78\xda": "zlib",
    b"BZh": "bz2", b"\xfd7zXZ\x00": "lzma", b"\x5d\x00\x00": "lzma", b"\x04\x22\x4d\x18": "lz4",
}  # fmt: skip
"""How a packed file begins, and how it is packed."""
PROTOCOLS = {bytes((0x80, version)) for version in range(2, 6)}
TEXT = (b"(dp", b"(lp", b"ccopy_reg\n", b"ccopyreg\n", b"c__main__\n", b"csklearn", b"cnumpy", b"(i", b"ccollections")
"""How pickles of protocols 0 and 1 begin, which are text."""
INLINE = "joblib.numpy_pickle.NumpyArrayWrapper"
INDEXES = {"pandas.Index", "pandas.core.indexes.base.Index"}
ARRAYS = {"numpy.ndarray", "numpy.memmap"}
OLD = ("joblib.numpy_pickle.NDArrayWrapper", "joblib.numpy_pickle.ZNDArrayWrapper")
KNOWN = (
    TYPES
    | FUNCTIONS
    | CONTAINERS
    | SCALARS
    | BYTES
    | IGNORED
    | MAKERS.keys()
    | {INLINE, *ARRAYS, *INDEXES, "builtins.set"}
)
MOVED = {
    "__builtin__": "builtins",
    "copy_reg": "copyreg",
    "_loss": "sklearn._loss._loss",
    "numpy.core.multiarray": "numpy._core.multiarray",
    "numpy.core.numeric": "numpy._core.numeric",
    "sklearn.externals.joblib.numpy_pickle": "joblib.numpy_pickle",
}
"""Modules by the names that newer versions gave them."""


def is_pickle(head: bytes) -> bool:
    """Whether a file that begins like this is a pickle, packed or not."""
    plain = unpacked_head(head)
    return plain[:2] in PROTOCOLS or plain.startswith(TEXT)


def packing_of(head: bytes) -> str:
    """How a file is packed, "" for not at all."""
    return next((name for mark, name in PACKINGS.items() if head.startswith(mark)), "")


def unpacked_head(head: bytes) -> bytes:
    """The first bytes of a file, unpacked as far as they go; nothing of what cannot be unpacked."""
    packing = packing_of(head)
    if not packing:
        return head
    try:
        if packing == "lz4":
            return _lz4(head, HEAD)
        unpacker: Any = {
            "zlib": zlib.decompressobj, "gzip": lambda: zlib.decompressobj(31), "bz2": bz2.BZ2Decompressor,
            "lzma": lzma.LZMADecompressor,
        }[packing]()  # fmt: skip
        return bytes(unpacker.decompress(head, HEAD))
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError, ModelError):
        return b""


def read_pickle(content: bytes) -> Thing:
    """The model in a pickle, its type and those of all its parts on the list; raises ModelError for others."""
    plain = _unpacked(content)
    stream, names = io.BytesIO(plain), Names()
    try:
        found = Values(room=ROOM + ROOM_FOR * len(plain)).of(Machine(stream, names, _inline).run())
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, UnicodeError) as error:
        raise broken(SOURCE, "an instruction in it is malformed, or it is cut off") from error
    except RecursionError as error:
        raise broken(SOURCE, "it nests without end") from error
    if names.strange and not (isinstance(found, Thing) and found.kind in SEARCHES | THRESHOLDS):
        raise refused(names.strange[0])
    if not isinstance(found, Thing):
        raise ModelError("The pickle holds no model, but a plain value. Save the fitted model itself, and bring that.")
    return found


def _unpacked(content: bytes) -> bytes:
    packing = packing_of(content[:HEAD])
    most = min(MOST_UNPACKED, max(RATIO_FROM, RATIO * len(content)))
    if not packing:
        return content
    if packing == "lz4":
        return _not_too_much(_lz4(content, most + 1), most)
    source: Any = io.BytesIO(content)
    try:
        if packing == "zlib":  # one that is cut off ends in the middle of an instruction
            return _not_too_much(zlib.decompressobj().decompress(content, most + 1), most)
        openers: Mapping[str, Any] = {"gzip": gzip.open, "bz2": bz2.open, "lzma": lzma.open}
        found = openers[packing](source).read(most + 1)
    except (zlib.error, OSError, lzma.LZMAError, EOFError) as error:
        raise broken(SOURCE, "what it is packed with is broken or cut off") from error
    return _not_too_much(found, most)


def _not_too_much(found: bytes, most: int) -> bytes:
    if len(found) > most:
        raise TooLargeError(f"The pickle unpacks to more than {most / 1e6:,.0f} MB. Bring a smaller model.")
    return found


def _lz4(content: bytes, most: int) -> bytes:
    try:
        import lz4.frame
    except ImportError as error:
        raise ModelError(
            "The file is packed with lz4, which is not installed here. Install it with pip install lz4, or save the "
            "model without compress='lz4'."
        ) from error
    try:
        with lz4.frame.LZ4FrameFile(io.BytesIO(content)) as stream:
            return bytes(stream.read(most))
    except (RuntimeError, OSError, EOFError) as error:
        raise broken(SOURCE, "what it is packed with is broken or cut off") from error


@dataclass
class Names:
    """Which names are known; `strange` are those that only a search may hold, where nothing is looked at."""

    strange: list[str] = field(default_factory=list)

    def __call__(self, module: str, attribute: str) -> str | None:
        """The full name under which a name is known, None for one that is not."""
        full = f"{MOVED.get(module, module)}.{attribute}"
        if full in OLD:
            raise ModelError(
                "The file was written by joblib 0.9 or older, which keeps its arrays in files beside it. Load it where "
                "it was made, and save it anew with joblib.dump."
            )
        if full in KNOWN or full.startswith((*UNSEEN, "numpy.random.")):
            return full
        # numpy's functions were moved about: log1p of numpy.core.umath is that of numpy
        if module.partition(".")[0] == "numpy" and f"numpy.{attribute}" in FUNCTIONS | SCALARS | ARRAYS:
            return f"numpy.{attribute}"
        if not full.startswith(OPAQUE):
            return None
        self.strange.append(full)
        return full


def _inline(machine: Machine, made: Made) -> Record | None:
    """The array behind joblib's announcement of one."""
    if made.name != INLINE:
        return None
    if not isinstance(made.state, Pairs) or len(made.state.pairs) > MOST_FIELDS:
        raise broken(SOURCE, "an array in it is not announced")
    values = Values()
    state = values.of(made.state)
    kind, shape, order = values.dtype_of(state["dtype"]), sizes_of(state["shape"]), state["order"]
    if kind.hasobject:
        return machine.nested()
    if state.get("numpy_array_alignment_bytes") is not None:
        machine.stream.read(_taken(machine.stream, 1)[0])
    content = _taken(machine.stream, math.prod(shape) * kind.itemsize)
    values.room += len(content)  # which the stream holds, and gives once
    return values.array(content, kind, shape, order)


def _taken(stream: BinaryIO, count: int) -> bytes:
    """So many bytes; one that is declared and is not there is never made room for."""
    found = stream.read(count)
    if len(found) != count:
        raise broken(SOURCE, "an array in it is cut off")
    return found
