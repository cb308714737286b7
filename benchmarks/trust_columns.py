"""Columns renamed as other systems and people name them, and whole columns in another unit: are they recognised?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import trust_product as product
from benchmarks.faults import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from benchmarks.tables import Case

FACTORS = (2.54, 1_000.0)
"""Centimetres for inches, grams for kilograms."""
MOST_COLUMNS = 6
"""Columns a table that are put into another unit."""
SHORT = 5
"""Letters below which a slip makes another word."""
GERMAN = {
    "age": "alter", "sex": "geschlecht", "race": "herkunft", "education": "bildung", "occupation": "beruf",
    "workclass": "beschaeftigung", "relationship": "beziehung", "housing": "wohnung", "job": "beruf",
    "telephone": "telefon", "property": "vermoegen", "purpose": "zweck", "cut": "schliff", "color": "farbe",
    "clarity": "reinheit", "depth": "tiefe", "table": "tafel", "month": "monat", "carrier": "fluglinie",
    "origin": "abflug", "dest": "ziel", "distance": "entfernung", "temp": "temperatur", "pressure": "druck",
    "island": "insel", "city": "stadt", "year": "jahr", "sales": "verkaeufe", "volume": "umsatz",
}  # fmt: skip


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[^0-9A-Za-z]+", name) if word]


def _camel(name: str, _: np.random.Generator) -> str:
    first, *rest = _words(name)
    return first.lower() + "".join(word.capitalize() for word in rest)


def _short(name: str, _: np.random.Generator) -> str:
    """Vowels left out but for the first letter of each word: "education_num" -> "edctn_nm"."""
    return "_".join(word[0] + re.sub("[aeiou]", "", word[1:]) for word in _words(name))


def _slip(name: str, rng: np.random.Generator) -> str:
    """One letter left out of a name that is not short."""
    at = int(rng.integers(1, max(len(name), 2)))
    return name[:at] + name[at + 1 :] if len(name) >= SHORT else name


STYLES: dict[str, Callable[[str, np.random.Generator], str]] = {
    "upper case": lambda name, _: name.upper(),
    "spaces": lambda name, _: " ".join(word.capitalize() for word in _words(name)),
    "camel case": _camel,
    "hyphens": lambda name, _: "-".join(_words(name)),
    "one letter less": _slip,
    "a word in front": lambda name, _: f"customer_{name}",
    "a unit behind": lambda name, _: f"{name} [raw]",
    "abbreviated": _short,
    "in German": lambda name, _: GERMAN.get(name, name),
}
TALES = ("columns in another order, one more", "one column less")


def renamed(case: Case, texts: pd.DataFrame) -> Iterator[tuple[str, int, int, int]]:
    """Style, columns that could be matched, those that were, and those that were matched wrongly."""
    names = case.package.schema.names
    rng = np.random.default_rng(case.seed)
    for style, rename in STYLES.items():
        given = {name: rename(name, rng) for name in names}
        if len({name.casefold() for name in given.values()}) == len(names):
            yield style, *_counted(case, texts.rename(columns=given), given)
    own = {name: name for name in names}
    order = [texts.columns[0], *rng.permutation(names).tolist()]
    yield TALES[0], *_counted(case, texts[order].assign(branch="Bern", checked_by="M. Muster"), own)
    upper = {name: name.upper() for name in names}
    for gone in names[:MOST_COLUMNS]:
        less = {old: new for old, new in upper.items() if old != gone}
        yield TALES[1], *_counted(case, texts.drop(columns=[gone]).rename(columns=less).assign(branch="Bern"), less)


def _counted(case: Case, texts: pd.DataFrame, truth: dict[str, str]) -> tuple[int, int, int]:
    """Columns in all, matched, and matched wrongly."""
    found = product.matched(texts.head(200).to_csv(index=False).encode(), case.package.schema)
    right = sum(found.get(name) == given for name, given in truth.items())
    return len(truth), right, sum(truth.get(name) != given for name, given in found.items())


def other_units(case: Case, texts: pd.DataFrame) -> Iterator[tuple[str, bool]]:
    """Column and factor, and whether the column (or at least half of its cells) was warned of."""
    numbers = [column.name for column in case.package.schema if column.kind == "number"]
    for name in numbers[:MOST_COLUMNS]:
        for factor in FACTORS:
            content = in_other_unit(texts, name, factor).to_csv(index=False).encode()
            _, warnings = product.warned(product.read(content, case.package), case.package)
            said = product.seen(warnings)
            cells = sum(name in columns for columns in said.named.values())
            yield f"{name} x {factor:g}", name in said.columns or cells >= len(texts) / 2


def in_other_unit(frame: pd.DataFrame, column: str, factor: float) -> pd.DataFrame:
    """The whole column times a factor."""
    return frame.assign(**{column: [text and text_of(float(f"{float(text) * factor:.6g}")) for text in frame[column]]})
