"""Decisions as a notebook shows them."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from explain import words
from explain.shown import visible

if TYPE_CHECKING:
    from explain.decisions import Decision, Decisions

MOST_REASONS, MOST_ROWS = 8, 10


def decision_html(decision: Decision) -> str:
    """One row: headline, sentence, reasons and faults, all about the predicted outcome."""
    decision = decision.of_predicted
    rows = "".join(
        f"<tr><td>{_safe(reason.title)}</td><td>{_safe(reason.value)}</td>"
        f"<td style='text-align:right'>{words.arrow(reason.contribution)} "
        f"{_safe(words.change(reason.contribution, decision.space, decision.model.unit))}</td></tr>"
        for reason in decision.reasons[:MOST_REASONS]
    )
    faults = "".join(
        f"<li><b>{_safe(words.CALLED[item.severity])}</b>: {_safe(item.message)}</li>" for item in decision.warnings
    )
    head = f"{_safe(decision.row_id)}: {_safe(decision.headline)}"
    return f"<h4>{head}</h4><p>{_safe(decision.sentence)}</p><table><tbody>{rows}</tbody></table><ul>{faults}</ul>"


def decisions_html(decisions: Decisions) -> str:
    """The first rows of a table."""
    shown = min(len(decisions), MOST_ROWS)
    rows = "".join(
        f"<tr><td>{_safe(item.row_id)}</td><td>{_safe(item.headline)}</td>"
        f"<td>{_safe(item.grade)}</td><td>{len(item.warnings) or ''}</td>"
        f"<td>{_safe(reasons_in_short(item))}</td></tr>"
        for item in (decisions[at] for at in range(shown))
    )
    heads = "".join(f"<th>{name}</th>" for name in ("row", "prediction", "trust", "faults", "main reasons"))
    return (
        f"<p>{_safe(decisions.model.title)}: {shown} of {words.count(len(decisions), 'decision')} shown</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _safe(text: str) -> str:
    return html.escape(visible(text))


def reasons_in_short(decision: Decision, most: int = 3) -> str:
    """'duration 48 months ▲, savings none ▲, age 52 ▼'."""
    kept = [reason for reason in decision.reasons[:most] if reason.contribution != 0]
    return ", ".join(f"{item.title} {item.value} {words.arrow(item.contribution)}" for item in kept)
