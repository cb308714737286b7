"""scikit-learn in a skops file or a pickle: read as data, written as ONNX here, asked through its own library."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.models.boosters.forest import broken
from explain.models.scikit import boosted
from explain.models.scikit.pickle_file import read_pickle
from explain.models.scikit.searches import found_best
from explain.models.scikit.skops_file import read_skops
from explain.models.scikit.skops_out import write_skops
from explain.models.scikit.thing import SOURCE
from explain.models.scikit.thresholds import undecided
from explain.models.scikit.write import describe, write_onnx
from explain.models.sources.booster import open_booster
from explain.models.sources.source import Facts, ask_apart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from explain.models.scikit.thing import Thing
    from explain.models.scikit.write import Described
    from explain.models.sources.recognise import Format
    from explain.models.sources.source import Asked, Parts, Source
    from explain.types import Floats, Schema


@dataclass(frozen=True)
class Pipeline:
    """The model in a file as data, and what that says of itself; `content` is the skops file that is asked."""

    format: Format
    content: bytes
    model: Thing
    described: Described

    @property
    def facts(self) -> Facts:
        """What the file says of itself."""
        said = self.described
        return Facts(
            format=self.format,
            library=f"{said.library}, {said.final}",
            features=said.names,
            kinds=said.kinds,
            task=said.task,
            classes=said.classes,
            outputs=len(said.classes) or 1,
            categories=said.categories if said.names else {},
            cut=said.cut,
            notes=said.notes,
        )

    def to_onnx(self, schema: Schema) -> bytes:
        """One graph of doubles: the steps, and the model."""
        with _sound():
            return write_onnx(self.model, self.described, schema)

    def thresholds(self, schema: Schema) -> Mapping[str, Floats]:
        """Those of trees and bins that compare a column as it comes; of others the middles of its values are tried."""
        said = self.described
        names = dict(zip(said.all_columns, said.all_columns if said.names else schema.names, strict=True))
        return {names[name]: cuts for name, cuts in said.cuts.items()}

    def ask(self, frame: pd.DataFrame, schema: Schema, parts: Parts) -> Asked | None:
        """What scikit-learn predicts, in a process of its own."""
        said = self.described
        options: dict[str, Any] = {
            "library": "skops",
            "features": [{"name": name} for name in schema.names],
            "all_columns": list(said.all_columns),
            "named": bool(said.names),
            "none_as_blank": sorted(said.none_as_blank),
            "task": said.task,
            "parts": [list(part) for part in parts],
        }
        return ask_apart(self.content, frame[schema.names], options)


def open_pipeline(content: bytes, rows: pd.DataFrame) -> Source:
    """A skops file; raises ModelError for one that is broken, or asks for what is not taken, naming it."""
    return _opened("skops", read_skops(content), rows)


def open_pickle(content: bytes, rows: pd.DataFrame) -> Source:
    """A pickle; raises ModelError for one that is broken, or asks for what is not taken, naming it."""
    return _opened("pickle", read_pickle(content), rows)


def _opened(kind: Format, came: Thing, rows: pd.DataFrame) -> Source:
    """The model, which is asked as the skops file of what was read; a booster alone goes the way of its own file."""
    with _sound():
        model = found_best(came)
        booster = boosted.alone(model)
        if booster is None:
            return Pipeline(kind, write_skops(undecided(model)), model, describe(model))
    library, own, classes = booster
    return open_booster(library, own, rows, classes)


@contextmanager
def _sound() -> Iterator[None]:
    """Whatever a stranger's values do in the middle of a step is one sentence."""
    import numpy as np

    try:
        with np.errstate(all="ignore"):
            yield
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise broken(SOURCE, "an entry is not what its type keeps there") from error
