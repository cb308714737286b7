"""What every column of the written files means: the one source for the sheet "columns" and docs/files.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

DECISIONS: dict[str, str] = {
    "row_id": "Name of the row: its id in the upload, else its place, counted from 1.",
    "prediction": "The outcome the model predicts, or the value of a regression; empty where the model gives none.",
    "score": "The number the reasons add up to: the probability (0 to 1) of the outcome in “shown”, or the value.",
    "shown": "The outcome that “score”, “calibrated” and the reasons are about.",
    "score.*": "Probability (0 to 1) the model gives the outcome {}; of a regression the value.",
    "calibrated": "Probability (0 to 1) of the outcome in “shown”, corrected by what happened to past cases.",
    "calibrated.*": "The same for the outcome {}.",
    "honest": "How likely the prediction is right (0 to 1), by past cases and with faults in the data counted in; of a "
    "regression: that the truth lies within 20 % of it.",
    "grade": "Letter for “honest”: A from 90 in 100, B from 75, C from 60, D below; empty without past cases.",
    "plausible": "Outcomes on the shortlist at the level of the review; in CSV and Excel separated by “; ”, in "
    "Parquet a list.",
    "p.*": "p-value of the outcome {}: it is plausible at a level when this is above 1 - level.",
    "past_cases": "Past cases with a score like this one.",
    "past_hits": "How many of them had the outcome in “shown”.",
    "known_low": "Lower end of how well the probability of the outcome in “shown” is known (Venn-Abers).",
    "known_high": "Upper end of the same.",
    "low": "Lower end of the range the truth lies in, at the level of the review.",
    "high": "Upper end of the same.",
    "base": "Where the reasons start from: the average score over past rows.",
    "gap": "How far “base” and the reasons together are from the model's own score; checked for every row.",
    "method": "How the reasons were worked out; empty, as they are, where a batch was asked for none.",
    "warnings": "Faults of the row: its cells with an error or a warning.",
    "worst": "The worst of them: error, warning or info (a remark); empty for none.",
    "why.*": "By how much {} raises (+) or lowers (-) the score from “base”.",
    "error.*": "Standard error of that reason from sampling; only where reasons were sampled ({}).",
    "background_error.*": "Standard error of that reason from comparing with some past rows instead of all ({}).",
    "context.*": "The upload's own column {}, as text; the model never sees it.",
    "value.*": "{} as it was read and corrected: what the model was given. Dates are texts, blanks empty.",
    "uploaded.*": "{} as it stood in the upload, where that is not what was read; empty elsewhere.",
    "verdict": "What to do with the decision: use, check (first) or stop (do not use it yet); none without an answer.",
}
"""Columns of `decisions` in their order; `*` stands for the name of an outcome or column, which {} repeats."""

WARNINGS: dict[str, str] = {
    "row_id": "Name of the row; empty when it is about the whole column or table.",
    "column": "The column; empty when it is about the row or table as a whole.",
    "check": "Which check found it.",
    "severity": "error, warning or info (a remark).",
    "message": "What was found, in a sentence.",
    "found": "What stood in the cell.",
    "suggestion": "What it may have meant; empty where nothing is suggested.",
    "applied": "Whether that was read instead already.",
    "score_if_repaired": "The score with the suggested value, or with values of similar rows, in the cell.",
    "impact_low": "Low end of how that changes the score (8 of 10 draws from similar rows lie between the ends).",
    "impact_high": "High end of the same.",
    "flips": "In how many of 25 draws from similar rows another outcome is predicted.",
    "factor": "By how much the unit of a whole column is off.",
}
"""Columns of `warnings` in their order."""


def meaning(name: str, known: dict[str, str] = DECISIONS) -> str:
    """What a column means, "" for one that is not documented."""
    if name in known:
        return known[name]
    kind, _, rest = name.partition(".")
    text = known.get(f"{kind}.*", "") if rest else ""
    return text.replace("{}", f"“{rest}”")


def columns_frame(decisions: Iterable[str], warnings: Iterable[str]) -> pd.DataFrame:
    """One row a column of the two sheets: sheet, column, meaning."""
    import pandas as pd

    sheets: Sequence[tuple[str, Iterable[str], dict[str, str]]]
    sheets = [("decisions", decisions, DECISIONS), ("warnings", warnings, WARNINGS)]
    rows = [(sheet, name, meaning(name, known)) for sheet, names, known in sheets for name in names]
    return pd.DataFrame(rows, columns=["sheet", "column", "meaning"])


def markdown() -> str:
    """Both lists as tables of docs/files.md."""
    parts = []
    for title, known in (("decisions", DECISIONS), ("warnings", WARNINGS)):
        rows = [f"| `{_placed(name)}` | {text.replace('{}', 'it')} |" for name, text in known.items()]
        parts.append("\n".join([f"## Columns of `{title}`", "", "| column | what it means |", "|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def _placed(name: str) -> str:
    kind = name.partition(".")[0]
    of = "outcome" if kind in {"score", "calibrated", "p"} else "column"
    return name.replace("*", f"<{of}>")
