"""The nouns: frozen dataclasses with shapes and units. They compute nothing and import nothing heavy.

Shapes: n rows, p raw columns as uploaded, k model outputs; axis 0 is always rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from explain.shown import sentence, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import shap

    from explain.confidence.conformal import Judged, Ranges, Weights

    Floats: TypeAlias = npt.NDArray[np.float64]
    Ints: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

Kind: TypeAlias = Literal["number", "category"]
Task: TypeAlias = Literal["binary", "multiclass", "regression"]
Space: TypeAlias = Literal["probability", "log-odds", "target"]
Severity: TypeAlias = Literal["error", "warning", "info"]
Progress: TypeAlias = "Callable[[float, str], None]"
"""Called with the share done (0 to 1) and what is being done now; it may raise `CancelledError`."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""Worst first."""


@dataclass(frozen=True)
class Column:
    """What training said about one raw column.

    `low` and `high` are the smallest and largest reference value of a number, `typical` its median (or the most
    frequent category), `missing_share` the share of blank reference cells (0 to 1). `label` is the name in plain
    words, `unit` what a number is counted in ("date": days since 1970-01-01, fractions for the time of day),
    `describe` maps a category code to plain words. `deciles` are the eleven quantiles 0, .1, … 1 of a number's
    reference values, `shares` the share of filled reference cells that hold each of `categories`, in their order; both
    are empty on cards written before they were kept. Columns with the same `group` are shown as one, whose share is
    the sum of theirs. `meaning` says in a sentence what the column is. `personal` columns say who somebody is, such as
    sex or age: nobody is told what would follow if these were different.
    """

    name: str
    kind: Kind
    label: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    typical: float | str | None = None
    categories: tuple[str, ...] = ()
    missing_share: float = 0.0
    integer: bool = False
    describe: Mapping[str, str] = field(default_factory=dict)
    deciles: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    group: str = ""
    meaning: str = ""
    personal: bool = False

    @property
    def title(self) -> str:
        """The name that people see."""
        return shown(self.label or self.name)

    @property
    def is_date(self) -> bool:
        """Whether the numbers are days since 1970-01-01."""
        return self.kind == "number" and self.unit == "date"


@dataclass(frozen=True)
class Schema:
    """The raw columns that a model takes, in the model's order."""

    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.columns)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> list[str]:
        """Column names in the model's order."""
        return [column.name for column in self.columns]


@dataclass(frozen=True)
class Note:
    """One thing that was done to the upload while reading it, in a sentence; `column` when it is about one."""

    text: str
    column: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", sentence(self.text))


@dataclass(frozen=True)
class Repair:
    """Cells of one column that were read as what they surely mean: at `rows` (m,) stood the texts `found` (m,).

    `kind` is what was seen through: "decimal comma", "decimal point", "thousands", "negative", "currency", "per cent",
    "unit", "other unit", "affix", "text mark", "truth", "time of day", "missing word", "spaces", "case",
    "whole number", "encoding", "spelling", "date order", "serial number", "Unix time", "corrected" where a suggested
    value was taken ("" where a blank stood), or that of a proposal taken.
    """

    kind: str
    column: str
    rows: Ints
    found: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """Another way to read a column, for a person to take or to leave; `text` says in sentences what it rests on.

    At `rows` (m,) stood the texts `found` (m,), which may mean what `other` (m,) spell. `kind` is "other words", where
    unknown texts may stand for known categories, "decimal mark", "day and month" or "swapped dates". `clear` ones can
    hardly be meant otherwise.
    """

    kind: str
    column: str
    rows: Ints
    found: tuple[str, ...]
    other: tuple[str, ...]
    text: str
    clear: bool = False


