"""A package before it is written: a file, rows and choices, held against each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain import words
from explain.adding.choices import Choices, held_out_rows, outcome_text, outcomes
from explain.adding.outcomes import Named, name_outcomes
from explain.errors import ModelError
from explain.models.card import propose_schema
from explain.models.parity import Parity, prove, prove_expected
from explain.models.runtime import Runtime
from explain.models.safety.trial import try_onnx

if TYPE_CHECKING:
    import pandas as pd

    from explain.models.sources.source import Source
    from explain.types import Flags, Floats, Schema, Task


@dataclass(frozen=True)
class Draft:
    """A package before it is written: `rows` (m, p and more) as read, `features` (m, p) over the `schema`, the ONNX
    file, its `scores` (m, k), what they are called, and which rows were `held_out` (m,).
    """

    source: Source
    choices: Choices
    rows: pd.DataFrame
    features: pd.DataFrame
    schema: Schema
    onnx: bytes
    task: Task
    scores: Floats
    named: Named
    held_out: Flags

    @property
    def outputs(self) -> tuple[str, ...]:
        """The outcomes in the order of the scores, or the target."""
        return self.named.outputs

    @property
    def asks(self) -> str:
        """A question that has to be answered before the package is written, "" for none."""
        return self.named.asks


def draft(source: Source, rows: pd.DataFrame, choices: Choices) -> Draft:
    """All that follows from a file, rows and choices; raises ModelError with what does not fit."""
    features = _features(source, rows, choices)
    schema = propose_schema(features, {**choices.columns, **_kinds(source, features, choices)})
    if not len(features) or not len(schema):
        raise ModelError("The reference has no rows or no columns that the model could take. Bring some of both.")
    content = source.to_onnx(schema)
    width = try_onnx(content, features, source.facts.outputs or 1).scores.shape[1]
    task = _task(source, width, rows, choices)
    count = max(width, 2) if task != "regression" else 1
    scores = Runtime(content, schema, count).score(features)
    named = Named((choices.target or "value",))
    if task != "regression":
        named = name_outcomes(scores, outcomes(rows, choices.target), choices.outputs, source.facts.classes)
    held_out = held_out_rows(rows, choices.held_out)
    return Draft(source, choices, rows, features, schema, content, task, scores, named, held_out)


def _features(source: Source, rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """The model's raw columns (m, p), in its order."""
    named = source.facts.features
    said = {choices.target, choices.expected, choices.held_out, *choices.left_out}
    wanted = list(named) or [str(name) for name in rows.columns if str(name) not in said]
    # LightGBM writes spaces in names as underscores
    found = {re.sub(" ", "_", str(name)): str(name) for name in rows.columns} | {str(name): str(name) for name in rows}
    lacking = [name for name in wanted if name not in found]
    if lacking:
        raise ModelError(
            f"The model was trained on {words.listed([f'“{name}”' for name in lacking], 5)}, which the reference rows "
            "do not have. Bring rows with all of its columns."
        )
    frame = rows[[found[name] for name in wanted]].copy()
    for name in frame:
        kind = choices.columns.get(str(name), {}).get("kind") or source.facts.kinds.get(str(name))
        if kind == "number":
            frame[name] = _truth(frame[name])
        elif kind == "category":
            # what was read as the number 3 is the category "3"
            frame[name] = [outcome_text(cell) for cell in frame[name]]
    return frame.astype({name: object for name in frame if frame[name].dtype.kind not in "fM"})


def _truth(values: pd.Series) -> pd.Series:
    """A column of true and false as 1 and 0, where a model takes numbers; others as they are."""
    from pandas.api.types import is_numeric_dtype

    if is_numeric_dtype(values):
        return values
    texts = values.map(lambda cell: None if cell is None or cell != cell else str(cell).casefold())
    if set(texts.dropna()) <= {"true", "false"}:
        return texts.map({"true": 1.0, "false": 0.0}).astype("float64")
    return values


def _kinds(source: Source, features: pd.DataFrame, choices: Choices) -> dict[str, dict[str, Any]]:
    """What the file says of kinds, where the person does not say otherwise."""
    return {
        name: {"kind": kind, **choices.columns.get(name, {})}
        for name, kind in source.facts.kinds.items()
        if name in features
    }


def _task(source: Source, width: int, rows: pd.DataFrame, choices: Choices) -> Task:
    """As the file says, else by the scores a row and the outcomes."""
    said = source.facts.task
    if said is not None:
        return said
    if width > 1:
        return "binary" if width == 2 else "multiclass"
    if len(choices.outputs) == 2:
        return "binary"
    outcomes = rows[choices.target].dropna().nunique() if choices.target else 0
    return "binary" if outcomes == 2 else "regression"


def proof(made: Draft) -> Parity:
    """The parity proof of a draft, against the column of expected predictions where there is one."""

    def score(frame: pd.DataFrame) -> Floats:
        return Runtime(made.onnx, made.schema, made.scores.shape[1]).score(frame)

    if made.choices.expected:
        shown = made.outputs.index(made.choices.shown) if made.choices.shown in made.outputs else len(made.outputs) - 1
        return prove_expected(made.scores, made.rows[made.choices.expected], made.outputs, shown, made.task)
    return prove(made.source, score, made.features, made.schema, made.task)
