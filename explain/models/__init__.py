"""Files -> Model: the model package (ONNX file, card, reference rows) and its runtime.

Names are imported on first use: the limited process wants the checks alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.models.package import Package, load_model, write_package

__all__ = ["Package", "load_model", "write_package"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'explain.models' has no attribute {name!r}")
    from explain.models import package

    return getattr(package, name)
