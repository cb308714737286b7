"""A Thing as a skops file, for the proof: what is asked is built from what was read, never from the file that came.

skops itself builds the model in the limited process, from the same list of types (see ask.py). `read_skops` reads the
same file to an equal Thing.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from explain.models.scikit.allowed import FUNCTIONS, IGNORED
from explain.models.scikit.thing import Named, Thing

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    Node: TypeAlias = dict[str, Any]
    Value: TypeAlias = Any

PROTOCOL = 2
TREE = "sklearn.tree._tree.Tree"
LOSSES = ("sklearn._loss._loss.Cy", "sklearn.linear_model._sgd_fast.")
IMPUTER = "sklearn.impute._base.SimpleImputer"
FLAGS = "sklearn.preprocessing._encoders.OneHotEncoder"
ROUNDS = "sklearn.impute._iterative.IterativeImputer", "imputation_sequence_"


def write_skops(thing: Thing) -> bytes:
    """The file; raises ValueError for a value that none can hold."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        root = _Writer(archive).node(thing)
        archive.writestr("schema.json", json.dumps({**root, "protocol": PROTOCOL, "_skops_version": "0.13"}))
    return stream.getvalue()


def _completed(thing: Thing) -> dict[str, Value]:
    """The attributes of an object; steps of an older scikit-learn get those that newer ones ask them for."""
    import numpy as np

    state, more = dict(thing.state), {}
    filled = state.get("statistics_")
    if thing.kind == IMPUTER and isinstance(filled, np.ndarray):
        more = {"_fit_dtype": filled.dtype, "_fill_dtype": filled.dtype, "keep_empty_features": False}
    known = state.get("categories_")
    if thing.kind == FLAGS and isinstance(known, list):
        dropped = state.get("drop_idx_")
        left_out = [0] * len(known) if dropped is None else [int(one is not None) for one in dropped]
        more = {
            "_n_features_outs": [len(names) - out for names, out in zip(known, left_out, strict=True)],
            "_infrequent_enabled": False, "_drop_idx_after_grouping": state.get("drop_idx_"), "min_frequency": None,
            "max_categories": None, "sparse_output": state.get("sparse", True), "feature_name_combiner": "concat",
        }  # fmt: skip
    return {**more, **state}


class _Writer:
    """Writes nodes; arrays become members of the archive, each once."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.arrays: dict[int, tuple[str, object]] = {}

    def node(self, value: Value) -> Node:
        """The node of a value."""
        import numpy as np

        write = next((write for kind, write in self.KINDS if isinstance(value, kind)), None)
        if write is not None:
            return write(self, value)
        if isinstance(value, np.ndarray):
            return self.array(value)
        if isinstance(value, np.dtype):
            return {**_of("numpy.dtype", "DTypeNode"), "content": self.array(np.zeros(0, dtype=value))}
        return {**_of("builtins.str", "JsonNode"), "content": json.dumps(value), "is_json": True}

    def sequence(self, value: list[Value] | tuple[Value, ...]) -> Node:
        """A list or a tuple."""
        kind = ("builtins.list", "ListNode") if isinstance(value, list) else ("builtins.tuple", "TupleNode")
        return {**_of(*kind), "content": [self.node(item) for item in value]}

    def binary(self, value: bytes) -> Node:
        """Bytes, as a member."""
        return {**_of("builtins.bytearray", "BytearrayNode"), "file": self.member(value, value)}

    def span(self, value: slice) -> Node:
        """A range of columns."""
        ends = {"start": value.start, "stop": value.stop, "step": value.step}
        return {**_of("builtins.slice", "SliceNode"), "content": ends}

    def named(self, value: Named) -> Node:
        """A function or a type; a random state has no part in predictions, and becomes nothing."""
        if value.name in IGNORED or value.name.startswith("numpy.random."):
            return self.node(None)
        if value.settings:
            parts = {"func": Named(value.name), "args": (), "kwds": dict(value.settings), "namespace": {}}
            content = {key: self.node(part) for key, part in parts.items()}
            return {**_of("functools.partial", "PartialNode"), "content": content}
        return _of(value.name, "FunctionNode" if value.name in FUNCTIONS else "TypeNode")

    def mapping(self, value: dict[Any, Value]) -> Node:
        """A dictionary, and the types of its keys."""
        kinds = [_of(f"builtins.{type(key).__name__}", "TypeNode") for key in value]
        types = {**_of("builtins.list", "ListNode"), "content": kinds}
        content = {key: self.node(item) for key, item in value.items()}
        return {**_of("builtins.dict", "DictNode"), "key_types": types, "content": content}

    def thing(self, thing: Thing) -> Node:
        """An object, by the way in which skops builds its type."""
        if thing.kind == TREE or thing.kind.startswith(LOSSES):
            loader = "TreeNode" if thing.kind == TREE else "LossNode"
            arguments = self.node(tuple(thing.made_of))
            return {
                **_of(thing.kind, loader),
                "__reduce__": {"args": arguments},
                "content": self.node(dict(thing.state)),
            }
        if thing.made_of and not thing.state:
            return {**_of(thing.kind, "ConstructorFromReduceNode"), "content": self.node(tuple(thing.made_of))}
        state = _completed(thing)
        node = self.mapping(state)
        if thing.kind == ROUNDS[0] and isinstance(state.get(ROUNDS[1]), list):
            made = [{**self.node(item), **_of("sklearn.impute._iterative._ImputerTriplet", "TupleNode")}
                    for item in state[ROUNDS[1]]]  # fmt: skip
            node["content"][ROUNDS[1]] = {**_of("builtins.list", "ListNode"), "content": made}
        return {**_of(thing.kind, "ObjectNode"), "content": node}

    def array(self, value: np.ndarray[Any, Any]) -> Node:
        """An array of numbers or texts as a member; one of objects as a list of lists."""
        import numpy as np

        node = _of("numpy.ndarray", "NdArrayNode")
        if value.dtype.hasobject:
            content = self.node(value.tolist())["content"] if value.ndim else [self.node(value.item())]
            return {**node, "type": "json", "content": content, "shape": self.node(tuple(value.shape))}
        stream = io.BytesIO()
        np.lib.format.write_array(stream, value, version=(1, 0), allow_pickle=False)
        return {**node, "type": "numpy", "file": self.member(value, stream.getvalue())}

    def member(self, value: object, content: bytes) -> str:
        """The name of the member that holds a value."""
        if id(value) not in self.arrays:
            name = f"{len(self.arrays)}.{'bin' if isinstance(value, bytes) else 'npy'}"
            self.archive.writestr(name, content)
            self.arrays[id(value)] = name, value  # kept, so that no other value gets its id
        return self.arrays[id(value)][0]

    KINDS: ClassVar[tuple[tuple[Any, Callable[[_Writer, Any], Node]], ...]] = (
        (Thing, thing), (Named, named), (bytes, binary), (slice, span), (dict, mapping), (list | tuple, sequence),
    )  # fmt: skip


def _of(kind: str, loader: str) -> Node:
    module, _, name = kind.rpartition(".")
    return {"__class__": name, "__module__": module, "__loader__": loader}
