"""Named arrays as bytes (NumPy's npz), without pickle: what is read is held against what it declares.

https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import ast
import io
import math
import zipfile
from typing import TYPE_CHECKING, Any

from explain.safety.archive import ArchiveLimits, read_archive

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    Array = np.ndarray[Any, Any]

_LONGEST_HEADER = 1_000
_HEADER_AT = 10
"""Bytes before it: the magic, the version and its length."""
_VERSION = (1, 0)


def pack(arrays: Mapping[str, Array]) -> bytes:
    """Arrays of numbers, or of texts of a fixed width; raises ValueError for objects, which only pickle could write."""
    import numpy as np

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(array), version=_VERSION, allow_pickle=False)
            archive.writestr(f"{name}.npy", content.getvalue())
    return stream.getvalue()


def unpack(content: bytes, most: int) -> dict[str, Array]:
    """The arrays of `pack`, of at most `most` bytes; raises ModelError, TooLargeError or ValueError for others."""
    members = read_archive(content, limits=ArchiveLimits(most, most))
    return {name.removesuffix(".npy"): read_array(data) for name, data in members.items()}


def read_array(content: bytes) -> Array:
    """One array (NumPy's npy), of the size that it declares; raises ValueError for any other."""
    import numpy as np

    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != _VERSION:
        raise ValueError("another version of the format")
    try:
        # NumPy would try to mend a header that is no literal
        length = min(int.from_bytes(content[8:_HEADER_AT], "little"), _LONGEST_HEADER)
        ast.literal_eval(content[_HEADER_AT : _HEADER_AT + length].decode("latin-1"))
    except (SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError("a header that is none") from error
    shape, by_column, kind = np.lib.format.read_array_header_1_0(stream, max_header_size=_LONGEST_HEADER)
    rest = content[stream.tell() :]
    if kind.hasobject or min(shape, default=0) < 0 or math.prod(shape) * kind.itemsize != len(rest):
        raise ValueError("not of the declared size")
    return np.frombuffer(rest, dtype=kind).reshape(shape, order="F" if by_column else "C")
