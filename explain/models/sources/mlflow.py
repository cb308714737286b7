"""An MLflow model, as a folder or its zip: only the file with the model itself is taken, where it is data.

The Python code and the environment that lie beside it are never looked at.
https://mlflow.org/docs/latest/ml/model/
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.safety.archive import archive_names, read_archive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

DESCRIPTION = "MLmodel"
LARGEST_DESCRIPTION = 1_000_000
"""Bytes: signatures of wide tables stand in it."""
FLAVOURS: Mapping[str, tuple[str, ...]] = {
    "onnx": ("data",),
    "xgboost": ("data",),
    "lightgbm": ("data",),
    "catboost": ("data",),
    "sklearn": ("pickled_model", "data"),
}
"""Flavour -> the entries that may name its file."""


def unwrap(content: bytes) -> bytes:
    """The model file in the zip of an MLflow model; raises ModelError where it has none that is data."""
    names = [name for name in archive_names(content) if posixpath.basename(name) == DESCRIPTION]
    if len(names) != 1:
        raise ModelError(f"The ZIP archive holds {len(names)} MLflow models. Pack one of them.")
    inside = posixpath.dirname(names[0])

    def member(name: str) -> bytes | None:
        """One file of the many that MLflow keeps; the others are not unpacked."""
        wanted = posixpath.join(inside, name)
        return read_archive(content, wanted=lambda one: one == wanted).get(wanted)

    return _chosen(member(DESCRIPTION) or b"", member)


def pack_folder(path: Path) -> bytes:
    """A folder with an MLflow model as the zip that `unwrap` takes, with the model file alone.

    Raises ModelError where the folder is none.
    """
    description = path / DESCRIPTION
    if not description.is_file():
        raise ModelError(f"The folder '{path.name}' holds no MLflow model (MLmodel). Bring a model file.")
    text = description.read_bytes()
    root, found = path.resolve(), io.BytesIO()

    def member(name: str) -> bytes | None:
        inside = (root / name).resolve()
        return inside.read_bytes() if inside.is_file() and inside.is_relative_to(root) else None

    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(DESCRIPTION, text)
        archive.writestr(_name(text), _chosen(text, member))
    return found.getvalue()


def _chosen(text: bytes, member: Callable[[str], bytes | None]) -> bytes:
    name = _name(text)
    content = member(name)
    if content is None:
        raise ModelError(f"The MLflow model names the file '{name[:80]}', which is not in it. Pack the whole folder.")
    return content


def _name(text: bytes) -> str:
    """The name of the model file, as the description says it."""
    flavours = _flavours(text)
    for flavour, entries in FLAVOURS.items():
        said = flavours.get(flavour)
        if not isinstance(said, dict):
            continue
        name = next((said[entry] for entry in entries if isinstance(said.get(entry), str)), None)
        if name is None or name.startswith("/") or ".." in name.split("/") or "\\" in name:
            raise ModelError(
                f"The MLflow model does not say where the file of its flavour '{flavour}' lies. Log it anew."
            )
        return str(name)
    known = ", ".join(sorted(str(one)[:40] for one in flavours)) or "none"
    raise ModelError(
        f"The MLflow model has the flavours: {known}. Taken are onnx, xgboost, lightgbm, catboost and sklearn. Log it "
        "as one of them, such as ONNX with mlflow.onnx.log_model."
    )


def _flavours(text: bytes) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(text) if len(text) <= LARGEST_DESCRIPTION else None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ModelError("The file MLmodel of the MLflow model is broken. Log the model anew.") from error
    flavours = found.get("flavors") if isinstance(found, dict) else None
    if not isinstance(flavours, dict):
        raise ModelError("The file MLmodel of the MLflow model names no flavours. Log the model anew.")
    return flavours
