"""How alike uploaded columns and a model's are: by their names, and by what stands in their cells."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.tables.categories import category_text
from explain.tables.numbers import MISSING, parse_numbers
from explain.types import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from explain.types import Floats

SAMPLE = 1_000
"""Rows looked at: enough to place each quantile within three per cent (two standard errors of a median)."""
SHARED = 3
"""Uploaded columns that must begin (or end) with the same word before it is passed over, and half of them all: two
may well be about the same thing."""
STRIPPED = 0.98
"""Likeness kept by a name without a unit in brackets or a shared word: the very same name goes first."""
SHORTENED = 0.95
"""Likeness kept by a name without its vowels: "rt" may be a rate or a route."""
CONTAINED = (50.0, 25.0)
"""Likeness of a name among whose words are all those of another, and what its share of letters adds at most: a hint,
but not near enough by itself ("income" and "income tax")."""
MOST_PAIRS = 40_000
"""Pairs of columns whose words and cells are compared, too; beyond, spelling alone decides."""
NUMBERISH = re.compile(r"(?:^|\W)\d")
"""A digit that no letter stands before: "5 kg", "$5" and "1,5" may be numbers, "A11" is none. Reading them is slow."""
NUMBERS = 0.8
"""Share of filled cells that must read as numbers in a column of numbers: text in some is a fault, named later."""
MOST_LEVELS = 400
"""Different numbers from which on a column cannot be one of categories: a model knows at most two hundred."""
SLACK = 0.02
"""How far quantiles of the same column lie apart even in large samples: the reference rows are themselves a sample."""
SLACK_SHARES = 0.03
"""As above, for the shares of categories."""
NOT_ALIKE = -20.0
"""What cells say at worst: beyond, all are equally unlike."""
TELLING = 6.0
"""What cells that fit say at most, in natural logarithms: unrelated columns hardly ever fit as well."""
ENOUGH = 100
"""Filled cells from which numbers that fit say all that they can: the quantiles of fewer are loose enough for many."""
WORD_TELLS, LEVEL_TELLS = 3.0, 0.8
"""What a known word among the cells says, and, where shares fit, a known code as many columns have ("1", "yes")."""
CODE = 3
"""Characters from which on a text is a word: shorter ones are codes."""
ANYWHERE = frozenset({"yes", "no", "true", "false", "none", "other", "unknown", "high", "low", "medium", "ja", "nein"})
"""Words that stand in columns of any meaning."""


def fold(name: str) -> str:
    """A name without case, accents, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in plain.casefold() if letter.isalnum())


def words_of(name: str) -> tuple[str, ...]:
    """The folded words of a name, told apart by punctuation, spaces or an upper-case letter after a lower-case one."""
    apart = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])", " ", name)
    return tuple(word for word in map(fold, re.split(r"[\W_]+", apart)) if word)


def skeleton(words: Iterable[str]) -> str:
    """Words without their vowels but for the first letter of each: ("education", "num") is "edctnnm"."""
    return "".join(word[0] + re.sub("[aeiou]", "", word[1:]) for word in words)


def name_likeness(columns: Sequence[Column], uploaded: Sequence[str]) -> Floats:
    """(w, g) likeness of the names of model columns and uploaded ones, 0 to 100."""
    import numpy as np

    spoken = [[words_of(column.name), words_of(column.title)] for column in columns]
    given = [words_of(name) for name in uploaded]
    shared = _shared(given, {own[side] for names in spoken for own in names if own for side in (0, -1)})
    stripped = [_stripped(name, shared) for name in uploaded]
    found = np.zeros((len(columns), len(uploaded)))
    for at in (0, 1):
        own = [names[at] for names in spoken]
        found = np.maximum(found, _ratios(own, given))
        found = np.maximum(found, STRIPPED * _ratios(own, stripped))
        found = np.maximum(found, SHORTENED * _shortened(own, stripped))
        if found.size <= MOST_PAIRS:
            found = np.maximum(found, _contained(own, given))
    return found


