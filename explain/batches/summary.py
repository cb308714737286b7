"""summary.json: what the page of a review shows above its table, exact over all rows."""

from __future__ import annotations

from dataclasses import asdict
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from explain.batches.counts import Counts
from explain.batches.files import demanded_json, write_json
from explain.batches.tasks import counts_file
from explain.insight.truth import came_true

if TYPE_CHECKING:
    from explain.batches.facts import Facts
    from explain.batches.plan import Plan

NAME = "summary.json"


def summary_of(plan: Plan, facts: Facts) -> dict[str, Any]:
    """The counts of all parts, added up, and what is said of whole columns."""
    parts = (Counts(**demanded_json(counts_file(plan.work, chunk))) for chunk in plan.chunks())
    counts = asdict(reduce(add, parts))
    counts["grades"] = dict(sorted(counts["grades"].items()))
    checks = []
    for key, rows in sorted(counts.pop("checks").items()):
        column, check, severity = key.split("\t")
        checks.append({"column": column, "check": check, "severity": severity, "rows": rows})
    return {
        "model": {"name": plan.model.info.name, "title": plan.model.info.title, "task": plan.model.info.task},
        **counts,
        "truth": came_true(counts["right"], counts["known"]) if counts["known"] else "",
        "rejected": sum(index.rejected for index in plan.indices),
        "level": plan.options.level,
        "coverage": facts.coverage,
        "calibration_rows": facts.calibration_rows,
        "withdrawn": facts.withdrawn,
        "columns": [
            {"column": item.column, "check": item.check, "severity": item.severity, "message": item.messages[0]}
            for item in facts.columns
        ],
        "warnings": checks,
        "judged_on": "all rows" if plan.judged_whole else "counts and hashes of all rows, and a sample",
    }


def write_summary(plan: Plan, facts: Facts) -> dict[str, Any]:
    """Write the summary, and give it."""
    found = summary_of(plan, facts)
    write_json(plan.out / NAME, found)
    return found
