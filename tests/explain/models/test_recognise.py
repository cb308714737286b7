"""What a model file is, told by its bytes; what is not taken is named, with the way out."""

import bz2
import gzip
import io
import lzma
import pickle
import zipfile
import zlib

import pytest
from sklearn.linear_model import LogisticRegression

from explain.errors import ModelError
from explain.models import catalog, load_model
from explain.models.sources.recognise import recognise
from tests.explain.models.boosters import NAMES, file_of


def packed(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_boosters_files_are_told_by_their_content(name):
    expected = {"xgb": "xgboost", "lgb": "lightgbm", "cat": "catboost"}[name[:3]]
    assert recognise(file_of(name).read_bytes()) == expected


def test_onnx_packages_and_other_archives_are_told_by_their_content():
    model = load_model(catalog.sample_uploads()[0].model)
    assert recognise(model.onnx) == "onnx"
    assert recognise(packed({"credit/model.onnx": b"", "credit/card.json": b"{}"})) == "package"


def test_skops_and_mlflow_are_told_by_the_names_inside():
    assert recognise(packed({"schema.json": b"{}"})) == "skops"
    assert recognise(packed({"run/MLmodel": b"flavors: {}"})) == "mlflow"
    assert recognise(packed({"config.json": b"{}", "model.weights.h5": b""})) == "keras"


def test_pickles_of_every_protocol_are_told_packed_or_not():
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        content = pickle.dumps(LogisticRegression(), protocol)
        for pack in (bytes, zlib.compress, gzip.compress, bz2.compress, lzma.compress):
            assert recognise(pack(content)) == "pickle"


REFUSED = {
    "nothing": (b"", "The file is empty"),
    "a compressed file of something": (zlib.compress(b"age,income\n1,2\n"), "a compressed file, but no pickle"),
    "gzip that is none": (b"\x1f\x8b\x08" + b"x" * 20, "a compressed file, but no pickle"),
    "torch of before archives": (bytes.fromhex("80028a0a6cfc9c46f9206aa850192e"), "torch.onnx.export"),
    "torch": (packed({"archive/data.pkl": b""}), "torch.onnx.export"),
    "keras h5": (b"\x89HDF\r\n\x1a\n" + b"\0" * 20, "This is an HDF5 file of an older Keras"),
    "saved model": (packed({"m/saved_model.pb": b""}), "tf2onnx"),
    "tflite": (b"\x1c\0\0\0TFL3" + b"\0" * 20, "TensorFlow Lite"),
    "safetensors": ((80).to_bytes(8, "little") + b'{"weight": {}}', "safetensors"),
    "gguf": (b"GGUF\x03\0\0\0", "Language models do not score tables"),
    "pmml": (b"<?xml version='1.0'?><PMML/>", "perhaps PMML"),
    "old xgboost": (b"binf\0\0\0\0", "save_model('model.json')"),
    "lightgbm's dump": (b'{"name": "tree", "tree_info": []}', "save_model('model.txt')"),
    "xgboost's dump": (b'[{"nodeid": 0, "leaf": 1}]', "save_model('model.json')"),
    "json of something": (b'{"hello": 1}', "no model of XGBoost or CatBoost"),
    "json cut off": (b'{"learner": {', "broken or cut off"),
    "json of absurd depth": (b"[" * 200_000, "broken or cut off"),
    "a table": (b"PAR1" + b"\0" * 20, "a table, not a model"),
    "a workbook": (packed({"[Content_Types].xml": b""}), "a table, not a model"),
    "text": (b"age,income\n1,2\n", "none of the model formats"),
    "UTF-16": ("tree\nversion=v4\n".encode("utf-16"), "none of the model formats"),
    "NUL bytes": (b"\0" * 100, "none of the model formats"),
    "a zip of something": (packed({"readme.txt": b"hello"}), "neither a model package"),
    "a zip cut off": (packed({"schema.json": b"{}"})[:30], "not a sound ZIP archive"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_taken_is_refused_by_name_with_the_way_out(name):
    content, said = REFUSED[name]
    with pytest.raises(ModelError, match=said.replace("(", r"\(").replace(")", r"\)").replace("[", r"\[")):
        recognise(content)
