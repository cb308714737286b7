"""What a step is given and gives: columns side by side, the first ones raw; and the graph that it is written into."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from explain.errors import ModelError
from explain.models.boosters.forest import MOST_FEATURES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from explain.models.onnx_graph import OnnxGraph
    from explain.models.scikit.thing import Thing
    from explain.types import Floats, Kind


@dataclass(frozen=True)
class Block:
    """`tensor` (n, width) of doubles, or one raw column, of which only the step that reads it tells the kind.

    `blank` is the category that a blank of a raw column of texts was filled with, None where it was not.
    """

    tensor: str
    width: int
    raw: bool = False
    blank: str | None = None


@dataclass(frozen=True)
class Cells:
    """Blocks side by side; `names` are those of the raw columns, () once a step has made others."""

    blocks: tuple[Block, ...]
    names: tuple[str, ...] = ()

    @cached_property
    def width(self) -> int:
        """Columns of all blocks together."""
        return sum(block.width for block in self.blocks)


@dataclass
class Writer:
    """A graph while a pipeline is written into it.

    `kinds` are those that the schema gives to the raw columns, empty while only the file is asked; `asked` those that
    the steps take, in the order in which they do; `cuts` thresholds and `categories` texts by raw column, `notes`
    sentences about what is taken for granted.
    """

    graph: OnnxGraph
    steps: Mapping[str, Callable[[Thing, Cells, Writer], Cells]]
    models: Mapping[str, Callable[[Thing, Cells, Writer], str]]
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    asked: dict[str, Kind] = field(default_factory=dict)
    cuts: dict[str, list[Floats]] = field(default_factory=dict)
    none_as_blank: set[str] = field(default_factory=set)
    categories: dict[str, set[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, said: str) -> None:
        """Remember a sentence about what is taken for granted, once."""
        self.notes += [said] if said not in self.notes else []

    def step(self, thing: Thing, cells: Cells) -> Cells:
        """Another preparing step; raises ModelError for one that is not written here."""
        write = self.steps.get(thing.kind)
        if write is None:
            raise thing.refused("cannot stand in the middle of a pipeline here", CONVERT)
        made = write(thing, cells, self)
        if made.width > MOST_FEATURES:
            raise thing.refused(f"makes {made.width:,} columns, more than {MOST_FEATURES:,}", "Make fewer.")
        return made

    def model(self, thing: Thing, cells: Cells) -> str:
        """The probabilities (n, k) or values (n, 1) of a model; raises ModelError for one that is not written here."""
        write = self.models.get(thing.kind)
        if write is None:
            raise thing.refused("gives neither probabilities nor values that are written here", CONVERT)
        if thing.has("n_features_in_") and thing.width != cells.width:
            raise thing.broken(f"takes {thing.width:,} columns, but is given {cells.width:,}")
        return write(thing, cells, self)

    def matrix(self, cells: Cells) -> str:
        """All columns as one tensor (n, width) of doubles."""
        return self.graph.side_by_side([self.numbers(block) for block in cells.blocks])

    def numbers(self, block: Block) -> str:
        """A block as doubles; a raw one is taken for a number from here on."""
        if block.blank is not None:
            raise ModelError(f"The pipeline takes '{block.tensor}' for texts and for numbers. Take it for one of them.")
        if block.raw:
            self.ask(block.tensor, "number")
        return block.tensor

    def ask(self, name: str, kind: Kind) -> None:
        """Take a raw column for numbers or categories; raises ModelError where it is taken for the other elsewhere."""
        if self.asked.setdefault(name, kind) != kind or self.kinds.get(name, kind) != kind:
            said = "numbers" if kind == "number" else "categories with names"
            other = "categories" if kind == "number" else "numbers"
            raise ModelError(
                f"The pipeline takes '{name}' for {said}, but elsewhere it counts as {other}. Make it one."
            )

    def cut(self, block: Block, values: Floats) -> None:
        """Remember the thresholds of a column, where it is still raw."""
        if block.raw:
            self.cuts.setdefault(block.tensor, []).append(values)

    def pick(self, cells: Cells, places: Sequence[int]) -> Cells:
        """Some of the columns, in an order of one's own; raises ModelError for one that is not there."""
        starts = list(accumulate((block.width for block in cells.blocks), initial=0))
        if not all(0 <= place < starts[-1] for place in places):
            raise ModelError("The pipeline asks for a column that it does not have. Save it anew.")
        found: list[Block] = []
        for which, group in groupby(places, key=lambda place: bisect_right(starts, place) - 1):
            block, inside = cells.blocks[which], [place - starts[which] for place in group]
            found += [block] * len(inside) if block.width == 1 else [self._gather(block, inside)]
        names = tuple(cells.names[place] for place in places) if cells.names else ()
        return Cells(tuple(found), names)

    def _gather(self, block: Block, wanted: list[int]) -> Block:
        if wanted == list(range(block.width)):
            return block
        places = self.graph.array(wanted, "int64")
        return Block(self.graph.add("Gather", block.tensor, places, axis=1), len(wanted))

    def each(self, cells: Cells) -> list[Block]:
        """Every column as a block of its own."""
        return [self._gather(block, [at]) for block in cells.blocks for at in range(block.width)]

    def ones(self, cells: Cells) -> str:
        """(n, 1) of ones, whatever the rows hold: what is the same for all of them starts from here."""
        from onnx import TensorProto

        blank = self.graph.add("IsNaN", self.numbers(self._gather(cells.blocks[0], [0])))
        return self.graph.add("Cast", self.graph.add("Or", blank, self.graph.add("Not", blank)), to=TensorProto.DOUBLE)

    def cells(self, tensor: str, width: int) -> Cells:
        """What a step has made."""
        return Cells((Block(tensor, width),))

    def fill(self, block: Block, text: str) -> Block:
        """A raw column of texts whose blanks are read as a category."""
        self.ask(block.tensor, "category")
        return block if block.blank is not None else replace(block, blank=text)


CONVERT = (
    "Where skl2onnx has a converter for it, make ONNX of the whole with skl2onnx.to_onnx(pipeline, rows) and bring "
    "that, with a column of the predictions that you expect; else train with a kind of docs/models.md."
)
INSTEAD = {
    "sklearn.gaussian_process.": (
        "skl2onnx writes a loop of it, which is not run here. Train boosting in its place, or a support vector machine."
    ),
}
"""By the beginning of a type's name, where there is no converter whose file is taken."""


def way_out(full: str) -> str:
    """What to do with a part of scikit-learn that is not read here."""
    return next((said for beginning, said in INSTEAD.items() if full.startswith(beginning)), CONVERT)
