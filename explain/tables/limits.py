"""How large an upload may be: the one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bytes of the file, and rows and columns of the table in it.

    2,000 columns are ten times the widest tabular model met in practice; beyond, a file is most likely transposed.
    """

    bytes: int = 300_000_000
    rows: int = 2_000_000
    columns: int = 2_000


LIMITS = Limits()
