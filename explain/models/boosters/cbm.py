"""CatBoost's binary file -> its JSON export, by CatBoost itself: an optional extra, for the limited subprocess only.

CatBoost ends the whole process on some malformed files, so that this must never run where people wait for answers.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.shown import reason

if TYPE_CHECKING:
    from collections.abc import Mapping

INSTALL = "pip install catboost"


def export(inputs: Mapping[str, Path], _options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """For the limited process: the JSON export of the cbm file `model` as the bytes `json`."""
    import numpy as np

    return {}, {"json": np.frombuffer(catboost_json(inputs["model"].read_bytes()), dtype=np.uint8)}


def catboost_json(content: bytes) -> bytes:
    """The JSON export of a cbm file, for `read_catboost`.

    Call it in the limited subprocess only. Raises ModelError when CatBoost is not installed or cannot read the file.
    """
    try:
        from catboost import CatBoost, CatBoostError
    except ImportError as error:
        raise ModelError(
            f"CatBoost's binary file can be read by CatBoost alone, which is not installed. Install it with: {INSTALL} "
            "- or save the model with save_model('model.json', format='json')."
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        try:
            model = CatBoost()
            model.load_model(blob=content)
            model.save_model(str(path), format="json")
        except CatBoostError as error:
            said = reason(str(error)) or "no reason given"
            if "text features" in said or "embedding" in said:
                raise ModelError(
                    "This CatBoost model has columns of text or of embeddings, which are not read. Expected numbers "
                    "and categories. Train without them, or turn them into numbers beforehand."
                ) from error
            raise ModelError(f"CatBoost cannot read this file: {said}. Save the model anew and bring that.") from error
        return path.read_bytes()
