"""What a model answers to sample rows alone, together, in another order and again: run in the limited process only."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.models.packing import unpack_columns
from explain.models.runtime_fault import runtime_fault
from explain.models.safety.onnx_check import check_onnx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    import onnx
    import onnxruntime as ort

    Array = np.ndarray[Any, Any]
    Columns = Mapping[str, Array]

CLOSE = 1e-5
"""Share of the largest answer: sums of float32 in another order differ by some 1e-7 of it."""
LEAST_ROWS = 2
"""Fewer cannot tell whether rows answer for themselves."""
ALONE = 16
"""Rows run each by itself; a model that joins rows differs on all of them."""


def answers(inputs: Mapping[str, Path], options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Array]]:
    """Check the file `model`, load it, and run the rows `rows` (a column an array, by position).

    `options`: `names` of the columns, `outputs` of the model, `allow`ed operators. Gives the seconds that looking,
    loading and running took, and the `scores` (n, k).
    """
    from explain.models import runtime

    began = time.monotonic()
    content = inputs["model"].read_bytes()
    facts = check_onnx(content, options["allow"])
    columns = unpack_columns(inputs["rows"].read_bytes(), options["names"])
    checked = time.monotonic()
    proto = runtime.parse(content)
    score = runtime.score_output(proto, options["outputs"])
    _check_widths(proto, columns, facts.asks)
    session = load(runtime.with_outputs(proto, [score]))
    loaded = time.monotonic()
    scores = consistent(lambda rows: _run(session, score, rows), columns)
    times = {"checked": checked - began, "loaded": loaded - checked, "ran": time.monotonic() - loaded}
    return times, {"scores": scores}


def load(content: bytes) -> ort.InferenceSession:
    """A session on one thread: equal rows then give equal bits, and threads take no memory."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # a dozen unrelated classes, each means the same
        _refuse_memory(error)
        raise ModelError(f"The model file cannot be loaded: {runtime_fault(error)}. Export it anew.") from error


def _check_widths(proto: onnx.ModelProto, columns: Columns, asks: Mapping[str, int]) -> None:
    """Trees read as many features as they ask for, wherever these lie; so there have to be that many.

    What comes in front of the trees is run by itself, so that the trees are not.
    """
    from explain.models import runtime

    given = {item.name for item in proto.graph.input}
    for name, features in asks.items():
        if name in given:
            width = len(columns) if len(given) == 1 else 1
        else:
            found = _outputs(load(runtime.with_outputs(proto, [name])), [name], columns)[0]
            shape: tuple[int, ...] = getattr(found, "shape", ())
            width = shape[1] if len(shape) == 2 else 0
        if width < features:
            raise ModelError("The trees of this model ask for a feature that the model does not have.")


def consistent(run: Callable[[Columns], Array], columns: Columns) -> Array:
    """The (n, k) scores of the rows, when they are the same in any company, and numbers."""
    import numpy as np

    rows = len(next(iter(columns.values()), ()))
    if rows < LEAST_ROWS:
        raise ModelError(f"A model is tried on at least {LEAST_ROWS} rows; {rows} came. Give more of them.")
    together: Array = run(columns)
    if not _same(together, run(columns), exactly=True):
        raise ModelError("The model gives other answers each time. Export it for inference, without chance in it.")
    order = np.random.default_rng(0).permutation(rows)
    half = order[: (rows + 1) // 2]
    trials = [order, half, half[::-1], np.repeat(order[:1], 3), *(np.array([at]) for at in order[:ALONE])]
    scale = np.abs(together[np.isfinite(together)]).max(initial=0.0)
    for chosen in trials:
        if not _same(together[chosen], run({name: cells[chosen] for name, cells in columns.items()}), scale):
            raise ModelError(
                "A row's answer depends on the rows beside it, so that it cannot be explained. "
                "Export the model so that it answers row by row."
            )
    if np.isinf(together).any():
        raise ModelError("The model gives infinite answers to some of the sample rows. Look into its weights.")
    if np.isnan(together).all():
        raise ModelError("The model gives no number for any of the sample rows. Do they fit the model?")
    return together


def _same(one: Array, other: Array, scale: float = 0.0, *, exactly: bool = False) -> bool:
    import numpy as np

    if one.shape != other.shape:
        return False
    return bool(np.allclose(one, other, rtol=0, atol=0 if exactly else CLOSE * scale, equal_nan=True))


def _run(session: ort.InferenceSession, score: str, columns: Columns) -> Array:
    import numpy as np

    rows = len(next(iter(columns.values())))
    raw = _outputs(session, [score], columns)[0]
    if not hasattr(raw, "shape") or raw.ndim < 1 or raw.shape[0] != rows:
        shape = " x ".join(map(str, getattr(raw, "shape", ())))
        raise ModelError(
            f"The model gives {shape or 'something else'} answers to {rows} rows. Expected one line a row."
        )
    return np.asarray(raw, dtype=np.float64).reshape(rows, -1)


def _outputs(session: ort.InferenceSession, names: list[str], columns: Columns) -> list[Any]:
    fed = feeds([(item.name, item.type, len(item.shape)) for item in session.get_inputs()], columns)
    try:
        return list(session.run(names, fed))
    except Exception as error:  # as at load
        _refuse_memory(error)
        raise ModelError(f"The model failed on the sample rows: {runtime_fault(error)}. Do they fit it?") from error


def feeds(inputs: list[tuple[str, str, int]], columns: Columns) -> dict[str, Array]:
    """Columns (n,) of doubles or texts as the inputs (name, type and axes) that a session wants: see runtime.feeds."""
    import numpy as np

    from explain.models.runtime import shaped

    if {name for name, *_ in inputs} <= set(columns):
        return {name: shaped(_cells(columns[name], kind), axes) for name, kind, axes in inputs}
    if len(inputs) != 1:
        unknown = sorted({name for name, *_ in inputs} - set(columns))
        raise ModelError(f"The model wants the inputs {', '.join(unknown)[:200]}, which the rows do not have.")
    name, kind, _ = inputs[0]
    if kind != "tensor(string)" and any(cells.dtype.kind == "U" for cells in columns.values()):
        raise ModelError("The model takes numbers only, but a column of the rows holds text.")
    return {name: np.column_stack([_cells(cells, kind) for cells in columns.values()])}


def _cells(cells: Array, kind: str) -> Array:
    import numpy as np

    from explain.models.runtime import NUMPY_TYPES, WHOLE

    if kind != "tensor(string)":
        if cells.dtype.kind == "U":
            raise ModelError("The model takes a number where a column of the rows holds text.")
        known = np.nan_to_num(cells, nan=0.0) if kind == WHOLE else cells  # see Runtime: such a row gets no answer
        return known.astype(NUMPY_TYPES.get(kind, "float32"))
    if cells.dtype.kind == "U":
        return cells.astype(object)
    return np.array(["" if cell != cell else str(cell) for cell in cells.tolist()], dtype=object)


def _refuse_memory(error: Exception) -> None:
    text = str(error).lower()
    if isinstance(error, MemoryError) or "bad alloc" in text or "bad_alloc" in text or "failed to allocate" in text:
        raise MemoryError from error
