"""How each kind of layer is written as ONNX, in doubles; the names are Keras' own.

https://keras.io/api/layers/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.models.keras.network import Layer, told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from explain.models.onnx_graph import OnnxGraph


@dataclass(frozen=True)
class Tensor:
    """(n, *shape) of doubles, or of texts."""

    name: str
    shape: tuple[int, ...]
    texts: bool = False

    @property
    def width(self) -> int:
        """The length of its last axis."""
        return self.shape[-1]


def write(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    """The tensor that a layer makes of those that it is given; raises ModelError for a kind that is not on the list."""
    if layer.kind in KEPT:
        return given[0]
    way = WAYS.get(layer.kind)
    if layer.kind == "Lambda":
        raise layer.refused("holds Python code, which is never run here")
    if way is None:
        raise layer.refused("is of a kind that is not read here")
    if not given:
        raise layer.refused("takes from no other layer")
    if any(one.texts for one in given) and layer.kind != "StringLookup":
        raise layer.refused("takes texts for numbers")
    if layer.kind not in MERGED and len(given) != 1:
        raise layer.refused(f"takes {len(given)} tensors")
    return way(graph, layer, given)


def _dense(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    units = int(layer.number("units", 0))
    kernel = layer.array(0, given[0].width, units)
    found = graph.add("MatMul", given[0].name, graph.array(kernel))
    if layer.settings.get("use_bias", True):
        found = graph.add("Add", found, graph.array(layer.array(1, units)))
    shape = (*given[0].shape[:-1], units)
    return activate(graph, layer, Tensor(found, shape), layer.settings.get("activation"))


def activate(graph: OnnxGraph, layer: Layer, given: Tensor, said: object) -> Tensor:
    """The activation that a setting names."""
    if said is None or said == "linear":
        return given
    if not isinstance(said, str) or said not in ACTIVATIONS:
        raise layer.refused(f"has the activation {told(said)}, which is not read here")
    return Tensor(ACTIVATIONS[said](graph, given.name), given.shape)


def _leaky(graph: OnnxGraph, given: str, slope: float) -> str:
    below = graph.add("Mul", graph.add("Min", given, graph.number(0.0)), graph.number(slope))
    return graph.add("Add", graph.add("Max", given, graph.number(0.0)), below)


def _elu(graph: OnnxGraph, given: str, alpha: float, scale: float = 1.0) -> str:
    risen = graph.add("Sub", graph.add("Exp", graph.add("Min", given, graph.number(0.0))), graph.number(1.0))
    found = graph.add("Add", graph.add("Max", given, graph.number(0.0)), graph.add("Mul", risen, graph.number(alpha)))
    return found if scale == 1.0 else graph.add("Mul", found, graph.number(scale))


def _softplus(graph: OnnxGraph, given: str) -> str:
    """Without overflow: max(x, 0) + log(1 + exp(-|x|))."""
    small = graph.add("Exp", graph.add("Neg", graph.add("Abs", given)))
    rest = graph.add("Log", graph.add("Add", small, graph.number(1.0)))
    return graph.add("Add", graph.add("Max", given, graph.number(0.0)), rest)


def _softsign(graph: OnnxGraph, given: str) -> str:
    return graph.add("Div", given, graph.add("Add", graph.add("Abs", given), graph.number(1.0)))


def _gelu(graph: OnnxGraph, given: str) -> str:
    """X / 2 (1 + erf(x / sqrt 2)); ONNX Runtime has erf for float32 only."""
    from onnx import TensorProto

    inner = graph.add("Cast", graph.add("Mul", given, graph.number(0.5**0.5)), to=TensorProto.FLOAT)
    risen = graph.add("Cast", graph.add("Erf", inner), to=TensorProto.DOUBLE)
    return graph.add("Mul", given, graph.add("Mul", graph.add("Add", risen, graph.number(1.0)), graph.number(0.5)))


def _capped(graph: OnnxGraph, given: str, most: float) -> str:
    return graph.add("Min", graph.add("Max", given, graph.number(0.0)), graph.number(most))


SELU = 1.6732632423543772, 1.0507009873554805
"""Klambauer et al. 2017, Self-Normalizing Neural Networks."""
ACTIVATIONS: Mapping[str, Callable[[OnnxGraph, str], str]] = {
    "relu": lambda graph, given: graph.add("Max", given, graph.number(0.0)),
    "relu6": lambda graph, given: _capped(graph, given, 6.0),
    "leaky_relu": lambda graph, given: _leaky(graph, given, 0.2),
    "sigmoid": lambda graph, given: graph.add("Sigmoid", given),
    "softmax": lambda graph, given: graph.add("Softmax", given, axis=-1),
    "tanh": lambda graph, given: graph.add("Tanh", given),
    "exponential": lambda graph, given: graph.add("Exp", given),
    "elu": lambda graph, given: _elu(graph, given, 1.0),
    "selu": lambda graph, given: _elu(graph, given, *SELU),
    "softplus": _softplus,
    "softsign": _softsign,
    "gelu": _gelu,
    "swish": lambda graph, given: graph.add("Mul", given, graph.add("Sigmoid", given)),
    "silu": lambda graph, given: graph.add("Mul", given, graph.add("Sigmoid", given)),
    "mish": lambda graph, given: graph.add("Mul", given, graph.add("Tanh", _softplus(graph, given))),
}
"""hard_sigmoid is not among them: it is one thing in Keras 2 and another in Keras 3."""


def _activation(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    return activate(graph, layer, given[0], layer.settings.get("activation"))


def _relu(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    """ReLU with a cap, a slope below its threshold, and that threshold."""
    start, slope = layer.number("threshold", 0.0), layer.number("negative_slope", 0.0)
    most = layer.settings.get("max_value")
    name = given[0].name
    below = graph.add("Mul", graph.add("Sub", name, graph.number(start)), graph.number(slope))
    above = name if most is None else graph.add("Min", name, graph.number(layer.number("max_value", 0.0)))
    found = graph.add("Where", graph.add("GreaterOrEqual", name, graph.number(start)), above, below)
    return Tensor(found, given[0].shape)


def _leaky_relu(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    slope = layer.number("negative_slope" if "negative_slope" in layer.settings else "alpha", 0.3)
    return Tensor(_leaky(graph, given[0].name, slope), given[0].shape)


def _elu_layer(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    return Tensor(_elu(graph, given[0].name, layer.number("alpha", 1.0)), given[0].shape)


def _prelu(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    name = given[0].name
    below = graph.add("Mul", graph.add("Min", name, graph.number(0.0)), graph.array(layer.array(0, *given[0].shape)))
    return Tensor(graph.add("Add", graph.add("Max", name, graph.number(0.0)), below), given[0].shape)


def _last_axis(layer: Layer, given: Tensor) -> None:
    """Raise ModelError unless a layer works along the last axis."""
    axis = layer.settings.get("axis", -1)
    axes = axis if isinstance(axis, list) else [axis]
    if axes not in ([-1], [len(given.shape)]):
        raise layer.refused(f"works along the axis {told(axis)}")


def _softmax(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    _last_axis(layer, given[0])
    return Tensor(graph.add("Softmax", given[0].name, axis=-1), given[0].shape)


def _batch(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    """BatchNormalization: gamma, beta (where it has them), moving mean and moving variance."""
    import numpy as np

    _last_axis(layer, given[0])
    width, at = given[0].width, 0
    gamma, beta = np.ones(width), np.zeros(width)
    if layer.settings.get("scale", True):
        gamma, at = layer.array(at, width), at + 1
    if layer.settings.get("center", True):
        beta, at = layer.array(at, width), at + 1
    mean, variance = layer.array(at, width), layer.array(at + 1, width)
    factor = gamma / np.sqrt(variance + layer.number("epsilon", 1e-3))
    return _line(graph, given[0], factor, beta - mean * factor)


def _line(graph: OnnxGraph, given: Tensor, factor: npt.ArrayLike, offset: npt.ArrayLike) -> Tensor:
    found = graph.add("Add", graph.add("Mul", given.name, graph.array(factor)), graph.array(offset))
    return Tensor(found, given.shape)


def _normalization(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    """Normalization: mean and variance said, or learned; a spread of nothing counts as 1e-7."""
    import numpy as np

    _last_axis(layer, given[0])
    said = [layer.settings.get(key) for key in ("mean", "variance")]
    if any(one is None for one in said):
        mean, variance = (layer.array(at, given[0].width) for at in (0, 1))
    else:
        mean, variance = (np.broadcast_to(np.asarray(one, dtype=np.float64).ravel(), given[0].width) for one in said)
    spread = np.maximum(np.sqrt(variance), 1e-7)
    if layer.settings.get("invert"):
        return _line(graph, given[0], spread, mean)
    centred = graph.add("Sub", given[0].name, graph.array(mean))
    return Tensor(graph.add("Div", centred, graph.array(spread)), given[0].shape)


def _rescaling(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    return _line(graph, given[0], layer.number("scale", 1.0), layer.number("offset", 0.0))


def _concatenate(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    _last_axis(layer, given[0])
    if len({one.shape[:-1] for one in given}) > 1:
        raise layer.refused("joins tensors of different ranks")
    shape = (*given[0].shape[:-1], sum(one.width for one in given))
    return Tensor(graph.add("Concat", *(one.name for one in given), axis=len(shape)), shape)


def _merged(operator: str) -> Callable[[OnnxGraph, Layer, list[Tensor]], Tensor]:
    def way(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
        if len({one.shape for one in given}) > 1:
            raise layer.refused("joins tensors of different shapes")
        found = given[0].name
        for one in given[1:]:
            found = graph.add(operator, found, one.name)
        return Tensor(found, given[0].shape)

    return way


def _average(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    total = _merged("Add")(graph, layer, given)
    return Tensor(graph.add("Mul", total.name, graph.number(1 / len(given))), total.shape)


def _flatten(graph: OnnxGraph, _layer: Layer, given: list[Tensor]) -> Tensor:
    if len(given[0].shape) == 1:
        return given[0]
    width = 1
    for size in given[0].shape:
        width *= size
    return Tensor(graph.add("Reshape", given[0].name, graph.array([-1, width], "int64")), (width,))


def _reshape(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    flat = _flatten(graph, layer, given)
    target = layer.settings.get("target_shape")
    if target not in ([flat.width], [-1]):
        raise layer.refused(f"shapes its row as {told(target)}")
    return flat


def _whole(graph: OnnxGraph, given: Tensor, below: int) -> tuple[str, str]:
    """Codes from 0 to `below` (not included) as whole numbers, and where they are none: no answer is made of those."""
    from onnx import TensorProto

    inside = graph.add(
        "And",
        graph.add("GreaterOrEqual", given.name, graph.number(0.0)),
        graph.add("Less", given.name, graph.number(float(below))),
    )
    safe = graph.add("Where", inside, given.name, graph.number(0.0))
    return graph.add("Cast", safe, to=TensorProto.INT64), graph.add("Not", inside)


def _embedding(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    count, width = int(layer.number("input_dim", 0)), int(layer.number("output_dim", 0))
    codes, strange = _whole(graph, given[0], count)
    found = graph.add("Gather", graph.array(layer.array(0, count, width)), codes, axis=0)
    none = graph.add("Unsqueeze", strange, graph.array([-1], "int64"))
    return Tensor(graph.add("Where", none, graph.number(float("nan")), found), (*given[0].shape, width))


def _lookup(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    """StringLookup and IntegerLookup: the place of a word; 0, or 1 where masks have a place, for one not known."""
    texts = layer.kind == "StringLookup"
    if texts != given[0].texts or given[0].shape != (1,):
        raise layer.refused("does not look up one column of its own kind")
    settings = layer.settings
    if settings.get("invert") or settings.get("num_oov_indices", 1) != 1:
        raise layer.refused("looks up backwards, or knows several places for what it does not know")
    mask, unknown = settings.get("mask_token"), settings.get("oov_token", "[UNK]" if texts else -1)
    said = settings.get("vocabulary") or layer.words
    words = [str(word) if texts else float(word) for word in said]
    special = [one if texts else float(one) for one in (*([] if mask is None else [mask]), unknown)]
    words = words[len(special) :] if words[: len(special)] == special else words
    if not words or len(set(words)) < len(words):
        raise layer.refused("has no words, or one twice")
    first = len(special)
    keys = [*([] if mask is None else [special[0]]), *words]
    places = [*([] if mask is None else [0.0]), *(float(first + at) for at in range(len(words)))]
    place = graph.table(given[0].name, keys, places, first - 1.0)
    if not texts:
        place = graph.add("Where", graph.add("IsNaN", given[0].name), graph.number(float("nan")), place)
    found = Tensor(place, (1,))
    mode = settings.get("output_mode", "int")
    if mode == "int":
        return found
    if mode not in {"one_hot", "multi_hot"}:
        raise layer.refused(f"gives {told(mode)}")
    return _flags(graph, found, first + len(words))


def _flags(graph: OnnxGraph, given: Tensor, count: int) -> Tensor:
    """(n, count) with a 1 in the place that a code (n, 1) says."""
    from onnx import TensorProto

    met = graph.add("Equal", given.name, graph.array([[float(at) for at in range(count)]]))
    flags = graph.add("Cast", met, to=TensorProto.DOUBLE)
    none = graph.add("IsNaN", given.name)
    return Tensor(graph.add("Where", none, graph.number(float("nan")), flags), (count,))


def _category(graph: OnnxGraph, layer: Layer, given: list[Tensor]) -> Tensor:
    """CategoryEncoding of one column of codes; no answer for a code that is none."""
    count, mode = int(layer.number("num_tokens", 0)), layer.settings.get("output_mode", "multi_hot")
    if given[0].shape != (1,) or mode not in {"one_hot", "multi_hot"} or not count > 0:
        raise layer.refused(f"counts several codes, or gives {told(mode)}")
    _, strange = _whole(graph, given[0], count)
    flags = _flags(graph, given[0], count)
    return Tensor(graph.add("Where", strange, graph.number(float("nan")), flags.name), flags.shape)


KEPT = {"Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization", "SpatialDropout1D"}
"""Layers that work in training alone."""
MERGED = {"Concatenate", "Add", "Multiply", "Average", "Maximum", "Minimum"}
WAYS: Mapping[str, Callable[[OnnxGraph, Layer, list[Tensor]], Tensor]] = {
    "Dense": _dense,
    "Activation": _activation,
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "ELU": _elu_layer,
    "PReLU": _prelu,
    "Softmax": _softmax,
    "BatchNormalization": _batch,
    "Normalization": _normalization,
    "Rescaling": _rescaling,
    "Concatenate": _concatenate,
    "Add": _merged("Add"),
    "Multiply": _merged("Mul"),
    "Maximum": _merged("Max"),
    "Minimum": _merged("Min"),
    "Average": _average,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Embedding": _embedding,
    "StringLookup": _lookup,
    "IntegerLookup": _lookup,
    "CategoryEncoding": _category,
}
"""The layers that are read, by Keras' names; all others are refused by theirs."""
