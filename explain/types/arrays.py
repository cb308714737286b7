"""Shapes of arrays, and the words that many nouns share.

n rows, p raw columns as uploaded, k model outputs; axis 0 is always rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]
    Ints: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]
    Labels: TypeAlias = npt.NDArray[Any]
    Progress: TypeAlias = Callable[[float, str], None]
    """Called with the share done (0 to 1) and what is being done now; it may raise `CancelledError`."""

Kind: TypeAlias = Literal["number", "category"]
Task: TypeAlias = Literal["binary", "multiclass", "regression"]
Space: TypeAlias = Literal["probability", "log-odds", "target"]
Severity: TypeAlias = Literal["error", "warning", "info"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""Worst first."""
