"""Other words for the same categories: M and F, initials, months and days in the usual languages, 1st and first."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from explain.tables.dates import MONTHS
from explain.tables.spelling import fold, letters
from explain.tables.truths import PAIRS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.types import Column

LEAST = 0.5
"""Share of the filled cells that unknown words must have for them to be another way of writing: below, they may be
categories that are new."""
MOST_PAIRS = 40_000
"""Pairs of texts and categories that are compared: names of places and people have no other words."""
NEAR_SHARE = 0.1
"""How far the share of a word may be from that of a category before the one is no longer taken for the other."""


def _numbered(*words: str) -> dict[str, int]:
    """Words by their meaning, which is their place; words of one place stand apart by spaces."""
    return {word: at for at, names in enumerate(words) for word in names.replace("_", " ").split("|")}


_DAYS = _numbered(
    "mon|monday|mo|montag|lun|lundi|lunes|lunedì|lunedi|maandag|ma|segunda",
    "tue|tues|tuesday|di|dienstag|mar|mardi|martes|martedì|martedi|dinsdag|terça",
    "wed|wednesday|mi|mittwoch|mer|mercredi|miércoles|miercoles|mercoledì|mercoledi|woensdag|wo|quarta",
    "thu|thur|thurs|thursday|do|donnerstag|jeu|jeudi|jueves|giovedì|giovedi|donderdag|quinta",
    "fri|friday|fr|freitag|ven|vendredi|viernes|venerdì|venerdi|vrijdag|sexta",
    "sat|saturday|sa|samstag|sonnabend|sam|samedi|sábado|sabado|sabato|zaterdag",
    "sun|sunday|so|sonntag|dim|dimanche|domingo|domenica|zondag",
)
_ORDINALS = _numbered(
    "0|zero",
    "1|1st|first|1.|i|one|erste|premier|première|primera|primero|prima|primo|1st class|first class",
    "2|2nd|second|2.|ii|two|zweite|deuxième|segunda|segundo|seconda|secondo|2nd class|second class",
    "3|3rd|third|3.|iii|three|dritte|troisième|tercera|tercero|terza|terzo|3rd class|third class",
    "4|4th|fourth|4.|iv|four|vierte|quatrième|cuarta|cuarto|quarta|quarto",
    "5|5th|fifth|5.|v|five|fünfte|cinquième|quinta|quinto",
    "6|6th|sixth|6.|vi|six|sechste|sixième|sexta|sexto",
    "7|7th|seventh|7.|vii|seven",
    "8|8th|eighth|8.|viii|eight",
    "9|9th|ninth|9.|ix|nine",
    "10|10th|tenth|10.|x|ten",
    "11|11th|eleventh|11.|xi|eleven",
    "12|12th|twelfth|12.|xii|twelve",
)
_GENDERS = _numbered(
    "m|male|man|men|boy|mr|männlich|maennlich|mann|herr|h|homme|masculin|hombre|masculino|varón|uomo|maschio|maschile|"
    "mannelijk|homem",
    "f|female|woman|women|girl|mrs|ms|w|weiblich|frau|femme|féminin|feminin|mujer|femenino|donna|femmina|femminile|v|"
    "vrouw|vrouwelijk|mulher|feminino",
    "x|d|diverse|divers|other|non binary|nonbinary|autre|otro|altro|anders|outro",
)
_LEVELS = _numbered(
    "low|l|lo|niedrig|gering|bas|basse|faible|bajo|baja|basso|bassa|laag|baixo",
    "medium|med|mid|middle|moderate|m|mittel|moyen|moyenne|medio|media|midden|médio",
    "high|h|hi|hoch|haut|haute|élevé|alto|alta|hoog",
)
_SIZES = _numbered("xs|extra small", "s|small|klein|petit", "m|medium|mittel|moyen", "l|large|groß|gross|grand",
                   "xl|extra large", "xxl|2xl")  # fmt: skip
_DIRECTIONS = _numbered("n|north|nord|norte|noord", "e|east|ost|o|est|este|oost", "s|south|süd|sud|sur|zuid",
                        "w|west|ouest|oeste|ovest")  # fmt: skip
_TRUTHS = {word: int(at == 0) for pair in PAIRS for at, word in enumerate(pair)}
_MONTHS = MONTHS | {str(at): at for at in range(1, 13)} | {f"{at:02}": at for at in range(1, 13)}
DOMAINS: tuple[Mapping[str, int], ...] = (
    _MONTHS, _DAYS, _ORDINALS, _GENDERS, _TRUTHS, _LEVELS, _SIZES, _DIRECTIONS,
)  # fmt: skip
"""Word, folded -> what it means, within one thing that is spoken of."""


def other_words(column: Column, counts: Mapping[str, int]) -> dict[str, str]:
    """What unknown texts of a column stand for, where most of its cells hold such: text -> category, one to one.

    `counts` says how often each text comes, known ones included. By meaning, else by spelling and initials, else by the
    share that each has among past rows; empty where these do not tell of most cells.
    """
    known = frozenset(column.categories)
    unknown = {text: count for text, count in counts.items() if text not in known}
    total = sum(counts.values())
    if not unknown or sum(unknown.values()) < LEAST * total or len(unknown) * len(known) > MOST_PAIRS:
        return {}
    free = tuple(name for name in column.categories if name not in counts)
    for tried in (_by_meaning(unknown, column.categories), _by_spelling(unknown, free), _by_shares(unknown, column)):
        if sum(unknown[text] for text in tried) > LEAST * total and len(set(tried.values())) == len(tried):
            return tried
    return {}


def _by_meaning(unknown: Mapping[str, int], categories: tuple[str, ...]) -> dict[str, str]:
    """Through the one thing that all categories speak of."""
    best: dict[str, str] = {}
    for domain in DOMAINS:
        named = {domain[key]: name for name in categories if (key := fold(name).rstrip(".")) in domain}
        if len(named) < max(1, len(categories) - 1):
            continue
        keys = {text: fold(text).rstrip(".") for text in unknown}
        found = {text: named[domain[key]] for text, key in keys.items() if domain.get(key) in named}
        if len(found) > len(best):
            best = found
    return best


def _by_spelling(unknown: Mapping[str, int], categories: tuple[str, ...]) -> dict[str, str]:
    """Each text that shortens one category alone, or is shortened by it, which no other text does."""
    pairs = [(text, name) for text in unknown for name in categories if _shortens(text, name) or _shortens(name, text)]
    texts, names = [text for text, _ in pairs], [name for _, name in pairs]
    return {text: name for text, name in pairs if texts.count(text) == 1 and names.count(name) == 1}


def _shortens(short: str, long: str) -> bool:
    """Whether one text is the beginning of another, or the first letters of its words."""
    own, whole = letters(short).rstrip("."), letters(long)
    initials = "".join(word[0] for word in whole.split())
    return bool(own) and not own.isdigit() and len(own) < len(whole) and (whole.startswith(own) or own == initials)


def _by_shares(unknown: Mapping[str, int], column: Column) -> dict[str, str]:
    """Each text the one category that was about as frequent, where all categories are away, and far apart in that."""
    if len(unknown) != len(column.categories) or not column.shares or len(unknown) < 2:
        return {}
    total = sum(unknown.values())
    given = sorted(((count / total, text) for text, count in unknown.items()), reverse=True)
    past = sorted(zip(column.shares, column.categories, strict=True), reverse=True)
    near = all(abs(own - its) <= NEAR_SHARE for (own, _), (its, _) in zip(given, past, strict=True))
    apart = all(a - b > 2 * NEAR_SHARE for (a, _), (b, _) in pairwise(past))
    return {text: name for (_, text), (_, name) in zip(given, past, strict=True)} if near and apart else {}
