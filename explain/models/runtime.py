"""One ONNX Runtime session a file: raw columns in, scores out.

Class labels in ONNX files are not used: they come from the scores, so that what is shown and what is explained agree.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError, RowsError
from explain.models.deadline import deadline
from explain.models.runtime_fault import runtime_fault
from explain.parallel import together
from explain.types import Codes, as_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import onnx
    import onnxruntime as ort
    import pandas as pd

    from explain.types import Cells, Floats, Schema

BLOCK = 65_536
"""Rows a run: large enough for full speed, small enough that a cancel is heard within a second."""

PIECE = 4_096
"""Rows of a piece: enough that starting it costs nothing, few enough that a block keeps all processors busy."""
MOST_FAILED = 100
"""Rows of a block that a model may fail on, each of which is looked for."""
WHOLE = "tensor(int64)"
NUMPY_TYPES = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(int64)": "int64"}


def parse(content: bytes) -> onnx.ModelProto:
    """The bytes of an ONNX file as a graph; raises ModelError when they are none."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        return onnx.load_model_from_string(content)
    except DecodeError as error:
        raise ModelError("The model file is not ONNX. Expected a file made by an ONNX exporter.") from error


def session(content: bytes) -> ort.InferenceSession:
    """A session over an ONNX file, of one thread: several would add up trees in an order that hangs on how many rows
    there are, and on how many processors. `run` does pieces at once instead.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # onnxruntime raises a dozen unrelated classes here; each means the same to the person.
        raise ModelError(f"The model file cannot be run: {runtime_fault(error)}. Export it anew.") from error


def run(session: ort.InferenceSession, names: list[str], fed: dict[str, np.ndarray[Any, Any]]) -> list[Any]:
    """What a session gives for its inputs, one row a place; raises ModelError when it takes longer than any model
    should.

    A row gets the same however many there are. They are run in pieces of PIECE, at once on all processors; a row alone
    is run twice, since a product of its cells with weights is rounded in another way than that of several rows.
    """
    import numpy as np

    rows = max(map(len, fed.values()), default=0)
    with deadline() as options:

        def piece(first: int, last: int) -> list[Any]:
            own = {name: cells[first:last] for name, cells in fed.items()}
            if last - first != 1:
                return list(session.run(names, own, options))
            twice = {name: np.repeat(cells, 2, axis=0) for name, cells in own.items()}
            return [found[:1] for found in session.run(names, twice, options)]

        pieces = together(piece, [(at, min(at + PIECE, rows)) for at in range(0, rows, PIECE)] or [(0, 0)])
    return pieces[0] if len(pieces) == 1 else [np.concatenate(found) for found in zip(*pieces, strict=True)]


class Runtime:
    """Scores raw frames with an ONNX file.

    `score(frame)` takes (n, p) raw columns in schema order and returns (n, k) float64: probabilities, or the target.
    """

    def __init__(self, content: bytes, schema: Schema, outputs: int) -> None:
        self.schema = schema
        self._outputs = outputs
        proto = parse(content)
        self._score_name = score_output(proto, outputs)
        self.proto = proto
        self._session = session(with_outputs(proto, [self._score_name]))

    def values_of(self, output: str, rows: pd.DataFrame | Cells) -> Floats:
        """(n, p) raw columns -> (n, 1) what another output of the file gives, on sessions of its own."""
        import numpy as np

        other = session(with_outputs(self.proto, [output]))
        cells = as_cells(rows, self.schema)
        blocks = [cells.take(slice(at, at + BLOCK)) for at in range(0, len(cells), BLOCK)]
        found = [run(other, [output], feeds(other, block, self.schema))[0] for block in blocks]
        return np.concatenate([np.zeros((0, 1)), *(np.asarray(one, dtype=np.float64).reshape(-1, 1) for one in found)])

    def score(self, rows: pd.DataFrame | Cells) -> Floats:
        """(n, p) raw columns -> (n, k) scores."""
        import numpy as np

        cells = as_cells(rows, self.schema)
        blocks = [self._answered(cells.take(slice(at, at + BLOCK))) for at in range(0, len(cells), BLOCK)]
        return np.concatenate(blocks) if blocks else np.zeros((0, self._outputs))

    def _answered(self, cells: Cells) -> Floats:
        """The scores of some rows; one that the model fails on, a code beyond its table say, gets none by itself.

        Raises ModelError where it fails on all of them, or on too many to look for.
        """
        import numpy as np

        scores = np.full((len(cells), self._outputs), np.nan)
        waiting, failed = [(0, len(cells))], 0
        while waiting:
            first, last = waiting.pop()
            try:
                scores[first:last] = self._run(cells.take(slice(first, last)))
            except RowsError:
                failed += last - first == 1
                if failed > MOST_FAILED or failed == len(cells):
                    raise
                middle = (first + last) // 2
                waiting += [(middle, last), (first, middle)] if last - first > 1 else []
        return scores

    @cached_property
    def _whole(self) -> list[str]:
        """Columns that the file takes as whole numbers, which have no blank: a row with one gets no answer."""
        inputs = {item.name: item.type for item in self._session.get_inputs()}
        if len(inputs) == 1 and not set(inputs) <= set(self.schema.names):
            return self.schema.names if WHOLE in inputs.values() else []
        return [name for name, kind in inputs.items() if kind == WHOLE]

    def _run(self, cells: Cells) -> Floats:
        import numpy as np

        try:
            raw = run(self._session, [self._score_name], feeds(self._session, cells, self.schema))[0]
        except ModelError:
            raise
        except Exception as error:
            # the same dozen classes as at load
            raise RowsError(f"The model failed on these rows: {runtime_fault(error)}. Do they fit it?") from error
        scores = as_scores(raw, len(cells), self._outputs)
        for name in self._whole:
            scores[cells.blank(name)] = np.nan
        return scores


def said_labels(content: bytes, output: str, schema: Schema, frame: pd.DataFrame) -> list[str]:
    """(n,) the outcomes that a file itself says of raw rows (n, p), in an output of labels, as texts."""
    import numpy as np

    inner = session(with_outputs(parse(content), [output]))
    raw = run(inner, [output], feeds(inner, frame, schema))[0]
    return [str(item) for item in np.asarray(raw).reshape(len(frame), -1)[:, 0].tolist()]


def as_scores(raw: np.ndarray[Any, Any], rows: int, outputs: int) -> Floats:
    """What a session gave, as (n, k) scores; the one probability of a binary model becomes two."""
    import numpy as np

    scores = np.asarray(raw, dtype=np.float64).reshape(rows, -1)
    if scores.shape[1] == 1 and outputs == 2:
        scores = np.hstack([1 - scores, scores])
    if scores.shape[1] != outputs:
        raise ModelError(f"The card names {outputs} outputs, but the model gives {scores.shape[1]}.")
    return scores


def feeds(session: ort.InferenceSession, rows: pd.DataFrame | Cells, schema: Schema) -> dict[str, np.ndarray[Any, Any]]:
    """The session's inputs from raw columns: one input a column (by name), or one matrix of all columns."""
    import numpy as np

    cells, inputs = as_cells(rows, schema), session.get_inputs()
    names = schema.names
    if {item.name for item in inputs} <= set(names):
        return {item.name: shaped(_cells(cells.columns[item.name], item.type), len(item.shape)) for item in inputs}
    if len(inputs) != 1:
        unknown = sorted({item.name for item in inputs} - set(names))
        raise ModelError(f"The model wants the inputs {', '.join(unknown)}, which the card does not describe.")
    kind = inputs[0].type
    return {inputs[0].name: np.column_stack([_cells(cells.columns[name], kind) for name in names])}


