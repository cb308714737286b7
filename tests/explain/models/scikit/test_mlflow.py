"""Models as MLflow 3.17 saves them: only the file with the model is taken, where it is data."""

import zipfile

import numpy as np
import pandas as pd
import pytest

from explain.adding.choices import Choices
from explain.adding.draft import draft, proof
from explain.errors import ModelError
from explain.models.sources.mlflow import pack_folder, unwrap
from explain.models.sources.open import open_source
from explain.models.sources.recognise import recognise
from tests.conftest import FIXTURES
from tests.explain.models.test_recognise import packed as zipped

FOLDER = FIXTURES.parent / "mlflow"
TAKEN = ["catboost", "lightgbm", "lightgbm_sklearn", "onnx", "sklearn_skops", "xgboost"]


def rows():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(120, 3)), columns=["a", "b", "c"])
    return frame.assign(outcome=(frame["a"] + frame["b"] > 0).astype(int))


@pytest.mark.parametrize("name", TAKEN)
def test_the_model_inside_is_opened_and_knows_its_outcomes(name):
    content, frame = (FOLDER / f"{name}.zip").read_bytes(), rows()
    assert recognise(content) == "mlflow"
    source = open_source(content, frame)
    made = draft(source, frame, Choices(target="outcome"))
    assert made.schema.names == ["a", "b", "c"]
    assert made.outputs == ("0", "1")
    right = made.scores.argmax(axis=1) == frame["outcome"]
    assert right.mean() > 0.85


def test_what_a_pipeline_of_mlflow_predicts_is_what_the_package_predicts():
    frame = rows()
    made = draft(open_source((FOLDER / "sklearn_skops.zip").read_bytes(), frame), frame, Choices(target="outcome"))
    found = proof(made)
    assert (found.verdict, found.flips, found.noticed) == ("same", 0, 0)
    assert found.against.startswith("scikit-learn ")
    assert found.largest < 1e-12


def test_a_folder_is_taken_like_its_zip(tmp_path):
    with zipfile.ZipFile(FOLDER / "xgboost.zip") as archive:
        archive.extractall(tmp_path)
    assert unwrap(pack_folder(tmp_path)) == unwrap((FOLDER / "xgboost.zip").read_bytes())


def test_a_pickle_of_scikit_learn_is_read_as_data_too():
    frame = rows()
    made = draft(open_source((FOLDER / "sklearn_pickle.zip").read_bytes(), frame), frame, Choices(target="outcome"))
    found = proof(made)
    assert (found.verdict, found.flips) == ("same", 0)
    assert found.largest < 1e-12


SKLEARN = "flavors:\n  sklearn:\n    pickled_model: {}\n    serialization_format: skops\n"
REFUSED = {
    "a pickle that is called something else": (
        zipped({"MLmodel": "flavors:\n  xgboost:\n    data: model.ubj\n", "model.ubj": b"\x80\x04K\x01."}),
        "The pickle holds no model",
    ),
    "a path that leads out": (zipped({"MLmodel": SKLEARN.format("../../secret.skops")}), "does not say where the file"),
    "an absolute path": (zipped({"MLmodel": SKLEARN.format("/etc/passwd")}), "does not say where the file"),
    "a file that is not there": (
        zipped({"MLmodel": SKLEARN.format("model.skops")}),
        "'model.skops', which is not in it",
    ),
    "only python": (
        zipped({"MLmodel": "flavors:\n  python_function:\n    loader_module: evil\n"}),
        "has the flavours: python_function. Taken are",
    ),
    "no flavours": (zipped({"MLmodel": "artifact_path: model\n"}), "names no flavours"),
    "yaml that makes objects": (
        zipped({"MLmodel": "flavors: !!python/object/apply:os.system ['true']\n"}),
        "MLmodel of the MLflow model is broken",
    ),
    "yaml that nests without end": (zipped({"MLmodel": "[" * 100_000}), "MLmodel of the MLflow model is broken"),
    "two models": (zipped({"a/MLmodel": "flavors: {}", "b/MLmodel": "flavors: {}"}), "holds 2 MLflow models"),
    "itself again": (
        zipped(
            {
                "MLmodel": "flavors:\n  xgboost:\n    data: inner.zip\n",
                "inner.zip": zipped({"MLmodel": "flavors:\n  xgboost:\n    data: x\n", "x": b""}),
            }
        ),
        "an MLflow model within another",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_data_is_refused_with_the_way_out(name):
    content, said = REFUSED[name]
    with pytest.raises(ModelError, match=said):
        open_source(content, rows())


def test_a_folder_that_links_to_a_file_outside_is_refused(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "secret.ubj").write_bytes(b"secret")
    (tmp_path / "model" / "MLmodel").write_text("flavors:\n  xgboost:\n    data: model.ubj\n")
    (tmp_path / "model" / "model.ubj").symlink_to(tmp_path / "secret.ubj")
    with pytest.raises(ModelError, match="which is not in it"):
        pack_folder(tmp_path / "model")


def test_a_folder_without_a_model_says_so(tmp_path):
    with pytest.raises(ModelError, match="holds no MLflow model"):
        pack_folder(tmp_path)
