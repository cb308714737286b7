"""How texts are spelt: what is the same but for case, spaces and marks, and what a slip of the hand makes of it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LETTERS_PER_SLIP = 5
"""One wrong, missing, extra or swapped letter is forgiven per five letters, and one in any word of three or more:
that is how people slip. Of two categories equally near, neither is proposed."""
SURE_LETTERS = 6
"""Letters of a word from which on a slip in it is corrected and not only proposed: in shorter ones a letter makes
another word."""
SURE_LEAD = 2
"""How many more slips the next category must be away for a correction."""
SURE_CATEGORIES = 50
"""Categories up to which a slip is corrected: among more, as among first names, any spelling may be one of its own."""
SURE_BEGINNING, SURE_END = 3, 2
"""Letters at the beginning and the end of a word in which nothing is corrected: there words change their meaning
("hyper-" and "hypo-", "employer" and "employee")."""
_VOWELS = frozenset("aeiouàáâäãåèéêëìíîïòóôöõùúûü")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUNDS = frozenset(map(frozenset, ("yi", "ck", "cs", "sz", "kq", "fv", "dt", "bp", "mn")))
"""Letters that are taken for each other by ear."""
DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_TYPOGRAPHY = {**DASHES, **dict.fromkeys(map(ord, "’‘‛`´ʼ"), "'"), **dict.fromkeys(map(ord, "“”„‟«»"), '"')}


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Without case, with one space for any gap, hyphen or underscore between words, and plain typography.

    Signs at the end and the beginning stay: "-1" is not 1, "BBB-" not BBB and "C+" not C.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY).casefold()
    return " ".join(re.sub(r"(?<=\w)(?:\s*[-_]\s*|_)(?=\w)|_", " ", plain).split())


def letters(text: str) -> str:
    """Folded and without accents."""
    plain = unicodedata.normalize("NFKD", fold(text))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def mend(text: str) -> str:
    """A text in UTF-8 that was read as another encoding, read aright; any other as it is."""
    if text.isascii():
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def slips(own: str, names: Iterable[str], most: int) -> list[tuple[int, str]]:
    """The names that at most so many slips lead to, nearest first.

    Slips are those of optimal string alignment: letters wrong, missing, extra or swapped.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    found = process.extract(own, list(names), scorer=OSA.distance, score_cutoff=most, limit=None)
    return sorted((int(distance), name) for name, distance, _ in found)


def one_slip(one: str, other: str) -> bool:
    """Whether two folded texts differ as only a slip of the hand makes them differ: one letter, inside of a long word.

    The letter was swapped with its neighbour, doubled or not, left out or added, or is another one of nearly the same
    key or sound; a vowel for a vowel makes another word ("sulfate", "sulfite").
    """
    mine, its = one.split(), other.split()
    if len(mine) != len(its):
        return False
    odd = [(a, b) for a, b in zip(mine, its, strict=True) if a != b]
    return len(odd) == 1 and _one_letter(*odd[0])


def _one_letter(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) < SURE_LETTERS or len(long) - len(short) > 1 or not (short.isalpha() and long.isalpha()):
        return False
    at = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) == len(long) and short[at + 2 :] == long[at + 2 :] and short[at : at + 2] == long[at : at + 2][::-1]:
        return at > 0
    inside = at >= SURE_BEGINNING and at + (len(long) - len(short)) < len(long) - SURE_END
    if not inside:
        return False
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    return short[at + 1 :] == long[at + 1 :] and _alike(short[at], long[at])


def _alike(one: str, other: str) -> bool:
    """Whether two letters lie side by side on the keyboard, or sound the same, and are not both vowels."""
    if one in _VOWELS and other in _VOWELS:
        return False
    places = {letter: (row, at + row / 2) for row, keys in enumerate(_KEYS) for at, letter in enumerate(keys)}
    if frozenset((one, other)) in _SOUNDS:
        return True
    if one not in places or other not in places:
        return False
    (row, at), (its_row, its) = places[one], places[other]
    return abs(row - its_row) <= 1 and abs(at - its) <= 1


@lru_cache(maxsize=256)
def told_apart(categories: tuple[str, ...]) -> bool:
    """Whether no two of some categories are themselves but a slip apart, so that a slip of one is not another."""
    return len(categories) <= SURE_CATEGORIES and not any(
        one_slip(fold(one), fold(other)) for one, other in combinations(categories, 2)
    )
