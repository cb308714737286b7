"""What a model file is, told by its bytes alone: a name can say anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from explain.errors import ModelError
from explain.models.safety.trees import refuse_many
from explain.models.scikit.pickle_file import is_pickle
from explain.models.sources.repository import is_repository
from explain.safety.archive import archive_names
from explain.safety.strange_json import read_json

Format: TypeAlias = Literal[
    "onnx", "package", "xgboost", "lightgbm", "catboost", "skops", "pickle", "keras", "mlflow", "repository"
]

LOOKED_AT = 4_096
"""Bytes of the beginning that are looked at; the marks of every format stand in it."""
PACKED_HEAD = 1_000_000
"""Bytes of a packed file that are unpacked to tell: bz2 gives the first ones after a whole block."""
TORCH_MAGIC = bytes.fromhex("8a0a6cfc9c46f9206aa850192e")
"""What torch.save began its files with before it made archives of them."""
FORMATS: dict[Format, str] = {
    "onnx": "ONNX",
    "package": "a model package",
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
    "catboost": "CatBoost",
    "skops": "scikit-learn, saved by skops",
    "pickle": "a pickle of scikit-learn or a booster, read as data",
    "keras": "Keras",
    "mlflow": "an MLflow model",
    "repository": "a model repository with its card",
}
TAKEN = (
    "ONNX of any producer, XGBoost JSON or UBJSON, LightGBM text, CatBoost cbm or JSON, skops, joblib and pickle files "
    "of scikit-learn, Keras files, MLflow models and zipped repositories that hold one of these, or a model package"
)
"""What may be brought, for sentences."""


@dataclass(frozen=True)
class Refused:
    """A format that is known and not taken: what it is, why not, and what to bring instead."""

    what: str
    why: str
    way_out: str

    def __str__(self) -> str:
        return f"This is {self.what}. {self.why} {self.way_out}"


RUNS_CODE = "Opening it would run whatever code it holds, so that it is never opened here."
ONLY_WEIGHTS = "It holds numbers without the graph that says what to do with them."
SCIKIT = (
    "Save a scikit-learn pipeline with skops.io.dump(pipeline, 'model.skops'), a booster with its own save_model, and "
    "bring that."
)
TORCH = "Export the network with torch.onnx.export(model, example, 'model.onnx') and bring that."
KERAS = "Export the network with model.export('model.onnx', format='onnx') and bring that."
PACKED = Refused("a compressed file, but no pickle of joblib inside", "Its content is not known here.", SCIKIT)
TORCH_FILE = Refused("a PyTorch file, which is a pickle inside", RUNS_CODE, TORCH)
KERAS_FILE = Refused(
    "an HDF5 file of an older Keras",
    "Its layers can hold Python code (Lambda), and it needs TensorFlow to run.",
    "Load it where it was made, save it with model.save('model.keras') and bring that.",
)
SAVED_MODEL = Refused(
    "a TensorFlow SavedModel",
    "It needs TensorFlow to run.",
    "Convert it with python -m tf2onnx.convert --saved-model FOLDER --output model.onnx and bring that.",
)
TFLITE = Refused(
    "a TensorFlow Lite model",
    "It is made for another runtime.",
    "Convert it with python -m tf2onnx.convert --tflite model.tflite --output model.onnx and bring that.",
)
SAFETENSORS = Refused("a safetensors file", ONLY_WEIGHTS, TORCH)
GGUF = Refused("a GGUF file of a language model", "Language models do not score tables.", f"Bring {TAKEN}.")
OLD_XGBOOST = Refused(
    "XGBoost's old binary format",
    "It does not say which version wrote it.",
    "Save the model with save_model('model.json') and bring that.",
)
LIGHTGBM_DUMP = Refused(
    "LightGBM's dump_model, a description for people",
    "It lacks part of the model.",
    "Save it with booster.save_model('model.txt') and bring that.",
)
XGBOOST_DUMP = Refused(
    "XGBoost's dump_model, a description for people",
    "It lacks part of the model.",
    "Save it with save_model('model.json') and bring that.",
)
PMML = Refused("an XML file, perhaps PMML", "PMML is not read here.", f"Bring {TAKEN}.")
TABLE = Refused("a table, not a model", "A model file was expected here.", "Bring it as the reference rows instead.")

_BEGINNINGS: tuple[tuple[bytes, Refused], ...] = (
    (b"\x1f\x8b", PACKED),
    (b"\x78\x01", PACKED),
    (b"\x78\x9c", PACKED),
    (b"\x78\xda", PACKED),
    (b"\xfd7zXZ\x00", PACKED),
    (b"BZh", PACKED),
    (b"\x04\x22\x4d\x18", PACKED),
    (b"\x28\xb5\x2f\xfd", PACKED),
    (b"\x89HDF\r\n\x1a\n", KERAS_FILE),
    (b"binf", OLD_XGBOOST),
    (b"bs64", OLD_XGBOOST),
    (b"GGUF", GGUF),
    (b"PAR1", TABLE),
    (b"ARROW1", TABLE),
    (b"\xd0\xcf\x11\xe0", TABLE),
    (b"SQLite format 3", TABLE),
    (b"<?xml", PMML),
    (b"<PMML", PMML),
)
_ONNX_FIELDS = {0x08, 0x12, 0x1A, 0x22, 0x2A, 0x32, 0x3A, 0x42, 0x72, 0xA2}
"""First bytes of a protobuf message with the fields of ModelProto (numbers 1 to 8, 14 and 20)."""
_UBJ_LENGTHS = b"iUIulLm"
_RAW_XGBOOST = re.compile(rb"(binary|reg|multi|rank|count|survival):[a-z]+")
"""The objective, which XGBoost's old binary files name near their beginning, those without a mark of their own, too."""


