"""A Keras file as data: its layers in order, what each is given, and its weights; no class of Keras is made.

The file is a zip: config.json names layers and how they hang together, model.weights.h5 holds their arrays, assets the
words of look-ups. https://keras.io/api/models/model_saving_apis/model_saving_and_loading/
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.models.boosters.forest import MOST_FEATURES, MOST_OUTPUTS, broken
from explain.safety.archive import read_archive
from explain.safety.limited import run_limited
from explain.safety.strange_json import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from explain.types import Task

SOURCE = "Keras"
CONFIG, WEIGHTS, ASSETS = "config.json", "model.weights.h5", "assets/"
MOST_LAYERS = 2_000
EXPORT = "Export the network with model.export('model.onnx', format='onnx') and bring that."
TENSOR = "__keras_tensor__"
LOSSES = {"binarycrossentropy": "sigmoid", "categoricalcrossentropy": "softmax",
          "sparsecategoricalcrossentropy": "softmax"}  # fmt: skip
"""What stands behind the logits that a network was trained with, by its loss."""


@dataclass(frozen=True)
class Layer:
    """`given` are the names of the layers whose tensors it takes, `weights` its arrays in Keras' order, `words` those
    that a look-up keeps beside the configuration.
    """

    kind: str
    name: str
    settings: Mapping[str, Any]
    given: tuple[str, ...]
    weights: tuple[np.ndarray[Any, Any], ...] = field(default=(), hash=False)
    words: tuple[str, ...] = ()

    def refused(self, said: str, way_out: str = EXPORT) -> ModelError:
        """The error for a layer that is not written here, by its name."""
        return ModelError(f"The layer '{self.name[:40]}' ({self.kind[:40]}) {said}. {way_out}")

    def number(self, key: str, otherwise: float) -> float:
        """A setting that is a number; raises ModelError for any other."""
        found = self.settings.get(key, otherwise)
        if not isinstance(found, int | float) or isinstance(found, bool) or not abs(found) < 1e30:
            raise broken(SOURCE, f"the layer {self.name[:40]} should have a number as '{key[:40]}'")
        return float(found)

    def array(self, at: int, *shape: int) -> np.ndarray[Any, Any]:
        """One of its arrays, as doubles of a shape; raises ModelError where it is another."""
        import numpy as np

        if at >= len(self.weights) or self.weights[at].shape != shape:
            raise broken(SOURCE, f"the weights of the layer {self.name[:40]} are missing or of another shape")
        found: np.ndarray[Any, Any] = self.weights[at].astype(np.float64)
        if not np.isfinite(found).all():
            raise broken(SOURCE, f"a weight of the layer {self.name[:40]} is not a finite number")
        return found


@dataclass(frozen=True)
class Entry:
    """An input: how many columns it takes, and whether they are texts or whole numbers, which have no blank."""

    name: str
    width: int
    texts: bool
    whole: bool


@dataclass(frozen=True)
class Network:
    """Layers, each behind those that it takes from, `entries` in the order in which the model takes them, the layer
    `last` whose tensor is the answer, and the link that its loss puts behind it ("" for none). `version` is Keras'.
    """

    layers: tuple[Layer, ...]
    entries: tuple[Entry, ...]
    last: str
    link: str
    version: str

    @property
    def names(self) -> tuple[str, ...]:
        """The columns by name, where every input is one; () where they are told by their place."""
        single = len(self.entries) > 1 and all(entry.width == 1 for entry in self.entries)
        return tuple(entry.name for entry in self.entries) if single else ()

    def codes(self, entry: Entry) -> int:
        """Below which number the codes of an input lie that an embedding looks up; 0 for any other input."""
        found = [layer for layer in self.layers if layer.kind == "Embedding" and layer.given == (entry.name,)]
        return min((int(layer.number("input_dim", 0)) for layer in found), default=0)

    @property
    def width(self) -> int:
        """How many columns it takes."""
        return sum(entry.width for entry in self.entries)


def read_keras(content: bytes) -> Network:
    """The network in a file; raises ModelError for one that is broken, or is more than a chain or graph of layers."""
    members = read_archive(
        content, wanted=lambda name: name in {CONFIG, WEIGHTS, "metadata.json"} or name.startswith(ASSETS)
    )
    try:
        config = read_json(members.get(CONFIG, b"").decode("utf-8"))
        said = read_json(members.get("metadata.json", b"{}").decode("utf-8"))
    except ValueError as error:
        raise broken(SOURCE, "its configuration is no JSON") from error
    if not isinstance(config, dict) or config.get("class_name") not in {"Sequential", "Functional", "Model"}:
        raise ModelError(f"The Keras file holds a model of a class of its own, not of plain layers. {EXPORT}")
    arrays = run_limited("keras_weights", {"model": members.get(WEIGHTS, b"")}).arrays
    try:
        layers, entries, last = _layers(config, arrays, members)
    except (TypeError, KeyError, AttributeError, IndexError, ValueError) as error:
        raise broken(SOURCE, "its configuration is malformed") from error
    version = said.get("keras_version") if isinstance(said, dict) else None
    return Network(layers, entries, last, _link(config), str(version or "")[:20])


def _layers(
    config: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]], members: Mapping[str, bytes]
) -> tuple[tuple[Layer, ...], tuple[Entry, ...], str]:
    inner = config["config"]
    items = inner["layers"]
    if not isinstance(items, list) or not 0 < len(items) <= MOST_LAYERS:
        raise broken(SOURCE, f"it should have at most {MOST_LAYERS:,} layers")
    chain = config["class_name"] == "Sequential"
    found: list[Layer] = []
    counts: dict[str, int] = {}
    for item in items:
        kind, settings = str(item["class_name"]), dict(item["config"])
        name = str(settings.get("name", kind))
        plain = _snake(kind)
        stored = plain if not counts.get(plain) else f"{plain}_{counts[plain]}"
        counts[plain] = counts.get(plain, 0) + 1
        given = tuple(layer.name for layer in found[-1:]) if chain else _given(item, name)
        # groups are named after the layer's class (2.15, 3); files that name them after the layer are read as well
        places = [f"layers/{stored}", f"layers/{name}", f"_layer_checkpoint_dependencies/{name}"]
        weights = next((own for place in places if (own := _arrays(arrays, place))), ())
        files = [f"{ASSETS}{place}/vocabulary.txt" for place in places]
        text = next((members[file] for file in files if file in members), b"")
        words = tuple(text.decode("utf-8").split("\n")) if text else ()
        found.append(Layer(kind, name, settings, given, weights, words))
    if chain and found[0].kind != "InputLayer":
        shape = config.get("build_config", {}).get("input_shape") or found[0].settings.get("batch_input_shape")
        start = Layer("InputLayer", "given", {"batch_shape": shape}, ())
        found = [start, replace(found[0], given=("given",)), *found[1:]]
    ends = [found[0].name], [found[-1].name]
    if not chain:
        ends = _ends(inner["input_layers"]), _ends(inner["output_layers"])
    if len(ends[1]) != 1:
        raise ModelError(f"The Keras model has {len(ends[1])} outputs. Bring one with a single output. {EXPORT}")
    known = {layer.name: layer for layer in found}
    return _ordered(known), tuple(_entry(known[name]) for name in ends[0]), ends[1][0]


def _snake(kind: str) -> str:
    """The name under which Keras keeps a layer of a class: BatchNormalization is batch_normalization."""
    apart = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", apart).lower()


def _arrays(arrays: Mapping[str, np.ndarray[Any, Any]], place: str) -> tuple[np.ndarray[Any, Any], ...]:
    count = sum(name.startswith(f"{place}/vars/") for name in arrays)
    return tuple(arrays[f"{place}/vars/{at}"] for at in range(count))


def _given(item: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The layers whose tensors one takes, in order, as either generation of Keras writes them."""
    nodes = item.get("inbound_nodes") or []
    if len(nodes) > 1:
        raise ModelError(f"The layer '{name[:40]}' is used more than once. {EXPORT}")
    if not nodes:
        return ()
    if isinstance(nodes[0], dict):
        found = _tensors([nodes[0].get("args", []), nodes[0].get("kwargs", {})])
    else:
        found = [(one[0], one[2]) for one in nodes[0]]
    if any(place != 0 for _, place in found):
        raise ModelError(f"The layer '{name[:40]}' takes a second tensor of another layer. {EXPORT}")
    return tuple(str(layer) for layer, _ in found)


