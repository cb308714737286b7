"""One ONNX file out of a network: raw columns in, its layers in doubles, scores out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.errors import ModelError
from explain.models.keras.layers import ACTIVATIONS, Tensor, write
from explain.models.keras.network import EXPORT, Layer, Network, task_of
from explain.models.onnx_graph import OnnxGraph

if TYPE_CHECKING:
    from explain.types import Column, Schema, Task

LINKED = {"Dense", "Activation"}


def ending(network: Network) -> tuple[Task, int]:
    """Task and number of scores; raises ModelError where the last layer's numbers could be anything."""
    from explain.types import Column, Schema

    made = [Column(name=str(at), kind="category" if texts else "number") for at, texts in enumerate(_texts(network))]
    _, last, end = _written(network, Schema(tuple(made)))
    task, count = task_of(last.width, end)
    if task is None or len(last.shape) != 1:
        said = "several sigmoids, one for each of several answers" if end == "sigmoid" else "numbers without a softmax"
        raise ModelError(
            f"The network ends in {last.width:,} numbers ({said}), which are no probabilities of one outcome. Put a "
            f"Softmax behind them, or train with from_logits=True, and save it anew. Or: {EXPORT}"
        )
    return task, count


def write_onnx(network: Network, schema: Schema) -> bytes:
    """The file; raises ModelError where the schema has not the columns that the network takes, or of other kinds."""
    if len(schema) != network.width:
        raise ModelError(
            f"The network takes {network.width:,} columns, but the reference has {len(schema):,}. Bring the columns "
            "that it was trained on, in that order."
        )
    graph, last, end = _written(network, schema)
    task, count = task_of(last.width, end)
    output = graph.free("value" if task == "regression" else "probabilities", schema.names)
    scores = graph.two(last.name) if end == "sigmoid" and task == "binary" else last.name
    graph.add("Identity", scores, name=output)
    return graph.to_bytes(schema, output, count, f"Keras {network.version}".strip())


def _texts(network: Network) -> list[bool]:
    """Whether each column is one of texts."""
    return [entry.texts for entry in network.entries for _ in range(entry.width)]


def _written(network: Network, schema: Schema) -> tuple[OnnxGraph, Tensor, str]:
    """The graph, its last tensor, and what that ends in: "sigmoid", "softmax" or something else."""
    graph = OnnxGraph.beside(schema.names)
    known = _entries(graph, network, schema)
    ends: dict[str, str] = {}
    for layer in network.layers:
        if layer.name in known:
            continue
        known[layer.name] = write(graph, layer, [known[name] for name in layer.given])
        ends[layer.name] = _end(layer, ends)
    last, end = _answered(graph, network, known), ends.get(network.last, "")
    if network.link and end not in {"sigmoid", "softmax"}:
        last, end = Tensor(ACTIVATIONS[network.link](graph, last.name), last.shape), network.link
    return graph, last, end


def _answered(graph: OnnxGraph, network: Network, known: dict[str, Tensor]) -> Tensor:
    """The last tensor, without a number for a row with a blank among its numbers: networks know none."""
    last = known[network.last]
    sums = [
        graph.add("ReduceSum", known[entry.name].name, graph.array([1], "int64"), keepdims=1)
        for entry in network.entries
        if not entry.texts
    ]
    if not sums or len(last.shape) != 1:
        return last
    blank = graph.add("IsNaN", sums[0] if len(sums) == 1 else graph.add("Sum", *sums))
    return Tensor(graph.add("Where", blank, graph.number(float("nan")), last.name), last.shape)


def _end(layer: Layer, ends: dict[str, str]) -> str:
    """What the numbers of a layer are: those of a layer that only trains are its input's."""
    if layer.kind in LINKED:
        return str(layer.settings.get("activation"))
    if layer.kind == "Softmax":
        return "softmax"
    shaped = layer.kind in {"Dropout", "Flatten", "Reshape"} and layer.given
    return ends.get(layer.given[0], "") if shaped else ""


def _entries(graph: OnnxGraph, network: Network, schema: Schema) -> dict[str, Tensor]:
    """The tensor of each input: its columns side by side, by name where each is one, else by place."""
    columns: list[Column] = list(schema)
    by_name = {column.name: column for column in columns}
    found, at = {}, 0
    named = network.names and set(network.names) <= by_name.keys()
    for entry in network.entries:
        own = [by_name[entry.name]] if named else columns[at : at + entry.width]
        at += entry.width
        for column in own:
            if (column.kind == "category") != entry.texts:
                wanted = "a category" if entry.texts else "a number"
                raise ModelError(f"The network takes '{column.name}' as {wanted}. Make it one in the schema.")
        given = graph.side_by_side([column.name for column in own])
        if entry.whole:  # the part behind the point is cut off, as Keras does
            given = graph.narrow(given)
            given = graph.add("Mul", graph.add("Sign", given), graph.add("Floor", graph.add("Abs", given)))
        found[entry.name] = Tensor(given, (entry.width,), entry.texts)
    return found
