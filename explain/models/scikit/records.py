"""Records of the pickle machine -> values as skops files give them: plain ones, arrays, Things and Named.

What numpy and Python themselves would have been called for is done here by hand, on its arguments alone.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from explain.errors import TooLargeError
from explain.models.boosters.forest import broken
from explain.models.scikit.allowed import CONTAINERS, FUNCTIONS, IGNORED, KEPT, LISTS, SCALARS, TUPLES, TYPES
from explain.models.scikit.indexes import INDEXES
from explain.models.scikit.neighbours import searched_whole
from explain.models.scikit.pickle_machine import PLAIN, SOURCE, Bag, Made, Name, Pairs, refused
from explain.models.scikit.samplers import without_samplers
from explain.models.scikit.thing import Named, Thing, objects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from explain.models.scikit.pickle_machine import Record

    Value: TypeAlias = Any
    """As in skops_file.py."""
    Array: TypeAlias = np.ndarray[Any, Any]

DEEPEST = 150
"""Objects inside of one another."""
MOST_UNFOLDED = 20_000_000
"""Values of all objects, each counted as often as it stands somewhere."""
MOST_FIELDS = 100
MOST_AXES, LONGEST_AXIS = 64, 2**48
"""Of an array; multiplying more and longer ones takes hours, and no array has them."""
ROOM, ROOM_FOR = 10_000_000, 50
"""Bytes that all values may take: so many, and so many times the pickle's own, as honest ones stay far below."""
OPAQUE = ("sklearn.", "numpy.", "scipy.", "pandas.", "__main__.", "builtins.getattr")
"""Beginnings of names that may stand in what a search measured and tried, at which nothing is looked."""
UNSEEN = (
    "sklearn.neighbors._kd_tree.",
    "sklearn.neighbors._ball_tree.",
    "sklearn.metrics._dist_metrics.",
    "sklearn.neighbors._unsupervised.NearestNeighbors",
)
"""Beginnings of names in what is passed over: the compiled trees beside the rows that neighbours remember."""
CODES = {"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "f16", "O8", "O4", "O"}


@dataclass
class Values:
    """Turns records into values, each once: what is shared stays shared."""

    known: dict[int, Value] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    room: int = ROOM

    def of(self, record: Record) -> Value:
        """The value of a record; raises ModelError for one that holds itself, or unfolds to too much."""
        import numpy as np

        if isinstance(record, (*PLAIN, np.ndarray)):
            return record
        key = id(record)
        if key in self.known:
            return self.known[key]
        if key in self.open or len(self.open) > DEEPEST:
            raise broken(SOURCE, "an object in it holds itself, or nests without end")
        self.open.add(key)
        found = self.make(record)
        self._spend(_bytes_of(found))
        self.open.discard(key)
        self.known[key] = found
        self._count(key, record)
        return found

    def _spend(self, count: int) -> None:
        """Take room; a text that is kept once and turned into bytes a thousand times is small in a file only."""
        self.room -= count
        if self.room < 0:
            raise TooLargeError("The pickle makes far more than it holds, as no model does.")

    def _count(self, key: int, record: Record) -> None:
        """Count what a record unfolds to: a list of two of a list of two … is small in a file only."""
        parts = record if isinstance(record, list | tuple) else getattr(record, "items", [])
        pairs = getattr(record, "pairs", [])
        inside = [*parts, *(value for _, value in pairs)]
        if isinstance(record, Made):
            inside += [record.state, *record.arguments]
        self.sizes[key] = 1 + sum(self.sizes.get(id(part), 1) for part in inside)
        if self.sizes[key] > MOST_UNFOLDED:
            raise TooLargeError(f"The pickle unfolds to more than {MOST_UNFOLDED:,} values, as no model does.")

    def make(self, record: Record) -> Value:
        """The value of a record that was not met before."""
        if isinstance(record, list):
            return [self.of(item) for item in record]
        if isinstance(record, tuple):
            return tuple(self.of(item) for item in record)
        if isinstance(record, Pairs):
            return self._mapping(record.pairs)
        if isinstance(record, Bag):
            return [self.of(item) for item in record.items]
        if isinstance(record, Name):
            return self._named(record.full)
        if isinstance(record, Made):
            maker = MAKERS.get(record.name)
            return maker(self, record) if maker else self._thing(record)
        raise broken(SOURCE, "it holds what is no value")

    def _mapping(self, pairs: list[tuple[Record, Record]]) -> dict[Any, Value]:
        return {self._key(key): self.of(value) for key, value in pairs}

    def _key(self, record: Record) -> Value:
        found = self.of(record)
        if not isinstance(found, PLAIN):
            raise broken(SOURCE, "a key in it is no plain value")
        return found

    def _named(self, full: str) -> Named:
        if full not in TYPES | FUNCTIONS | CONTAINERS | SCALARS | IGNORED | {"numpy.ndarray"}:
            raise refused(full)
        return Named(full)

    def _thing(self, made: Made) -> Value:
        """An object of a type on the list, with the state it would have been given."""
        if made.name in IGNORED or made.name.startswith("numpy.random."):
            return Named(made.name)
        if made.name in TUPLES:
            inner = made.arguments[0] if len(made.arguments) == 1 else None  # as old protocols write it
            return tuple(self.of(item) for item in (inner if isinstance(inner, tuple) else made.arguments))
        if made.name in CONTAINERS:
            return self._container(made)
        if made.name not in TYPES:
            raise refused(made.name)
        state = made.state
        if isinstance(state, tuple) and len(state) == 2 and isinstance(state[1], Pairs) and state[0] is None:
            state = state[1]  # of a class with slots
        arguments = tuple(self.of(item) for item in made.arguments)
        if state is None or isinstance(state, tuple):
            return Thing(made.name, {}, (*arguments, *(self.of(item) for item in state or ())))
        if not isinstance(state, Pairs):
            raise broken(SOURCE, f"{made.name.rpartition('.')[2]} has no attributes")
        if made.name in LISTS:
            return self._mapping(state.pairs).get("data", [])
        kept = KEPT.get(made.name)
        pairs = [pair for pair in state.pairs if kept is None or pair[0] in kept]
        found = {str(name): value for name, value in self._mapping(pairs).items()}
        return replace(without_samplers(made.name, searched_whole(made.name, found)), made_of=arguments)

    def _container(self, made: Made) -> Value:
        if made.items:
            return [self.of(item) for item in made.items]
        given = [value for item in made.arguments if isinstance(item, Pairs) for value in item.pairs]
        return self._mapping([*given, *made.pairs])

    def dtype_of(self, value: Value) -> np.dtype[Any]:
        """The type of an array's cells that a value stands for."""
        import numpy as np

        if not isinstance(value, np.dtype):
            raise broken(SOURCE, "the type of an array in it is none")
        return value

    def array(self, content: Value, kind: np.dtype[Any], shape: Value, order: object) -> Array:
        """An array of the size that it declares, from its bytes."""
        import numpy as np

        shape = sizes_of(shape)
        if kind.hasobject or not isinstance(content, bytes) or math.prod(shape) * kind.itemsize != len(content):
            raise broken(SOURCE, "an array in it is not of the size that it declares")
        self._spend(len(content))
        flat = np.frombuffer(content, dtype=kind)
        native = flat.astype(kind.newbyteorder("="), copy=False)
        return native.reshape(shape, order="F" if order == "F" else "C")


def sizes_of(shape: Value) -> tuple[int, ...]:
    """The sizes of an array's axes."""
    if not isinstance(shape, tuple) or len(shape) > MOST_AXES:
        raise broken(SOURCE, "an array in it has no shape")
    if not all(isinstance(size, int) and 0 <= size < LONGEST_AXIS for size in shape):
        raise broken(SOURCE, "an array in it has no shape")
    return shape


def _bytes_of(value: Value) -> int:
    """What a value takes beside the values in it, roughly."""
    import numpy as np

    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, Thing):
        return 80 * len(value.state) + 8 * len(value.made_of)
    if isinstance(value, dict):
        return 80 * len(value)
    return 8 * len(value) if isinstance(value, list | tuple) else 0


