"""Filter and sort decisions: positions in, positions out; vectorised over the whole review."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from explain.decisions.verdict import KINDS, TITLES, kinds, turns
from explain.insight.score_bins import score_bins
from explain.insight.truth import Truth, truth_of
from explain.quality.catalog import CATALOG

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    import numpy.typing as npt

    from explain.decisions import Decisions
    from explain.insight.weak_spots import WeakSpot
    from explain.types import Flags, Floats, Ints

Order: TypeAlias = Literal["attention", "highest", "lowest", "unsure", "upload"]
Group: TypeAlias = Literal["outcome", "trust", "fault", "truth", "spot", "mark"]
ORDERS: dict[Order, str] = {
    "attention": "Most likely wrong first",
    "highest": "Highest score first",
    "lowest": "Lowest score first",
    "unsure": "Least sure first",
    "upload": "As uploaded",
}
ORDER_HELP = "Most likely wrong first: faults that change the answer, then close calls."
GROUPS: dict[Group, str] = {
    "outcome": "Outcome",
    "trust": "Verdict",
    "fault": "Fault",
    "truth": "Came true",
    "spot": "Worst in",
    "mark": "Looked at",
}
NO_ANSWER_FIRST = -4.0
"""In place of how sure a row is: below -3, which a row comes to whose warning does the most."""


@dataclass(frozen=True)
class Chip:
    """A filter by name, the group it belongs to, its words, and the rows (n,) that it keeps."""

    name: str
    group: Group
    label: str
    rows: Flags


@dataclass(frozen=True)
class Filter:
    """What to keep; empty means all. Of `chips` of one group a row passes any, of several groups each.

    `column` keeps the rows warned of in it, `bar` those of a bar of the overview, `cell` those of a cell of the
    confusion matrix (what it was, what was predicted); `text` is looked for in ids, values and context.
    """

    chips: tuple[str, ...] = ()
    column: str | None = None
    bar: int | None = None
    cell: tuple[int, int] | None = None
    text: str = ""


@dataclass(frozen=True)
class Sort:
    """By which column of the table, highest first where `down`."""

    by: str
    down: bool = False


@dataclass(frozen=True)
class Listing:
    """A review made ready to be listed: its `chips`, its rows' verdicts (n,), those that `turns` (n,) would change and
    what came true, where that is known. `passed` holds the rows that passed the last filter, its chips
    left aside: a click on a chip need not search anew.
    """

    decisions: Decisions
    chips: tuple[Chip, ...]
    verdicts: Ints
    turns: Flags
    truth: Truth | None
    passed: dict[Filter, Flags] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.decisions)


def listing_of(decisions: Decisions) -> Listing:
    """What a review's rows can be filtered by, worked out once."""
    verdicts, turned, truth = kinds(decisions), turns(decisions), truth_of(decisions)
    chips = [*_outcomes(decisions), *_trust(verdicts), *_faults(decisions, turned), *_truth(decisions, truth)]
    kept = tuple(chip for chip in chips if chip.rows.any())
    return Listing(decisions, kept, verdicts, turned, truth)


def _outcomes(decisions: Decisions) -> list[Chip]:
    if decisions.model.task == "regression":
        return []
    chosen = decisions.prediction.chosen
    return [
        Chip(f"is:{name}", "outcome", name, (chosen == at) & decisions.answered)
        for at, name in enumerate(decisions.model.outputs)
    ]


def _trust(verdicts: Ints) -> list[Chip]:
    return [Chip(kind, "trust", TITLES[kind].lower(), verdicts == at) for at, kind in enumerate(KINDS)]


def _faults(decisions: Decisions, turned: Flags) -> list[Chip]:
    """Rows with errors and warnings, those that would be decided otherwise, each kind, and mere remarks."""
    import numpy as np

    by_check: dict[str, Flags] = {}
    remarks = np.zeros(len(decisions), dtype=bool)
    for warning in decisions.warnings:
        if warning.severity == "info":
            remarks[warning.rows] = True
        elif not warning.whole_column:
            by_check.setdefault(warning.check, np.zeros(len(decisions), dtype=bool))[warning.rows] = True
    return [
        Chip("warned", "fault", "any fault", decisions.warning_counts > 0),
        Chip("turns", "fault", "corrected, decided otherwise", turned),
        *(Chip(f"check:{name}", "fault", CATALOG[name].title, rows) for name, rows in by_check.items()),
        Chip("remarks", "fault", "remarks only", remarks & (decisions.warning_counts == 0)),
    ]


def _truth(decisions: Decisions, truth: Truth | None) -> list[Chip]:
    if truth is None:
        return []
    wrong = truth.known & ~truth.right
    if decisions.model.task != "binary":
        names = ("right", "wrong") if decisions.model.task == "multiclass" else ("within 20 %", "further off")
        return [Chip("right", "truth", names[0], truth.right), Chip("wrong", "truth", names[1], wrong)]
    about = decisions.model.outputs[decisions.model.shown]
    return [
        Chip("right", "truth", "right", truth.right),
        Chip("missed", "truth", f"missed {about}", truth.missed),
        Chip("alarm", "truth", f"false alarm of {about}", truth.alarms),
    ]


