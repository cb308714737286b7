"""The parity proof: what the source says of the reference rows and of edge rows, against what the package says."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from explain.errors import ModelError
from explain.models.edges import edge_rows
from explain.models.plain import wrong_field
from explain.models.predict import predicted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    import pandas as pd

    from explain.models.sources.source import Source
    from explain.types import Flags, Floats, Ints, Schema, Task

Verdict: TypeAlias = Literal["same", "different", "unproven"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

LIMIT = 1e-5
"""Largest difference that passes: of a probability, or of a target value as a share of the values' spread. Sums in
float32, as XGBoost forms them, differ by some 1e-7 of them."""
NOTICED = 1e-4
"""A difference that a person could notice in a probability shown in per cent."""
MOST_WORST = 5


@dataclass(frozen=True)
class Worst:
    """One row on which the two differ most: where it comes from, what the source and the package say of it."""

    what: str
    row: int
    source: float
    package: float


@dataclass(frozen=True)
class Parity:
    """What came of the comparison with `against` (a library and its version, or a column).

    `rows` reference rows and `edge_rows` were compared; `largest` is the largest difference (of a probability, or a
    share of the spread of the target), `noticed` counts rows above 1e-4, `flips` those whose predicted outcome is
    another one. `refused` says what the source has no answer to, though the package gives one; what neither answers is
    `unanswered`.
    """

    verdict: Verdict
    against: str = ""
    rows: int = 0
    edge_rows: int = 0
    largest: float = 0.0
    largest_on_edges: float = 0.0
    noticed: int = 0
    flips: int = 0
    worst: tuple[Worst, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    unanswered: tuple[str, ...] = ()
    why: str = ""
    served_anyway: bool = False


def read_parity(found: object) -> Parity | None:
    """The proof in a card, None where it has none; raises ModelError for one that is not of the form of Parity."""
    if not isinstance(found, dict) or "verdict" not in found:
        return None  # cards of before the verdict said other things here
    try:
        values = {item.name: found[item.name] for item in fields(Parity) if item.name in found}
        values["worst"] = tuple(Worst(**item) for item in values.get("worst", ()))
        values["unanswered"] = tuple(values.get("unanswered", ()))
        parity = Parity(**values)
    except TypeError as error:
        raise _no_proof() from error
    if wrong_field(parity) or any(map(wrong_field, parity.worst)) or parity.verdict not in VERDICTS:
        raise _no_proof()
    return parity


def _no_proof() -> ModelError:
    return ModelError("The proof in card.json is none: it lacks or misspells an entry. Add the model anew.")


def prove(
    source: Source, score: Callable[[pd.DataFrame], Floats], reference: pd.DataFrame, schema: Schema, task: Task
) -> Parity:
    """Ask the source and the package (`score`) about every reference row (m, p) and about edge rows.

    Where the source cannot be asked, the verdict is "unproven" and says why.
    """
    import numpy as np
    import pandas as pd

    edges = edge_rows(reference, schema, source.thresholds(schema))
    rows = pd.concat([reference[schema.names], edges.frame], ignore_index=True)
    m = len(reference)
    parts = [(0, m), *((part.first + m, part.last + m) for part in edges.parts)]
    try:
        asked = source.ask(rows, schema, parts)
    except ModelError as error:
        return Parity("unproven", why=str(error))
    if asked is None:
        return Parity("unproven", why=SERVED_AS_IT_CAME)
    if 0 in asked.refused:
        return Parity("unproven", asked.by, why=f"{asked.by} cannot score the reference rows: {asked.refused[0]}")
    answered: Flags = np.asarray(np.isfinite(asked.scores).all(axis=1), dtype=np.bool_)
    package = score(rows)
    if package.shape != asked.scores.shape:
        raise ModelError(f"{asked.by} gives {asked.scores.shape[1]} scores a row, the package {package.shape[1]}.")
    lengths = [last - first for first, last in parts]
    what = np.repeat(["reference", *(part.what for part in edges.parts)], lengths)
    parity = compare(asked.scores, package, answered, task, what)
    known: Flags = np.asarray(np.isfinite(package).all(axis=1), dtype=np.bool_)
    named = {edges.parts[at - 1].what: said for at, said in asked.refused.items() if known[slice(*parts[at])].any()}
    unanswered = tuple(edges.parts[at - 1].what for at in asked.refused if not known[slice(*parts[at])].any())
    edge = _differences(asked.scores, package, task)[m:][answered[m:]]
    return replace(
        parity,
        against=asked.by,
        rows=int(answered[:m].sum()),
        edge_rows=int(answered[m:].sum()),
        refused=named,
        unanswered=unanswered,
        largest_on_edges=float(edge.max(initial=0.0)),
    )


SERVED_AS_IT_CAME = (
    "The file is served exactly as it came, so that nothing was converted here. Whether its export was right, only a "
    "column with the predictions that you expect can tell."
)


def compare(
    source: Floats, package: Floats, answered: Flags, task: Task, what: np.ndarray[Any, Any], limit: float = LIMIT
) -> Parity:
    """Two tables of scores (n, k) row by row, where `answered` (n,); `what` (n,) says where each row comes from."""
    import numpy as np

    apart = np.where(answered, _differences(source, package, task), 0.0)
    flipped: Flags = answered & _flips(source, package, limit)
    same = bool(apart.max(initial=0.0) <= limit and not flipped.any())
    order = np.argsort(-(apart + flipped.astype(np.float64)), kind="stable")[:MOST_WORST]
    worst = []
    for row in order.tolist():
        if apart[row] > limit or flipped[row]:
            # of two outcomes the second, as their differences are the same
            apart_each = np.nan_to_num(abs(source[row] - package[row]), nan=np.inf)
            at = 1 if source.shape[1] == 2 else int(apart_each.argmax())
            worst.append(Worst(str(what[row]), row, float(source[row, at]), float(package[row, at])))
    return Parity(
        "same" if same else "different",
        rows=int(answered.sum()),
        largest=float(apart.max(initial=0.0)),
        noticed=int((apart > NOTICED).sum()),
        flips=int(flipped.sum()),
        worst=tuple(worst),
    )


def _differences(source: Floats, package: Floats, task: Task) -> Floats:
    """(n,) the largest difference of each row; infinite where the package has no number."""
    import numpy as np

    apart = np.abs(source - package)
    apart = np.where(np.isnan(package) & ~np.isnan(source), np.inf, apart)
    found = np.asarray(apart.max(axis=1), dtype=np.float64)
    if task == "regression":
        known = source[np.isfinite(source)]
        spread = float(np.ptp(known)) if known.size else 0.0
        found = found / np.maximum(np.nan_to_num(np.abs(source).max(axis=1)), spread or 1.0)
    return found


def _flips(source: Floats, package: Floats, limit: float) -> Flags:
    """(n,) where the likeliest outcome is another one, and not only because two are as likely as each other."""
    import numpy as np

    if source.shape[1] < 2:
        return np.zeros(len(source), dtype=bool)
    known = np.nan_to_num(source, nan=-1.0)
    ordered = np.sort(known, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > 2 * limit
    return np.asarray(clear & (known.argmax(axis=1) != np.nan_to_num(package, nan=-2.0).argmax(axis=1)))


def prove_expected(
    scores: Floats,
    expected: pd.Series,
    outputs: tuple[str, ...],
    shown: int,
    task: Task,
    chosen: Ints | None = None,
) -> Parity:
    """The package's scores (m, k) against a column (m,) of expected predictions.

    It holds target values, probabilities of the outcome number `shown`, or the names of predicted outcomes, of which
    the package says `chosen` (m,), the likeliest unless given. Rounded numbers may differ by half of their last place.
    Raises ModelError for a column that is none of these.
    """
    import numpy as np
    import pandas as pd

    against = f"column “{expected.name}”"
    numbers = pd.to_numeric(expected, errors="coerce").to_numpy(dtype=np.float64)
    known: Flags = np.asarray(expected.notna(), dtype=np.bool_)
    if not known.any():
        raise ModelError(f"The {against} has no predictions. Fill it, or leave it out.")
    what = np.full(len(scores), "reference")
    if task != "regression" and not np.isfinite(numbers[known]).all():
        return _labels(scores, expected, outputs, against, predicted(None, scores) if chosen is None else chosen)
    if not np.isfinite(numbers[known]).all():
        raise ModelError(f"The {against} should hold the predicted values; {expected[known].iloc[0]} is none.")
    limit = max(LIMIT, _rounding(numbers[known]))
    if task == "regression":
        return replace(compare(numbers[:, None], scores, known, task, what, limit), against=against)
    if numbers[known].min() < 0 or numbers[known].max() > 1:
        raise ModelError(f"The {against} should hold probabilities of “{outputs[shown]}”, from 0 to 1.")
    # two columns, so that a flip is one for the shown outcome against the others
    source = np.column_stack([1 - numbers, numbers])
    package = np.column_stack([1 - scores[:, shown], scores[:, shown]])
    return replace(compare(source, package, known, task, what, limit), against=against)


def _labels(scores: Floats, expected: pd.Series, outputs: tuple[str, ...], against: str, chosen: Ints) -> Parity:
    """Names of outcomes: only flips can be seen."""
    import numpy as np

    at = {name.casefold(): place for place, name in enumerate(outputs)}
    wanted = np.array([at.get(str(value).strip().casefold(), -1) for value in expected])
    known: Flags = np.asarray(expected.notna(), dtype=np.bool_)
    if (wanted[known] < 0).any():
        odd = expected[known].iloc[int(np.argmax(wanted[known] < 0))]
        raise ModelError(f"The {against} holds “{odd}”, which is none of the outcomes {', '.join(outputs)}.")
    flipped: Flags = known & (chosen != wanted)
    rows = [int(row) for row in np.flatnonzero(flipped)[:MOST_WORST]]
    return Parity(
        "different" if flipped.any() else "same",
        against,
        rows=int(known.sum()),
        flips=int(flipped.sum()),
        worst=tuple(Worst("reference", row, 1.0, float(scores[row, wanted[row]])) for row in rows),
    )


def _rounding(numbers: Floats) -> float:
    """Half of the last decimal place that a column is written with; 0 from eight places on."""
    import numpy as np

    for places in range(8):
        if np.allclose(np.round(numbers, places), numbers, rtol=0, atol=1e-12):
            return float(0.5 * 10.0**-places)
    return 0.0
