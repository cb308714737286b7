"""The decision card: what the model said, why, how sure, and whether the data was sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from app import link
from app.access import current
from app.parts.chart import chart
from app.parts.text import colours, escaped, plain, warning_html
from explain import words
from explain.attributions.choose import METHODS
from explain.charts.scale import corrected, scale, scale_title
from explain.charts.theme import MANY_OUTCOMES
from explain.charts.waterfall import waterfall, waterfall_alt
from explain.decisions import trust as past
from explain.decisions import verdict
from explain.quality.catalog import CATALOG
from explain.quality.impact import DRAWS
from explain.shown import visible

if TYPE_CHECKING:
    from explain.decisions import CellWarning, Decision, Decisions
    from explain.decisions.verdict import Verdict
    from explain.insight.undecided import Rivals

LEVELS = (0.8, 0.9, 0.95, 0.99)
DEFAULT_LEVEL = 0.9
DOCS = "The field's term for these shares: SHAP values."
MIRRORED = 2
"""Outcomes of which one is simply the other way round: a sentence says what a picture would."""


def header(decision: Decision, found: Verdict) -> None:
    """The verdict, the decision with its one number, what a correction would change, and how far to trust it."""
    letter = ""
    if decision.letter:
        about = escaped(past.TERMS["trust"])
        letter = (
            f"<div class='why-grade' title='{about}'>trust<b>{decision.letter}</b>{past.LETTERS[decision.letter]}</div>"
        )
    look = colours()
    colour = {"check": look.warning, "stop": look.error}.get(found.kind, look.accent)
    mark = f"<span style='color:{colour}' aria-hidden='true'>{verdict.MARKS[found.kind]}</span>"
    corrected = f"<p class='why-lead'>{escaped(found.corrected)}</p>" if found.corrected else ""
    st.html(
        f"<div class='why-head' style='border-color:{colour}'><div><h2 class='why-verdict'>{mark} "
        f"{escaped(found.title)}</h2><p class='why-headline'>{escaped(found.sentence)}</p>{corrected}</div>"
        f"{letter}</div>"
    )
    if not decision.adds_up:
        off = f"Off by {words.number(decision.gap)} from the model's own score for this row: do not rely on them."
        st.html(warning_html("error", "The reasons do not add up.", off))


UNITS = {"points": "points of 100", "log-odds": "log-odds"}
UNITS_HELP = "Most models add up log-odds; points of 100 are those shares, scaled to the change of the chance."


def why(decision: Decision, background_rows: int, key: str, *, choice: bool) -> None:
    """The waterfall, and how it was worked out; with `choice` its unit can be chosen (see `bound_units`)."""
    if not decision.answered:
        st.info("Where there is no number, there are no reasons for it.", icon=":material/block:")
        return
    chart(waterfall(decision, colours()), waterfall_alt(decision), f"waterfall_{key}")
    if has_choice_of_outcome(decision):
        _choice_of_outcome(decision)
    if choice:
        st.segmented_control(
            "Reasons counted in", list(UNITS), required=True, format_func=UNITS.__getitem__, help=UNITS_HELP,
            **bound_units(),
        )  # fmt: skip
        if link.value("units", str) != "points" and decision.space == "probability":
            st.caption("This model adds up chances themselves; it has no log-odds.")
    made = METHODS.get(decision.method, "").format(rows=f"{background_rows:,}")
    exact = made.startswith("Exact")
    st.caption("Reasons add up exactly." if exact else made, help=f"{made} {DOCS}" if exact else DOCS)


def _choice_of_outcome(decision: Decision) -> None:
    """The outcome that the reasons are for: few stand side by side, many in a list."""
    names = list(decision.scores)
    if len(names) < MANY_OUTCOMES:
        st.segmented_control("Reasons for", names, required=True, format_func=plain, **bound_about(decision))
    else:
        st.selectbox("Reasons for", names, format_func=visible, **bound_about(decision))


def has_choice_of_outcome(decision: Decision) -> bool:
    """Whether reasons of one outcome are not simply the mirror image of the other's."""
    return decision.answered and len(decision.scores) > 2


def bound_about(decision: Decision) -> dict[str, Any]:
    """Where the choice of the outcome explained is kept: `about=Adelie`; the predicted one by default."""
    return link.bind("about", decision.shown, list(decision.scores))


def bound_units() -> dict[str, Any]:
    """Where the choice of the reasons' unit is kept: `units=log-odds` in the address."""
    return link.bind("units", "points", UNITS)


def trust(reviewed: Decisions, decision: Decision, steps: tuple[str, ...], key: str) -> None:
    """What can be ruled out at a level that the person sets, and how the card's number comes about.

    `reviewed` holds the decision.
    """
    heading("How sure", past.how(decision) if past.claims(decision) else "")
    if not past.claims(decision):
        st.info(plain(past.silence(decision)), icon=":material/block:")
        return
    regression, several = decision.model.task == "regression", len(decision.scores) > MIRRORED
    if regression or not several:
        # of several outcomes the picture's title says it
        term = past.TERMS["range" if regression else "set"]
        st.html(f"<p class='why-lead' title='{escaped(term)}'>{escaped(past.left(decision))}</p>")
    if regression or several:
        chart(scale(decision, colours()), _scale_alt(decision), f"scale_{key}")
    if reviewed.confidence.judged is not None:
        st.select_slider(
            f"How careful the {'range' if regression else 'shortlist'} is",
            options=LEVELS,
            format_func=lambda level: f"{round(100 * level)} %",
            help=f"The more careful, the {'wider' if regression else 'longer'} it is. "
            "The field's term: conformal prediction.",
            **bound_level(),
        )
    with st.container(key="tested"):
        st.caption(plain(past.coverage(decision)))
    if reviewed.confidence.ranges is not None and not decision.broken:
        _above(reviewed, decision, key)
    with st.expander("How this number comes about"):
        items = "".join(f"<li>{escaped(step)}</li>" for step in steps)
        st.html(f"<ol class='why-made' title='{escaped(past.TERMS['number'])}'>{items}</ol>")


