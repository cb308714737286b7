"""Every call that benchmarks.trust makes into the library: the one place to change when the library changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import explain
from explain.confidence import Calibration, assess, calibration_of
from explain.confidence.assess import TOLERANCE
from explain.errors import ColumnsError, TableError
from explain.models import Package
from explain.models.predict import predict, shown_outputs
from explain.pipeline import _tempered
from explain.quality import check, expected_of, profile_of
from explain.quality import price as price_warnings
from explain.types import Prediction, Table

if TYPE_CHECKING:
    import pandas as pd

    from explain.models import Package
    from explain.types import Confidence, DataWarning, Floats, ModelInfo, Schema

LEVEL = 0.9
"""Of sets and intervals."""
ALARMS = {"error", "warning"}
"""Severities that count as a warning; info is no claim that something is wrong."""


@dataclass(frozen=True)
class Assessed:
    """What the library says about each of n rows: `calibrated` (n,) is the probability of the predicted outcome before
    any warning lowered it, `honest` (n,) the one after.
    """

    info: ModelInfo
    prediction: Prediction
    before: Confidence
    after: Confidence

    @property
    def calibrated(self) -> Floats:
        """(n,) before warnings."""
        return np.asarray(self.before.honest)

    @property
    def honest(self) -> Floats:
        """(n,) after warnings."""
        return np.asarray(self.after.honest)

    @property
    def grades(self) -> np.ndarray:
        """(n,) letters after warnings."""
        return np.array(self.after.grade)

    def right(self, outcomes: Floats) -> np.ndarray:
        """(n,) whether the prediction came true; a value is right within the tolerance of the grades."""
        if self.info.task == "regression":
            values = self.prediction.scores[:, 0]
            return np.abs(values - outcomes) <= TOLERANCE * np.abs(values)
        return self.prediction.chosen == outcomes

    def covered(self, outcomes: Floats) -> np.ndarray:
        """(n,) whether the truth lies in the set or interval."""
        return inside(self.after, outcomes)


def read(text: bytes | pd.DataFrame, package: Package) -> Table:
    """A CSV file's bytes, or a frame of texts -> Table."""
    return explain.read_table(text, package.schema)


def warned(table: Table, package: Package) -> tuple[Table, tuple[DataWarning, ...]]:
    """The table (with whatever repairs the library applied), and its warnings."""
    return table, check(table, profile_of(package), expected_of(package))


def learn(package: Package) -> None:
    """What is worked out once a model."""
    profile_of(package)
    expected_of(package)


def assessed(table: Table, package: Package, warnings: tuple[DataWarning, ...]) -> Assessed:
    """Predict, assess, price, temper: what `review` does, without the reasons."""
    prediction = predict(package, table.frame)
    calibration = calibration_of(package)
    before = assess(prediction, calibration, LEVEL, table.frame)
    _, doubt = price_warnings(package, table, prediction, warnings)
    return Assessed(package.info, prediction, before, _tempered(before, prediction, doubt, calibration))


def whole_pass(table: Table, package: Package) -> Assessed:
    """Checks, calibration and price of a table that is read already: what is timed."""
    repaired, warnings = warned(table, package)
    return assessed(repaired, package, warnings)


def matched(text: bytes, schema: Schema) -> dict[str, str]:
    """Model column -> uploaded column, as found or proposed; nothing where the file is refused as unclear."""
    from explain.tables.match import match_columns
    from explain.tables.read import read_raw

    try:
        cells = read_raw(text).frame
        found = match_columns([str(name) for name in cells.columns], schema, cells)
    except ColumnsError as error:
        return dict(error.proposals)
    except TableError:
        return {}
    return found.found | found.proposals


def past_of(package: Package) -> tuple[Floats, Floats]:
    """Scores and outcomes of the held-out reference rows."""
    past = calibration_of(package)
    return past.scores, past.outcomes


def confidence(scores: Floats, past: tuple[Floats, Floats], info: ModelInfo) -> Confidence:
    """What is said of scores when `past` scores and outcomes are all that is known."""
    chosen = scores.argmax(axis=1).astype(np.int64)
    return assess(Prediction(scores, chosen, shown_outputs(info, chosen)), Calibration(*past, info), LEVEL)


def calibrated(scores: Floats, package: Package) -> Floats:
    """(n, k) scores as the library corrects them."""
    return calibration_of(package).calibrated(scores)


def inside(said: Confidence, outcomes: Floats) -> np.ndarray:
    """(n,) whether the truth lies in the set or interval."""
    if said.plausible is None:
        return (outcomes >= said.low) & (outcomes <= said.high)
    return said.plausible[np.arange(len(outcomes)), outcomes.astype(int)]


@dataclass(frozen=True)
class Seen:
    """What warnings say about single cells: `named` row -> columns warned of, `fixes` (row, column) -> values proposed
    or applied, `checks` (row, check, column) of every warned cell, `columns` warned of as a whole.
    """

    named: dict[int, set[str]]
    fixes: dict[tuple[int, str], set[str]]
    checks: list[tuple[int, str, str]]
    columns: set[str]


def seen(warnings: tuple[DataWarning, ...]) -> Seen:
    """Errors and warnings by cell; a proposal counts at any severity."""
    result = Seen({}, {}, [], set())
    for warning in warnings:
        alarm = warning.severity in ALARMS
        if warning.whole_column and alarm:
            result.columns.add(warning.column)
        for row, fix in zip(warning.rows.tolist(), warning.suggestion, strict=True):
            if alarm:
                result.named.setdefault(row, set()).add(warning.column)
                result.checks.append((row, warning.check, warning.column))
            if fix is not None:
                result.fixes.setdefault((row, warning.column), set()).add(str(fix))
    return result


def same_cell(cell: object, original: str, *, number: bool) -> bool:
    """Whether a cell of a table (or a proposed text) is what originally stood there."""
    if cell is None or cell != cell or original == "":
        return (cell is None or cell != cell) and original == ""
    if not number:
        return str(cell) == original.strip()
    try:
        value = float(str(cell))
    except ValueError:
        return False
    return bool(np.isclose(value, float(original), rtol=1e-6, atol=1e-12))


def cell_of(table: Table, row: int, column: str) -> object:
    """What the model is given."""
    return table.frame[column].iat[row]


def score(package: Package, rows: pd.DataFrame) -> Floats:
    """(n, k) scores of raw rows."""
    return package.score(rows)
