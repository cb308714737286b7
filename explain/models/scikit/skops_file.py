"""A skops file as data: a zip of one JSON description and NumPy arrays. No type in it is imported, and nothing called.

https://skops.readthedocs.io/en/stable/persistence.html; a node says which type it is of (`__module__`, `__class__`) and
how skops would build it (`__loader__`). What is not on the list of types that are examined here is refused by name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from explain.errors import ModelError, TooLargeError
from explain.models.boosters.forest import broken
from explain.models.scikit.allowed import BYTES, CONTAINERS, FUNCTIONS, IGNORED, KEPT, LISTS, SCALARS, TUPLES, TYPES
from explain.models.scikit.cells import way_out
from explain.models.scikit.neighbours import searched_whole
from explain.models.scikit.samplers import without_samplers
from explain.models.scikit.thing import Named, Thing, objects
from explain.safety.archive import read_archive
from explain.safety.arrays import read_array
from explain.safety.strange_json import read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import numpy as np

    Node: TypeAlias = Mapping[str, Any]
    """A node of the description, as JSON gives it; whatever else stands in its place is malformed."""
    Value: TypeAlias = Any
    """What a node stands for: a plain value or container, an array, a Thing or a Named; told apart where it is used."""

SOURCE = "skops"
DESCRIPTION = "schema.json"
LARGEST_DESCRIPTION = 200_000_000
"""Bytes of JSON, of which a tree of a forest takes some 20,000."""
SMALL = frozenset({"JsonNode", "TypeNode"})
"""Nodes of plain values and types, by their loaders: nine in ten, and most of them like another one."""
MOST_READ = 1_000_000_000
"""Bytes of arrays, each counted as often as the description names it: a file of one array could fill the memory."""
PROTOCOLS = range(3)
"""Versions of the format up to skops 0.16."""
SHOWN = 80


def read_skops(content: bytes) -> Thing:
    """The object in a skops file, its type and those of all its parts on the list; raises ModelError for others."""
    files = read_archive(content)
    text = files.get(DESCRIPTION)
    if text is None:
        raise broken(SOURCE, f"it lacks {DESCRIPTION}")
    if len(text) > LARGEST_DESCRIPTION:
        raise TooLargeError(f"The description in the skops file has {len(text) / 1e6:,.0f} MB. Bring a smaller model.")
    try:
        root = read_json(text, _Slim())
        version = root.get("protocol", 0) if isinstance(root, dict) else None
        if version not in PROTOCOLS:
            raise ModelError("The skops file is of a version that is not known here. Save it with skops 0.16 or older.")
        found = _Reader(files).read(root)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise broken(SOURCE, "its description is malformed") from error
    except RecursionError as error:
        raise broken(SOURCE, "its description nests without end") from error
    if not isinstance(found, Thing):
        raise ModelError("The skops file holds no model, but a plain value. Save the fitted pipeline, and bring that.")
    return found


NUMBERS: Mapping[str, Callable[[str], int | float]] = {
    "int": int, "int32": int, "int64": int, "float": float, "float64": float,
}  # fmt: skip
"""Types of keys that are numbers."""


class _Slim:
    """Keeps of a description as it is parsed only what is read, equal small nodes once: a tenth of the memory."""

    def __init__(self) -> None:
        self.known: dict[tuple[tuple[str, Any], ...], dict[str, Any]] = {}

    def __call__(self, node: dict[str, Any]) -> dict[str, Any]:
        loader = node.get("__loader__")
        if not isinstance(loader, str):
            return node
        node.pop("__id__", None)
        types = node.pop("key_types", None)
        said = types.get("content") if isinstance(types, dict) else None
        kinds = [item.get("__class__") for item in said if isinstance(item, dict)] if isinstance(said, list) else []
        if any(kind in NUMBERS for kind in kinds):
            node["key_types"] = kinds
        if loader not in SMALL or any(isinstance(part, dict | list) for part in node.values()):
            return node
        return self.known.setdefault(tuple(node.items()), node)


class _Reader:
    """Reads nodes; `files` are the members of the zip."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}
        self.read_so_far = 0

    def read(self, node: Node) -> Value:
        """The value of a node."""
        loader, kind = str(node["__loader__"]), f"{node['__module__']}.{node['__class__']}"
        read = LOADERS.get(loader)
        if read is None:
            raise _refused(kind, loader)
        return read(self, node, kind)

    def member(self, name: object) -> bytes:
        """A member of the zip that a node names."""
        if not isinstance(name, str) or name not in self.files:
            raise broken(SOURCE, "its description names a file that is not in it")
        return self.files[name]

    def value(self, node: Node, _kind: str) -> Value:
        found = read_json(node["content"])
        if isinstance(found, dict | list):
            raise broken(SOURCE, "a plain value is none")
        return found

    def mapping(self, node: Node, kind: str) -> dict[Any, Any]:
        """A dictionary; JSON makes texts of keys that were numbers, and skops says beside it which were."""
        _on_list(kind, CONTAINERS)
        content = node["content"]
        kinds = node.get("key_types", ["str"] * len(content))
        return {
            NUMBERS.get(kind, str)(key): self.read(item)
            for kind, (key, item) in zip(kinds, content.items(), strict=True)
        }

    def default(self, node: Node, kind: str) -> dict[Any, Any]:
        _on_list(kind, CONTAINERS)
        found: dict[Any, Any] = self.read(node["content"]["main"])
        return found

    def sequence(self, node: Node, kind: str) -> Value:
        _on_list(kind, CONTAINERS)
        found = [self.read(item) for item in node["content"]]
        return tuple(found) if kind in TUPLES else found

    def array(self, node: Node, kind: str) -> Value:
        import numpy as np

        _on_list(kind, SCALARS | {"numpy.ndarray"})
        if node["type"] == "json":
            shape = self.read(node["shape"])
            return objects(_flat(self.read({**node, **_LIST}))).reshape(shape)
        name = node["file"]
        if name not in self.arrays:
            self.arrays[name] = read_array(self.member(name))
        found = self.arrays[name]
        self.read_so_far += found.nbytes
        if self.read_so_far > MOST_READ:
            raise TooLargeError(f"The skops file asks for more than {MOST_READ / 1e6:,.0f} MB of arrays.")
        if kind == "numpy.ndarray":
            return found
        if found.shape != () or not isinstance(found[()], np.generic):
            raise broken(SOURCE, "a number is none")
        return found[()].item()

    def binary(self, node: Node, kind: str) -> bytes:
        _on_list(kind, BYTES)
        return self.member(node["file"])

    def name(self, _node: Node, kind: str) -> Named:
        _on_list(kind, FUNCTIONS)
        return Named(kind)

    def type(self, _node: Node, kind: str) -> Named:
        _on_list(kind, TYPES | FUNCTIONS | CONTAINERS | SCALARS)
        return Named(kind)

    def partial(self, node: Node, _kind: str) -> Named:
        """A function with settings: taken where the function is on the list, and its settings are plain."""
        parts = node["content"]
        arguments, settings, _ = (self.read(parts[key]) for key in ("args", "kwds", "namespace"))
        found = self.read(parts["func"])
        if not isinstance(found, Named) or arguments or not isinstance(settings, dict):
            raise broken(SOURCE, "a function with settings is none")
        return Named(found.name, settings)

    def ignored(self, _node: Node, kind: str) -> Named:
        """What has no part in predictions, and is not looked into: a random state."""
        _on_list(kind, IGNORED)
        return Named(kind)

    def dtype(self, node: Node, kind: str) -> Value:
        """The type of cells, which an array of none shows."""
        _on_list(kind, IGNORED)
        return self.read(node["content"]).dtype

    def span(self, node: Node, _kind: str) -> slice:
        ends = [node["content"][key] for key in ("start", "stop", "step")]
        if not all(end is None or isinstance(end, int | str) for end in ends):
            raise broken(SOURCE, "a range of columns is none")
        return slice(*ends)

    def thing(self, node: Node, kind: str) -> Value:
        _on_list(kind, TYPES)
        content = node.get("content")
        if kind in KEPT and isinstance(content, dict) and isinstance(content.get("content"), dict):
            wanted = {key: item for key, item in content["content"].items() if key in KEPT[kind]}
            content = {**content, "content": wanted}
        state = self.read(content) if content is not None else None
        made_of = self.read(node["__reduce__"]["args"]) if "__reduce__" in node else ()
        if isinstance(state, tuple):  # of a compiled class
            return Thing(kind, {}, (*made_of, *state))
        if kind in LISTS and isinstance(state, dict):
            return state.get("data", [])
        if not isinstance(state, dict | None):
            raise broken(SOURCE, f"{kind.rpartition('.')[2]} has no attributes")
        return replace(without_samplers(kind, searched_whole(kind, state or {})), made_of=tuple(made_of))

    def call(self, node: Node, kind: str) -> Thing:
        _on_list(kind, TYPES)
        return Thing(kind, {}, tuple(self.read(node["content"])))


