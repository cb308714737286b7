"""A chunk of rows -> the decisions on them, and what of these is counted: one pure function, whatever runs it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explain import words
from explain.batches.counts import counts_of
from explain.batches.reasons import reasons_for
from explain.confidence import Terms, cohorts_of
from explain.confidence.packed import past_file
from explain.decisions.arrow import parquet
from explain.decisions.files import decisions_frame, run_json, warnings_frame
from explain.pipeline import decide_without_reasons
from explain.quality.rows import repeats
from explain.tables.proposals import OTHER_WORDS
from explain.types import Proposal

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from explain.batches.counts import Counts
    from explain.batches.facts import Facts
    from explain.batches.plan import Chunk, Plan
    from explain.batches.reading import Read, Reading
    from explain.decisions import Decisions
    from explain.types import DataWarning, Ints


GROUP = 4_096
"""Rows of a row group: whoever opens one row reads no more than these."""


@dataclass(frozen=True)
class Made:
    """How the decisions of a batch were made: `run` as run.json, and `past`, what a level is compared with."""

    run: str
    past: bytes


@dataclass(frozen=True)
class Part:
    """The files of a chunk, `decisions` and `warnings` as Parquet, and the `counts` that sum up to the whole; the first
    chunk says how all of them are `made`.
    """

    decisions: bytes
    warnings: bytes
    counts: Counts
    made: Made | None


def part_of(raw: pa.Table, chunk: Chunk, reading: Reading, facts: Facts) -> Part:
    """The rows of a chunk, as they stand in their input, decided as if all others stood beside them."""
    decisions = decided(raw, chunk, reading, facts)
    frame = with_uploaded(decisions_frame(decisions), decisions, facts)
    made = None if chunk.at else _made(decisions, reading.plan)
    return Part(parquet(frame, GROUP), parquet(warnings_frame(decisions)), counts_of(decisions), made)


def _made(decisions: Decisions, plan: Plan) -> Made:
    """What the rows have in common: how wide a range is and how it was read hangs on the row, and is left out."""
    first = Path(plan.inputs[0].path).name
    more = f" and {words.count(len(plan.inputs) - 1, 'more file')}" if len(plan.inputs) > 1 else ""
    table = replace(decisions.table, name=f"{first}{more}", unread={})
    past = past_file(replace(decisions.confidence, ranges=None, weights=None))
    return Made(run_json(replace(decisions, table=table)), past)


def decided(raw: pa.Table, chunk: Chunk, reading: Reading, facts: Facts) -> Decisions:
    """The decisions on the rows of a chunk."""
    model, options = reading.plan.model, reading.plan.options
    read = reading.read(raw)
    table = read.table(model.schema, ids_of(read, chunk, facts), _proposals(read, facts))
    table = replace(table, order=reading.settled.order)
    terms = Terms(options.cohort, cohorts_of(model, table, options.cohort), withdrawn=facts.withdrawn)
    whole = replace(facts.whole, found=tuple(_beside(read, chunk, facts)))
    found = decide_without_reasons(table, model, terms, options.level, whole=whole)
    return reasons_for(found, model, options.reasons, chunk.first, facts.whole.rows)


def ids_of(read: Read, chunk: Chunk, facts: Facts) -> tuple[str, ...]:
    """What the rows of a chunk are called; twins are numbered, and rows without a name go by their place."""
    if facts.ids:
        return facts.ids[chunk.first : chunk.first + chunk.rows]
    if facts.id_column is None or facts.named is None:
        return tuple(str(chunk.first + at + 1) for at in range(chunk.rows))
    names: list[str] = read.context[facts.id_column].tolist()
    for at, before in _numbered(facts, chunk):
        names[at] = f"{names[at]} #{before + 1}"
    return tuple(name or f"row {chunk.first + at + 1}" for at, name in enumerate(names))


def _numbered(facts: Facts, chunk: Chunk) -> list[tuple[int, int]]:
    if facts.named is None:
        return []
    rows, _, before = facts.named.of(chunk.first, chunk.rows)
    return list(zip(rows.tolist(), before.tolist(), strict=True))


def _proposals(read: Read, facts: Facts) -> tuple[Proposal, ...]:
    """The cells of a chunk whose words stand for others, column by column."""
    import numpy as np

    found = []
    for name, mapping in facts.proposed.items():
        own = read.rows.cells.codes(name)
        rows = np.flatnonzero(np.array([*(word in mapping for word in own.words), False])[own.places])
        texts = tuple(own[rows].texts.tolist())
        if texts:
            found.append(Proposal(OTHER_WORDS, name, rows, texts, tuple(mapping[text] for text in texts), ""))
    return tuple(found)


def _beside(read: Read, chunk: Chunk, facts: Facts) -> list[DataWarning]:
    """What was found of the rows of a chunk beside all others."""
    found = []
    for warning in facts.cells:
        own = (warning.rows >= chunk.first) & (warning.rows < chunk.first + chunk.rows)
        if own.any():
            found.append(_only(warning, own.nonzero()[0], chunk.first))
    if facts.alike is not None:
        rows, first, _ = facts.alike.of(chunk.first, chunk.rows)
        found += repeats(rows, _names_of(first, rows, read, facts))
    return found


def _names_of(first: Ints, rows: Ints, read: Read, facts: Facts) -> list[str]:
    """What the rows at some places of the table are called, each of which is alike to one of these in every cell."""
    if facts.id_column is None or facts.named is None:
        return [str(at + 1) for at in first.tolist()]
    own = read.context[facts.id_column]
    names = []
    for at, row, before in zip(first.tolist(), rows.tolist(), facts.named.before(first).tolist(), strict=True):
        name = str(own.iloc[row]) or f"row {at + 1}"
        names.append(f"{name} #{before + 1}" if before else name)
    return names


def _only(warning: DataWarning, at: Ints, start: int) -> DataWarning:
    """The warning for some of its cells, at their places in a chunk that begins at `start`."""
    texts: dict[str, Any] = {
        name: tuple(getattr(warning, name)[i] for i in at) for name in ("found", "suggestion", "messages")
    }
    return replace(warning, rows=warning.rows[at] - start, **texts)


def with_uploaded(frame: pd.DataFrame, decisions: Decisions, facts: Facts) -> pd.DataFrame:
    """The frame with a column for each of the model's of which any cell of the whole table was read as another."""
    import pandas as pd

    names = [f"uploaded.{name}" for name in decisions.schema.names if name in facts.uploaded]
    missing = {name: pd.Series([None] * len(frame), dtype="str") for name in names if name not in frame}
    *others, last = [name for name in frame.columns if not str(name).startswith("uploaded.")]
    return frame.assign(**missing)[[*others, *names, last]]
