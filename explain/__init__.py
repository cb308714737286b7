"""Whysure's headless library: from a table and a model package to reviewed decisions.

Names are imported on first use, so that `import explain` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.batches import batch
    from explain.decisions import Decision, Decisions
    from explain.models import load_model, write_package
    from explain.pipeline import review
    from explain.tables import read_table

__version__ = "0.1.0"

_HOMES = {
    "Decision": "explain.decisions.decision",
    "Decisions": "explain.decisions",
    "batch": "explain.batches",
    "load_model": "explain.models",
    "read_table": "explain.tables",
    "review": "explain.pipeline",
    "write_package": "explain.models",
}

__all__ = ["Decision", "Decisions", "__version__", "batch", "load_model", "read_table", "review", "write_package"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'explain' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