def _reconstructed(values: Values, made: Made) -> Value:
    """numpy._core.multiarray._reconstruct with its state: version, shape, type, order and bytes or objects."""
    if not isinstance(made.state, tuple) or len(made.state) != 5:
        raise broken(SOURCE, "an array in it has no content")
    _, shape, kind, by_column, content = (values.of(part) for part in made.state)
    kind = values.dtype_of(kind)
    if not kind.hasobject:
        content = content.encode("latin-1") if isinstance(content, str) else content
        return values.array(content, kind, shape, "F" if by_column else "C")
    shape = sizes_of(shape)
    if not isinstance(content, list) or math.prod(shape) != len(content):
        raise broken(SOURCE, "an array in it is not of the size that it declares")
    return objects(content).reshape(shape, order="F" if by_column else "C")


def _from_buffer(values: Values, made: Made) -> Value:
    """numpy._core.numeric._frombuffer: bytes, type, shape and order."""
    content, kind, shape, order = (values.of(part) for part in made.arguments[:4])
    return values.array(content, values.dtype_of(kind), shape, order)


def _scalar(values: Values, made: Made) -> Value:
    """numpy._core.multiarray.scalar: a type, and the bytes of one number."""
    import numpy as np

    kind, content = values.dtype_of(values.of(made.arguments[0])), values.of(made.arguments[1])
    if kind.hasobject:
        return content
    content = content.encode("latin-1") if isinstance(content, str) else content
    found = values.array(content, kind, (), "C")[()]
    return found.item() if isinstance(found, np.generic) else found