def shaped(cells: np.ndarray[Any, Any], axes: int) -> np.ndarray[Any, Any]:
    """A column (n,) as an input takes it: as it is, or as a matrix of one column, which is what most want."""
    return cells if axes == 1 else cells.reshape(-1, 1)


def _cells(cells: Floats | Codes, kind: str) -> np.ndarray[Any, Any]:
    """One column (n,) in the type that its input wants; a missing category is the empty string."""
    import numpy as np

    if kind == "tensor(string)":
        return _text(cells)
    numbers = as_numbers(cells)
    if kind == WHOLE:
        numbers = np.nan_to_num(numbers, nan=0.0)
    return numbers.astype(NUMPY_TYPES.get(kind, "float32"))


def _text(cells: Floats | Codes) -> np.ndarray[Any, Any]:
    import numpy as np

    if isinstance(cells, Codes):
        return np.array([*cells.words, ""], dtype=object)[cells.places]
    return np.array(["" if value != value else str(value) for value in cells.tolist()], dtype=object)


def as_numbers(cells: Floats | Codes) -> Floats:
    """(n,) cells as numbers; texts in a column of categories are read as such, for a file that wants numbers there."""
    import numpy as np

    if not isinstance(cells, Codes):
        return cells
    return np.array([*map(float, cells.words), np.nan])[cells.places]


