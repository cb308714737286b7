"""Errors of ONNX Runtime become own sentences, which name the operator where they do."""

import numpy as np
import pandas as pd
import pytest

from explain.errors import ModelError
from explain.models.runtime import session
from explain.models.runtime_fault import LATER, runtime_fault
from explain.models.safety.trial import try_onnx
from tests.explain.models import made_onnx as made

ROWS = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, -1.0, 0.5, 7.0]})


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (
            "[ONNXRuntimeError] : 1 : FAIL : Non-zero status code while running MatMul node. matmul_helper.h:59",
            "its operator MatMul fails",
        ),
        (
            "[ONNXRuntimeError] : 1 : FAIL : Node () Op (Concat) [ShapeInferenceError] axis must be in [-1, 1].",
            "its operator Concat fails",
        ),
        (
            "[ONNXRuntimeError] : 1 : FAIL : Type Error: Type parameter (T) of Optype (Gemm) bound to different types",
            "its operator Gemm fails",
        ),
        (
            '[ONNXRuntimeError] : 10 : INVALID_GRAPH : This is an invalid model. In Node, ("n", Add, "", -1) : ("x")',
            "its operator Add fails",
        ),
        (
            "[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : Could not find an implementation for Erf(13) node with name ''",
            "its operator Erf fails",
        ),
        ("Unsupported model IR version: 99, max supported IR version: 13", LATER),
        ("/onnxruntime_src/core/graph/graph.cc:1 void onnxruntime::Graph::Foo() was false", "ONNX Runtime refuses it"),
    ],
)
def test_what_onnx_runtime_says_becomes_a_clause_of_ours(said, fault):
    assert runtime_fault(RuntimeError(said)) == fault


def test_a_model_that_cannot_be_loaded_or_run_is_refused_in_own_words():
    three = made.file([made.node("MatMul", "x a", "y")], [made.constant("a", np.ones((3, 1), np.float32))])
    with pytest.raises(ModelError) as caught:
        try_onnx(three, ROWS)
    assert str(caught.value) in {
        "The model failed on the sample rows: its operator MatMul fails. Do they fit it?",
        "The model file cannot be loaded: its operator MatMul fails. Export it anew.",
    }
    unknown = made.file([made.node("Add", "x nope", "y")], [])
    with pytest.raises(ModelError) as caught:
        session(unknown)
    assert str(caught.value) == "The model file cannot be run: ONNX Runtime refuses it. Export it anew."