@dataclass(frozen=True)
class Table:
    """An uploaded table, matched to a model.

    `frame` (n, p) holds the model's columns in schema order: float64 for numbers (NaN is missing), `str` objects for
    categories (None is missing). `context` (n, any) are the extra columns as text, which never reach the model.
    `unread` keeps, per numeric column, the cells that held text that is no number: row position -> that text.
    `repairs` are the cells that were read as something else than they spell; they can be undone column by column.
    `proposals` are other ways to read whole columns, none of which was taken.
    `order` are the names of all columns, the model's and the extra ones, as the upload has them; empty when not known.
    `fingerprint` is a sha256 over ids, cells and repairs: equal tables have equal fingerprints.
    """

    frame: pd.DataFrame
    schema: Schema
    row_ids: tuple[str, ...]
    fingerprint: str
    context: pd.DataFrame
    notes: tuple[Note, ...] = ()
    unread: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    repairs: tuple[Repair, ...] = ()
    name: str = "table"
    proposals: tuple[Proposal, ...] = ()
    order: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.row_ids)


@dataclass(frozen=True)
class Cut:
    """Of two outcomes the one of index `outcome` is predicted from the probability `at` on, the other below it."""

    at: float
    outcome: int = 1


@dataclass(frozen=True)
class ModelInfo:
    """What a model is: `outputs` (k,) names of the classes, or the one target of a regression.

    `shown` is the index of the outcome that a binary model's numbers are about ("declined"); `unit` is the
    regression target's unit; `sha256` identifies the ONNX file, `version` counts the files served under this name.
    `mark` is a warning that goes wherever the model is used, "" for none. `cut` is where a binary model with a
    threshold of its own decides, None where the likelier outcome is predicted.
    `question` is what the model is asked, "" where nobody said; `aliases` (k,) what its own data calls the outcomes,
    where `outputs` are words that somebody chose, else empty.
    """

    name: str
    title: str
    task: Task
    outputs: tuple[str, ...]
    target: str
    sha256: str
    unit: str = ""
    shown: int = 0
    version: int = 1
    mark: str = ""
    cut: Cut | None = None
    question: str = ""
    aliases: tuple[str, ...] = ()


class Model(Protocol):
    """Anything that scores rows: the package on disk, or a stand-in in a test."""

    @property
    def info(self) -> ModelInfo:
        """What the model is."""

    @property
    def schema(self) -> Schema:
        """The raw columns it takes."""

    def score(self, frame: pd.DataFrame) -> Floats:
        """(n, p) raw columns -> (n, k) probabilities, or (n, 1) target values."""


@dataclass(frozen=True)
class Prediction:
    """`scores` (n, k): probabilities that sum to 1, or the target (n, 1); `chosen` (n,): index of the predicted output.

    `shown` (n,) is the output that numbers on screen are about: the outcome of interest of a binary model, the
    predicted class of a multiclass one, 0 for a regression.
    """

    scores: Floats
    chosen: Ints
    shown: Ints


@dataclass(frozen=True)
class Explanation:
    """Why each row's shown score differs from the base.

    `values` (n, p) are contributions of the raw columns, `base` (n,) the starting point, both in `space`;
    `base + values.sum(1)` equals the model's own score up to `gap` (n,), which is measured on every row.
    `error` (n, p) is the standard error from sampling coalitions, None where all were run; `background_error` (n, p)
    the one from taking `background_rows` reference rows for all of them, None where all were taken. `method` says how
    it was done.
    """

    values: Floats
    base: Floats
    space: Space
    method: str
    gap: Floats
    background_rows: int
    error: Floats | None = None
    background_error: Floats | None = None

    @property
    def exact(self) -> bool:
        """Whether no sampling was involved."""
        return self.error is None and self.background_error is None

    def to_shap(self, table: Table | None = None) -> shap.Explanation:
        """The same as a `shap.Explanation`, so that every plot of that library works on it.

        With the `table` that was explained the plots know names and values; categories are numbered for their
        colours and shown in words.
        """
        import shap

        if table is None:
            return shap.Explanation(self.values, self.base)
        numbered = [
            table.frame[column.name].to_numpy(dtype="float64", na_value=float("nan"))
            if column.kind == "number"
            else table.frame[column.name].astype("category").cat.codes.to_numpy(dtype="float64")
            for column in table.schema
        ]
        return shap.Explanation(
            self.values,
            self.base,
            data=[list(cells) for cells in zip(*numbered, strict=True)],
            display_data=table.frame.to_numpy(dtype=object),
            feature_names=[column.title for column in table.schema],
        )


