"""Which operators a tabular model may use, and which of them would let a row's answer hang on its neighbours.

Axis 0 is the rows. What is refused here is refused by name; what no list can know (a Transpose in front of a sum) shows
when the model is tried with rows alone, together and in another order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.models.safety.trees import TREES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import onnx

ML = "ai.onnx.ml"
OPSETS = {"": (7, 28), ML: (1, 5)}
"""Versions of the two operator sets that ONNX Runtime 1.32 runs and that exporters of the last years write."""


def _named(names: str) -> frozenset[str]:
    return frozenset(names.split())


NUMBERS = _named(
    "Abs Acos Acosh Add Asin Asinh Atan Atanh Ceil Celu Clip Cos Cosh Div Elu Erf Exp Floor Gelu HardSigmoid HardSwish "
    "LeakyRelu Log Max Mean Min Mish Mod Mul Neg PRelu Pow Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh Softplus "
    "Softsign Sqrt Sub Sum Swish Tan Tanh ThresholdedRelu"
)
"""Cell by cell: links, activations of PyTorch and Keras, preprocessing of scikit-learn."""
TESTS = _named(
    "And BitwiseAnd BitwiseNot BitwiseOr Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Not Or Where Xor"
)
"""Cell by cell: bins, categories, masks of blanks."""
SHAPES = _named(
    "Cast CastLike Concat Constant ConstantOfShape Expand EyeLike Flatten Gather GatherElements GatherND Identity "
    "OneHot Pad Range Reshape ScatterElements ScatterND Shape Size Slice Split Squeeze Tile Transpose Trilu Unsqueeze"
)
"""Columns picked, joined and laid out, by every exporter."""
PRODUCTS = _named("BatchNormalization Conv Einsum Gemm LayerNormalization MatMul RMSNormalization")
"""Layers of networks; Conv over columns comes with TabNet-like networks."""
POOLS = _named(
    "AveragePool Dropout GlobalAveragePool GlobalMaxPool GroupNormalization InstanceNormalization "
    "LpNormalization MaxPool"
)
"""Layers of networks that change nothing or sum up within a row."""
REDUCTIONS = _named(
    "ArgMax ArgMin CumSum Hardmax LogSoftmax ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean "
    "ReduceMin ReduceProd ReduceSum ReduceSumSquare Softmax TopK"
)
"""Over the cells of a row; over the rows they are refused."""
TEXTS = _named("StringConcat StringNormalizer StringSplit RegexFullMatch TfIdfVectorizer")
"""Of scikit-learn's text preparation."""
BLOCKS = frozenset({"If", "Loop", "Scan"})
"""Operators with a graph of their own inside: a model can run for ever in one. Off unless asked for."""
CHANCE = _named("Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike")
"""Operators that throw dice."""
ALLOWED: dict[str, frozenset[str]] = {
    "": NUMBERS | TESTS | SHAPES | PRODUCTS | POOLS | REDUCTIONS | TEXTS,
    ML: TREES
    | _named(
        "ArrayFeatureExtractor Binarizer CastMap CategoryMapper DictVectorizer FeatureVectorizer Imputer LabelEncoder "
        "LinearClassifier LinearRegressor Normalizer OneHotEncoder SVMClassifier SVMRegressor Scaler ZipMap"
    ),
}
"""By domain: all that exporters of scikit-learn (skl2onnx), XGBoost and LightGBM (onnxmltools), CatBoost, PyTorch and
Keras (tf2onnx) write for tables. Not on it: pictures, sound, sequences, training, quantisation, custom domains."""

ROWS_BESIDE = "A row's answer depends on the rows beside it"
_AXES = {"ArgMax": 0, "ArgMin": 0, "TopK": -1, "LayerNormalization": -1, "RMSNormalization": -1, "LpNormalization": -1}
"""Axis where none is said; of the operators with one axis."""


def domain_of(node: onnx.NodeProto) -> str:
    """The operator set of a node; the default one has two names."""
    return "" if node.domain == "ai.onnx" else str(node.domain)


def check_operator(node: onnx.NodeProto, allow: Collection[str]) -> None:
    """Refuse what is not on the list; `allow` names operators that were asked for on top ("If")."""
    domain, name = domain_of(node), str(node.op_type)[:60]
    if name in allow:
        return
    if domain == "" and name in BLOCKS:
        raise ModelError(f"The model runs a program of its own inside ({name}), which is off. Export it without.")
    if domain == "" and name in CHANCE:
        raise ModelError(f"The model throws dice ({name}), so that its answers differ each time. Export it without.")
    if domain not in ALLOWED:
        raise ModelError(
            f"The model uses the operator {name} of '{domain[:60]}', which is not part of ONNX. "
            "Export it with the standard operators only."
        )
    if name not in ALLOWED[domain]:
        raise ModelError(f"The model uses the operator {name}, which no tabular model needs. Export it without.")


def check_rows(node: onnx.NodeProto, known: Mapping[str, Any], rank: int | None, opset: int) -> None:
    """Refuse an operator that joins rows, given a first input that varies by row.

    `known` are constant tensors as arrays, `rank` that of the first input where it is known.
    """
    name = str(node.op_type)
    fields = {item.name: item for item in node.attribute}
    if name == "BatchNormalization" and (
        len([out for out in node.output if out]) > 1 or _flag(fields, "training_mode")
    ):
        raise ModelError(f"{ROWS_BESIDE}: BatchNormalization is in training mode. Export the model for inference.")
    if name == "Dropout" and len(node.input) > 2 and node.input[2] and not _is_false(known.get(node.input[2])):
        raise ModelError("The model throws dice (Dropout in training mode). Export it for inference.")
    if name in REDUCTIONS or name in _AXES:
        axes = _axes(node, fields, known, opset)
        if axes is None:
            raise ModelError(f"{ROWS_BESIDE}: {name} says only while it runs what it sums up. Export the model anew.")
        if any(axis == 0 or (rank is not None and axis == -rank) for axis in axes):
            raise ModelError(
                f"{ROWS_BESIDE}: {name} goes over the rows. Export the model so that it answers row by row."
            )


def _axes(
    node: onnx.NodeProto, fields: Mapping[str, onnx.AttributeProto], known: Mapping[str, Any], opset: int
) -> list[int] | None:
    """The axes that a reduction goes over, [0] for all of them; None where they are not constant."""
    name = str(node.op_type)
    if name in {"Softmax", "LogSoftmax", "Hardmax"}:
        return [fields["axis"].i if "axis" in fields else -1 if opset >= 13 else 1]
    if name in _AXES:
        return [fields["axis"].i if "axis" in fields else _AXES[name]]
    if "axes" in fields:
        return list(fields["axes"].ints) or [0]
    if len(node.input) > 1 and node.input[1]:
        found = known.get(node.input[1])
        axes = None if found is None else [int(axis) for axis in found.ravel()]
        return axes if axes != [] else _none_named(fields)
    return _none_named(fields)


def _none_named(fields: Mapping[str, onnx.AttributeProto]) -> list[int]:
    return [] if _flag(fields, "noop_with_empty_axes") else [0]


def _flag(fields: Mapping[str, onnx.AttributeProto], name: str) -> bool:
    return name in fields and fields[name].i != 0


def _is_false(value: Any) -> bool:  # noqa: ANN401 - an array, or None where it is not constant
    return value is not None and not value.any()