def spot_chips(listing: Listing, spots: Sequence[WeakSpot]) -> tuple[Chip, ...]:
    """A chip for each group in which the model is worst."""
    import numpy as np

    found = []
    for at, spot in enumerate(spots):
        rows = np.zeros(len(listing), dtype=bool)
        rows[spot.rows] = True
        found.append(Chip(f"spot:{at}", "spot", spot.described, rows))
    return tuple(found)


def marked_chips(listing: Listing, looked: Collection[str], noted: Collection[str]) -> tuple[Chip, ...]:
    """The chips of what people marked, row ids that were `looked` at and have a note; none where nothing was marked."""
    import numpy as np

    if not looked:
        return ()
    ids = np.array(listing.decisions.table.row_ids, dtype=object)
    seen, with_note = np.isin(ids, list(looked)), np.isin(ids, list(noted))
    found = [Chip("unseen", "mark", "not yet", ~seen), Chip("looked", "mark", "looked at", seen)]
    return tuple(chip for chip in [*found, Chip("noted", "mark", "with a note", with_note)] if chip.rows.any())


def counts(listing: Listing, kept: Filter, chips: tuple[Chip, ...]) -> dict[str, int]:
    """Rows of each chip among those that pass all other groups: what a click on it would show."""
    rest, by_group = _passing_rest(listing, kept), _by_group(kept, chips)
    others = {}
    for group in {chip.group for chip in chips}:
        keep = rest
        for name, rows in by_group.items():
            keep = keep & rows if name != group else keep
        others[group] = keep
    return {chip.name: int((chip.rows & others[chip.group]).sum()) for chip in chips}


def select(
    listing: Listing,
    kept: Filter,
    order: Order | Sort = "attention",
    chips: tuple[Chip, ...] | None = None,
) -> Ints:
    """Positions of the rows that pass the filter, in order; ties stay in upload order."""
    import numpy as np

    rows = np.flatnonzero(_passing(listing, kept, listing.chips if chips is None else chips))
    key = _by_column(listing, order) if isinstance(order, Sort) else _sort_key(listing.decisions, order)
    return rows[np.argsort(key[rows], kind="stable")]


def _passing(listing: Listing, kept: Filter, chips: tuple[Chip, ...]) -> Flags:
    """(n,) rows that pass."""
    keep = _passing_rest(listing, kept)
    for rows in _by_group(kept, chips).values():
        keep = keep & rows
    return keep


def _by_group(kept: Filter, chips: tuple[Chip, ...]) -> dict[Group, Flags]:
    """(n,) for each group of which chips are chosen the rows that have any of these."""
    found: dict[Group, Flags] = {}
    for chip in chips:
        if chip.name in kept.chips:
            before = found.get(chip.group)
            found[chip.group] = chip.rows if before is None else before | chip.rows
    return found


def _passing_rest(listing: Listing, kept: Filter) -> Flags:
    """(n,) rows that pass, the chips left aside; read-only."""
    import numpy as np

    wanted = replace(kept, chips=())
    known = listing.passed.get(wanted)
    if known is not None:
        return known
    decisions = listing.decisions
    keep = np.ones(len(decisions), dtype=bool)
    if kept.column:
        keep &= _warned_in(decisions, kept.column)
    if kept.bar is not None:
        keep &= score_bins(decisions).row == kept.bar
    if kept.cell is not None and listing.truth is not None:
        was, said = kept.cell
        keep &= listing.truth.known & (listing.truth.outcomes == was) & (decisions.prediction.chosen == said)
    if kept.text.strip():
        keep &= _holds_text(decisions, kept.text.strip())
    keep.setflags(write=False)
    listing.passed.clear()
    listing.passed[wanted] = keep
    return keep


def _warned_in(decisions: Decisions, column: str) -> Flags:
    import numpy as np

    keep = np.zeros(len(decisions), dtype=bool)
    for warning in decisions.warnings:
        if warning.column == column:
            keep[warning.rows] = True
    return keep


