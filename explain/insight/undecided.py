"""Where more than one outcome stays plausible: what speaks for each, and which other value would settle it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explain import words
from explain.attributions import explainer_for
from explain.confidence import calibration_of, p_values_of, terms_again
from explain.confidence.conformal import plausible_sets
from explain.models.predict import predicted
from explain.quality.impact import DRAWS
from explain.types import Prediction

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.models import Package
    from explain.types import Cells, Flags, Floats

NAMED = 3
"""Columns named for each outcome."""


@dataclass(frozen=True)
class Share:
    """What one column does to the lead of the first outcome over the second."""

    column: str
    title: str
    value: str
    lead: float


@dataclass(frozen=True)
class Settling:
    """At `value` instead of `own` in `column` only `outcome` stays plausible; so it is for `settled` of `tried` values
    that similar cases have there.
    """

    title: str
    own: str
    value: str
    outcome: str
    settled: int
    tried: int


@dataclass(frozen=True)
class Rivals:
    """The two likeliest of the plausible outcomes: `start` + the shares' leads = `lead`, the difference of scores.

    `too_few` past cases can rule nothing out at the level, whatever the row; `mirrored` of a model of two outcomes.
    `settling` is None where no value of one column settles it, or none that it makes sense to speak of: while an error
    stands, and of columns that are personal.
    """

    first: str
    second: str
    lead: float
    start: float
    shares: tuple[Share, ...]
    settling: Settling | None
    level: float
    too_few: bool = False
    mirrored: bool = False

    @property
    def title(self) -> str:
        """'Approved or declined?'."""
        return f"{self.first[:1].upper()}{self.first[1:]} or {self.second}?"

    @property
    def sentences(self) -> list[str]:
        """What speaks for the first, what for the second, what would settle it."""
        said = [self._speaks(self.first, 1), self._speaks(self.second, -1), self._settles()]
        return [sentence for sentence in said if sentence]

    def _speaks(self, outcome: str, sign: int) -> str:
        own = [item for item in self.shares if sign * item.lead > 0]
        if not own:
            return f"Nothing speaks for {outcome}."
        # of two outcomes a lead is twice what the chart shows: what one gains the other loses
        parts = 2 if self.mirrored else 1
        # signed as in the chart: both sentences count points of the first outcome
        named = [f"{item.title} {item.value} ({words.points(item.lead / parts)})" for item in own[:NAMED]]
        more = len(own) - NAMED
        also = [words.count(more, "more column")] if more > 0 else []
        over = f"{outcome} over {self.second}" if sign > 0 else f"{outcome}, against {self.first}"
        return f"For {over}: {words.listed([*named, *also])}."

    def _settles(self) -> str:
        found, level = self.settling, round(100 * self.level)
        if self.too_few:
            return f"There are too few past cases for a shorter list at {level} %; a lower level may settle it."
        if found is None:
            return ""
        return (
            f"The model would be clear if {found.title} were {found.value} instead of {found.own}: then "
            f"{found.outcome} alone would be on the shortlist at {level} %. This says how the model works, and is no "
            "advice."
        )


def undecided(model: Package, decisions: Decisions, at: int) -> Rivals | None:
    """The rivals of the row at position `at`; None where no more than one outcome is plausible."""
    import numpy as np

    plausible = decisions.confidence.plausible
    if plausible is None or plausible[at].sum() < 2:
        return None
    scores = decisions.prediction.scores[at]
    # the predicted one, of which the card speaks, stands first: a threshold may have chosen the less likely
    ranked = np.where(plausible[at], scores, -1.0)
    ranked[decisions.prediction.chosen[at]] = np.inf
    first, second = np.argsort(-ranked, kind="stable")[:2].tolist()
    outputs = model.info.outputs
    start, leads = _leads(model, decisions, at, (first, second))
    cells, unread = decisions.table.cells.take(slice(at, at + 1)), decisions.table.unread
    shares = [
        Share(
            column.name,
            column.title,
            words.cell(cells.objects(column.name)[0], column, unread.get(column.name, {}).get(at)),
            float(lead),
        )
        for column, lead in zip(model.schema, leads, strict=True)
    ]
    shares.sort(key=lambda item: -abs(item.lead))
    lead, level = float(scores[first] - scores[second]), decisions.confidence.level
    too_few = _too_few(model, level)
    broken = any(warning.severity == "error" and at in warning.rows for warning in decisions.warnings)
    settling = None if too_few or broken else _settling(model, decisions, at)
    mirrored = len(outputs) == 2
    return Rivals(outputs[first], outputs[second], lead, start, tuple(shares), settling, level, too_few, mirrored)


def _too_few(model: Package, level: float) -> bool:
    """Whether the smallest p-values that there can be are above 1 - level for every outcome."""
    import numpy as np

    cases = np.bincount(calibration_of(model).classes, minlength=len(model.info.outputs))
    return bool(plausible_sets(1 / (cases + 1), level).all())


def _leads(model: Package, decisions: Decisions, at: int, pair: tuple[int, int]) -> tuple[float, Floats]:
    """Start, and each column's share (p,), of the difference of two outcomes' scores: that of their reasons."""
    (base, values), (other_base, other) = (_reasons(model, decisions, at, output) for output in pair)
    return base - other_base, values - other


def _reasons(model: Package, decisions: Decisions, at: int, output: int) -> tuple[float, Floats]:
    """Base and reasons (p,) of one outcome: the review's own where it is about this one, mirrored where of two."""
    import numpy as np

    own = decisions.explanation
    base, values = float(own.base[at]), own.values[at]
    if output == decisions.prediction.shown[at]:
        return base, values
    if len(model.info.outputs) == 2:
        return 1 - base, -values
    asked = Prediction(decisions.prediction.scores[[at]], np.array([output]), np.array([output]))
    found = explainer_for(model).explain(decisions.table.cells.take(slice(at, at + 1)), asked)
    return float(found.base[0]), found.values[0]


