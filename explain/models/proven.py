"""What a parity proof says, in sentences: for the screen, the command line and the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.models.parity import NOTICED, SERVED_AS_IT_CAME

if TYPE_CHECKING:
    from explain.models.parity import Parity, Worst

HEADLINES = {
    "same": "Predicts what the original predicts",
    "different": "Does not predict what the original predicts",
    "unproven": "Not compared with the original",
}
AS_IT_CAME = "Served as it came"
SMALLEST = 1e-9
"""Differences below come from the last bits of a double."""


def headline(parity: Parity | None) -> str:
    """The verdict in a few words."""
    if parity is None:
        return HEADLINES["unproven"]
    return AS_IT_CAME if parity.why == SERVED_AS_IT_CAME else HEADLINES[parity.verdict]


def sentences(parity: Parity | None) -> list[str]:
    """The verdict's reasons, the weightiest first."""
    if parity is None:
        return ["The package holds no proof that it predicts what the original model predicts."]
    if parity.verdict == "unproven":
        return [parity.why]
    compared = f"Compared with {parity.against} on {words.count(parity.rows, 'reference row')}"
    if parity.edge_rows:
        compared += (
            f" and {words.count(parity.edge_rows, 'row')} at the edges (blanks, unseen categories, values on every "
            "threshold and beside it)"
        )
    found = [f"{compared}: the largest difference is {_small(parity.largest)}."]
    if parity.verdict == "different":
        found[:0] = [_apart(parity), *(_worst(item) for item in parity.worst[:3])]
    if parity.refused:
        found.append(
            f"The original refuses {words.listed(list(parity.refused), 4)}; the package answers there all the same."
        )
    if parity.unanswered:
        found.append(
            f"Neither has an answer to {words.listed(list(parity.unanswered), 4)}: such rows get no prediction."
        )
    return found


def mark(parity: Parity | None) -> str:
    """What is said wherever a package that failed its proof is used; "" for all others."""
    if parity is None or not parity.served_anyway:
        return ""
    return f"This model does not predict what its original predicts. {_apart(parity)} It is served all the same."


def _apart(parity: Parity) -> str:
    rows = parity.rows + parity.edge_rows
    text = f"{parity.noticed:,} of {rows:,} rows differ by more than {NOTICED:g}"
    if parity.flips:
        text += f", and {words.count(parity.flips, 'row')} get{'s' if parity.flips == 1 else ''} another outcome"
    return f"{text}."


def _worst(item: Worst) -> str:
    where = f"row {item.row + 1:,} of the reference" if item.what == "reference" else f"a row made for {item.what}"
    return f"In {where} the original says {item.source:.6g}, the package {item.package:.6g}."


def _small(value: float) -> str:
    """A difference as people write it: 0.0000005, not 5e-07."""
    if value == 0:
        return "0"
    if value < SMALLEST:
        return f"below {SMALLEST:.9f}"
    return f"{float(f'{value:.1g}'):.9f}".rstrip("0") if value < 1 else words.number(value)