def score_output(proto: onnx.ModelProto, outputs: int) -> str:
    """The name of the tensor with the scores: the last float output, looked up before a ZipMap where there is one."""
    import onnx

    for node in proto.graph.node:
        if node.op_type == "ZipMap":
            return str(node.input[0])
    floats = {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE}
    named = [out for out in proto.graph.output if out.type.tensor_type.elem_type in floats]
    if not named:
        wanted = "the target" if outputs == 1 else f"{outputs} probabilities"
        raise ModelError(f"The model has no output with numbers. Expected one with {wanted} a row.")
    return str(named[-1].name)


def with_outputs(proto: onnx.ModelProto, names: list[str]) -> bytes:
    """The same model giving `names` (any inner tensors) as its outputs, without the nodes these do not need."""
    import onnx

    made_by = {out: node for node in proto.graph.node for out in node.output}
    needed: set[int] = set()
    inputs: set[str] = set()
    open_names = list(names)
    while open_names:
        name = open_names.pop()
        inputs.add(name)
        node = made_by.get(name)
        if node is not None and id(node) not in needed:
            needed.add(id(node))
            open_names.extend(_read(node))
    known = {out.name: out for out in proto.graph.output}
    result = onnx.ModelProto(**_all_but(proto, "graph"))
    graph = _all_but(proto.graph, "node", "input", "output", "value_info")
    result.graph.MergeFrom(onnx.GraphProto(**graph))
    # the nodes hold nearly all of a file of trees: they are copied once
    result.graph.node.extend(node for node in proto.graph.node if id(node) in needed)
    result.graph.input.extend(item for item in proto.graph.input if item.name in inputs)
    result.graph.output.extend(known.get(name, onnx.ValueInfoProto(name=name)) for name in names)
    return bytes(result.SerializeToString())


def _all_but(message: onnx.ModelProto | onnx.GraphProto, *fields: str) -> dict[str, Any]:
    """What is set in a message, by name."""
    return {field.name: value for field, value in message.ListFields() if field.name not in fields}


def _read(node: onnx.NodeProto) -> list[str]:
    """What a node reads, by itself and in the graphs inside of it (If, Loop, Scan, where they were asked for)."""
    inside = [graph for item in node.attribute for graph in (item.g, *item.graphs)]
    return [*node.input, *(name for graph in inside for inner in graph.node for name in _read(inner))]


def from_tensors(proto: onnx.ModelProto, samples: Mapping[str, np.ndarray[Any, Any]], outputs: list[str]) -> bytes:
    """The rest of a model behind some inner tensors, which become its only inputs; samples show types and shapes."""
    import onnx

    rest = onnx.ModelProto()
    rest.CopyFrom(proto)
    for node in rest.graph.node:
        for at, name in enumerate(node.output):
            if name in samples:
                node.output[at] = f"{name}.as_made"
    del rest.graph.input[:]
    for name, sample in samples.items():
        kind = onnx.helper.np_dtype_to_tensor_dtype(sample.dtype)
        rest.graph.input.append(onnx.helper.make_tensor_value_info(name, kind, [None, *sample.shape[1:]]))
    return with_outputs(rest, outputs)


@lru_cache(maxsize=16)
def cached_session(content: bytes) -> ort.InferenceSession:
    """`session`, kept for the last few files: building one costs tens of milliseconds."""
    return session(content)