@dataclass(frozen=True)
class Confidence:
    """How far to trust each score, from held-out reference rows with known outcomes.

    Classification: `plausible` (n, k) marks the outcomes that cannot be ruled out at `level`, and the predicted one
    (`chosen`, (n,)), which is never ruled out under its own headline; `calibrated` (n, k) are
    probabilities corrected by what happened to past cases. Regression: `low`, `high` (n,) in target units.
    `honest` (n,) is the calibrated probability of the predicted outcome, lowered where data warnings make it
    doubtful (regression: the share of past cases whose truth was within 20 % of a value like this); `grade` (n,) is
    its letter A to D, "" without evidence. `past_cases` (n,) counts calibration rows with a score like this one,
    `past_hits` (n,) those among them that had the shown outcome. `known_low`, `known_high` (n,) say how well the
    probability of the shown outcome is known (Venn-Abers p0 and p1). `calibration_rows` is how many rows all of this
    rests on; 0 means no claims, for the reason in `withdrawn` where there could have been some. `method` is how
    probabilities were corrected ("raw", "Platt", "beta", "Venn-Abers") or what widths follow ("difficulty", "bands"),
    `coverage` the measured share of truths inside at `level`. `cohort` is the column whose groups were judged apart,
    `weights` those of past cases and rows where past cases were weighted.

    From `p_values` (n, k) or `ranges`, and `judged`, sets, ranges and coverage at any other level are compared, not
    worked out (`confidence.at_level`).
    """

    level: float
    calibration_rows: int
    coverage: float | None = None
    plausible: Flags | None = None
    calibrated: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None
    honest: Floats | None = None
    grade: tuple[str, ...] = ()
    past_cases: Ints | None = None
    past_hits: Ints | None = None
    known_low: Floats | None = None
    known_high: Floats | None = None
    method: str = ""
    cohort: str = ""
    withdrawn: str = ""
    weights: Weights | None = None
    p_values: Floats | None = None
    chosen: Ints | None = None
    ranges: Ranges | None = None
    judged: Judged | None = None


@dataclass(frozen=True)
class DataWarning:
    """One kind of fault in one column: which rows have it, what was found, the fix, and its price.

    Arrays run parallel: `rows` (m,) positions in the table (empty when it is about the whole column), `found` (m,)
    the text of the cell, `suggestion` (m,) the proposed value or None, `messages` (m,) one sentence each (a warning
    about a whole column has one message and no rows). `applied` says whether the repair was already made.
    `repaired` (m,) is the score with the suggestion (or typical values of similar cases) in the cell, `impact` (m,) =
    repaired - score now, `impact_low` / `impact_high` (m,) its range over the draws, `flips` (m,) how many draws change
    the predicted class; None where not priced. `column` is "" for a warning about a row or the table as a whole;
    `factor` is by how much a column's unit is off.
    """

    check: str
    column: str
    severity: Severity
    rows: Ints
    found: tuple[str, ...]
    suggestion: tuple[str | None, ...]
    messages: tuple[str, ...]
    applied: bool = False
    repaired: Floats | None = None
    impact: Floats | None = None
    impact_low: Floats | None = None
    impact_high: Floats | None = None
    flips: Ints | None = None
    factor: float | None = None

    @property
    def whole_column(self) -> bool:
        """Whether it is about the column (or file) rather than about single cells."""
        return len(self.rows) == 0