def recognise(content: bytes) -> Format:
    """The format of a model file; raises ModelError for one that is not taken, with the way out."""
    if not content:
        raise ModelError(f"The file is empty. Expected {TAKEN}.")
    head = content[:LOOKED_AT]
    if head.startswith(b"PK"):
        return _in_archive(content)
    if TORCH_MAGIC in head:
        raise ModelError(str(TORCH_FILE))
    if is_pickle(content[:PACKED_HEAD]):
        return "pickle"
    _refuse_known(head)
    return _by_text(content, head)


def _by_text(content: bytes, head: bytes) -> Format:
    """The format of a file that begins in a way of its own."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"CBM1"):
        return "catboost"
    if text.startswith(b"tree") and text[4:].lstrip(b" \r")[:1] == b"\n":
        return "lightgbm"
    if head[:1] == b"{" and len(head) > 1 and head[1:2] in _UBJ_LENGTHS:
        return "xgboost"
    if text[:1] in {b"{", b"["}:
        return _in_json(content)
    if head[0] in _ONNX_FIELDS and not _is_text(head):
        return "onnx"
    raise ModelError(f"The file is none of the model formats that are taken: {TAKEN}. Export the model as one of them.")


def _refuse_known(head: bytes) -> None:
    """Raise for what is known by its first bytes and not taken."""
    for beginning, refused in _BEGINNINGS:
        if head.startswith(beginning):
            raise ModelError(str(refused))
    if b"gbtree" in head[:LOOKED_AT] and b"\0\0" in head[:40] and _RAW_XGBOOST.search(head[:LOOKED_AT]):
        raise ModelError(str(OLD_XGBOOST))
    if head[4:8] == b"TFL3":
        raise ModelError(str(TFLITE))
    if head[8:10] == b'{"' and int.from_bytes(head[:8], "little") < 100_000_000:
        raise ModelError(str(SAFETENSORS))


def _is_text(head: bytes) -> bool:
    """Whether it reads as text without control characters; ONNX begins with its version, which is one."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\r\n\t" for letter in text)


def _in_json(content: bytes) -> Format:
    refuse_many(content.count(b'"left_children"'))  # before all of an XGBoost file is taken apart
    try:
        found = read_json(content)
    except ValueError as error:
        raise ModelError(
            "The file looks like JSON, but is broken or cut off. Save the model anew and bring that."
        ) from error
    if isinstance(found, dict) and "learner" in found:
        return "xgboost"
    if isinstance(found, dict) and ("oblivious_trees" in found or "trees" in found) and "features_info" in found:
        return "catboost"
    if isinstance(found, dict) and "tree_info" in found:
        raise ModelError(str(LIGHTGBM_DUMP))
    if isinstance(found, list) and found and isinstance(found[0], dict) and {"nodeid", "leaf"} & set(found[0]):
        raise ModelError(str(XGBOOST_DUMP))
    raise ModelError(f"The file is JSON, but no model of XGBoost or CatBoost. Expected {TAKEN}.")


def _in_archive(content: bytes) -> Format:
    """The format by the names inside; what they hold is checked when they are unpacked."""
    paths = archive_names(content)
    names = {path.rsplit("/", 1)[-1] for path in paths}
    if {"model.onnx", "card.json"} <= names:
        return "package"
    if "MLmodel" in names:
        return "mlflow"
    if "schema.json" in names:
        return "skops"
    if {"config.json", "model.weights.h5"} <= set(paths):
        return "keras"
    if is_repository(paths):
        return "repository"
    refused = {
        "data.pkl": TORCH_FILE,
        "saved_model.pb": SAVED_MODEL,
        "[Content_Types].xml": TABLE,
    }
    for name, why in refused.items():
        if name in names:
            raise ModelError(str(why))
    raise ModelError(
        "The ZIP archive holds neither a model package (model.onnx, card.json, reference.parquet), nor any "
        "other model that is known here. Pack one of them."
    )