def heading(text: str, about: str = "") -> None:
    """A heading within the card, below that of the decision; `about` is one hover away."""
    title = f" title='{escaped(about)}'" if about else ""
    st.html(f"<h3 class='why-part'{title}>{escaped(text)}</h3>")


def _above(reviewed: Decisions, decision: Decision, key: str) -> None:
    """How likely the value is to exceed a number that the person types."""
    unit = decision.model.unit
    threshold = st.number_input(
        plain("How likely is more than …?" + (f" ({unit})" if unit else "")),
        value=float(f"{decision.score:.2g}"), key=f"above_{key}_{decision.row_id}", format="%.15g",
    )  # fmt: skip
    st.caption(plain(past.above(reviewed.confidence.ranges, decision, threshold)))


def rivals(found: Rivals | None) -> None:
    """Where more than one outcome cannot be ruled out: what speaks for each, and where the model would be clear."""
    if found is not None:
        heading(
            found.title,
            "The difference of the two outcomes' SHAP values: with the start it adds up to that of their scores.",
        )
        st.html("".join(f"<p class='why-lead'>{escaped(sentence)}</p>" for sentence in found.sentences))


def bound_level() -> dict[str, Any]:
    """The level slider's place in the address: `level=95`."""
    return link.bind("level", DEFAULT_LEVEL, LEVELS, lambda level: f"{round(100 * level)}")


def _scale_alt(decision: Decision) -> str:
    if decision.model.task == "regression":
        return past.left(decision)
    shares = ", ".join(
        f"{name} {words.in_100(share)}" for name, share in (decision.calibrated or decision.scores).items()
    )
    return f"{scale_title(decision)}. Chances, {corrected(decision)}: {shares}."


def warnings(decisions: Decisions, decision: Decision, key: str) -> CellWarning | None:
    """Each data warning with what it says, its price and its fix; gives the one whose fix is to be tried."""
    heading(verdict.faults_counted(decision))
    if not decision.warnings and not decision.column_faults:
        st.caption("Every value of this row is of a kind that the model has seen.")
    for item in decision.column_faults:
        in_all = f"{CATALOG[item.check].title}, in all rows:"
        st.html(warning_html(item.severity, in_all, item.message))
    tried = None
    for at, item in enumerate(decision.warnings):
        title = CATALOG[item.check].title
        st.html(warning_html(item.severity, title, item.message, price_sentence(decisions, decision, item)))
        if (
            item.applied
            and current.is_analyst()
            and st.button(
                "Undo",
                key=f"undo_{key}_{at}",
                icon=":material/undo:",
                help="Shows all cells of this column that were read as something else, and undoes them.",
            )
        ):
            link.open_page("data", run=str(decisions.run.get("id", "")), column=item.column)
        if item.suggestion is None or item.applied:
            continue
        label = plain(f"Try “{suggested(decisions, item)}”")
        if st.button(
            label, key=f"try_{key}_{at}", icon=":material/auto_fix_high:", help="See what the model says with it"
        ):
            tried = item
    return tried


def suggested(decisions: Decisions, item: CellWarning) -> str:
    """A proposed value as people read it."""
    column = decisions.schema[item.column]
    value: object = float(item.suggestion or "nan") if column.kind == "number" else item.suggestion
    return words.cell(value, column)


def price_sentence(decisions: Decisions, decision: Decision, item: CellWarning) -> str:
    """What the model alone would say with the cell repaired, and how far values of similar cases move it."""
    if item.repaired is None or (decision.answered and (item.impact_low is None or item.impact_high is None)):
        return ""
    space, unit = decision.space, decision.model.unit
    what = decision.model.target if decision.model.task == "regression" else decision.shown
    if not decision.answered:
        then = words.amount(item.repaired, space, unit)
        return f"With a value that similar cases have the model alone says {what} {then}."
    # "in 100" is said once
    now, low, high = (
        words.amount(decision.score + moved, space, unit).removesuffix(" in 100")
        for moved in (0.0, item.impact_low, item.impact_high)
    )
    with_what = (
        f"With “{suggested(decisions, item)}”"
        if item.suggestion is not None
        else "With a value that similar cases have"
    )
    repaired = words.amount(item.repaired, space, unit)
    spread = (
        f"all values of similar cases give {low}" if low == high else f"values of similar cases give {low} to {high}"
    )
    flips = f" {item.flips} of {DRAWS} change the decision." if item.flips else ""
    return f"{with_what} the model alone says {what} {repaired} (now {now}); {spread}.{flips}"


def footer(decisions: Decisions, decision: Decision) -> None:
    """Which model, which run, when."""
    run = decisions.run
    made = str(run.get("made", "")).replace("T", " ").removesuffix("+00:00")
    beside = "; ".join(
        f"{name} = {text}"
        for name, text in decision.context.items()
        if text and text != decision.row_id and name != decision.recorded
    )
    happened = decision.context.get(decision.recorded, "")
    facts = [
        f"What really happened, as the table says: {happened}" if happened else "",
        f"Not used by the model: {beside}" if beside else "",
        f"{decisions.model.title}, version {decisions.model.version} ({decisions.model.sha256[:12]})",
        f"table {decisions.table.name}, row {decision.row_id}",
        f"review {run.get('id', '')}" + (f" made {made} UTC" if made else ""),
        f"Whysure {run.get('version', '')}",
    ]
    st.html(f"<p class='why-foot'>{escaped(' · '.join(filter(None, facts)))}</p>")
