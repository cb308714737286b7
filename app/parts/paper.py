"""The decision as it is printed: one page of plain HTML, laid out for paper, that stands in for the whole screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from app.parts.page_script import page_script
from app.parts.text import escaped
from explain import words
from explain.charts.paper import paper_waterfall
from explain.charts.theme import LIGHT
from explain.charts.waterfall import waterfall_title
from explain.decisions import trust as past
from explain.decisions import verdict
from explain.insight.whole_row import whole_row
from explain.quality.catalog import CATALOG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.decisions import Decision, Decisions
    from explain.decisions.verdict import Verdict
    from explain.insight.whatif import PastCase

LISTED = 44
"""Columns up to which each value of the row has a line of its own: more lines than that would not fit the page."""
LARGEST, SMALLEST = 9.0, 6.0
"""Points of the type: easily read, and still read."""
PAST_HEADS = ("similarity", "actual outcome")
"""Of the first columns of a table of past cases."""
FULL = 70
"""Lines of the largest type that fill a page of Letter in two columns, beside what stands on every page."""


class Paper(NamedTuple):
    """What is printed: the row of `review` as it was decided (`original`), `decision` with what-if changes made, its
    `verdict`, and its `reasons` in the chosen units; `changed` says in a sentence what was changed, `cases` are the
    past ones most like it, with values of `columns`; `address` is where the page is found again.
    """

    review: Decisions
    original: Decision
    decision: Decision
    reasons: Decision
    verdict: Verdict
    changed: str
    cases: Sequence[PastCase]
    columns: Sequence[str]
    address: str
    prices: Sequence[str]


def paper(content: Paper) -> None:
    """Leave the page where the browser finds it when it prints; on the screen nothing of it is seen or heard."""
    parts = [
        _head(content), "<div class='why-paper-flow'>", _why(content), _warnings(content), _sure(content),
        _whole_row(content), "</div>", _past_cases(content), _foot(content),
    ]  # fmt: skip
    # kept as an attribute: the same words twice on a page would be read out and found twice
    look = f"class='why-paper' style='font-size:{_size(content):.1f}pt'"
    st.html(f"<div {look} data-paper='{escaped_once(''.join(parts))}'></div>")
    page_script()


def _size(content: Paper) -> float:
    """The type that holds one page: what has more to say needs smaller type, whose area goes by the square."""
    cells = len(content.review.schema.names) + len(content.review.table.context.columns)
    lines = 42 + (cells if cells <= LISTED else 0.5 * cells) + 5 * len(content.decision.warnings)
    return max(SMALLEST, LARGEST * min(1.0, (FULL / lines) ** 0.5))


def escaped_once(html: str) -> str:
    """HTML of our own as the value of an attribute in single quotes."""
    return html.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;")


def _head(content: Paper) -> str:
    decision, found = content.decision, content.verdict
    colour = {"check": LIGHT.warning, "stop": LIGHT.error}.get(found.kind, LIGHT.accent)
    letter = decision.letter
    grade = f"<span class='why-paper-grade'>trust <b>{letter}</b> {past.LETTERS[letter]}</span>" if letter else ""
    lines = [found.sentence, found.corrected, content.changed]
    model = decision.model
    return (
        f"<header><span><b>Whysure</b> · {escaped(model.title)}, version {escaped(model.version)}</span>"
        f"<span>{escaped(content.review.table.name)}, row {escaped(decision.row_id)}</span></header>"
        f"<section class='why-paper-verdict' style='border-color:{colour}'>{grade}"
        f"<h1><span style='color:{colour}'>{verdict.MARKS[found.kind]}</span> {escaped(found.title)}</h1>"
        + "".join(f"<p class='why-paper-said'>{escaped(line)}</p>" for line in lines if line)
        + "</section>"
    )


def _why(content: Paper) -> str:
    """The waterfall, bars drawn as boxes so that they are sharp on any printer."""
    reasons = content.reasons
    if not reasons.answered:
        return ""
    drawn = paper_waterfall(reasons)
    unit, space = reasons.model.unit, reasons.space
    start, end = (words.amount(score, space, unit) for score in (reasons.base, reasons.score))
    ends = f"typical past case {start}; this case {end}"
    rows = "".join(
        f"<tr><td>{escaped(bar.title)} <b>{escaped(bar.value)}</b>{_mark(bar.severity)}</td>"
        f"<td class='why-paper-track'>"
        f"<i style='left:{drawn.typical:.2f}%'></i><i style='left:{drawn.this:.2f}%'></i>"
        f"<span style='left:{bar.left:.2f}%;width:{max(bar.width, 0.5):.2f}%;"
        f"background:{LIGHT.raises if bar.raises else LIGHT.lowers}'></span></td>"
        f"<td class='why-paper-number'>{'▲' if bar.raises else '▼'} {escaped(bar.moved)}</td></tr>"
        for bar in drawn.bars
    )
    return (
        f"<section><h2>{waterfall_title(reasons)}</h2><p>From {escaped(ends)}.</p>"
        f"<table class='why-paper-bars'><tbody>{rows}</tbody></table></section>"
    )


def _mark(severity: str | None) -> str:
    return f" {words.MARKS[severity]}" if severity else ""


def _warnings(content: Paper) -> str:
    decision = content.decision
    whole = "".join(
        f"<li><b>{words.MARKS[item.severity]} {escaped(CATALOG[item.check].title)}, in all rows.</b> "
        f"{escaped(item.message)}</li>"
        for item in decision.column_faults
    )
    items = whole + "".join(
        f"<li><b>{words.MARKS[item.severity]} {escaped(CATALOG[item.check].title)}.</b> {escaped(item.message)} "
        f"{escaped(price)}</li>"
        for item, price in zip(decision.warnings, content.prices, strict=True)
    )
    return f"<section><h2>{verdict.faults_counted(decision)}</h2><ul>{items}</ul></section>"


def _sure(content: Paper) -> str:
    decision = content.decision
    if not past.claims(decision):
        return f"<section><h2>How sure</h2><p>{escaped(past.silence(decision))}</p></section>"
    level = f"At {round(100 * decision.level)} %: " if decision.model.task != "regression" else ""
    steps = "".join(f"<li>{escaped(step)}</li>" for step in content.verdict.steps)
    return (
        f"<section><h2>How sure</h2><p>{level}{escaped(past.left(decision))} {escaped(past.coverage(decision))}</p>"
        f"<ol>{steps}</ol></section>"
    )


def _past_cases(content: Paper) -> str:
    if not content.cases:
        return ""
    schema = content.review.schema
    heads = "".join(f"<th>{escaped(name)}</th>" for name in [*PAST_HEADS, *(schema[n].title for n in content.columns)])
    rows = "".join(
        f"<tr><td>{round(100 * case.alike)} %</td><td>{escaped(case.outcome)}</td>"
        + "".join(f"<td>{escaped(case.values[name])}</td>" for name in content.columns)
        + "</tr>"
        for case in content.cases
    )
    table = f"<table class='why-paper-row'><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<section><h2>Past cases most like this one</h2>{table}</section>"


def _whole_row(content: Paper) -> str:
    """Every value; of many columns run on, of few one a line. What was uploaded stands behind, where it differs."""
    cells = whole_row(content.review, content.original.position)
    said = [
        (
            escaped(cell.title),
            escaped(cell.value) + (f" <small>(“{escaped(cell.uploaded)}”)</small>" * bool(cell.uploaded)),
        )
        for cell in cells
    ]
    note = "as uploaded in brackets, where it was read differently" if any(cell.uploaded for cell in cells) else ""
    heading = f"<h2>The whole row{f' <small>({note})</small>' if note else ''}</h2>"
    if len(said) > LISTED:
        return (
            f"{heading}<p class='why-paper-run'>" + " · ".join(f"{name}: <b>{text}</b>" for name, text in said) + "</p>"
        )
    rows = "".join(f"<tr><td>{name}</td><td><b>{text}</b></td></tr>" for name, text in said)
    return f"{heading}<table class='why-paper-row'><tbody>{rows}</tbody></table>"


def _foot(content: Paper) -> str:
    run, model = content.review.run, content.review.model
    made = str(run.get("made", "")).replace("T", " ").removesuffix("+00:00")
    facts = [
        f"{model.title}, version {model.version} ({model.sha256[:12]})",
        f"review {run.get('id', '')}" + (f" made {made} UTC" if made else ""),
        f"Whysure {run.get('version', '')}",
    ]
    return f"<footer><p>{escaped(' · '.join(facts))}</p><p>{escaped(content.address)}</p></footer>"
