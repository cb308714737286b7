"""A package is tried apart once; a run in this process ends when its time is over."""

import threading
import time

import numpy as np
import onnxruntime as ort
import pytest

from explain.errors import ModelError
from explain.models.deadline import deadline
from explain.models.safety import admission
from explain.models.safety.admission import admit
from tests.conftest import package
from tests.explain.models import made_onnx as made


@pytest.fixture
def tries(tmp_path, monkeypatch):
    """The functions that were run apart, in a home folder of the test's own."""
    monkeypatch.setenv("WHYSURE_HOME", str(tmp_path / "home"))
    seen = []
    monkeypatch.setattr(admission, "run_limited", lambda task, *_: seen.append(task))
    monkeypatch.setattr(admission, "try_onnx", lambda *_: seen.append("try_onnx"))
    return seen


def test_a_package_is_tried_once(tries):
    admit(b"model", b"rows", lambda: None, 2)
    admit(b"model", b"rows", lambda: None, 2)
    assert tries == ["parquet", "try_onnx"]


@pytest.mark.parametrize("change", ["model", "rows", "rules", "allow"])
def test_it_is_tried_anew_when_anything_changed(tries, monkeypatch, change):
    admit(b"model", b"rows", lambda: None, 2)
    monkeypatch.setattr(admission, "RULES", admission.RULES + (change == "rules"))
    model = b"model 2" if change == "model" else b"model"
    rows = b"rows 2" if change == "rows" else b"rows"
    admit(model, rows, lambda: None, 2, {"If"} if change == "allow" else ())
    assert len(tries) == 4


def test_what_failed_is_not_remembered(tries, monkeypatch):
    def refuse(*_):
        raise ModelError("No.")

    monkeypatch.setattr(admission, "try_onnx", refuse)
    for _ in range(2):
        with pytest.raises(ModelError, match=r"No\."):
            admit(b"model", b"rows", lambda: None, 2)
    assert tries == ["parquet", "parquet"]


def test_a_real_package_is_let_in(tmp_path, monkeypatch):
    monkeypatch.setenv("WHYSURE_HOME", str(tmp_path))
    found = package("logistic")
    admit(found.onnx, found.files["reference.parquet"], lambda: found.reference.frame, 2)
    assert len(list((tmp_path / "admitted").iterdir())) == 1


def test_an_endless_run_is_ended():
    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(made.block("Loop"), options)
    began = time.monotonic()
    with pytest.raises(ModelError) as caught, deadline(0.5) as run:
        session.run(None, {"x": np.ones((2, 2), np.float32)}, run)
    assert str(caught.value) == (
        "The model took more than 0.5 s for these rows, and was stopped. Review fewer rows at once."
    )
    assert time.monotonic() - began < 4


def test_a_run_in_time_and_its_own_errors_are_left_alone():
    session = ort.InferenceSession(made.regressor())
    with deadline() as run:
        answers = session.run(None, {"x": np.array([[0.0, 0.0], [1.0, 0.0]], np.float32)}, run)[0]
    np.testing.assert_array_equal(answers, [[-1.0], [1.0]])
    with pytest.raises(KeyError), deadline():
        raise KeyError
    assert [thread.name for thread in threading.enumerate()].count("whysure-deadline") == 1
