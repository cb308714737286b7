"""What past cases say about a decision, in sentences: none of them is a promise for this one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words

if TYPE_CHECKING:
    from explain.confidence.conformal import Ranges
    from explain.decision import Decision

NO_OUTCOMES = (
    "This model came without past cases whose outcome is known, so nothing is claimed of how often it is right: "
    "no grade, no range, no plausible set."
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
    "number": "The field's term: calibrated probability, with its reliability among cases within 5 points.",
    "known": "The field's term: Venn–Abers p0 to p1. It says how well past cases pin the number down, never how sure "
    "the model is.",
    "range": "The field's term: conformal prediction interval.",
    "grade": "A: right in at least 90 of 100 such cases, known from 500 past cases or more; B: 75 to 89; C: 60 to 74; "
    "D: fewer.",
}
"""What a sentence of `sentences` is called in the field."""


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


def sentences(decision: Decision) -> list[tuple[str, str]]:
    """What past cases say: the number with its count, or the range; how well it is known; the grade.

    Each with what it is about, a key of TERMS.
    """
    return _value(decision) if decision.model.task == "regression" else _outcome(decision)


def _outcome(decision: Decision) -> list[tuple[str, str]]:
    said = []
    if decision.calibrated and decision.past_cases is not None and decision.past_hits is not None:
        shown = decision.shown
        number = f"{shown[:1].upper()}{shown[1:]}: {words.in_100(decision.calibrated[shown])}."
        said.append(("number", f"{number} {words.past(decision.past_cases, decision.past_hits)}"))
    if decision.known_low is not None and decision.known_high is not None:
        said.append(("known", known(decision.known_low, decision.known_high)))
    if decision.honest is not None:
        like = f"predictions of “{decision.predicted}” like this are right"
        said.append(("grade", _grade(decision, f"{like} in about {words.of_100(decision.honest)} cases.")))
    return said


def known(low: float, high: float) -> str:
    """How well a probability is known: by past cases alone, without a smooth curve."""
    ends = [words.in_100(end).removesuffix(" in 100") for end in (low, high)]
    between = f"between {ends[0]} and {ends[1]}" if ends[0] != ends[1] else f"at {ends[0]}"
    return f"How well that is known: past cases alone put it {between} in 100."


def _value(decision: Decision) -> list[tuple[str, str]]:
    said = []
    if decision.low is not None and decision.high is not None and decision.coverage is not None:
        made = f"{extent(decision)}, made so that {round(100 * decision.level)} of 100 past cases lie within theirs."
        said.append(("range", made + " It is widened by what the warned values might be." * decision.doubted))
    if decision.honest is not None:
        like = "for predictions like this the truth is within 20 %"
        said.append(("grade", _grade(decision, f"{like} in about {words.of_100(decision.honest)} cases.")))
    return said


def extent(decision: Decision) -> str:
    """'Range: $3,100 to $4,800', or that past cases set no end to it."""
    unit = decision.model.unit
    low, high = (None if end is None or abs(end) == float("inf") else end for end in (decision.low, decision.high))
    if low is None and high is None:
        return "Range: endless, since so few past cases set no limit at this level"
    if low is None:
        return f"Range: up to {words.number(high, unit)}"
    if high is None:
        return f"Range: {words.number(low, unit)} and more"
    return f"Range: {words.number(low, unit)} to {words.number(high, unit)}"


def _grade(decision: Decision, what: str) -> str:
    return f"Grade {decision.grade}: {'with the data warnings counted in, ' * decision.doubted}{what}"


def coverage(decision: Decision) -> str:
    """What the slider's level came to in past cases."""
    if decision.coverage is None:
        return ""
    what = "range" if decision.model.task == "regression" else "set"
    weighted = ", each counted by how much it is like these rows" if decision.weighted else ""
    return (
        f"Measured at {round(100 * decision.level)} %: the truth was in the {what} for "
        f"{words.of_100(decision.coverage)} past cases{weighted}, each judged by the others."
    )


def above(ranges: Ranges | None, decision: Decision, threshold: float | None) -> str:
    """How likely values like this are to exceed a threshold, by past errors; `ranges` are those of its review."""
    import numpy as np

    if ranges is None or threshold is None:
        return ""
    share = float(ranges.only(np.array([decision.position])).share_above(threshold)[0])
    said = (
        f"More than {words.number(threshold, decision.model.unit)}: {words.in_100(share)}, by the errors in past cases."
    )
    return said + " This holds if the warned values are right." * decision.doubted
