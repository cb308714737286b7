"""What if a value were different: the same road for one changed row, and the past cases most like it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explain import words
from explain.attributions import explainer_for
from explain.attributions.choose import EXACT_HEADS
from explain.attributions.explainer import ExactExplainer
from explain.confidence import at_level as confidence_at
from explain.confidence import terms_again
from explain.models.predict import predict
from explain.pipeline import decide
from explain.quality.unlikely import MOST_ROWS
from explain.tables.repairs import is_habit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.decisions import Decision, Decisions
    from explain.models import Package
    from explain.types import Cells, Explanation, Prediction, Repair, Table


@dataclass(frozen=True)
class PastCase:
    """A reference row near to the case: how alike (0 to 1), what became of it, and its values in words.

    `same` says per column whether the value is the case's own.
    """

    alike: float
    outcome: str
    values: Mapping[str, str]
    same: Mapping[str, bool]


def what_if(
    model: Package, decisions: Decisions, row: int, changes: Mapping[str, float | str | None], level: float
) -> Decisions:
    """A review of one row with some cells changed: prediction, reasons, confidence and warnings follow.

    Past cases speak for it on the terms of the whole review.
    """
    table = one_row(decisions.table, row, changes)
    return decide(table, model, terms_again(model, decisions.confidence, table, [row]), level)


def is_wholly_checked(decisions: Decisions) -> bool:
    """Whether every row was held against what the rest of it foretells; of longer tables only opened rows are."""
    return len(decisions) <= MOST_ROWS


def looked_at(model: Package, decisions: Decisions, row: int, level: float) -> Decisions:
    """One row as it was uploaded, with the checks that a long table is spared; what its company says of it stays."""
    import numpy as np

    found = what_if(model, decisions, row, {}, level)
    company = [
        replace(
            warning,
            rows=np.zeros(1, dtype=np.int64),
            found=(warning.found[at],),
            suggestion=(warning.suggestion[at],),
            messages=(warning.messages[at],),
        )
        for warning in decisions.warnings
        if warning.column == ""
        for at in np.flatnonzero(warning.rows == row)
    ]
    return replace(found, warnings=(*company, *found.warnings))


def may_have_log_odds(decision: Decision) -> bool:
    """Whether it is worth asking `in_log_odds`: exact reasons of a probability."""
    return decision.model.task != "regression" and decision.method in EXACT_HEADS


def in_log_odds(model: Package, table: Table, decision: Decision) -> Decision | None:
    """A decision about a row of a table with its reasons in log-odds; None where the model has none."""
    explainer = explainer_for(model)
    if not isinstance(explainer, ExactExplainer) or not explainer.has_log_odds:
        return None
    cells = table.cells.take(slice(decision.position, decision.position + 1))
    return _explained_by(decision, table, explainer.log_odds(cells, _asking_for(decision.shown, model, cells)))


def about_output(model: Package, table: Table, decision: Decision, output: str) -> Decision:
    """A decision about a row of a table with the reasons of another outcome than the shown one."""
    cells = table.cells.take(slice(decision.position, decision.position + 1))
    found = explainer_for(model).explain(cells, _asking_for(output, model, cells))
    return replace(_explained_by(decision, table, found), shown=output, score=decision.scores[output])


def _asking_for(output: str, model: Package, cells: Cells) -> Prediction:
    """The prediction of one row, with `output` as the one that reasons are asked for."""
    import numpy as np

    return replace(predict(model, cells), shown=np.array([model.info.outputs.index(output)]))


def _explained_by(decision: Decision, table: Table, found: Explanation) -> Decision:
    """The decision with the explanation of its one row in place of its own."""
    shares = found.values[0]
    share = dict(zip(table.schema.names, shares, strict=True))
    reasons = [replace(reason, contribution=float(share[reason.column])) for reason in decision.reasons]
    base = float(found.base[0])
    return replace(
        decision,
        base=base,
        score=base + float(shares.sum()),
        space=found.space,
        gap=float(found.gap[0]),
        reasons=tuple(sorted(reasons, key=lambda reason: -abs(reason.contribution))),
    )


def one_row(table: Table, row: int, changes: Mapping[str, float | str | None]) -> Table:
    """A table of one row, its cells changed; a changed cell is no longer unread text."""
    cells = table.cells.take(slice(row, row + 1))
    for name, value in changes.items():
        blank = float("nan") if table.schema[name].kind == "number" else None
        cells = cells.put(name, slice(None), [blank if value is None else value])
    unread = {name: {0: texts[row]} for name, texts in table.unread.items() if row in texts and name not in changes}
    return replace(
        table,
        cells=cells,
        row_ids=(table.row_ids[row],),
        context=table.context.iloc[[row]].reset_index(drop=True),
        unread=unread,
        repairs=_repairs_of(table, row, changes),
    )


def _repairs_of(table: Table, row: int, changes: Mapping[str, float | str | None]) -> tuple[Repair, ...]:
    """The repairs of one row, as those of a table of its own; a changed cell is no longer a repaired one.

    What a whole column is written like is no repair of a single cell.
    """
    import numpy as np

    first = np.zeros(1, dtype=np.int64)
    return tuple(
        replace(repair, rows=first, found=(repair.found[at],))
        for repair in table.repairs
        if repair.column not in changes and not is_habit(repair, int((~table.cells.blank(repair.column)).sum()))
        for at in np.flatnonzero(repair.rows == row)
    )


def past_cases(model: Package, table: Table, row: int, columns: list[str], most: int = 5) -> list[PastCase]:
    """The reference rows nearest to a row and what became of them; values of `columns` are shown."""
    case = table.cells.take(slice(row, row + 1))
    positions, distances = model.reference.nearest(case, most=most)
    found = []
    for at, distance in zip(positions, distances, strict=True):
        lent = model.reference.frame.iloc[int(at)]
        own = {name: words.cell(case.objects(name)[0], model.schema[name]) for name in columns}
        shown = {name: words.cell(lent[name], model.schema[name]) for name in columns}
        same = {name: own[name] == shown[name] for name in columns}
        found.append(PastCase(1 - float(distance), _outcome(model, int(at)), shown, same))
    return found


def _outcome(model: Package, at: int) -> str:
    outcome = float(model.reference.outcomes[at])
    if outcome != outcome:
        return "not known"
    if model.info.task == "regression":
        return words.number(outcome, model.info.unit)
    return model.info.outputs[int(outcome)]


def at_level(decisions: Decisions, level: float) -> Decisions:
    """The same decisions with sets or ranges at another level; nothing else changes, and nothing but comparisons."""
    if level == decisions.confidence.level:
        return decisions
    return replace(decisions, confidence=confidence_at(decisions.confidence, level))


@dataclass(frozen=True)
class Comparison:
    """A stored review against the same one made today."""

    same_model: bool
    same_version: bool
    rows_changed: int
    largest_change: float


def compare(stored: Decisions, model: Package, today: Decisions) -> Comparison:
    """How many rows score differently today than when the review was made; exact to the bit."""
    import numpy as np

    moved = np.abs(stored.prediction.scores - today.prediction.scores).max(axis=1)
    return Comparison(
        same_model=stored.model.sha256 == model.info.sha256,
        same_version=stored.run.get("version") == today.run.get("version"),
        rows_changed=int((moved > 0).sum()),
        largest_change=float(moved.max(initial=0.0)),
    )
