"""What holds for a whole table: made of all of its rows where they are few, else of counts, hashes and a sample."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from explain.batches.reading import joined
from explain.batches.survey import ROW, counted, id_columns, sample
from explain.batches.twins import Twins, twins
from explain.confidence.assess import assess
from explain.models.predict import predict
from explain.pipeline import of_outcomes, terms_of
from explain.quality import Whole, check, profile_of
from explain.quality.blanks import blank_column
from explain.quality.rows import NAMED, USUAL_REPEATS
from explain.tables.proposals import OTHER_WORDS
from explain.tables.repairs import is_habit_of
from explain.tables.row_ids import LEAST_NAMED, row_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.batches.plan import Plan
    from explain.batches.reading import Read, Reading
    from explain.models import Package
    from explain.types import DataWarning, Prediction, Table

UNKNOWN = {"near-miss category", "new category"}
"""Checks whose severity hangs on how many cells of the column are unknown."""


@dataclass(frozen=True)
class Facts:
    """`whole` is what checks of some rows must know of the others; `columns` are the warnings about whole columns,
    `cells` those about rows that were found beside others, at their places in the table.

    `proposed` are other words of categories by column, `uploaded` the columns of which a cell was read as something
    else than it spells. Rows are named `ids` where they are known, else by the column `id_column`, else numbered;
    `named` and `alike` are the rows that share their name, and those that repeat another. `withdrawn` says why past
    cases do not speak for the rows; `coverage` and `calibration_rows` are what they claim, if anything.
    """

    whole: Whole
    columns: tuple[DataWarning, ...]
    cells: tuple[DataWarning, ...] = ()
    proposed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    uploaded: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    id_column: str | None = None
    named: Twins | None = None
    alike: Twins | None = None
    withdrawn: str = ""
    coverage: float | None = None
    calibration_rows: int = 0


def facts_of_all(reading: Reading) -> Facts:
    """The facts of a table that is short enough to be looked at as a whole: those of a review."""
    plan = reading.plan
    read = joined([reading.read(reading.raw(chunk)) for chunk in plan.chunks()], reading.schema)
    ids, _, _ = row_ids(read.context)
    table = read.table(reading.schema, ids, reading.settled.proposals(read.rows.cells))
    facts = _judged(plan, table)
    blank = {name: int(read.rows.cells.blank(name).sum()) for name in read.rows.cells.columns}
    repairs = Counter({(item.column, item.kind): len(item.rows) for item in read.rows.repairs})
    whole = replace(facts.whole, habits=_habits(len(table), blank, repairs))
    uploaded = frozenset({*read.rows.unread, *(column for column, _ in repairs)})
    return replace(facts, whole=whole, uploaded=uploaded, ids=ids)


def facts_of_survey(reading: Reading) -> Facts:
    """The facts of a longer table, of what the survey of its chunks wrote down."""
    plan = reading.plan
    folder, chunks = plan.work / "survey", list(plan.chunks())
    counts = counted(folder, chunks)
    drawn = sample(reading, folder, chunks)
    ids = tuple(str(at + 1) for at in range(len(drawn)))
    table = drawn.table(reading.schema, ids, reading.settled.proposals(drawn.rows.cells))
    facts = _judged(plan, table)
    columns = [warning for warning in facts.columns if warning.check != "missing column"]
    # a text that is no number is given to the model as a blank, and none
    columns += [
        blank_column(column)
        for column in reading.schema
        if counts["blank"][column.name] == plan.rows and column.name not in counts["unread"]
    ]
    alike = twins(folder, chunks, ROW, plan.work / "alike.npy")
    usual = profile_of(plan.model).repeats > USUAL_REPEATS and alike.distinct < NAMED * plan.rows
    id_column, named = _names(plan, drawn, counts["unnamed"])
    return replace(
        facts,
        whole=replace(facts.whole, habits=_habits(plan.rows, counts["blank"], counts["repairs"])),
        columns=tuple(columns),
        cells=(),
        uploaded=frozenset({*counts["unread"], *(column for column, _ in counts["repairs"])}),
        id_column=id_column,
        named=named,
        alike=None if usual else alike,
    )


def _judged(plan: Plan, table: Table) -> Facts:
    """What is said of a table as a whole, and of rows beside others."""
    model, options = plan.model, plan.options
    terms, differs = terms_of(table, model, options.cohort, weighted=False)
    prediction = predict(model, table.cells)
    found = [*differs, *of_outcomes(model, table, prediction), *check(table, profile_of(model))]
    beside = {"duplicate row", "near duplicate", "conflicting outcomes"}
    proposed: dict[str, dict[str, str]] = {}
    for item in table.proposals:
        if item.kind == OTHER_WORDS:
            proposed[item.column] = dict(zip(item.found, item.other, strict=True))
    severities = {(warning.column, warning.check): warning.severity for warning in found if warning.check in UNKNOWN}
    coverage, rows = _claims(model, prediction, table, options.level, terms.withdrawn)
    return Facts(
        Whole(plan.rows, severities),
        tuple(warning for warning in found if warning.whole_column),
        tuple(warning for warning in found if warning.check in beside),
        proposed,
        withdrawn=terms.withdrawn,
        coverage=coverage,
        calibration_rows=rows,
    )


def _claims(
    model: Package, prediction: Prediction, table: Table, level: float, withdrawn: str
) -> tuple[float | None, int]:
    """The measured coverage at a level, and the past cases that it rests on."""
    from explain.confidence import Terms, calibration_of

    found = assess(prediction, calibration_of(model), level, table.cells, Terms(withdrawn=withdrawn))
    return found.coverage, found.calibration_rows


def _habits(rows: int, blank: Mapping[str, int], repairs: Counter[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Columns and kinds of repair in which most of a column is written."""
    return frozenset(key for key, count in repairs.items() if is_habit_of(count, rows - blank[key[0]]))


def _names(plan: Plan, drawn: Read, unnamed: Mapping[str, int]) -> tuple[str | None, Twins | None]:
    """The column that names the rows, if one does, and the rows that share their name; as `row_ids` has it."""
    folder, chunks = plan.work / "survey", list(plan.chunks())
    second: tuple[str, Twins] | None = None
    for at, name in enumerate(id_columns(drawn.context)):
        alike = twins(folder, chunks, f"id{at}", plan.work / f"named-{at}.npy")
        doubled, blank = plan.rows - unnamed[name] - alike.distinct, unnamed[name]
        if not doubled and not blank:
            return name, alike
        if second is None and alike.distinct > LEAST_NAMED * plan.rows:
            second = name, alike
    return second or (None, None)
