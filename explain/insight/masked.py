"""A decision as it may be shown to a room full of people: without who it is about and what their values are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explain.quality.catalog import CATALOG

if TYPE_CHECKING:
    from explain.decisions.decision import Decision

HIDDEN = "•••"


def masked(decision: Decision, called: str) -> Decision:
    """The same decision, `called` something else than its id, with every value of the row hidden.

    What is said of a fault then is what its kind is about, as its own words quote the value.
    """
    return replace(
        decision,
        row_id=called,
        reasons=tuple(replace(item, value=HIDDEN) for item in decision.reasons),
        warnings=tuple(
            replace(
                item,
                message=CATALOG[item.check].about,
                found=HIDDEN,
                suggestion=None if item.suggestion is None else HIDDEN,
            )
            for item in decision.warnings
        ),
        context={},
    )
