"""What past cases say about a decision, in sentences: none of them is a promise for this one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words

if TYPE_CHECKING:
    from explain.decisions.decision import Decision
    from explain.types import Ranges

NO_OUTCOMES = (
    "This model came without past cases whose outcome is known, so nothing is claimed of how often it is right: "
    "no letter, no range, no shortlist."
)
NO_NUMBER = "The model gives no number for this row, so there is nothing to trust or to doubt."
METHODS = {
    "raw": "the model's own probability, uncorrected",
    "Platt": "the model's probability, corrected by Platt's curve (logistic, on the log-odds)",
    "beta": "the model's probability, corrected by a beta curve",
    "Venn-Abers": "the model's probability, corrected by the Venn–Abers step function",
    "difficulty": "past errors, each divided by how hard a small model found its case (normalised conformal ranges)",
    "bands": "past errors among cases with a similar prediction (conformal ranges in bands)",
}
"""How a number came about, in the field's terms."""
TERMS = {
    "number": "The field's terms: calibrated probability; the interval holds it and the Venn–Abers p0 and p1.",
    "set": "The outcomes that past cases leave open at this level; one that is not on it is less likely, not "
    "impossible. The field's term: conformal prediction set; the predicted outcome is always in it.",
    "range": "The field's term: conformal prediction interval.",
    "trust": "A, high: right in at least 90 of 100 such cases, known from 500 past cases or more; B, good: 75 to 89; "
    "C, fair: 60 to 74; D, low: fewer.",
}
"""What these are called in the field, and what the letters mean."""
LETTERS = {"A": "high", "B": "good", "C": "fair", "D": "low"}
"""How much trust a letter stands for."""


def claims(decision: Decision) -> bool:
    """Whether anything is claimed of how far to trust the decision."""
    return decision.calibration_rows > 0 and decision.answered


def silence(decision: Decision) -> str:
    """Why nothing is claimed."""
    return NO_NUMBER if not decision.answered else decision.withdrawn or NO_OUTCOMES


def how(decision: Decision) -> str:
    """The number's making in the field's terms, and the cases it rests on."""
    rows = words.count(decision.calibration_rows, "past case")
    chosen = "" if decision.model.task == "regression" else ", the best of four ways by 5-fold log loss"
    return f"From {METHODS[decision.corrected_by]}{chosen}; {rows} that the model was not trained on."


def known(low: float, high: float) -> str:
    """How well a probability is known, as the rest of a sentence: ", and put it between 47 and 55"."""
    ends = [words.in_100(end).removesuffix(" in 100") for end in (low, high)]
    return f", and put it between {ends[0]} and {ends[1]}" if ends[0] != ends[1] else ""


def extent(decision: Decision) -> str:
    """'Range: $3,100 to $4,800', or that past cases set no end to it."""
    unit = decision.model.unit
    low, high = (None if end is None or abs(end) == float("inf") else end for end in decision.shown_range)
    if low is None and high is None:
        return "Range: endless, since so few past cases set no limit at this level"
    if low is None:
        return f"Range: up to {words.number(high, unit)}"
    if high is None:
        return f"Range: {words.number(low, unit)} and more"
    return f"Range: {words.number(low, unit)} to {words.number(high, unit)}"


def coverage(decision: Decision) -> str:
    """What the slider's level came to in past cases: how often the set or range held the truth, not the prediction."""
    if decision.coverage is None:
        return ""
    weighted = ", those most like these rows counted most" if decision.weighted else ""
    share = words.about_of_100(decision.coverage).removeprefix("about ")
    held = "value lay within such a range" if decision.model.task == "regression" else "answer was on such a shortlist"
    return f"Tested: in {share} past cases the true {held}{weighted}."


def left(decision: Decision) -> str:
    """What past cases leave open, in one sentence; "" where nothing is claimed."""
    if decision.model.task == "regression":
        widened = ", widened by what the faulty values might be" * decision.doubted
        return f"{extent(decision)}{widened}." if decision.low is not None and decision.high is not None else ""
    if decision.plausible is None:
        return ""
    return shortlist(decision)


def shortlist(decision: Decision) -> str:
    """The outcomes that past cases leave open, as a sentence that says what faults have to do with it."""
    kept, fault = list(decision.plausible or ()), these_faults(decision)
    if len(kept) == 1:
        return f"On the shortlist{f', even with {fault}' if fault else ''}: {kept[0]} alone."
    if len(kept) == len(decision.scores) == BOTH:
        either = f"With {fault} it could be either" if fault else "It could be either"
        return f"{either}: {kept[0]} and {kept[1]} are both on the shortlist."
    return f"On the shortlist{f' with {fault}' if fault else ''}: {words.listed(kept)}."


BOTH = 2
"""Outcomes of which one can say "either"."""


def these_faults(decision: Decision) -> str:
    """'this fault', 'these faults', or "" for sound data."""
    found = len(decision.faults) + len(decision.column_faults)
    return "this fault" if found == 1 else "these faults" if found else ""


def own_range(low: float, high: float, spread: tuple[float, float], unit: str) -> str:
    """The range that the model itself gives, beside that of past cases: 'The model's own range: $3 to $5 (…)'."""
    ends, quantiles = (words.number(low, unit), words.number(high, unit)), [f"{one:g}" for one in spread]
    return f"The model's own range: {ends[0]} to {ends[1]} (its quantiles {quantiles[0]} and {quantiles[1]})."


def above(ranges: Ranges | None, decision: Decision, threshold: float | None) -> str:
    """How likely values like this are to exceed a threshold, by past errors; `ranges` are those of its review."""
    import numpy as np

    if ranges is None or threshold is None:
        return ""
    share = float(ranges.only(np.array([decision.position])).share_above(threshold)[0])
    said = (
        f"More than {words.number(threshold, decision.model.unit)}: {words.in_100(share)}, by the errors in past cases."
    )
    return said + " This holds if the faulty values are right." * decision.doubted
