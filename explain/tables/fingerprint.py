"""A table's fingerprint: equal tables have equal ones."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from explain.types import Codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from explain.types import Cells, Floats, Proposal, Repair
    from explain.types.cells import Texts


def fingerprint(
    cells: Cells,
    row_ids: tuple[str, ...],
    unread: Mapping[str, Mapping[int, str]],
    repairs: Iterable[Repair] = (),
    proposals: Iterable[Proposal] = (),
) -> str:
    """sha256 over names, ids, cells, what they were read from, and what they may be read as.

    Each text goes with its length, so that no two tables run together.
    """
    digest = hashlib.sha256()
    for texts in (list(cells.columns), row_ids):
        digest.update(_packed(texts))
    for name, own in cells.columns.items():
        digest.update(_packed(own.texts) if isinstance(own, Codes) else _bytes(own))
        digest.update(repr(sorted(unread.get(name, {}).items())).encode())
    for proposal in proposals:
        digest.update(_packed([proposal.kind, proposal.column, *proposal.other]))
    for item in repairs:
        digest.update(_packed([item.kind, item.column, *item.found]))
        digest.update(item.rows.astype("<i8").tobytes())
    return digest.hexdigest()


def _packed(texts: Sequence[str | None] | Texts) -> bytes:
    """Lengths, blanks and letters of texts, one after the other; a text that is no Unicode goes by its escapes."""
    import pyarrow as pa

    try:
        array = pa.array(texts, type=pa.large_string())
    except UnicodeEncodeError:
        escaped = [None if text is None else text.encode(errors="surrogatepass").hex() for text in texts]
        array = pa.array(escaped, type=pa.large_string())
    # arrays are laid out alike for like texts: which are blank, where each ends, and all their letters
    blanks = array.is_null().cast(pa.uint8()).buffers()[1]
    return b";".join([str(len(array)).encode(), *(bytes(item) for item in (blanks, *array.buffers()[1:]) if item)])


def _bytes(values: Floats) -> bytes:
    """A zero is a zero and a blank a blank, whatever their sign bit."""
    import numpy as np

    return np.where(np.isnan(values), np.nan, values + 0.0).astype("<f8").tobytes()
