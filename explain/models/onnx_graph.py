"""An ONNX graph while it is written: raw columns in, scores out, all numbers doubles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import numpy as np
    import numpy.typing as npt
    import onnx

    from explain.types import Column

ML = "ai.onnx.ml"
OPSETS = {"": 18, ML: 5}
IR = 10
"""The version of the file format that came with these operators."""


@dataclass
class OnnxGraph:
    """Nodes and constants so far; inner tensors get names that no column has."""

    prefix: str = "made."
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)

    @classmethod
    def beside(cls, names: Collection[str]) -> OnnxGraph:
        """An empty graph whose names keep clear of those of columns."""
        prefix = "made."
        while any(name.startswith(prefix) for name in names):
            prefix = f"_{prefix}"
        return cls(prefix)

    def free(self, name: str, taken: Collection[str]) -> str:
        """A name for the output that no column has."""
        return name if name not in taken else f"{self.prefix}{name}"

    def add(self, op: str, *inputs: str, domain: str = "", name: str = "", **attributes: object) -> str:
        """One more node; the name of its output."""
        from onnx import helper

        out = name or f"{self.prefix}{op.lower()}_{len(self.nodes)}"
        node = helper.make_node(op, list(inputs), [out], domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in sorted(attributes.items()))
        self.nodes.append(node)
        return out

    def several(self, op: str, inputs: tuple[str, ...], count: int, **attributes: int) -> tuple[str, ...]:
        """One more node of `count` outputs; their names."""
        first = self.add(op, *inputs, domain="", name="", **attributes)
        more = [f"{first}_{at}" for at in range(1, count)]
        self.nodes[-1].output.extend(more)
        return first, *more

    def number(self, value: float) -> str:
        """A constant double; the name of its tensor."""
        import numpy as np

        name = f"{self.prefix}number_{value!r}"
        self.constants[name] = np.array(value, dtype=np.float64)
        return name

    def array(self, values: npt.ArrayLike, kind: str = "float64") -> str:
        """A constant tensor of doubles, or of another kind; its name."""
        import numpy as np

        name = f"{self.prefix}array_{len(self.constants)}"
        self.constants[name] = np.asarray(values, dtype=kind)
        return name

    def side_by_side(self, tensors: Iterable[str]) -> str:
        """Tensors (n, w) each -> (n, sum of w)."""
        names = list(tensors)
        return names[0] if len(names) == 1 else self.add("Concat", *names, axis=1)

    def narrow(self, tensor: str) -> str:
        """Doubles rounded to float32, and doubles again."""
        from onnx import TensorProto

        return self.add("Cast", self.add("Cast", tensor, to=TensorProto.FLOAT), to=TensorProto.DOUBLE)

    def table(self, given: str, keys: npt.ArrayLike, values: npt.ArrayLike, elsewhere: float) -> str:
        """Each text or double -> the double that a table has for it, `elsewhere` where it has none."""
        import numpy as np
        from onnx import numpy_helper

        known = np.asarray(keys)
        return self.add(
            "LabelEncoder",
            given,
            domain=ML,
            # of texts ONNX takes objects only
            keys_tensor=numpy_helper.from_array(known.astype(object) if known.dtype.kind == "U" else known, "keys"),
            values_tensor=numpy_helper.from_array(np.asarray(values, dtype=np.float64), "values"),
            default_tensor=numpy_helper.from_array(np.array([elsewhere], dtype=np.float64), "default"),
        )

    def two(self, second: str) -> str:
        """The probability (n, 1) of the second of two outcomes -> those of both (n, 2)."""
        return self.add("Concat", self.add("Sub", self.number(1.0), second), second, axis=1)

    def to_bytes(self, columns: Iterable[Column], output: str, width: int, source: str) -> bytes:
        """The file: of the columns those that a node reads, as doubles or texts (n, 1); `output` is (n, width)."""
        from onnx import TensorProto, helper, numpy_helper

        asked = {name for node in self.nodes for name in node.input}
        inputs = [
            helper.make_tensor_value_info(
                column.name, TensorProto.DOUBLE if column.kind == "number" else TensorProto.STRING, [None, 1]
            )
            for column in columns
            if column.name in asked
        ]
        graph = helper.make_graph(
            self.nodes,
            "whysure",
            inputs,
            [helper.make_tensor_value_info(output, TensorProto.DOUBLE, [None, width])],
            [numpy_helper.from_array(value, name) for name, value in self.constants.items()],
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        made: onnx.ModelProto = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR, producer_name="whysure", doc_string=f"from {source}"
        )
        return bytes(made.SerializeToString())