def _holds_text(decisions: Decisions, text: str) -> Flags:
    """Rows with `text` somewhere, whatever the case: as it was uploaded, as the screen shows it, or as a number."""
    import numpy as np
    import pandas as pd

    keep = pd.Series(decisions.table.row_ids, dtype=object).str.contains(text, case=False, regex=False).to_numpy(bool)
    bare = text.replace(",", "") if text.replace(",", "").replace(".", "").isdigit() else text
    for frame in (decisions.table.frame, decisions.table.context):
        for at in range(frame.shape[1]):
            # each different cell is looked at once
            codes, distinct = pd.factorize(frame.iloc[:, at])
            number = pd.api.types.is_float_dtype(distinct)
            wanted = (bare if number else text).casefold()
            texts = [f"{cell:.15g}" if number else str(cell).casefold() for cell in distinct.tolist()]
            # a blank has the code -1, which is the last of these
            keep = keep | np.array([*(wanted in cell for cell in texts), False])[codes]
    for column in decisions.schema:
        # what the screen calls a category
        names = [code for code, name in column.describe.items() if text.casefold() in name.casefold()]
        keep = keep | decisions.table.frame[column.name].isin(names).to_numpy(bool)
    for cells_by_row in decisions.table.unread.values():
        for row, cell in cells_by_row.items():
            keep[row] |= text.casefold() in cell.casefold()
    for repair in decisions.table.repairs:
        hits = [text.casefold() in found.casefold() for found in repair.found]
        keep[repair.rows[np.array(hits, dtype=bool)]] = True
    return np.asarray(keep, dtype=bool)


def _sort_key(decisions: Decisions, order: Order) -> Floats:
    """(n,) smallest first."""
    import numpy as np

    if order == "highest":
        return -decisions.shown_scores
    if order == "lowest":
        return decisions.shown_scores
    honest = decisions.confidence.honest
    sure = np.ones(len(decisions)) if honest is None else np.nan_to_num(honest)
    sure = np.where(decisions.answered, sure, NO_ANSWER_FIRST)
    if order == "unsure":
        return sure
    if order == "upload":
        return np.arange(len(decisions), dtype=np.float64)
    # what a warning does to the score counts first, then how sure the row is (always below 1)
    impact = largest_impact(decisions)
    top = max(float(impact.max(initial=0.0)), 1e-12)
    warned = decisions.warning_counts > 0
    return np.where(warned, -2 - impact / top, 0.0) + sure


def _by_column(listing: Listing, sort: Sort) -> Floats:
    """(n,) smallest first: by what a column of the table shows; blanks come last either way."""
    import numpy as np
    import pandas as pd

    decisions = listing.decisions
    rows = len(decisions)
    keys: dict[str, npt.NDArray[np.float64] | Ints] = {
        "id": np.arange(rows),
        "verdict": listing.verdicts,
        "prediction": decisions.shown_scores if decisions.model.task == "regression" else decisions.prediction.chosen,
        "chance": decisions.shown_scores,
        "faults": largest_impact(decisions) + 1e-9 * decisions.warning_counts,
    }
    if decisions.confidence.honest is not None:
        keys["right"] = decisions.confidence.honest
    if listing.truth is not None:
        keys["was"] = listing.truth.outcomes
    if sort.by in keys:
        key = np.asarray(keys[sort.by], dtype=np.float64)
    else:
        table = decisions.table
        frame = table.frame if sort.by in table.frame else table.context
        if sort.by not in frame:
            return np.arange(rows, dtype=np.float64)
        cells = frame[sort.by]
        numbers = pd.to_numeric(cells, errors="coerce")
        if numbers.notna().sum() < cells.notna().sum():
            texts, distinct = pd.factorize(cells.astype(object), sort=True)
            numbers = pd.Series(np.where(texts < 0, np.nan, texts)) if len(distinct) else numbers
        key = numbers.to_numpy(dtype=np.float64)
    return np.where(np.isfinite(key), -key if sort.down else key, np.inf)


def largest_impact(decisions: Decisions) -> Floats:
    """(n,) largest change of the score that repairing one warned cell (error or warning) would make."""
    import numpy as np

    impact = np.zeros(len(decisions))
    for warning in decisions.warnings:
        if warning.impact is not None and warning.severity != "info":
            np.maximum.at(impact, warning.rows, np.abs(np.nan_to_num(warning.impact)))
    return impact


@dataclass(frozen=True)
class Summary:
    """The figures of the strip above the table: rows, rows per predicted outcome and without one, per kind of verdict,
    those with warnings, and how many came true, in a sentence ("" where that is not known).
    """

    rows: int
    outcomes: dict[str, int]
    unanswered: int
    verdicts: dict[str, int]
    warned: int
    turned: int
    truth: str


def summary(listing: Listing) -> Summary:
    """Counts over the whole review."""
    return figures(listing.decisions, listing.verdicts, listing.turns, listing.truth)


def figures(decisions: Decisions, verdicts: Ints, turns: Flags, truth: Truth | None) -> Summary:
    """The same of decisions with the `verdicts` (n,) on them, and which `turns` (n,) would be others once corrected."""
    import numpy as np

    outputs, answered = decisions.model.outputs, decisions.answered
    found = np.bincount(decisions.prediction.chosen[answered], minlength=len(outputs))
    each = np.bincount(verdicts, minlength=len(KINDS))
    return Summary(
        rows=len(decisions),
        outcomes=dict(zip(outputs, found.tolist(), strict=True)),
        unanswered=int((~answered).sum()),
        verdicts=dict(zip(KINDS, each.tolist(), strict=True)),
        warned=int((decisions.warning_counts > 0).sum()),
        turned=int(turns.sum()),
        truth="" if truth is None else truth.sentence,
    )
