"""A network in a Keras file: written as ONNX by this library, asked through Keras where it is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.models.keras import Network, read_keras, write_onnx
from explain.models.keras.write import ending
from explain.models.sources.source import Facts, ask_apart

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from explain.models.sources.source import Asked, Parts
    from explain.types import Floats, Schema, Task


@dataclass(frozen=True)
class KerasFile:
    """The file as it came, the network in it, and what that predicts."""

    content: bytes
    network: Network
    task: Task
    outputs: int

    @property
    def facts(self) -> Facts:
        """What the file says of itself."""
        network = self.network
        names = network.names
        notes = ("It was trained with logits; the link that its loss takes was put behind them.",) * bool(network.link)
        return Facts(
            format="keras",
            library=f"Keras {network.version}".strip(),
            features=names,
            kinds={entry.name: "category" if entry.texts else "number" for entry in network.entries} if names else {},
            task=self.task,
            outputs=self.outputs,
            notes=notes,
        )

    def to_onnx(self, schema: Schema) -> bytes:
        """One graph of doubles."""
        return write_onnx(self.network, schema)

    def thresholds(self, _schema: Schema, /) -> Mapping[str, Floats]:
        """A network has none; the middles of its columns' values are tried."""
        return {}

    def ask(self, frame: pd.DataFrame, schema: Schema, parts: Parts) -> Asked | None:
        """What Keras predicts, in a process of its own."""
        options: dict[str, Any] = {
            "library": "keras",
            "features": [{"name": name} for name in self.network.names or schema.names],
            "entries": [
                {"width": entry.width, "texts": entry.texts, "codes": self.network.codes(entry)}
                for entry in self.network.entries
            ],
            "link": self.network.link,
            "task": self.task,
            "parts": [list(part) for part in parts],
        }
        return ask_apart(self.content, frame[list(self.network.names or schema.names)], options)


def open_network(content: bytes) -> KerasFile:
    """A Keras file; raises ModelError for one that is broken, or has layers that are not read, naming them."""
    network = read_keras(content)
    return KerasFile(content, network, *ending(network))
