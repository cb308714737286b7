"""What a person waits for in the app, in a real browser, and what one more of them costs the server."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from playwright.sync_api import sync_playwright

from benchmarks.figures import Figure, keep, seconds
from tests.journeys.conftest import BROWSERS, FLAGS, Server
from tests.journeys.steps import choose_model, click_row, query_of, settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
ROWS = 1_000
MORE_SESSIONS = 10


def main() -> None:
    """Measure and keep."""
    browser_path = next(path for name in BROWSERS if (path := shutil.which(name)))
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=browser_path, args=FLAGS)
        keep("app", [import_time(), *in_browser(browser)])


def import_time() -> Figure:
    """`import explain` less an empty interpreter."""

    def run(code: str) -> float:
        return seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True), times=15)

    return Figure(
        "import explain", 1000 * (run("import explain") - run("pass")), "ms", "at most 100 ms, without pandas"
    )


def in_browser(browser: Browser) -> Iterator[Figure]:
    """One server with an empty home, as after installation."""
    home = Path(tempfile.mkdtemp())
    os.environ["WHYSURE_HOME"] = str(home)
    subprocess.run([sys.executable, "-m", "explain.commands", "--home", str(home), "prepare"], check=True)
    started = time.perf_counter()
    server = Server(home)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server.url())
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    yield Figure(
        "whysure to a usable page, sample reviewed", time.perf_counter() - started, "s", "at most 5 s, in a browser"
    )
    settled(page)
    for title, made in (("German credit", credit_rows(home)), ("Diamond prices", diamond_rows(home))):
        spent = upload_time(page, title, made)
        yield Figure(f"upload of {ROWS:,} rows of {made.stem} to the full table", spent, "s", "at most 3 s")
    page.goto(server.url())
    settled(page)
    yield Figure("click on a row: the server's share", server_share(), "s", "at most 0.5 s")
    yield Figure("a value changed on the decision page: the server's share", what_if_share(), "s", "at most 0.3 s")
    yield Figure(
        "click on a row to the full card beside it, drawn",
        statistics.median(row_clicks(page)),
        "s",
        "browser and 0.1 s of aiming included",
    )
    yield Figure("one more browser session on the same review", memory(server, browser), "MB", "at most 30 MB")
    server.stop()


def upload_time(page: Page, title: str, path: Path) -> float:
    """Seconds from the file's drop to the table of its review."""
    choose_model(page, title)
    started = time.perf_counter()
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(path)
    page.get_by_text(f"{path.name} · {ROWS:,} rows reviewed").wait_for(timeout=60_000)
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    return time.perf_counter() - started


def credit_rows(home: Path) -> Path:
    """1,000 applications x 20 columns: the reference rows and the clean upload, outcomes left out."""
    folder = ROOT / "sample_data"
    reference = pd.read_parquet(folder / "german_credit" / "reference.parquet")
    extra = pd.read_csv(folder / "uploads" / "german_credit_clean.csv")
    names = [name for name in extra.columns if name in reference.columns]
    rows = pd.concat([reference[names], extra[names]], ignore_index=True).head(ROWS)
    return written(rows, home / "german_credit.csv")


def diamond_rows(home: Path) -> Path:
    """1,000 diamonds that are not the sample, which may have been reviewed already."""
    frame = pd.read_csv(ROOT / "sample_data" / "uploads" / "diamonds_clean.csv")
    return written(frame.sample(ROWS, random_state=0), home / "diamonds.csv")


def written(frame: pd.DataFrame, path: Path) -> Path:
    """The same table as a file."""
    frame.to_csv(path, index=False)
    return path


def row_clicks(page: Page) -> list[float]:
    """Seconds from each of seven clicks on a row to its name in the panel, the browser's share included."""
    spent = []
    for at in range(8):
        before = query_of(page.url).get("row")
        started = time.perf_counter()
        click_row(page, at, wait=False)
        page.wait_for_url(lambda url, old=before: query_of(url).get("row") not in {None, old}, wait_until="commit")
        row = query_of(page.url)["row"]
        page.locator(".st-key-panel").get_by_text(f"Row {row}", exact=True).wait_for()
        page.locator(".st-key-card .js-plotly-plot").first.wait_for()
        spent.append(time.perf_counter() - started)
        settled(page)
    return spent[1:]


def server_share() -> float:
    """Median seconds in which the review page runs with another row opened, browser and network left out."""
    from streamlit.testing.v1 import AppTest

    test = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60).run()
    spent = []
    for row in ("A-1005", "A-1022", "A-1033", "A-1042", "A-1099", "A-1107"):
        test.query_params["row"] = row
        started = time.perf_counter()
        test.run()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent[1:])


def decision_page() -> None:
    """The decision page by itself, as AppTest runs it."""
    import streamlit as st

    from app import link
    from app.screens import decision

    link.remember_pages({"decision": st.Page(lambda: None, title="decision", url_path="decision")})
    decision.show()


def what_if_share() -> float:
    """Median seconds in which the decision page follows a changed amount."""
    from streamlit.testing.v1 import AppTest

    test = AppTest.from_function(decision_page, default_timeout=60)
    test.query_params["row"] = "A-1005"
    test.run()
    spent = []
    for amount in (1_000.0, 2_000.0, 3_000.0, 4_000.0, 5_000.0, 6_000.0):
        control = next(item for item in test.number_input if item.label.startswith("Amount"))
        started = time.perf_counter()
        control.set_value(amount).run()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent[1:])


def memory(server: Server, browser: Browser) -> float:
    """Megabytes of resident memory per session, over some sessions on the decision page and the review."""

    def open_sessions(count: int) -> None:
        for _ in range(count):
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.goto(server.url("?row=A-1005"))
            settled(page)

    open_sessions(2)
    before = resident(server)
    open_sessions(MORE_SESSIONS)
    return (resident(server) - before) / MORE_SESSIONS


def resident(server: Server) -> float:
    """Megabytes."""
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1000


if __name__ == "__main__":
    main()
