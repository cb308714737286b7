"""What benchmarks.trust measures on one table and seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks import trust_product as product
from benchmarks.faults import DAMAGED, FAULTS, Spoiler
from benchmarks.tables import as_text, case_of
from benchmarks.trust_columns import other_units, renamed

if TYPE_CHECKING:
    from benchmarks.faults import Fault, Spoiled
    from benchmarks.tables import Case

MOST_ROWS = 4_000
"""Uploaded rows a round."""
MOST_ROUNDS = 40
MUCH, LITTLE = 4_000, 250
"""Calibration rows of the splits."""
LEAST_TESTED = 50
"""Rows of a grade, or of a class, below which its share is chance."""
CLIP = 1e-6
"""Probabilities are kept this far from 0 in the log loss: a forest says 0 and is wrong."""
SURFACE = {"decimal comma", "currency sign", "unit suffix", "category case"}
SCALE = {"x 1000", "x 100", "sign"}
"""Kinds of which the right repair is measured."""


@dataclass(frozen=True)
class Effort:
    """How much is done: splits of the calibration rows, and faults of each kind, about."""

    splits: int = 50
    faults: int = 30


@dataclass(frozen=True)
class Found:
    """What became of one fault."""

    kind: str
    level: str
    found: bool
    column: bool
    repaired: bool


@dataclass
class Result:
    """Of one case, filled as it is measured: `figures` by name, every fault, rows of damaged uploads (grade, right,
    damaged), warnings of clean rows, renamed columns by style, and whole columns in another unit.
    """

    name: str
    seed: int
    figures: dict[str, float]
    faults: list[Found] = field(default_factory=list)
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    alarms: Counter[tuple[str, str]] = field(default_factory=Counter)
    renames: Counter[tuple[str, str]] = field(default_factory=Counter)
    units: dict[str, bool] = field(default_factory=dict)


def measure(name: str, seed: int, effort: Effort) -> Result:
    """Everything about one table and seed but the time it takes."""
    case = case_of(name, seed)
    result = Result(name, seed, coverage(case, effort) | log_losses(case))
    if name == "adult":
        result.figures["log loss, overfit"] = log_loss(case_of(name, seed, overfit=True))[1]
    texts = as_text(case.upload.head(MOST_ROWS))
    clean(case, texts, result)
    damaged(case, texts, result, effort)
    renames(case, texts, result)
    result.units.update(other_units(case, texts))
    result.figures["unit changes found"] = float(np.mean(list(result.units.values())))
    return result


def coverage(case: Case, effort: Effort) -> dict[str, float]:
    """Share of truths inside sets or intervals at .9, over splits of held-out and uploaded rows at random."""
    past, outcomes = product.past_of(case.package)
    scores = np.concatenate([past, product.score(case.package, case.upload)])
    truths = np.concatenate([outcomes, case.outcomes])
    rng = np.random.default_rng(case.seed)
    figures = {}
    for title, size in (("much", MUCH), ("little", LITTLE)):
        if len(truths) < size + LEAST_TESTED:
            continue
        shares = []
        for _ in range(effort.splits):
            order = rng.permutation(len(truths))
            own, tested = order[:size], order[size : size + MUCH]
            said = product.confidence(scores[tested], (scores[own], truths[own]), case.package.info)
            covered = product.inside(said, truths[tested])
            shares.append([covered.mean(), *_by_class(covered, truths[tested], case)])
        means = np.mean(shares, axis=0)
        figures[f"coverage, {title}"] = float(means[0])
        if size == MUCH and len(means) > 1:
            figures["worst class coverage"] = float(means[1:].min())
    return figures


def _by_class(covered: np.ndarray, truths: np.ndarray, case: Case) -> list[float]:
    if case.package.info.task == "regression":
        return []
    return [float(covered[truths == k].mean()) for k in range(len(case.package.info.outputs))]


def log_losses(case: Case) -> dict[str, float]:
    """What calibration adds to the log loss on uploaded rows."""
    if case.package.info.task == "regression":
        return {}
    raw, corrected = log_loss(case)
    return {"log loss": corrected, "log loss added": corrected - raw}


def log_loss(case: Case) -> tuple[float, float]:
    """On uploaded rows, raw and calibrated."""
    scores = product.score(case.package, case.upload)
    own = np.arange(len(scores)), case.outcomes.astype(int)
    both = (scores, product.calibrated(scores, case.package))
    raw, corrected = (float(-np.log(np.clip(each[own], CLIP, 1)).mean()) for each in both)
    return raw, corrected


def clean(case: Case, texts: pd.DataFrame, result: Result) -> None:
    """Rows warned of though nothing is wrong with them but what was wrong with the data as published."""
    _, warnings = product.warned(product.read(texts.to_csv(index=False).encode(), case.package), case.package)
    said = product.seen(warnings)
    result.alarms.update((check, column) for _, check, column in said.checks)
    result.alarms.update((f"{column} as a whole", column) for column in said.columns)
    result.figures["clean rows warned"] = len(said.named) / len(texts)


def damaged(case: Case, texts: pd.DataFrame, result: Result, effort: Effort) -> None:
    """Rounds of faults: what is found, and what confidence is worth on the rows that have them."""
    spoiler = Spoiler.of(case.package, texts)
    a_round = max(1.0, DAMAGED * len(texts))
    rounds = int(np.clip(np.ceil(len(FAULTS) * effort.faults / a_round), 1, MOST_ROUNDS))
    parts = []
    for at in range(rounds):
        spoiled = spoiler.spoil(np.random.default_rng([case.seed, at]))
        parts.append(_round(case, spoiled, result))
    result.rows = pd.concat(parts, ignore_index=True)
    hit = result.rows[result.rows["damaged"]]
    result.figures[f"coverage on damaged rows, {_kind(case)}"] = float(hit["covered"].mean())
    if case.package.info.task != "regression":
        wrong = ~hit["right"].to_numpy()
        columns = ("honest", "calibrated", "told")
        honest, calibrated, told = (area_under_risk(hit[column].to_numpy(), wrong) for column in columns)
        result.figures["area under risk, honest"] = honest
        result.figures["area under risk, ratio"] = honest / calibrated if calibrated else 1.0
        result.figures["area under risk, told"] = told / calibrated if calibrated else 1.0


def _kind(case: Case) -> str:
    return "intervals" if case.package.info.task == "regression" else "sets"


def _round(case: Case, spoiled: Spoiled, result: Result) -> pd.DataFrame:
    table = product.read(spoiled.frame.to_csv(index=False).encode(), case.package)
    table, warnings = product.warned(table, case.package)
    said = product.seen(warnings)
    result.faults.extend(_found(fault, table, said, case) for fault in spoiled.faults)
    rated = product.assessed(table, case.package, warnings)
    # what somebody would say who was told the row as it was before the damage
    undamaged = product.read(as_text(case.upload.iloc[spoiled.origin]), case.package).frame
    before = product.calibrated(product.score(case.package, undamaged), case.package)
    truths = case.outcomes[spoiled.origin]
    hit = np.zeros(len(truths), dtype=bool)
    hit[[fault.row for fault in spoiled.faults]] = True
    return pd.DataFrame({
        "grade": rated.grades,
        "right": rated.right(truths),
        "covered": rated.covered(truths),
        "honest": rated.honest,
        "calibrated": rated.calibrated,
        "told": before[np.arange(len(truths)), rated.prediction.chosen] if before.shape[1] > 1 else rated.calibrated,
        "damaged": hit,
    })  # fmt: skip


def _found(fault: Fault, table: product.Table, said: product.Seen, case: Case) -> Found:
    """Named by a warning, or repaired to what stood there."""
    column = fault.columns[0]
    named = said.named.get(fault.row, set())
    number = case.package.schema[column].kind == "number" if not fault.kind.wide else False
    about_row = {""} if fault.kind.wide else set()
    restored = suggested = False
    if not fault.kind.wide:
        cell = product.cell_of(table, fault.row, column)
        restored = product.same_cell(cell, fault.original, number=number)
        fixes = said.fixes.get((fault.row, column), set())
        suggested = any(product.same_cell(fix, fault.original, number=number) for fix in fixes)
    return Found(
        fault.kind.name,
        fault.kind.level,
        bool(named) or restored,
        bool(named) if fault.kind.needs == "row" else bool(named & {*fault.columns, *about_row}) or restored,
        restored or suggested,
    )


def area_under_risk(trust: np.ndarray, wrong: np.ndarray) -> float:
    """Mean share of wrong predictions among the most trusted 1, 2, … n rows; rows of equal trust share their errors."""
    order = np.argsort(-trust, kind="stable")
    ordered = pd.Series(wrong[order].astype(float))
    shared = ordered.groupby(trust[order]).transform("mean").to_numpy()
    return float((np.cumsum(shared) / np.arange(1, len(shared) + 1)).mean())


def renames(case: Case, texts: pd.DataFrame, result: Result) -> None:
    """Columns under other names."""
    for style, of, right, wrong in renamed(case, texts):
        result.renames.update({(style, "of"): of, (style, "right"): right, (style, "wrong"): wrong})
    all_of_them = dict.fromkeys(style for style, _ in result.renames)
    for title, styles in (("", set(all_of_them)), (", same language", set(all_of_them) - {"in German"})):
        right, of = (sum(result.renames[style, what] for style in styles) for what in ("right", "of"))
        result.figures[f"columns re-matched{title}"] = right / of
    result.figures["wrong matches"] = float(sum(result.renames[style, "wrong"] for style in all_of_them))


def shares(faults: list[Found], what: str, *, levels: set[str] | None = None, kinds: set[str] | None = None) -> float:
    """Share of some faults that were found, in the right column, or repaired; NaN of none."""
    chosen = [
        getattr(fault, what)
        for fault in faults
        if (levels is None or fault.level in levels) and (kinds is None or fault.kind in kinds)
    ]
    return float(np.mean(chosen)) if chosen else float("nan")
