"""How fast the app follows the hand: from the click to what it asked for, drawn, with small and large reviews."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from playwright.sync_api import sync_playwright

import explain
from benchmarks.figures import Figure, keep
from explain.decisions.runs import save
from explain.models import load_model
from tests.journeys.conftest import BROWSERS, FLAGS, Server
from tests.journeys.steps import REST, settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CLEAN = Path(__file__).resolve().parents[1] / "sample_data" / "uploads" / "german_credit_clean.csv"
SIZES = (2_000, 100_000)
WANTED = {2_000: 0.5, 100_000: 1.0}
TIMES = 7
LONGEST = 20_000
"""Milliseconds after which what is waited for does not come."""
DRAWN = """([at, was, more, longest]) => new Promise((done, never) => {
  setTimeout(() => never(new Error(at)), longest);
  const look = () => {
    const found = document.querySelector(at)?.innerText;
    const whole = !more || document.querySelector(more);
    if (found && found !== was && whole) requestAnimationFrame(() => done());
    else requestAnimationFrame(look);
  };
  look();
})"""
"""Resolves with the frame in which the text of one element has changed and another one is there."""


def main() -> None:
    """Measure and keep."""
    path = next(path for name in BROWSERS if (path := shutil.which(name)))
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=path, args=FLAGS)
        keep("app by hand", [figure for rows in SIZES for figure in of_size(browser, rows)])


def of_size(browser: Browser, rows: int) -> Iterator[Figure]:
    """A server with one review of so many rows, about 7 in 100 of them with a fault."""
    home = Path(tempfile.mkdtemp())
    model = load_model("german_credit")
    run = save(explain.review(explain.read_table(faulty(rows, home / "rows.csv"), model.schema), model), home)
    server = Server(home)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server.url(f"?run={run}"))
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    settled(page)
    named = f"{rows:,} rows: from the click on"
    yield Figure(f"{named} a row to its card, drawn", card(page), "s", f"at most {WANTED[rows]:g} s")
    page.get_by_role("button", name="Close").click()
    settled(page)
    yield Figure(f"{named} a chip to the table, drawn", chip(page), "s", "at most 0.5 s")
    page.goto(server.url(f"decision?run={run}"))
    settled(page)
    yield Figure(f"{named} the level to the set, drawn", level(page), "s", "at most 0.2 s")
    server.stop()


def faulty(rows: int, path: Path) -> Path:
    """Applications drawn from the sample, some with an amount a thousand times too large, a blank or an odd age."""
    draw = np.random.default_rng(0)
    source = pd.read_csv(CLEAN, dtype=str, keep_default_na=False)
    frame = source.iloc[draw.integers(0, len(source), rows)].reset_index(drop=True)
    frame["application_id"] = [f"B-{at}" for at in range(rows)]
    for share, column, cell in ((0.03, "savings", ""), (0.01, "age", "-3"), (0.01, "housing", "castle")):
        frame.loc[draw.random(rows) < share, column] = cell
    frame.loc[draw.random(rows) < 0.02, "amount"] += "000"
    frame.to_csv(path, index=False)
    return path


def card(page: Page) -> float:
    """Median seconds from the press on a row to the frame that shows its verdict and its waterfall."""
    canvas = page.locator("[data-testid=stDataFrame] canvas").first
    canvas.scroll_into_view_if_needed()
    spent = []
    for at in range(TIMES + 1):
        before = page.locator(".st-key-panel .why-title").all_inner_texts()
        box = canvas.bounding_box() or {"x": 0.0, "y": 0.0}
        page.mouse.move(box["x"] + 120, box["y"] + 53 + 35 * at)
        page.wait_for_timeout(REST)
        started = time.perf_counter()
        page.mouse.click(box["x"] + 120, box["y"] + 53 + 35 * at)
        wait_for(page, ".st-key-panel .why-title", "".join(before), ".st-key-card .js-plotly-plot")
        spent.append(time.perf_counter() - started)
        settled(page)
    return statistics.median(spent[1:])


def chip(page: Page) -> float:
    """Median seconds from the press on a chip to the frame in which the line below the table says how many pass."""
    spent = []
    for at in range(TIMES + 1):
        before = page.locator(".st-key-how_many").inner_text()
        started = time.perf_counter()
        page.get_by_role("button", name=("any fault", "check first")[at % 2]).first.click()
        wait_for(page, ".st-key-how_many", before)
        spent.append(time.perf_counter() - started)
        settled(page)
    return statistics.median(spent[1:])


def level(page: Page) -> float:
    """Median seconds from a key on the slider to the frame in which the line below it tells of the new level."""
    spent = []
    for at in range(TIMES + 1):
        before = page.locator(".st-key-tested").inner_text()
        started = time.perf_counter()
        page.get_by_role("slider").first.press("ArrowRight" if at % 4 < 2 else "ArrowLeft")
        wait_for(page, ".st-key-tested", before)
        spent.append(time.perf_counter() - started)
        settled(page)
    return statistics.median(spent[1:])


def wait_for(page: Page, at: str, was: str, more: str = "") -> None:
    """Until an element says something else than it did."""
    page.evaluate(DRAWN, [at, was, more, LONGEST])


if __name__ == "__main__":
    main()
