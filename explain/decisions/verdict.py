"""The verdict on a decision: use it, check it first, or do not use it yet; one number, and how that comes about.

The one number is how often the shown decision is right in such cases, all things counted: `Confidence.honest`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from explain import words
from explain.confidence.assess import TOLERANCE
from explain.decisions import column_faults
from explain.decisions.trust import NO_NUMBER, claims, extent, known, silence
from explain.models.predict import predicted
from explain.quality.catalog import CATALOG
from explain.quality.impact import DRAWS

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.decisions.decision import CellWarning, Decision
    from explain.types import DataWarning, Flags, Floats, Ints, ModelInfo

Kind: TypeAlias = Literal["use", "check", "stop", "none"]
KINDS: tuple[Kind, ...] = ("use", "check", "stop", "none")
TITLES: dict[Kind, str] = {
    "use": "Use it",
    "check": "Check first",
    "stop": "Do not use yet",
    "none": "No answer",
}
MARKS: dict[Kind, str] = {"use": "✓", "check": "?", "stop": "⊘", "none": "–"}
"""The shape that stands for each beside its words; none of them is a severity's (see `words.MARKS`)."""
SURE = 0.75
"""A decision that is right in fewer of such cases is checked by a person first: the edge between grades B and C."""
EVEN = 0.5
COIN = 0.05
"""How far from even odds a decision is still called a coin toss: as far as scores are taken for alike (`NEAR`)."""
HARDLY = 0.05
"""A decision right in fewer of such cases is called almost always wrong: one in twenty, as usual of such words."""


@dataclass(frozen=True)
class Verdict:
    """What to do with a decision: `title` says it with the reason, `sentence` the decision with its one number,
    `corrected` what it would be without its worst fault ("" for none), `steps` how the number comes about.
    """

    kind: Kind
    title: str
    sentence: str
    corrected: str
    steps: tuple[str, ...]


def verdict(decision: Decision) -> Verdict:
    """The verdict on one decision, whose numbers are about the predicted outcome (see `Decision.of_predicted`)."""
    faults = list(decision.faults)
    kind = _kind(decision, faults)
    return Verdict(kind, _title(kind, decision, faults), _sentence(decision), _corrected(decision), _steps(decision))


def kinds(decisions: Decisions) -> Ints:
    """(n,) the kind of each row's verdict, as its place in KINDS; the same as `verdict` says of each."""
    import numpy as np

    check, stop = KINDS.index("check"), KINDS.index("stop")

    honest = decisions.confidence.honest
    sure = np.zeros(len(decisions), dtype=bool) if honest is None else np.nan_to_num(honest) >= SURE
    found = np.where(sure, KINDS.index("use"), check)
    turned = turns(decisions)
    for warning in decisions.warnings:
        if warning.severity == "info" or warning.whole_column:
            continue
        rows, error = warning.rows, warning.severity == "error"
        unpriced = np.ones(len(rows), dtype=bool) if warning.repaired is None else np.isnan(warning.repaired)
        doubtful = unpriced | turned[rows] | error
        found[rows] = np.where(doubtful, np.maximum(found[rows], check), found[rows])
        found[rows[error & (turned[rows] | ~sure[rows])]] = stop
    if any(map(doubts_all, column_faults(decisions))):
        found = np.maximum(found, check)
    found[~decisions.answered] = KINDS.index("none")
    return np.asarray(found, dtype=np.int64)


def counted(decisions: Decisions) -> str:
    """'80 rows reviewed: 41 to use, 34 to check first, 5 not to use yet'."""
    found = kinds(decisions)
    said = {"use": "to use", "check": "to check first", "stop": "not to use yet", "none": "without an answer"}
    parts = [f"{int((found == at).sum()):,} {said[kind]}" for at, kind in enumerate(KINDS) if (found == at).any()]
    return f"{words.count(len(decisions), 'row')} reviewed" + (f": {', '.join(parts)}" if parts else "")


def turns(decisions: Decisions) -> Flags:
    """(n,) rows whose decision would be another if one of their faults were corrected."""
    import numpy as np

    found = np.zeros(len(decisions), dtype=bool)
    for warning in decisions.warnings:
        if warning.severity != "info" and warning.repaired is not None:
            found[warning.rows[_turned(decisions, warning, warning.repaired)]] = True
    return found & decisions.answered