def _ratios(columns: Sequence[tuple[str, ...]], uploaded: Sequence[tuple[str, ...]]) -> Floats:
    """Share of letters that agree; a name without letters is like no other."""
    import numpy as np
    from rapidfuzz import fuzz, process

    names = ["".join(words) for words in uploaded]
    found = process.cdist(["".join(words) for words in columns], names, scorer=fuzz.ratio, dtype=np.float64)
    found[:, [not name for name in names]] = 0
    return found


def _shared(given: Sequence[tuple[str, ...]], known: set[str]) -> tuple[str, str]:
    """The word with which most uploaded names begin, and the one with which most end; "" where there is none.

    A word with which names of the model begin or end is not passed over: it tells them apart.
    """
    found = ["", ""]
    for at, side in enumerate((0, -1)):
        counts = Counter(words[side] for words in given if len(words) > 1)
        word, count = max(counts.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        if count >= max(SHARED, len(given) / 2) and word not in known:
            found[at] = word
    return found[0], found[1]


def _stripped(name: str, shared: tuple[str, str]) -> tuple[str, ...]:
    """The words of a name without what stands in brackets and without the shared first and last word."""
    words = words_of(re.sub(r"[\[(].*?[\])]", " ", name)) or words_of(name)
    if len(words) > 1 and words[0] == shared[0]:
        words = words[1:]
    return words[:-1] if len(words) > 1 and words[-1] == shared[1] else words


def _shortened(columns: Sequence[tuple[str, ...]], uploaded: Sequence[tuple[str, ...]]) -> Floats:
    """Likeness of the consonants, where the uploaded name has hardly anything else: "route" is no short "rate"."""
    short = ["".join(words) for words in uploaded]
    bare = [(text,) if text and text == skeleton(words) else () for text, words in zip(short, uploaded, strict=True)]
    return _ratios([(skeleton(words),) for words in columns], bare)


def _contained(columns: Sequence[tuple[str, ...]], uploaded: Sequence[tuple[str, ...]]) -> Floats:
    """Likeness of names where all words of one are among those of the other."""
    import numpy as np

    own, given = [set(words) for words in columns], [set(words) for words in uploaded]
    found = np.zeros((len(own), len(given)))
    least, more = CONTAINED
    for row, mine in enumerate(own):
        for at, other in enumerate(given):
            if mine and other and (mine <= other or other <= mine):
                letters = sorted((len("".join(mine)), len("".join(other))))
                found[row, at] = least + more * letters[0] / letters[1]
    return found


@dataclass(frozen=True)
class Cells:
    """What stands in one uploaded column: `numbers` (m,) sorted, None where it holds text; `shares` of each folded
    text among the filled cells, `count` of which there are.
    """

    numbers: Floats | None
    shares: Mapping[str, float]
    count: int


def cells_of(column: pd.Series) -> Cells:
    """The first rows of an uploaded column (n,) of plain cells; each distinct one is looked at once."""
    import numpy as np
    import pandas as pd

    head = column.head(SAMPLE)
    codes, distinct = pd.factorize(head.to_numpy(dtype=object))
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    texts = [category_text(item).strip() for item in distinct]
    numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    plain = np.isfinite(numbers)
    known = np.repeat(numbers[plain], counts[plain])
    if len(distinct) > MOST_LEVELS and plain.all():
        return Cells(np.sort(known), {}, len(known))
    tally: Counter[str] = Counter()
    for text, count in zip(map(str.casefold, texts), counts.tolist(), strict=True):
        if text not in MISSING:
            tally[text] += count
    total = tally.total()
    least = NUMBERS * total
    if len(known) < least <= sum(count for text, count in tally.items() if NUMBERISH.search(text)):
        read = parse_numbers(head, Column("", "number")).values  # noqa: PD011 - no pandas object
        known = read[np.isfinite(read)]
    shares = {text: count / total for text, count in tally.items()}
    return Cells(np.sort(known) if total and len(known) >= least else None, shares, total)


def value_likeness(columns: Sequence[Column], uploaded: Sequence[Cells]) -> Floats:
    """(w, g) what the cells say for a pair, as natural logarithm of odds; -inf where the kinds rule it out.

    Numbers are compared by the largest distance of the two distributions at the reference's quantiles (Kolmogorov
    and Smirnov; chance makes a distance of z / sqrt(n) with a probability of about exp(-2 z^2)), categories by half
    the sum of differences of their shares (total variation). A pair that fits says the more, the less likely it is
    that an unrelated column would.
    """
    import numpy as np

    found = np.zeros((len(columns), len(uploaded)))
    numbers = [at for at, column in enumerate(columns) if column.kind == "number" and not column.is_date]
    quantiles = [quantiles_of(columns[at]) for at in numbers]
    known = {at: _known(column) for at, column in enumerate(columns) if column.kind == "category"}
    for at, cells in enumerate(uploaded):
        if not cells.count:
            continue
        for row, own in zip(numbers, quantiles, strict=True):
            found[row, at] = -np.inf if cells.numbers is None else _by_numbers(own, cells.numbers)
        for row, shares in known.items():
            found[row, at] = _by_categories(columns[row], shares, cells)
    return found


def quantiles_of(column: Column) -> tuple[tuple[float, float], ...]:
    """Pairs of share of reference rows and quantile; of an older card lowest, median and highest are all there is."""
    if column.deciles:
        steps = len(column.deciles) - 1
        return tuple((at / steps, value) for at, value in enumerate(column.deciles))
    three = zip((0.0, 0.5, 1.0), (column.low, column.typical, column.high), strict=True)
    return tuple((share, float(value)) for share, value in three if value is not None)


def _by_numbers(quantiles: tuple[tuple[float, float], ...], numbers: Floats) -> float:
    import numpy as np

    if not quantiles:
        return 0.0
    shares, values = np.array(quantiles).T
    below = np.searchsorted(numbers, values, side="left") / len(numbers)
    up_to = np.searchsorted(numbers, values, side="right") / len(numbers)
    # many equal cells make a step, anywhere on which the reference's share may lie
    off = float(np.maximum(0, np.maximum(below - shares, shares - up_to)).max())
    tells = TELLING * min(1.0, (len({*values.tolist()}) - 1) / 10) * min(1.0, math.sqrt(len(numbers) / ENOUGH))
    return max(NOT_ALIKE, tells - 2 * (off / (1 / math.sqrt(len(numbers)) + SLACK)) ** 2)


def _known(column: Column) -> dict[str, float]:
    """Folded categories with their share of the reference rows; NaN where the card does not say it."""
    shares = column.shares or (float("nan"),) * len(column.categories)
    found: dict[str, float] = {}
    for text, share in zip(column.categories, shares, strict=True):
        key = text.strip().casefold()
        found[key] = found.get(key, 0.0) + share
    return found


def _by_categories(column: Column, known: Mapping[str, float], cells: Cells) -> float:
    met = known.keys() & cells.shares.keys()
    unknown = 1 - sum(cells.shares[text] for text in met)
    if not met and cells.numbers is not None:
        return -float("inf")
    words = sum(len(text) >= CODE and text not in ANYWHERE and not text.isdigit() for text in met)
    off, noise, levels = unknown, 0.0, 0.0
    if column.shares:
        seen = [(share, cells.shares.get(text, 0.0)) for text, share in known.items()]
        off = (unknown + sum(abs(share - own) for share, own in seen)) / 2
        noise = sum(math.sqrt(share * max(0.0, 1 - share) / cells.count) for share, _ in seen)
        levels = LEVEL_TELLS * max(0, len(met) - words - 1) * min(1.0, math.sqrt(cells.count / ENOUGH))
    return max(NOT_ALIKE, min(TELLING, WORD_TELLS * words + levels) - 2 * (off / (noise + SLACK_SHARES)) ** 2)