def _dtype(values: Values, made: Made) -> Value:
    """numpy.dtype: a code, and in its state the order of bytes and the fields of a record."""
    import numpy as np

    code, state = values.of(made.arguments[0]), made.state
    if isinstance(code, Named):  # a type for its code
        return np.dtype(code.name.rpartition(".")[2])
    if not isinstance(code, str):
        raise broken(SOURCE, "the type of an array in it is none")
    parts = tuple(values.of(part) for part in state) if isinstance(state, tuple) else ()
    other = ">" if sys.byteorder == "little" else "<"
    mark: Literal["S", "="] = "S" if other in parts[1:2] else "="
    if code in CODES:
        return np.dtype(code.rstrip("48") if code.startswith("O") else code).newbyteorder(mark)
    if code[:1] in {"U", "S"} and code[1:].isdigit() and int(code[1:]) < 1_000_000:
        return np.dtype(code).newbyteorder(mark)
    if code[:1] == "M" and code[1:] == "8":
        return np.dtype("M8[ns]").newbyteorder(mark)
    if code[:1] != "V" or len(parts) < 6 or not isinstance(parts[3], tuple) or not isinstance(parts[4], dict):
        raise broken(SOURCE, f"an array in it has cells of the kind {code[:20]!a}")
    names, fields, size = parts[3], parts[4], parts[5]
    if len(names) > MOST_FIELDS or not isinstance(size, int) or not 0 < size < 1_000_000:
        raise broken(SOURCE, "an array in it has too many fields")
    kinds = [values.dtype_of(fields[name][0]) for name in names]
    offsets = [fields[name][1] for name in names]
    if any(kind.hasobject for kind in kinds):
        raise broken(SOURCE, "an array in it has fields of objects")
    return np.dtype({"names": list(names), "formats": kinds, "offsets": offsets, "itemsize": size})


def _encoded(values: Values, made: Made) -> Value:
    """_codecs.encode, in which old protocols write bytes: each letter is one."""
    text, *how = (values.of(part) for part in made.arguments)
    if not isinstance(text, str) or how not in (["latin1"], ["latin-1"]):
        raise broken(SOURCE, "bytes in it are none")
    return text.encode("latin-1")


def _bytes(values: Values, made: Made) -> Value:
    """builtins.bytes and bytearray: of nothing, bytes, or a text with its encoding."""
    parts = [values.of(part) for part in made.arguments]
    if not parts:
        return b""
    if isinstance(parts[0], bytes):
        return parts[0]
    return _encoded(values, made)


def _reconstructor(values: Values, made: Made) -> Value:
    """copyreg._reconstructor and __newobj__: a type, whose object gets a state."""
    what, *arguments = made.arguments
    if not isinstance(what, Name):
        raise broken(SOURCE, "it makes an object of what is no type")
    own = tuple(arguments) if made.name == "copyreg.__newobj__" else ()
    if made.name == "copyreg._reconstructor" and arguments and arguments[-1] is not None:
        own = (arguments[-1],)  # what a container was made of
    return values.make(Made(what.full, own, made.state, made.items, made.pairs))


def _unpickled_loss(values: Values, made: Made) -> Value:
    """A compiled loss function: its type, a check sum and its settings."""
    kind, _, state = (*made.arguments, None, None, None)[:3]
    if not isinstance(kind, Name) or kind.full not in TYPES:
        raise broken(SOURCE, "a loss in it has no type")
    settings = values.of(state if state is not None else made.state)
    return Thing(kind.full, {}, tuple(settings) if isinstance(settings, tuple) else ())


def _span(values: Values, made: Made) -> Value:
    ends = [values.of(part) for part in made.arguments]
    if len(ends) != 3 or not all(end is None or isinstance(end, int | str) for end in ends):
        raise broken(SOURCE, "a range of columns is none")
    return slice(*ends)


def _partial(values: Values, made: Made) -> Value:
    """A function with settings: its state says which, behind the function itself."""
    function, arguments, settings, _ = values.of(made.state)
    if not isinstance(function, Named) or arguments or not isinstance(settings, dict):
        raise broken(SOURCE, "a function with settings is none")
    return Named(function.name, settings)


def _random(_values: Values, made: Made) -> Value:
    """A random state or a type of pandas, which have no part in predictions."""
    return Named(made.name)


MAKERS: Mapping[str, Callable[[Values, Made], Value]] = {
    **INDEXES,
    "numpy._core.multiarray._reconstruct": _reconstructed,
    "numpy._core.multiarray.scalar": _scalar,
    "numpy._core.numeric._frombuffer": _from_buffer,
    "numpy.dtype": _dtype,
    "_codecs.encode": _encoded,
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "builtins.slice": _span,
    "builtins.set": lambda values, made: [item for part in made.arguments for item in values.of(part)],
    "builtins.frozenset": lambda values, made: [item for part in made.arguments for item in values.of(part)],
    "copyreg._reconstructor": _reconstructor,
    "copyreg.__newobj__": _reconstructor,
    "functools.partial": _partial,
    "pandas.StringDtype": _random,
    "pandas.core.arrays.string_.StringDtype": _random,
    "numpy.random._pickle.__randomstate_ctor": _random,
    "numpy.random._pickle.__generator_ctor": _random,
    "numpy.random._pickle.__bit_generator_ctor": _random,
    "numpy.random.bit_generator.__pyx_unpickle_SeedSequence": _random,
    **{
        f"{name.rpartition('.')[0]}.__pyx_unpickle_{name.rpartition('.')[2]}": _unpickled_loss
        for name in TYPES
        if ".Cy" in name
    },
}
"""Functions that pickles call to make what every model is made of, and what is done in their place."""