def _turned(decisions: Decisions, warning: DataWarning, repaired: Floats) -> Flags:
    """(m,) whether the answer for each warned row is another with the cell corrected."""
    import numpy as np

    rows, prediction = warning.rows, decisions.prediction
    if decisions.model.task == "regression":
        return np.abs(repaired - decisions.shown_scores[rows]) > TOLERANCE * np.abs(decisions.shown_scores[rows])
    if decisions.model.task == "binary":
        return np.asarray(_outcome(decisions.model, prediction.shown[rows], repaired) != prediction.chosen[rows])
    flips = np.zeros(len(rows)) if warning.flips is None else warning.flips
    return np.asarray(2 * flips > DRAWS)


def _outcome(model: ModelInfo, about: Ints, scores: Floats) -> Ints:
    """(m,) the predicted outcome of a binary model from the score of the one that is spoken `about` (m,)."""
    import numpy as np

    both = np.empty((len(scores), 2))
    both[np.arange(len(scores)), about] = scores
    both[np.arange(len(scores)), 1 - about] = 1 - scores
    return predicted(model.cut, both)


def other_answer(decision: Decision, fault: CellWarning) -> str:
    """What the decision would be with the fault corrected, "" where it stays: an outcome, or a value in words."""
    import numpy as np

    if fault.repaired is None or fault.severity == "info" or not decision.answered:
        return ""
    model, repaired = decision.model, fault.repaired
    if model.task == "regression":
        moves = abs(repaired - decision.score) > TOLERANCE * abs(decision.score)
        return words.number(repaired, model.unit) if moves else ""
    if model.task == "binary":
        about = np.array([model.outputs.index(decision.shown)])
        name = model.outputs[int(_outcome(model, about, np.array([repaired]))[0])]
        return name if name != decision.predicted else ""
    return "another outcome" if 2 * (fault.flips or 0) > DRAWS else ""


def _kind(decision: Decision, faults: list[CellWarning]) -> Kind:
    if not decision.answered:
        return "none"
    sure = decision.honest is not None and decision.honest >= SURE
    error = any(item.severity == "error" for item in faults)
    turned = any(other_answer(decision, item) for item in faults)
    if error and (turned or not sure):
        return "stop"
    unpriced = any(item.repaired is None for item in faults)
    doubted = error or turned or unpriced or any(map(doubts_all, decision.column_faults))
    return "use" if sure and not doubted else "check"


MISREAD = frozenset({"other unit", "sorted apart", "two readings", "other words"})
"""Warnings about a column as a whole after which no value of it may be what it seems."""


def doubts_all(fault: CellWarning) -> bool:
    """Whether a fault of a column as a whole casts doubt on every row."""
    return fault.severity == "error" or fault.check in MISREAD


def _title(kind: Kind, decision: Decision, faults: list[CellWarning]) -> str:
    if kind == "none" and not faults:
        return f"{TITLES[kind]}: the model gives no number for this row"
    if not faults:
        whole = next(filter(doubts_all, decision.column_faults), None)
        if whole is not None:
            return f"{TITLES[kind]}: {_column(decision, whole)} in all rows ({CATALOG[whole.check].title})"
        return TITLES[kind] if kind == "use" else f"{TITLES[kind]}: {_doubt(decision)}"
    first = next((item for item in faults if item.severity == "error"), faults[0])
    named = f"{_column(decision, first)} ({CATALOG[first.check].title})"
    named += f" and {words.count(len(faults) - 1, 'other fault')}" if len(faults) > 1 else ""
    if kind == "use":
        return f"{TITLES[kind]}: {named} {'does' if len(faults) == 1 else 'do'} not change it"
    return f"{TITLES[kind]}: {'fix ' * (kind in {'stop', 'none'})}{named}"


def faults_counted(decision: Decision) -> str:
    """'2 faults and 1 remark', those of whole columns among them."""
    faults = len(decision.faults) + len(decision.column_faults)
    remarks = len(decision.warnings) - len(decision.faults)
    said = [words.count(faults, "fault")] * bool(faults) + [words.count(remarks, "remark")] * bool(remarks)
    return " and ".join(said) or "No faults in the data"


def _doubt(decision: Decision) -> str:
    """Why a decision with sound data is not to be used unseen."""
    if not claims(decision):
        return "nothing is known of how often the model is right here"
    honest = decision.honest or 0.0
    if decision.model.task == "regression":
        return "the value is a rough guide only"
    if is_coin_toss(honest):
        return TOSS
    if honest < EVEN and len(decision.scores) == 2:
        return f"past cases with such scores were more often {_other(decision)}"
    return "more likely wrong than right" if honest < EVEN else "a close call"


TOSS = "a coin toss"


def is_coin_toss(honest: float) -> bool:
    """Whether a decision is right about as often as not."""
    return round(abs(honest - EVEN), 9) <= COIN


def _other(decision: Decision) -> str:
    return next(name for name in decision.scores if name != decision.predicted)