_LIST = {"__loader__": "ListNode", "__module__": "builtins", "__class__": "list"}

LOADERS: Mapping[str, Callable[[_Reader, Node, str], Value]] = {
    "JsonNode": _Reader.value,
    "DictNode": _Reader.mapping,
    "DefaultDictNode": _Reader.default,
    "ListNode": _Reader.sequence,
    "TupleNode": _Reader.sequence,
    "SetNode": _Reader.sequence,
    "NdArrayNode": _Reader.array,
    "BytesNode": _Reader.binary,
    "BytearrayNode": _Reader.binary,
    "FunctionNode": _Reader.name,
    "TypeNode": _Reader.type,
    "DTypeNode": _Reader.dtype,
    "PartialNode": _Reader.partial,
    "RandomStateNode": _Reader.ignored,
    "RandomGeneratorNode": _Reader.ignored,
    "SliceNode": _Reader.span,
    "ObjectNode": _Reader.thing,
    "TreeNode": _Reader.thing,
    "LossNode": _Reader.thing,
    "ConstructorFromReduceNode": _Reader.call,
}
"""How a node is read. Not on it: methods, operators, sparse and masked arrays."""


def _flat(items: list[Any]) -> list[Any]:
    return [cell for item in items for cell in (_flat(item) if isinstance(item, list) else [item])]


def _on_list(kind: str, known: Collection[str]) -> None:
    if kind not in known:
        raise _refused(kind, "")


def _refused(kind: str, loader: str) -> ModelError:
    what = "".join(letter if letter.isprintable() else "?" for letter in kind)[:SHOWN]
    how = f" ({loader[:40]})" if loader else ""
    said = f"The skops file asks for {what}{how}, which is not among the types taken here."
    return ModelError(f"{said} Leave it out of the pipeline. {way_out(kind)}")
