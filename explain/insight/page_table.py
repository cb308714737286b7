"""One page of the review table, in words: the columns that the screen shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from explain import words
from explain.decisions import predicted, reasons_of, verdict, warnings_of
from explain.decisions.groups import together
from explain.decisions.verdict import KINDS, TITLES, TOSS, is_coin_toss, other_answer
from explain.insight.truth import was
from explain.shown import shown
from explain.types import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from explain.insight.listing import Listing
    from explain.types import Ints, Severity

PAGE_ROWS = 50
LEAST_SHOWN = 0.6
"""In 100: a bar says 1 or 99 at the most, since no model is surer than that."""
FIRST = ("id", "verdict", "prediction", "right", "chance", "was", "faults")
"""What each row has; `right` and `was` only where something is known of that."""


def page_frame(listing: Listing, rows: Ints, extra: Sequence[str] = (), *, grouped: bool = True) -> pd.DataFrame:
    """One page of the review table for positions `rows`: FIRST, the row's own values in the columns `extra`, and its
    main reasons. Reasons of columns of one group are one, unless not `grouped`.
    """
    import pandas as pd

    decisions = listing.decisions
    left_out = {"right"} if decisions.confidence.honest is None else set()
    left_out |= {"was"} if listing.truth is None else set()
    records = [_record(listing, int(at), grouped=grouped) | own_values(listing, int(at), extra) for at in rows]
    # what the model alone says stands last: beside how likely the decision is right it reads as a contradiction
    last = () if decisions.model.task == "regression" else ("chance",)
    names = [*(name for name in FIRST if name not in {*left_out, *last}), *extra, "reasons", *last]
    return pd.DataFrame(records, columns=names)


def _record(listing: Listing, at: int, *, grouped: bool) -> dict[str, object]:
    decisions = listing.decisions
    model, prediction = decisions.model, decisions.prediction
    regression = model.task == "regression"
    every = reasons_of(decisions, at)
    every = together(every, decisions.schema) if grouped else every
    reasons = [reason for reason in every[:3] if reason.contribution != 0 and math.isfinite(reason.contribution)]
    score = float(prediction.scores[at, prediction.shown[at]])
    # what speaks for the row's own prediction, as its card says it
    towards = 1 if regression or prediction.shown[at] == prediction.chosen[at] else -1
    kind = KINDS[int(listing.verdicts[at])]
    honest = decisions.confidence.honest
    known = regression and math.isfinite(score)
    return {
        "id": shown(decisions.table.row_ids[at]),
        "verdict": f"{verdict.MARKS[kind]} {TITLES[kind].lower()}{_toss(listing, at, kind)}",
        "prediction": words.number(score, model.unit) if known else predicted(decisions, at),
        "right": None if honest is None else _bar(float(honest[at])),
        "chance": _range_text(listing, at) if regression else words.in_100(score),
        "was": None if listing.truth is None else was(decisions, listing.truth, at),
        "faults": _badge(listing, at),
        "reasons": [
            f"{item.title} {item.value}{_mark(item.severity)} {words.arrow(towards * item.contribution)}"
            for item in reasons
        ],
    }


def _toss(listing: Listing, at: int, kind: verdict.Kind) -> str:
    """That a row is right about as often as not, which is why it is checked."""
    honest = listing.decisions.confidence.honest
    regression = listing.decisions.model.task == "regression"
    toss = kind == "check" and not regression and honest is not None and is_coin_toss(float(honest[at]))
    return f": {TOSS}" if toss else ""


def _mark(severity: Severity | None) -> str:
    """Of a faulty value; a remark has none here."""
    return f" {words.MARKS[severity]}" if severity in {"error", "warning"} else ""


def own_values(listing: Listing, at: int, extra: Sequence[str]) -> dict[str, str]:
    """The row's own values in some columns, the model's or others, in words."""
    table = listing.decisions.table
    said = {}
    for name in extra:
        if name in table.frame:
            unread = table.unread.get(name, {}).get(at)
            said[name] = words.cell(table.frame[name].iat[at], table.schema[name], unread)
        elif name in table.context:
            said[name] = shown(str(table.context[name].iat[at]))
    return said


def _bar(share: float) -> float | None:
    return min(max(100 * share, LEAST_SHOWN), 100 - LEAST_SHOWN) if math.isfinite(share) else None


def _range_text(listing: Listing, at: int) -> str:
    low, high = listing.decisions.confidence.low, listing.decisions.confidence.high
    if low is None or high is None:
        return words.MISSING
    unit, trust = listing.decisions.model.unit, listing.decisions.confidence
    ends = (words.within(float(end[at]), trust.least, trust.most) for end in (low, high))
    return " – ".join(words.number(end, unit) for end in ends)


def _badge(listing: Listing, at: int) -> str:
    """'✖ 2 faults · No if corrected': the worst severity's mark, how many cells deserve a look, and what correcting the
    one that matters most would do. Remarks alone show their own mark.
    """
    decisions = listing.decisions
    found = warnings_of(decisions, at)
    if not found:
        return ""
    count = sum(item.severity != "info" for item in found)
    if not count:
        return words.MARKS["info"]
    worst = min((item.severity for item in found), key=SEVERITIES.index)
    said = f"{words.MARKS[worst]} {words.count(count, 'fault')}"
    view = decisions[at]
    other = next((text for text in (other_answer(view, item) for item in found) if text), "")
    if other:
        return f"{said} · {other} if corrected"
    impact = found[0].impact
    if impact is None:
        return said
    price = words.change(impact, decisions.explanation.space, decisions.model.unit)
    return f"{said} · {'no effect' if price.startswith('±0') else f'{price} if corrected'}"