def _column(decision: Decision, fault: CellWarning) -> str:
    return next((item.title for item in decision.reasons if item.column == fault.column), "the row as a whole")


def _sentence(decision: Decision) -> str:
    """The decision, and how often it is right in such cases."""
    if not decision.answered:
        return decision.sentence
    if decision.model.task == "regression":
        value = words.number(decision.score, decision.model.unit)
        if decision.honest is None:
            return f"{value}, as the model says."
        if decision.honest < HARDLY:
            off = words.about_of_100(1 - decision.honest)
            return f"{value}: almost always wrong, by more than 20 % in {off} such cases."
        return f"{value}: within 20 % of the truth in {words.about_of_100(decision.honest)} such cases."
    name = decision.predicted[:1].upper() + decision.predicted[1:]
    if decision.honest is None:
        return f"{name}; the model alone says {words.in_100(decision.scores[decision.predicted])}."
    return f"{name}: {_how_right(decision.honest)} such cases."


def _how_right(honest: float) -> str:
    """How often it is right, and what a low number means: nobody takes "right in about 1 of 100" for "wrong"."""
    if honest < HARDLY:
        return f"almost always wrong, in {words.about_of_100(1 - honest)}"
    right = f"right in {words.about_of_100(honest)}"
    if is_coin_toss(honest):
        return f"{TOSS}, {right}"
    return f"more likely wrong than right, {right}" if honest < EVEN else right


def _corrected(decision: Decision) -> str:
    """What the fault that matters most does to the decision."""
    fault = next((item for item in decision.warnings if item.severity != "info" and item.repaired is not None), None)
    if fault is None or fault.repaired is None or not decision.answered:
        return ""
    column, other = _column(decision, fault), other_answer(decision, fault)
    if decision.model.task == "regression":
        unit = decision.model.unit
        now, then = (words.number(value, unit) for value in (decision.score, fault.repaired))
        return f"With {column} corrected: {f'{then} instead of {now}' if then != now else 'the same value'}."
    if other == "another outcome":
        return f"With {column} corrected: probably {other}."
    if other and fault.suggestion is None:
        return f"The right {column} is not known; with that of similar cases it would more often be {other}."
    likely = decision.scores[decision.predicted], 1 - fault.repaired if other else fault.repaired
    now, then = (words.in_100(share).removesuffix(" in 100") for share in likely)
    if other:
        return f"As it stands the model alone says {decision.predicted} {now}; with {column} corrected {other} {then}."
    same = ", with the same score" if now == then else f"; the model alone says {then} instead of {now}"
    return f"With {column} corrected: still {decision.predicted}{same}."


def _steps(decision: Decision) -> tuple[str, ...]:
    """How the one number comes about: what the model says, what past cases correct, what data faults take away."""
    if not decision.answered:
        return (NO_NUMBER,)
    said = [decision.sentence]
    if not claims(decision):
        return (*said, silence(decision))
    if decision.model.task == "regression":
        said.append(f"{extent(decision)}, so that {round(100 * decision.level)} of 100 past cases lie within theirs.")
    else:
        said += _past(decision)
    return (*said, _taken(decision))


def _past(decision: Decision) -> list[str]:
    """What past cases make of the model's number, with an interval that holds every number said of it."""
    if decision.calibrated is None:
        return []
    model, corrected = decision.scores[decision.predicted], decision.calibrated[decision.predicted]
    same = words.in_100(model) == words.in_100(corrected)
    said = "Past cases leave that as it is" if same else f"Past cases correct this to {words.in_100(corrected)}"
    around, counted = [corrected], ""
    if decision.known_low is not None and decision.known_high is not None:
        around += [decision.known_low, decision.known_high]
    if decision.past_cases is not None and decision.past_hits is not None:
        counted = " " + words.past(decision.past_cases, decision.past_hits, decision.predicted)
        if decision.past_cases >= words.ENOUGH_CASES:
            around.append(decision.past_hits / decision.past_cases)
    return [f"{said}{known(min(around), max(around))}.{counted}"]


def _taken(decision: Decision) -> str:
    """What faults in the data take away from the number."""
    if not decision.doubted:
        return "Data: nothing takes away from that."
    if decision.honest is None:
        return "The faults in the data cast doubt on that."
    if decision.calibrated is None:
        return f"Faults counted in, it is right in {words.about_of_100(decision.honest)} such cases."
    right, before = (words.in_100(share) for share in (decision.honest, decision.calibrated[decision.predicted]))
    if before == right:
        return "Data: the faults take nothing away from that."
    return f"The faults in the data take that down to {right}."
