"""The pickle machine, obeying nothing: its instructions are read into plain records of what they would have made.

A pickle is a program for a stack machine (https://github.com/python/cpython, Lib/pickletools.py). Here no name in it is
imported, no function called and no object built: a name becomes a Name, a call or an object a Made with its arguments,
state and contents. Names that are not known stop the reading where they stand, before anything of them is kept.
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from explain.errors import ModelError, TooLargeError
from explain.models.boosters.forest import broken
from explain.models.scikit.cells import way_out

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Record: TypeAlias = Any
    """A plain value, bytes, a list or tuple of records, Pairs, Bag, Name, Made or an array; told apart in use."""

SOURCE = "pickle"
MOST_STEPS = 3_000_000
"""Instructions: a tree of a forest takes some 150."""
LONGEST_NAME = 200
PLAIN = (str, int, float, bool, bytes, type(None))


@dataclass(frozen=True)
class Name:
    """A function or a type, by its full name."""

    full: str


@dataclass(eq=False)
class Made:
    """What calling `name` with `arguments` would have made, the state it would have been given, and its contents."""

    name: str
    arguments: tuple[Record, ...]
    state: Record = None
    items: list[Record] = field(default_factory=list)
    pairs: list[tuple[Record, Record]] = field(default_factory=list)


@dataclass(eq=False)
class Pairs:
    """A dictionary."""

    pairs: list[tuple[Record, Record]] = field(default_factory=list)


@dataclass(eq=False)
class Bag:
    """A set."""

    items: list[Record] = field(default_factory=list)


@dataclass
class Machine:
    """Runs over one stream. `known` says under which full name a name is known, None where it is not; `inline` reads
    what a library wrote between two instructions, behind the Made that announces it (None: nothing).
    """

    stream: BinaryIO
    known: Callable[[str, str], str | None]
    inline: Callable[[Machine, Made], Record | None]
    steps: int = 0
    stack: list[Record] = field(default_factory=list)
    below: list[list[Record]] = field(default_factory=list)
    memo: dict[int, Record] = field(default_factory=dict)

    def run(self) -> Record:
        """The record of the object in the stream; raises ModelError for what is broken or not known."""
        for opcode, argument, _ in pickletools.genops(self.stream):
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise TooLargeError(f"The pickle has more than {MOST_STEPS:,} instructions. Bring a smaller model.")
            step = STEPS.get(opcode.name)
            if step is None:
                raise ModelError(
                    f"The pickle uses {opcode.name}, an instruction that no library writes for models. {SAVE_ANEW}"
                )
            step(self, argument)
        if len(self.stack) != 1 or self.below:
            raise broken(SOURCE, "it ends in another number of objects than one")
        return self.stack[0]

    def nested(self) -> Record:
        """The record of a pickle that begins where this one stands."""
        inner = Machine(self.stream, self.known, self.inline, self.steps)
        found = inner.run()
        self.steps = inner.steps
        return found

    def push(self, value: Record) -> None:
        """Put a value on top."""
        self.stack.append(value)

    def pop(self) -> Record:
        """Take the top value off; one below a mark stays out of reach."""
        if not self.stack:
            raise broken(SOURCE, "it takes a value that is not there")
        return self.stack.pop()

    def marked(self) -> list[Record]:
        """All values above the last mark."""
        if not self.below:
            raise broken(SOURCE, "it goes back to a mark that is not there")
        found, self.stack = self.stack, self.below.pop()
        return found

    def name(self, module: Record, attribute: Record) -> Name:
        """A name that is known; raises ModelError for any other, naming it."""
        if not isinstance(module, str) or not isinstance(attribute, str):
            raise broken(SOURCE, "a name in it is none")
        full = self.known(module, attribute)
        if full is None:
            raise refused(f"{module}.{attribute}")
        return Name(full)

    def make(self, what: Record, arguments: Record) -> None:
        """Push what a call would have made."""
        if not isinstance(what, Name):
            raise broken(SOURCE, "it calls what is no function")
        if not isinstance(arguments, tuple):
            raise broken(SOURCE, "it calls a function without arguments")
        self.push(Made(what.full, arguments))


SAVE_ANEW = "Save the model anew with joblib.dump(model, 'model.joblib'), or with skops.io.dump, and bring that."


def refused(full: str) -> ModelError:
    """The error for a name that is not among those taken here; what would colour a terminal is spelt out."""
    shown = full[:LONGEST_NAME].encode("unicode_escape").decode()[:LONGEST_NAME]
    if full.startswith("sklearn."):
        said = f"The file would have called {shown}, a part of scikit-learn that is not read here."
        return ModelError(f"{said} {way_out(full)}")
    return ModelError(
        f"The file would have called {shown}, which is not among the types taken here. Nothing of it was "
        "run. Bring the fitted model alone, of scikit-learn's own types or of LightGBM, XGBoost or CatBoost."
    )


def _global(machine: Machine, argument: str) -> None:
    module, _, attribute = argument.partition(" ")
    machine.push(machine.name(module, attribute))


def _stack_global(machine: Machine, _argument: object) -> None:
    attribute, module = machine.pop(), machine.pop()
    machine.push(machine.name(module, attribute))


def _reduce(machine: Machine, _argument: object) -> None:
    """REDUCE calls a function, NEWOBJ makes an object: to both belong a name and its arguments."""
    arguments, what = machine.pop(), machine.pop()
    machine.make(what, arguments)


def _new_with_words(machine: Machine, _argument: object) -> None:
    words, arguments, what = machine.pop(), machine.pop(), machine.pop()
    if not isinstance(words, Pairs) or words.pairs:
        raise ModelError(f"The pickle makes an object with named arguments, as no model does. {SAVE_ANEW}")
    machine.make(what, arguments)


def _instance(machine: Machine, argument: str) -> None:
    module, _, attribute = argument.partition(" ")
    arguments = machine.marked()
    machine.make(machine.name(module, attribute), tuple(arguments))


def _object(machine: Machine, _argument: object) -> None:
    found = machine.marked()
    if not found:
        raise broken(SOURCE, "it makes an object of nothing")
    machine.make(found[0], tuple(found[1:]))


def _build(machine: Machine, _argument: object) -> None:
    state = machine.pop()
    made = machine.stack[-1] if machine.stack else None
    if not isinstance(made, Made) or made.state is not None:
        raise broken(SOURCE, "it gives a state to what takes none, or a second one")
    made.state = state
    found = machine.inline(machine, made)
    if found is not None:
        machine.stack[-1] = found


def _append(machine: Machine, values: list[Record]) -> None:
    holder = machine.stack[-1] if machine.stack else None
    if isinstance(holder, Made | Bag):
        holder.items.extend(values)
    elif isinstance(holder, list):
        holder.extend(values)
    else:
        raise broken(SOURCE, "it appends to what is no list")


def _set(machine: Machine, values: list[Record]) -> None:
    holder = machine.stack[-1] if machine.stack else None
    if not isinstance(holder, Made | Pairs) or len(values) % 2:
        raise broken(SOURCE, "it sets an entry of what is no dictionary")
    holder.pairs.extend(zip(values[::2], values[1::2], strict=True))


def _set_one(machine: Machine, _argument: object) -> None:
    value, key = machine.pop(), machine.pop()
    _set(machine, [key, value])


def _mark(machine: Machine, _argument: object) -> None:
    machine.below.append(machine.stack)
    machine.stack = []


def _tuple_of(count: int) -> Callable[[Machine, object], None]:
    def step(machine: Machine, _argument: object) -> None:
        machine.push(tuple(reversed([machine.pop() for _ in range(count)])))

    return step


def _get(machine: Machine, argument: int) -> None:
    if argument not in machine.memo:
        raise broken(SOURCE, "it remembers what was never kept")
    machine.push(machine.memo[argument])


def _put(machine: Machine, argument: int) -> None:
    if not machine.stack:
        raise broken(SOURCE, "it keeps what is not there")
    machine.memo[argument] = machine.stack[-1]


def _duplicate(machine: Machine, _argument: object) -> None:
    value = machine.pop()
    machine.stack += [value, value]


def _constant(value: object) -> Callable[[Machine, object], None]:
    return lambda machine, _argument: machine.push(value)


def _pairs_of(machine: Machine, _argument: object) -> None:
    values = machine.marked()
    machine.push(Pairs())
    _set(machine, values)


def _drop(machine: Machine, _argument: object) -> None:
    """POP takes the last mark where nothing stands above it."""
    if machine.stack:
        machine.stack.pop()
    else:
        machine.marked()


def _drop_marked(machine: Machine, _argument: object) -> None:
    machine.marked()


def _nothing(_machine: Machine, _argument: object) -> None:
    """What only says how to read on, and STOP, behind which nothing is read."""


_VALUES = (
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "STRING", "BINSTRING",
    "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES",
    "BINBYTES8",
)  # fmt: skip
STEPS: Mapping[str, Callable[[Machine, Any], None]] = {
    **dict.fromkeys(_VALUES, Machine.push),
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), _nothing),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _get),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _put),
    "MEMOIZE": lambda machine, _: _put(machine, len(machine.memo)),
    "BYTEARRAY8": lambda machine, argument: machine.push(bytes(argument)),
    "NONE": _constant(None),
    "NEWTRUE": _constant(True),
    "NEWFALSE": _constant(False),
    "MARK": _mark,
    "POP": _drop,
    "POP_MARK": _drop_marked,
    "DUP": _duplicate,
    "EMPTY_TUPLE": _constant(()),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.marked())),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "LIST": lambda machine, _: machine.push(machine.marked()),
    "APPEND": lambda machine, _: _append(machine, [machine.pop()]),
    "APPENDS": lambda machine, _: _append(machine, machine.marked()),
    "EMPTY_DICT": lambda machine, _: machine.push(Pairs()),
    "DICT": _pairs_of,
    "SETITEM": _set_one,
    "SETITEMS": lambda machine, _: _set(machine, machine.marked()),
    "EMPTY_SET": lambda machine, _: machine.push(Bag()),
    "ADDITEMS": lambda machine, _: _append(machine, machine.marked()),
    "FROZENSET": lambda machine, _: machine.push(Bag(machine.marked())),
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "INST": _instance,
    "OBJ": _object,
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "NEWOBJ_EX": _new_with_words,
    "BUILD": _build,
}
"""What each instruction does. Not on it: PERSID and BINPERSID, EXT1 to EXT4, NEXT_BUFFER and READONLY_BUFFER."""
