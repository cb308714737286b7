"""Encoders of scikit-learn: categories and bins -> numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.models.scikit.cells import Block, Cells, Writer
from explain.models.scikit.thing import Thing, is_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.types import Floats

NOWHERE = -1.0
"""Place of what no column of an encoder stands for."""


@dataclass(frozen=True)
class Coding:
    """Categories of one column, in order, and the codes that they, blanks and what is unknown get."""

    categories: Sequence[Any]
    codes: Sequence[float]
    unknown: float


def one_hot(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """OneHotEncoder: a column per category, those dropped left out and rare ones together."""
    blocks = []
    for at, (block, categories) in enumerate(_each(thing, cells, writer)):
        groups, rare = _groups(thing, at, len(categories))
        width = max(groups, default=-1) + 1
        dropped = _dropped(thing, at, width)
        places = [NOWHERE if group == dropped else float(group - (group > dropped >= 0)) for group in groups]
        unknown = NOWHERE
        if thing.text("handle_unknown") in {"infrequent_if_exist", "warn"} and rare >= 0:
            unknown = NOWHERE if rare == dropped else float(rare - (rare > dropped >= 0))
        code = encode(writer, block, Coding(categories, places, unknown))
        blocks.append(indicators(writer, code, width - (dropped >= 0)))
    return Cells(tuple(block for block in blocks if block.width))


def indicators(writer: Writer, code: str, width: int) -> Block:
    """Codes (n, 1) -> (n, width) ones where the code is the column's place."""
    from onnx import TensorProto

    same = writer.graph.add("Equal", code, writer.graph.array([list(range(width))]))
    return Block(writer.graph.add("Cast", same, to=TensorProto.DOUBLE), width)


def ordinal(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """OrdinalEncoder: the place of each category; blanks and the unknown as it was told."""
    unknown = thing.get("unknown_value")
    blank = float(thing.get("encoded_missing_value", float("nan")))
    blocks = []
    for at, (block, categories) in enumerate(_each(thing, cells, writer)):
        groups, _ = _groups(thing, at, len(categories))
        codes = [blank if is_missing(item) else float(group) for item, group in zip(categories, groups, strict=True)]
        coding = Coding(categories, codes, float("nan") if unknown is None else float(unknown))
        blocks.append(Block(encode(writer, block, coding), 1))
    return Cells(tuple(blocks))


def target(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """TargetEncoder: the mean outcome of each category, shrunk; the overall one for the unknown."""
    each = len(thing.listed("classes_")) if thing.text("target_type_") == "multiclass" else 1
    means = thing.floats("target_mean_", each) if each > 1 else thing.floats("target_mean_", 1)
    encodings = thing.listed("encodings_", cells.width * each)
    parts: list[str] = []
    for at, (block, categories) in enumerate(_each(thing, cells, writer)):
        for outcome in range(each):
            values = Thing(thing.kind, {"encodings_": encodings[at * each + outcome]})
            codes = values.floats("encodings_", len(categories)).tolist()
            parts.append(encode(writer, block, Coding(categories, codes, float(means[outcome]))))
    return writer.cells(writer.graph.side_by_side(parts), len(parts))


def _each(thing: Thing, cells: Cells, writer: Writer) -> list[tuple[Block, list[Any]]]:
    """Every column with its categories."""
    import numpy as np

    lists = [list(item) if isinstance(item, np.ndarray) else item for item in thing.listed("categories_", cells.width)]
    if not all(isinstance(item, list) and item for item in lists):
        raise thing.broken("has a column without categories")
    return list(zip(writer.each(cells), lists, strict=True))


def _groups(thing: Thing, at: int, count: int) -> tuple[list[int], int]:
    """The group of each category of a column, and that of the rare ones (-1: none)."""
    if not thing.flag("_infrequent_enabled"):
        return list(range(count)), -1
    mapped = thing.listed("_default_to_infrequent_mappings")[at]
    if mapped is None:
        return list(range(count)), -1
    groups = Thing(thing.kind, {"groups": mapped}).floats("groups", count).astype(int).tolist()
    if min(groups) < 0 or max(groups) >= count:
        raise thing.broken("puts rare categories into a group that is not there")
    return groups, max(groups)


def _dropped(thing: Thing, at: int, width: int) -> int:
    """The group that is left out, -1 for none."""
    dropped = thing.get("_drop_idx_after_grouping")
    found = None if dropped is None else list(dropped)[at]
    return -1 if found is None or not 0 <= int(found) < width else int(found)


def encode(writer: Writer, block: Block, coding: Coding) -> str:
    """One column -> the codes (n, 1) of its categories."""
    pairs = list(zip(coding.categories, coding.codes, strict=True))
    blank = next((code for item, code in pairs if is_missing(item)), None)
    known = [(item, code) for item, code in pairs if not is_missing(item)]
    texts = all(isinstance(item, str) for item, _ in known)
    if texts and not block.raw:
        raise ModelError("The pipeline takes what an earlier step made for texts. Put the encoder first.")
    if not texts:
        return _encode_numbers(writer, block, known, coding.unknown if blank is None else blank, coding.unknown)
    writer.ask(block.tensor, "category")
    if any(item is None for item, _ in pairs):
        writer.none_as_blank.add(block.tensor)
    keys = {str(item): code for item, code in known}
    # what blanks are filled with need be no text that comes
    writer.categories.setdefault(block.tensor, set()).update(keys.keys() - {block.blank, ""})
    filled = keys.get(block.blank, coding.unknown) if block.blank is not None else blank
    keys[""] = coding.unknown if filled is None else filled
    return writer.graph.table(block.tensor, list(keys), list(keys.values()), coding.unknown)


def _encode_numbers(writer: Writer, block: Block, known: list[tuple[Any, float]], blank: float, unknown: float) -> str:
    graph, given = writer.graph, writer.numbers(block)
    try:
        keys = {float(item): code for item, code in known}
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"The categories of '{block.tensor}' are numbers and texts mixed. Train with one of the two."
        ) from error
    found = graph.table(given, list(keys), list(keys.values()), unknown) if keys else graph.number(unknown)
    return graph.add("Where", graph.add("IsNaN", given), graph.number(blank), found)


def bins(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """KBinsDiscretizer: the number of the bin, or a column per bin."""
    edges = thing.listed("bin_edges_", cells.width)
    how = thing.text("encode")
    blocks = []
    for at, block in enumerate(writer.each(cells)):
        inner = Thing(thing.kind, {"bin_edges_": edges[at]}).floats("bin_edges_", -1, finite=False)[1:-1]
        writer.cut(block, inner)
        code = _above(writer, block, inner)
        blocks.append(Block(code, 1) if how == "ordinal" else indicators(writer, code, len(inner) + 1))
    if how not in {"ordinal", "onehot", "onehot-dense"}:
        raise thing.broken(f"encodes in a way that is not known: {how[:40]}")
    return Cells(tuple(blocks))


def _above(writer: Writer, block: Block, inner: Floats) -> str:
    """(n, 1) how many of the edges a number is not below; a blank is above all of them, as when it is sorted in."""
    from onnx import TensorProto

    graph, given = writer.graph, writer.numbers(block)
    if not len(inner):
        return graph.add("Sub", writer.ones(Cells((block,))), graph.number(1.0))
    below = graph.add("Cast", graph.add("Less", given, graph.array([inner])), to=TensorProto.DOUBLE)
    count = graph.add("ReduceSum", below, graph.array([1], "int64"), keepdims=1)
    return graph.add("Sub", graph.number(float(len(inner))), count)
