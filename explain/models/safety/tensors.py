"""Constant tensors of an ONNX file: what they declare is what they hold, in the file itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError, TooLargeError

if TYPE_CHECKING:
    import numpy as np
    import onnx

LARGEST = 100_000_000
"""Elements of one constant: 400 MB of float32, near the largest file that is read."""
SMALL = 4_096
"""Elements of a constant whose values may say a shape or axes, and are looked at for that."""
_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}
"""Bytes of an element by TensorProto.DataType; 8 are texts."""
_TEXT = 8
_FIELDS = {1: "float_data", 7: "int64_data", 8: "string_data", 11: "double_data", 12: "uint64_data", 13: "uint64_data"}
"""Where elements stand that are not raw bytes; all other types stand in int32_data."""


def check_tensor(tensor: onnx.TensorProto) -> int:
    """The number of elements; raises ModelError for what lies elsewhere or is not of the declared size."""
    if tensor.data_location == 1 or len(tensor.external_data):
        raise ModelError(
            "The model keeps weights in a second file, and only one is read. "
            "Save it with its weights inside (onnx.save_model(…, save_as_external_data=False))."
        )
    kind = int(tensor.data_type)
    if (kind not in _BYTES and kind != _TEXT) or tensor.HasField("segment"):
        raise ModelError("The model has a constant of an unusual type. Export it with float32 or float64 weights.")
    if any(size < 0 for size in tensor.dims):
        raise ModelError("A constant of the model has a negative size. Export the model anew.")
    declared: int = math.prod(tensor.dims)
    if declared > LARGEST:
        raise TooLargeError(f"A constant of the model has {declared:,} numbers; at most {LARGEST:,} are read.")
    held = _held(tensor, kind)
    if held != declared:
        raise ModelError(
            f"A constant of the model says that it has {declared:,} elements, but holds {held:,.0f}. Export it anew."
        )
    return declared


def _held(tensor: onnx.TensorProto, kind: int) -> float:
    if kind != _TEXT and tensor.HasField("raw_data"):
        return len(tensor.raw_data) / _BYTES[kind]
    return len(getattr(tensor, _FIELDS.get(kind, "int32_data")))


def small_value(tensor: onnx.TensorProto) -> np.ndarray[Any, Any] | None:
    """The values of a checked tensor as an array, where they are few numbers."""
    from onnx import numpy_helper

    if math.prod(tensor.dims) > SMALL or tensor.data_type == _TEXT:
        return None
    return numpy_helper.to_array(tensor)
