"""A repository of a model as Hugging Face keeps them, zipped: a model card, and one model file among others."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from explain.errors import ModelError
from explain.safety.archive import archive_names, read_archive

if TYPE_CHECKING:
    from collections.abc import Iterable

CARD = "README.md"
ENDINGS = (".skops", ".onnx", ".ubj", ".cbm", ".lgb", ".xgb", ".joblib", ".pkl", ".pickle")
"""Of model files that are data; what they hold is told by their content afterwards."""


def model_files(names: Iterable[str]) -> list[str]:
    """The members that may be the model."""
    return [name for name in names if name.lower().endswith(ENDINGS)]


def is_repository(names: Iterable[str]) -> bool:
    """Whether there is a model card, and a model file beside it."""
    known = list(names)
    return any(posixpath.basename(name) == CARD for name in known) and bool(model_files(known))


def unwrap(content: bytes) -> bytes:
    """The one model file of a repository; raises ModelError where there are several."""
    names = model_files(archive_names(content))
    if len(names) != 1:
        listed = ", ".join(posixpath.basename(name)[:40] for name in names[:4])
        raise ModelError(f"The repository holds {len(names)} model files ({listed}). Bring the one that is meant.")
    return read_archive(content, wanted=lambda name: name == names[0])[names[0]]
