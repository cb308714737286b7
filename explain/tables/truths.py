"""Words for yes and no, in the usual languages: for columns of 0 and 1, and for categories that come as a pair."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PAIRS = (
    ("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("1", "0"), ("1.0", "0.0"), ("on", "off"),
    ("ja", "nein"), ("j", "n"), ("wahr", "falsch"), ("oui", "non"), ("o", "n"), ("vrai", "faux"), ("sí", "no"),
    ("si", "no"), ("sì", "no"), ("s", "n"), ("verdadero", "falso"), ("vero", "falso"), ("sim", "não"), ("sim", "nao"),
    ("verdadeiro", "falso"), ("ja", "nee"), ("waar", "onwaar"),
)  # fmt: skip
"""Yes and no, lower case. A lone letter means either only beside its partner: "f" beside "m" is no "false"."""


def truths(texts: Iterable[str]) -> Mapping[str, bool]:
    """What says yes or no among the different texts of a column, folded text -> which."""
    words = {text.strip().casefold() for text in texts}
    found: dict[str, bool] = {}
    for pair in PAIRS:
        met = [word for word in pair if word in words]
        if len(met) == len(pair) or (met and len(met[0]) > 1):
            found |= {word: word == pair[0] for word in met}
    return found


@lru_cache(maxsize=256)
def pair_of(categories: tuple[str, ...]) -> dict[bool, str]:
    """How a column's categories write yes and no, where they are nothing else; else nothing."""
    names = {name.casefold(): name for name in categories}
    pair = next((pair for pair in PAIRS if set(pair) == names.keys()), None)
    return {} if pair is None else {True: names[pair[0]], False: names[pair[1]]}
