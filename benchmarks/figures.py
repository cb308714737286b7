"""One figure of a benchmark, the file that keeps them, and the page that people read."""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "figures.md"
START, END = "<!-- figures: make bench -->\n", "<!-- end of figures -->"


@dataclass(frozen=True)
class Figure:
    """`figure` is a number of `unit`s; `against` says what it is to be compared with."""

    name: str
    figure: float
    unit: str
    against: str


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """The median of some runs: the machine is shared, and a mean would carry its hiccups."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent)


def rounded(figure: float) -> float:
    """Two digits that count: more would be noise."""
    return float(f"{figure:.2g}") if figure < 100 else float(round(figure))


def keep(part: str, figures: Iterable[Figure]) -> None:
    """Print a part's figures and put them into results.json in place of its earlier ones."""
    found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    rows = [asdict(item) | {"figure": rounded(item.figure)} for item in figures]
    found[part] = {
        "machine": f"{platform.machine()}, {_cores()} cores, Python {platform.python_version()}",
        "figures": rows,
    }
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    into_page()
    for row in rows:
        sys.stdout.write(f"{row['name']:<64}{row['figure']:>10g} {row['unit']:<8} {row['against']}\n")


def table() -> str:
    """The figures of results.json as the page shows them."""
    lines = []
    for part in json.loads(RESULTS.read_text()).values():
        lines += [f"| On {part['machine']} | | to compare |", "| --- | ---: | --- |"]
        lines += [f"| {row['name']} | {row['figure']:g} {row['unit']} | {row['against']} |" for row in part["figures"]]
        lines.append("")
    return "\n" + "\n".join(lines)


def into_page() -> None:
    """Put the table into the page, between its marks."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START)
    PAGE.write_text(before + START + table() + END + rest.split(END)[1], encoding="utf-8")


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