def _tensors(value: object) -> list[tuple[str, int]]:
    if isinstance(value, dict):
        if value.get("class_name") == TENSOR:
            history = value["config"]["keras_history"]
            return [(str(history[0]), int(history[2]))]
        return [item for part in value.values() for item in _tensors(part)]
    return [item for part in value for item in _tensors(part)] if isinstance(value, list | tuple) else []


def _ends(value: object) -> list[str]:
    """The layers in ["name", 0, 0], in a list of such, or in a dictionary."""
    if isinstance(value, dict):
        return [name for part in value.values() for name in _ends(part)]
    if not isinstance(value, list):
        raise broken(SOURCE, "its configuration is malformed")
    if len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int):
        return [value[0]]
    return [name for part in value for name in _ends(part)]


def _ordered(layers: Mapping[str, Layer]) -> tuple[Layer, ...]:
    """Each layer behind those that it takes from."""
    done: dict[str, Layer] = {}
    waiting = dict(layers)
    while waiting:
        ready = [name for name, layer in waiting.items() if all(one in done for one in layer.given)]
        if not ready:
            raise broken(SOURCE, "its layers run in a circle, or take from one that is not there")
        done |= {name: waiting.pop(name) for name in ready}
    return tuple(done.values())


def _entry(layer: Layer) -> Entry:
    shape: Sequence[Any] = layer.settings.get("batch_shape") or layer.settings.get("batch_input_shape") or ()
    if layer.kind != "InputLayer" or not 1 <= len(shape) <= 2:
        raise layer.refused("takes something else than columns")
    width = shape[1] if len(shape) == 2 else 1
    if type(width) is not int or not 1 <= width <= MOST_FEATURES:
        raise layer.refused("does not say how many columns it takes")
    kind = str(layer.settings.get("dtype"))
    return Entry(layer.name, width, kind == "string", kind.startswith(("int", "uint")))


def _link(config: Mapping[str, Any]) -> str:
    """What its loss puts behind the last numbers: a network that was trained with logits gives logits."""
    compiled = config.get("compile_config")
    loss = compiled.get("loss") if isinstance(compiled, dict) else None
    if not isinstance(loss, dict) or not isinstance(loss.get("config"), dict):
        return ""
    name = str(loss.get("class_name", "")).lower()
    return LOSSES.get(name, "") if loss["config"].get("from_logits") is True else ""


def task_of(units: int, ending: str) -> tuple[Task | None, int]:
    """Task and number of scores by the last width and what it ends in; None where that is neither."""
    if ending == "softmax" and 2 <= units <= MOST_OUTPUTS:
        return ("binary" if units == 2 else "multiclass"), units
    if ending == "sigmoid" and units == 1:
        return "binary", 2
    return ("regression", 1) if units == 1 and ending != "softmax" else (None, units)


def told(config: object) -> str:
    """A setting in a sentence."""
    return json.dumps(config)[:60]
