"""A model card as Markdown, in the headings of the field (Mitchell et al. 2019, Model Cards for Model Reporting)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import words
from explain.confidence import calibration_of
from explain.insight.evidence import evidence_from_package
from explain.models.proven import headline, sentences
from explain.shown import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from explain.insight.evidence import Evidence
    from explain.models import Package
    from explain.types import Floats, Ints

DRAWS = 200
"""Resamples behind an interval. The standard error of an end is then about a twentieth of the width (of the quantile of
a normal: sqrt(p (1 - p) / draws) over its density)."""
LEVEL = 0.95
FEWEST = 20
"""Rows of a group below which nothing is said of it."""
MOST_GROUPS = 30
NOT_SAID = "Not stated."
TINY = 1e-15


@dataclass(frozen=True)
class Metric:
    """A figure on held-out rows with its interval (percentile bootstrap, Efron 1979, at 95 %)."""

    name: str
    value: float
    low: float
    high: float


def metrics(evidence: Evidence, shown: int, seed: int = 0) -> list[Metric]:
    """Accuracy, ROC AUC of output `shown` and log loss; of values mean absolute and root mean squared error, and R²."""
    import numpy as np

    draw = np.random.default_rng(seed)
    rows = len(evidence.outcomes)
    samples = [draw.integers(rows, size=rows) for _ in range(DRAWS)]
    found = []
    for name, measure in _measures(evidence, shown).items():
        values = np.array([measure(sample) for sample in samples])
        known = values[np.isfinite(values)]
        own = measure(np.arange(rows))
        if np.isfinite(own) and len(known):
            low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
            found.append(Metric(name, float(own), float(low), float(high)))
    return found


def _measures(evidence: Evidence, shown: int) -> dict[str, Callable[[Ints], float]]:
    import numpy as np
    from scipy.stats import rankdata

    if evidence.scores.shape[1] == 1:
        truth, off = evidence.outcomes, evidence.scores[:, 0] - evidence.outcomes
        return {
            "Mean absolute error": lambda at: float(np.abs(off[at]).mean()),
            "Root mean squared error": lambda at: float(np.sqrt((off[at] ** 2).mean())),
            "R²": lambda at: float(1 - (off[at] ** 2).sum() / max(((truth[at] - truth[at].mean()) ** 2).sum(), TINY)),
        }
    classes, score = evidence.classes, evidence.scores[:, shown]
    loss = -np.log(np.clip(evidence.scores[np.arange(len(classes)), classes], TINY, None))

    def area(at: Ints) -> float:
        """By ranks (Mann and Whitney 1947); NaN where only one of the two happened."""
        happened = classes[at] == shown
        hits, misses = int(happened.sum()), int((~happened).sum())
        if not hits or not misses:
            return float("nan")
        ranks = rankdata(score[at])
        return float((ranks[happened].sum() - hits * (hits + 1) / 2) / (hits * misses))

    return {
        "Accuracy": lambda at: float(evidence.right[at].mean()),
        f"ROC AUC of “{evidence.names[shown]}”": area,
        "Log loss": lambda at: float(loss[at].mean()),
    }


def by_group(model: Package, evidence: Evidence, column: str) -> list[tuple[str, int, float]]:
    """(group, rows, accuracy or mean absolute error) of the rows of each value of a category column, where
    `evidence` is that of the package.

    Groups of fewer than 20 rows are left out, as are all beyond the 30 largest.
    """
    import numpy as np

    rows = calibration_of(model).frame
    if rows is None:
        return []
    groups = rows[column]
    if evidence.scores.shape[1] > 1:
        figure: Floats = evidence.right.astype(np.float64)
    else:
        figure = np.abs(evidence.scores[:, 0] - evidence.outcomes)
    counts = groups.value_counts()
    return [
        (words.cell(name, model.schema[column]), int(count), float(figure[(groups == name).to_numpy()].mean()))
        for name, count in counts.head(MOST_GROUPS).items()
        if count >= FEWEST
    ]


def to_markdown(model: Package, group: str = "") -> str:
    """The card of a package; with figures for each value of the column `group` where one is named."""
    card, info = model.card, model.info
    proof, evidence = card.parity, evidence_from_package(model)
    predicts = info.target if info.task == "regression" else f"{info.target}: {words.listed(list(info.outputs), 20)}"
    decides = f" {words.decides(info.outputs, info.cut)}" if info.cut else ""
    file = f"Version {info.version}, file sha256 `{info.sha256}`."
    lines = [
        f"# {info.title}" + (f"\n\n{info.question}" if info.question else ""),
        f"## Model details\n\nPredicts {predicts}.{decides} {file} {card.source}",
        f"{headline(proof)}. {' '.join(sentences(proof))}",
        f"## Intended use\n\n{' '.join(filter(None, [card.description, card.intended_use])) or NOT_SAID}",
        f"## Data\n\n{_data(model)}",
        f"## Metrics\n\n{_metrics(model, evidence)}",
    ]
    if group:
        lines.append(f"### By {model.schema[group].title}\n\n{_groups(model, evidence, group)}")
    lines += [f"## Limits\n\n{card.limits or NOT_SAID}", f"## Licence\n\n{card.licence or NOT_SAID}"]
    return "\n".join(map(visible, "\n\n".join(lines).split("\n"))) + "\n"


def _data(model: Package) -> str:
    reference = model.reference
    head = (
        f"{words.count(len(reference), 'reference row')}, {int(reference.held_out.sum()):,} of them held out from "
        f"training ({model.card.held_out}).\n\n| column | kind | past rows | blank |\n|---|---|---|---|\n"
    )
    rows = (
        f"| {_cell(column.title)} | {column.kind} | {_cell(words.held(column))} | "
        f"{round(100 * column.missing_share)} % |"
        for column in model.schema
    )
    return head + "\n".join(rows)


def _metrics(model: Package, evidence: Evidence | None) -> str:
    if evidence is None:
        return "Not measured: the package has no rows with known outcomes that were held out from training."
    rows = [
        f"| {_cell(item.name)} | {words.number(item.value)} | {words.number(item.low)} to {words.number(item.high)} |"
        for item in metrics(evidence, model.info.shown)
    ]
    head = f"On {words.count(len(evidence.outcomes), 'held-out row')}, with 95 % intervals from resampling them.\n\n"
    return f"{head}| figure | value | interval |\n|---|---|---|\n" + "\n".join(rows)


def _groups(model: Package, evidence: Evidence | None, group: str) -> str:
    found = by_group(model, evidence, group) if evidence else []
    if not found:
        return f"No group has the {FEWEST} held-out rows that a figure takes."
    name = "mean absolute error" if model.info.task == "regression" else "accuracy"
    rows = "\n".join(f"| {_cell(title)} | {count:,} | {words.number(value)} |" for title, count, value in found)
    return f"| group | rows | {name} |\n|---|---|---|\n{rows}"


def _cell(text: str) -> str:
    """A text that stays within its cell of a table."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
