"""How large an upload may be: the one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bytes of the file, and rows, columns and cells of the table in it.

    2,000 columns are ten times the widest tabular model met in practice; beyond, a file is most likely transposed.
    100 million cells fill about 6 GB while they are read. `unpacked` are the bytes of an Excel file once unzipped,
    which a small file can blow up to anything; a sheet takes some 20 bytes a cell.
    """

    bytes: int = 300_000_000
    rows: int = 2_000_000
    columns: int = 2_000
    cells: int = 100_000_000
    unpacked: int = 2_000_000_000


LIMITS = Limits()
