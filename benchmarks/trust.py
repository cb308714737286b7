"""How far the library's claims of trust hold on real tables: coverage, calibration, faults found, honesty, speed.

    .venv-bench/bin/python -m benchmarks.trust [--quick] [--tuning] [--only adult] [--seed 12] [--detail] [--no-keep]

Limits in explain/ are chosen with `--tuning --detail`, on other tables than those that are reported. Only a full run
is kept in results.json and shown in README.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.faults import FAULTS, LEVELS
from benchmarks.figures import Figure, keep
from benchmarks.tables import REPORTED, TUNING
from benchmarks.trust_measures import LEAST_TESTED, SCALE, SURFACE, Effort, Result, measure, shares
from benchmarks.trust_speed import million, whole_pass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUICK = Effort(splits=10, faults=8)
LEAST_FAULTS = 8
"""Of a kind on a table: fewer say nothing of the worst kind."""
GRADES = "ABCD"


@dataclass(frozen=True)
class Line:
    """One figure: `of` gives it for the results of one table (NaN where it has none), `fold` the one of all tables,
    which must be at most (`most`) or at least (`least`) the limit; `share`: shown in per cent.
    """

    name: str
    of: Callable[[list[Result]], float]
    fold: Callable[[list[float]], float] = lambda each: float(np.mean(each))
    most: float | None = None
    least: float | None = None
    share: bool = True
    only: str = ""

    def total(self, tables: dict[str, list[Result]]) -> tuple[dict[str, float], float]:
        """By table, and over all of them."""
        each = {name: self.of(results) for name, results in tables.items() if not self.only or name == self.only}
        known = [figure for figure in each.values() if figure == figure]
        return each, self.fold(known) if known else float("nan")

    def holds(self, figure: float) -> bool:
        """Whether the limit is kept."""
        return (self.most is None or figure <= self.most) and (self.least is None or figure >= self.least)

    @property
    def limit(self) -> str:
        """In words."""
        if self.most is None and self.least is None:
            return "no limit"
        word, limit = ("at most", self.most) if self.most is not None else ("at least", self.least)
        return f"{word} {100 * limit:g} %" if self.share else f"{word} {limit:g}"


def figure(name: str) -> Callable[[list[Result]], float]:
    """The mean over seeds."""
    return lambda results: _mean([item.figures[name] for item in results if name in item.figures])


def worst(name: str) -> Callable[[list[Result]], float]:
    """The largest of all seeds."""
    return lambda results: max((item.figures[name] for item in results if name in item.figures), default=float("nan"))


def off(name: str) -> Callable[[list[Result]], float]:
    """How far the mean over seeds is from the level of .9."""
    return lambda results: abs(figure(name)(results) - 0.9)


def found(what: str, *, level: str = "", kinds: set[str] | None = None) -> Callable[[list[Result]], float]:
    """Share of faults, pooled over seeds."""
    levels = {level} if level else None
    return lambda results: shares([f for item in results for f in item.faults], what, levels=levels, kinds=kinds)


def worst_easy(results: list[Result]) -> float:
    """Recall of the easy kind that is found least."""
    faults = [fault for item in results for fault in item.faults]
    counts = Counter(fault.kind for fault in faults if fault.level == "easy")
    return min(
        (shares(faults, "found", kinds={kind}) for kind, count in counts.items() if count >= LEAST_FAULTS),
        default=float("nan"),
    )


def by_grade(results: list[Result], *, damaged: bool) -> dict[str, float]:
    """Share of right predictions by letter, best letter first; of all rows or of the damaged ones."""
    found = {}
    for letter in GRADES:
        parts = [item.rows[(item.rows["grade"] == letter) & (item.rows["damaged"] | (not damaged))] for item in results]
        count = sum(len(part) for part in parts)
        if count >= LEAST_TESTED:
            found[letter] = sum(float(part["right"].sum()) for part in parts) / count
    return found


def falls(results: list[Result], *, damaged: bool) -> float:
    """1 if each letter is right less often than the one before it."""
    in_order = list(by_grade(results, damaged=damaged).values())
    return float(all(after < before for before, after in pairwise(in_order)))


def _mean(each: list[float]) -> float:
    return float(np.mean(each)) if each else float("nan")


LINES = (
    Line("coverage at 90 %, off, 4,000 calibration rows", off("coverage, much"), max, most=0.01),
    Line("coverage at 90 %, off, 250 calibration rows", off("coverage, little"), max, most=0.02),
    Line("coverage of the worst class, 4,000 rows", figure("worst class coverage"), min, least=0.88),
    Line("log loss added by calibration, worst seed", worst("log loss added"), max, most=0.003, share=False),
    Line("log loss of an overfit model, calibrated", figure("log loss, overfit"), most=0.31, share=False, only="adult"),
    Line("clean rows warned", figure("clean rows warned"), most=0.01),
    Line("clean rows warned, worst table", figure("clean rows warned"), max, most=0.02),
    Line("easy faults found", found("found", level="easy"), least=0.98),
    Line("medium faults found", found("found", level="medium"), least=0.87),
    Line("hard faults found", found("found", level="hard"), least=0.30),
    Line("worst easy kind on a table, found", worst_easy, min, least=0.85),
    Line("easy faults, right column named", found("column", level="easy"), least=0.98),
    Line("medium faults, right column named", found("column", level="medium"), least=0.86),
    Line("comma, currency, suffix, case: right repair", found("repaired", kinds=SURFACE), least=0.98),
    Line("x 1000, x 100, sign: right repair", found("repaired", kinds=SCALE), least=0.94),
    Line("columns re-matched after renaming", figure("columns re-matched"), least=0.99),
    Line("columns re-matched, names in one language", figure("columns re-matched, same language")),
    Line("wrong matches after renaming", figure("wrong matches"), sum, most=0, share=False),
    Line("whole columns in another unit, found", figure("unit changes found")),
    Line("risk area on damaged rows, honest/calibrated", figure("area under risk, ratio"), share=False),
    Line("risk area on damaged rows, adult", figure("area under risk, ratio"), most=0.69, share=False, only="adult"),
    Line("risk area on damaged rows, credit", figure("area under risk, ratio"), most=0.88, share=False, only="credit"),
    Line("the same, told the undamaged rows: credit", figure("area under risk, told"), share=False, only="credit"),
    Line("90 % sets on damaged rows, coverage", figure("coverage on damaged rows, sets"), min, least=0.89),
    Line("90 % intervals on damaged rows, coverage", figure("coverage on damaged rows, intervals"), min, least=0.88),
    Line("tables where accuracy falls by grade, share", partial(falls, damaged=False), least=1, share=False),
    Line("accuracy falls by grade on damaged rows, share", partial(falls, damaged=True), least=1, share=False),
)


def speed_figures() -> Iterator[Figure]:
    """Seconds and memory."""
    yield Figure("checks, prices, calibration: 10,000 rows, 500 damaged", whole_pass(), "s", "at most 0.8 s")
    reading, checking, memory = million()
    yield Figure("checks of 1,000,000 rows x 30 columns of text", checking, "s", "at most 5 s")
    yield Figure("reading these", reading, "s", "from a frame of texts in memory")
    yield Figure("most memory of both", memory, "GB", "at most 3 GB")


def figures_of(tables: dict[str, list[Result]]) -> Iterator[Figure]:
    """Each line over all tables, with its limit; a share that should be large as what it lacks, since two digits are
    kept and 98 % would be told from 99.4 % by nobody.
    """
    for line in LINES:
        _, total = line.total(tables)
        if total != total:
            continue
        if line.share and line.least is not None:
            lacking = f"at most {100 * (1 - line.least):g} %"
            yield Figure(f"{line.name}: short of 100 %", 100 * (1 - total), "%", lacking)
        else:
            yield Figure(line.name, 100 * total if line.share else total, "%" if line.share else "", line.limit)


def report(tables: dict[str, list[Result]]) -> str:
    """The lines by table."""
    rows = [f"{'':<50}" + "".join(f"{name:>11}" for name in tables) + f"{'all':>11}  limit"]
    for line in LINES:
        each, total = line.total(tables)
        cells = [_shown(each.get(name, float("nan")), share=line.share) for name in [*tables]]
        mark = "" if total != total or line.holds(total) else "  MISSED"
        parts = "".join(f"{cell:>11}" for cell in [*cells, _shown(total, share=line.share)])
        rows.append(f"{line.name:<50}{parts}  {line.limit}{mark}")
    for damaged, said in ((False, "all rows"), (True, "damaged rows")):
        rows += [f"right by grade, {said}: {name} {_letters(r, damaged=damaged)}" for name, r in tables.items()]
    return "\n".join(rows) + "\n"


def _letters(results: list[Result], *, damaged: bool) -> str:
    return ", ".join(f"{letter} {100 * share:.1f} %" for letter, share in by_grade(results, damaged=damaged).items())


def _shown(value: float, *, share: bool) -> str:
    if value != value:
        return "-"
    return f"{100 * value:.2f} %" if share else f"{value:.4f}"


def seeds(tables: dict[str, list[Result]]) -> str:
    """Every line by table and seed."""
    rows = []
    for name, results in tables.items():
        for item in results:
            alone = {name: [item]}
            shown = [(line.name, line.total(alone)[1], line.share) for line in LINES]
            said = "; ".join(f"{title} {_shown(value, share=share)}" for title, value, share in shown if value == value)
            rows.append(f"{name} {item.seed}: {said}")
    return "\n".join(rows) + "\n"


def detail(tables: dict[str, list[Result]]) -> str:
    """Per kind and table: found / right column / right repair in per cent; false alarms; renames; units."""
    rows = [f"{'found/column/repair in %, faults':<34}" + "".join(f"{name:>18}" for name in tables)]
    for level in LEVELS:
        for kind in (kind.name for kind in FAULTS if kind.level == level):
            cells = []
            for results in tables.values():
                faults = [fault for item in results for fault in item.faults if fault.kind == kind]
                parts = [f"{100 * shares(faults, what):.0f}" for what in ("found", "column", "repaired")]
                cells.append("/".join(parts) + f" {len(faults):>4}" if faults else "-")
            rows.append(f"{level:<8}{kind:<26}" + "".join(f"{cell:>18}" for cell in cells))
    for name, results in tables.items():
        alarms = sum((item.alarms for item in results), Counter())
        rows.append(f"\n{name}: commonest warnings of clean rows")
        rows += [f"  {count:>5} {check}: {column}" for (check, column), count in alarms.most_common(10)]
        names = sum((item.renames for item in results), Counter())
        styles = dict.fromkeys(style for style, _ in names)
        parts = [f"{s} {names[s, 'right']}/{names[s, 'of']} ({names[s, 'wrong']} wrong)" for s in styles]
        rows.append("  renamed: " + "; ".join(parts))
        missed = sorted({unit for item in results for unit, seen in item.units.items() if not seen})
        rows.append("  other units not seen: " + (", ".join(missed) or "none"))
    return "\n".join(rows) + "\n"


def main() -> None:
    """Measure, print, and keep what a full run found."""
    asked = _asked()
    effort = QUICK if asked.quick else Effort()
    cases = TUNING if asked.tuning else REPORTED
    first = cases[0][1]
    seed = asked.seed if asked.seed is not None else first if asked.quick else None
    names = dict.fromkeys(name for name, _ in cases if asked.only in {None, name})
    chosen = {name: [own for each, own in cases if each == name] if seed is None else [seed] for name in names}
    tables: dict[str, list[Result]] = {}
    for name, own in chosen.items():
        for each in own:
            started = time.perf_counter()
            tables.setdefault(name, []).append(measure(name, each, effort))
            sys.stderr.write(f"{name} {each}: {time.perf_counter() - started:.1f} s\n")
    sys.stdout.write(report(tables) + "\n")
    if asked.detail:
        sys.stdout.write(seeds(tables) + "\n" + detail(tables) + "\n")
    full = not (asked.quick or asked.tuning or asked.only or asked.seed is not None)
    speeds = list(speed_figures()) if full or asked.speed else []
    if full and not asked.no_keep:
        keep("trust", [*figures_of(tables), *speeds])
    else:
        sys.stdout.writelines(f"{s.name:<64}{s.figure:>10.2f} {s.unit:<8} {s.against}\n" for s in speeds)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How far the claims of trust hold on real tables.")
    parser.add_argument("--quick", action="store_true", help="one seed, fewer splits and faults, no speed")
    parser.add_argument("--tuning", action="store_true", help="the tables that limits may be chosen on")
    parser.add_argument("--only", help="one table by name")
    parser.add_argument("--seed", type=int, help="one seed")
    parser.add_argument("--detail", action="store_true", help="by kind of fault, by seed, and the false alarms")
    parser.add_argument("--speed", action="store_true", help="measure speed in a partial run, too")
    parser.add_argument("--no-keep", action="store_true", help="leave results.json and README as they are")
    return parser.parse_args()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
