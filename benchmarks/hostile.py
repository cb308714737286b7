"""Hostile files come in by one browser, and somebody else goes on working in another: how long both wait."""

from __future__ import annotations

import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from playwright import sync_api

from benchmarks.app import row_clicks
from benchmarks.figures import Figure, keep
from tests.explain.adding.hostile import FRAME, MODELS, TABLES
from tests.journeys.conftest import BROWSERS, FLAGS, Server
from tests.journeys.steps import settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

STOPPED = "[data-testid=stAlert]"
"""Where the page says what is wrong with a file."""
RUNNING = "() => document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state') === 'running'"
REST = 0.3
"""Seconds that `settled` waits to be sure."""


def main() -> None:
    """Measure and keep; with an address, be the browser that throws the files."""
    with sync_api.sync_playwright() as tool:
        browser_path = next(path for name in BROWSERS if (path := shutil.which(name)))
        browser = tool.chromium.launch(executable_path=browser_path, args=FLAGS)
        if sys.argv[1:]:
            sys.stdout.write(json.dumps(throw(browser, *sys.argv[1:])))
        else:
            keep("hostile", list(measured(browser)))


def measured(browser: Browser) -> Iterator[Figure]:
    """Clicks of somebody else, alone and beside the files."""
    server = Server(Path(tempfile.mkdtemp()))
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server.url())
    settled(page)
    alone = row_clicks(page)
    thrower = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.hostile", server.url("add"), server.url()], stdout=subprocess.PIPE, text=True
    )
    beside: list[float] = []
    while thrower.poll() is None:
        beside += row_clicks(page)
    verdicts = json.loads(thrower.communicate()[0])
    server.stop()
    count = f"{len(verdicts)} files, one after the other"
    yield Figure(
        "a verdict on a hostile file, in the browser: the longest", max(verdicts.values()), "s", "at most 10 s"
    )
    yield Figure("the same, the median", statistics.median(verdicts.values()), "s", count)
    yield Figure("click of another session, nothing else going on", statistics.median(alone), "s", "drawn")
    yield Figure("the same while hostile files come in: the median", statistics.median(beside), "s", count)
    yield Figure("the same: 19 of 20 clicks", statistics.quantiles(beside, n=20)[-1], "s", f"{len(beside)} clicks")


def throw(browser: Browser, models: str, tables: str) -> dict[str, float]:
    """Seconds from the drop of each file to the sentence that refuses it."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(models)
    settled(page)
    page.locator("input[type=file]").nth(1).set_input_files(_file("rows.csv", FRAME.to_csv(index=False).encode()))
    settled(page)
    found = {name: dropped(page, name, content) for name, (content, _) in MODELS.items()}
    for name, (content, _) in TABLES.items():
        page.goto(tables)
        settled(page)
        page.get_by_role("button", name="Open a table").click()
        # the browser takes files of these endings only; the app looks at the content
        found[name] = dropped(page, f"{name}.csv", content, "[data-testid=stDialog] ")
    return found


def dropped(page: Page, name: str, content: bytes, where: str = "") -> float:
    """Drop one file and wait for its sentence."""
    began = time.perf_counter()
    page.locator(f"{where}input[type=file]").first.set_input_files(_file(name, content))
    with contextlib.suppress(sync_api.TimeoutError):
        page.wait_for_function(RUNNING, timeout=3_000)
    settled(page)
    page.locator(f"{where}{STOPPED}").first.wait_for(timeout=30_000)
    return time.perf_counter() - began - REST


def _file(name: str, content: bytes) -> dict[str, object]:
    return {"name": _shown(name), "mimeType": "application/octet-stream", "buffer": content}


def _shown(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter == "." else "_" for letter in name)


if __name__ == "__main__":
    main()
