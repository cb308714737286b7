"""How often each outcome is predicted, as pieces of the line above the table; of many outcomes the rarer ones fold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.parts.text import colours, escaped
from explain import words
from explain.charts.theme import LABEL, MANY_OUTCOMES
from explain.shown import shortened, visible

if TYPE_CHECKING:
    from collections.abc import Mapping


def outcome_parts(counts: Mapping[str, int], rows: int) -> list[str]:
    """Escaped HTML, one piece an outcome with its hue; from six outcomes on the five most frequent, and the others."""
    look = colours()
    places = {name: at for at, name in enumerate(counts)}
    names = list(counts)
    if len(names) >= MANY_OUTCOMES:
        names = sorted(names, key=lambda name: -counts[name])[: MANY_OUTCOMES - 1]
    parts = []
    for name in names:
        dot = f"<span class='why-dot' style='background:{look.outcome(places[name], len(counts))}'></span>"
        count = counts[name]
        share = words.in_100(count / rows) if 0 < count < rows else f"{100 * bool(count)} in 100"
        short = shortened(visible(name), LABEL)
        whole = f" title='{escaped(name)}'" if short != name else ""
        parts.append(f"<span{whole}>{dot}<b>{count:,}</b> {escaped(short)} <small>({escaped(share)})</small></span>")
    others = [name for name in counts if name not in names]
    if others:
        said = ", ".join(f"{name} {counts[name]:,}" for name in others)
        count = sum(counts[name] for name in others)
        text = words.count(len(others), "other outcome")
        parts.append(f"<span title='{escaped(said)}'><b>{count:,}</b> {escaped(text)}</span>")
    return parts