def _settling(model: Package, decisions: Decisions, at: int) -> Settling | None:
    """The column that settles for most of the values that near reference rows have in it, near in all other columns."""
    import numpy as np

    columns, reference = len(model.schema), model.reference
    rows = decisions.table.cells.take(np.full(columns, at))
    own = np.eye(columns, dtype=bool)
    lent = reference.lent(rows, own, reference.near(rows, ~own, min(DRAWS, len(reference))))
    sets = _sets(model, decisions, at, lent)
    found = [
        _tried(model, lent, sets, j, rows.objects(column.name)[0])
        for j, column in enumerate(model.schema)
        if not column.personal
    ]
    return max((item for item in found if item), key=lambda item: item.settled / item.tried, default=None)


def _sets(model: Package, decisions: Decisions, at: int, cells: Cells) -> Flags:
    """(n, k) plausible outcomes of the row with other cells, on the terms and at the level of the review."""
    table, rows = decisions.table, [at] * len(cells)
    changed = replace(table, cells=cells, row_ids=(table.row_ids[at],) * len(cells), context=table.context.iloc[rows])
    terms = terms_again(model, decisions.confidence, changed, rows)
    scores = model.score(cells)
    values = p_values_of(scores, calibration_of(model), terms)
    return plausible_sets(values, decisions.confidence.level, predicted(model.info.cut, scores))


def _tried(model: Package, lent: Cells, sets: Flags, j: int, own: object) -> Settling | None:
    """What one column's other values do: how many settle it; of those the nearest number or the commonest category."""
    column = model.schema.columns[j]
    most = len(lent) // len(model.schema)
    cells = lent.objects(column.name).tolist()
    tried = [at for at in range(j * most, (j + 1) * most) if cells[at] != own and cells[at] == cells[at]]
    settled = [at for at in tried if sets[at].sum() == 1 and cells[at] is not None]
    if not settled:
        return None
    if column.kind == "number":
        place = float(own) if own == own else 0.0  # type: ignore[arg-type]  # a number column
        best = min(settled, key=lambda at: (abs(cells[at] - place), cells[at]))
    else:
        times = Counter(cells[at] for at in settled)
        best = max(settled, key=lambda at: (times[cells[at]], -at))
    outcome = model.info.outputs[int(sets[best].argmax())]
    own_words, value = words.cell(own, column), words.cell(cells[best], column)
    return Settling(column.title, own_words, value, outcome, len(settled), len(tried))
