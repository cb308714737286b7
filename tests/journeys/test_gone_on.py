"""A reload or a server that dies in the midst of a review: the table is still there, and the page offers to go on."""

import shutil
import signal

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PATIENCE, Server
from tests.journeys.steps import choose_model, settled
from tests.journeys.test_long_work import FIXTURES

ROWS = 8_000
"""Of a model whose reasons are sampled row by row: some seconds, so that there is a midst."""
REVIEWED_BY = 120_000
"""Milliseconds for those rows on a busy machine."""


@pytest.fixture(scope="module")
def mortal(server, tmp_path_factory):
    """A server of its own, as it is killed."""
    home = tmp_path_factory.mktemp("mortal")
    for name in ("runs", "ready"):
        shutil.copytree(server.home / name, home / name)
    shutil.copytree(FIXTURES / "network", home / "models" / "network")
    running = Server(home)
    yield running
    running.stop()
    assert "Traceback" not in running.log


@pytest.fixture
def page(browser, mortal):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        expect.set_options(timeout=PATIENCE)
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE)
        opened.goto(mortal.url())
        settled(opened)
        yield opened


def start_reviewing(page, folder, name):
    reference = pd.read_parquet(FIXTURES / "network" / "reference.parquet")
    many = reference.iloc[np.arange(ROWS) % len(reference)].drop(columns=["result"], errors="ignore")
    many.to_csv(folder / name, index=False)
    choose_model(page, "network")
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(folder / name)
    expect(page.locator("[data-testid=stMain]").get_by_role("progressbar")).to_be_visible()


def waiting(mortal):
    return list((mortal.home / "waiting").glob("*"))


def test_after_a_server_that_died_the_page_offers_to_go_on_and_going_on_gives_the_review(page, mortal, tmp_path):
    start_reviewing(page, tmp_path, "kill.csv")
    mortal.process.send_signal(signal.SIGKILL)
    mortal.process.wait(timeout=20)
    assert len(waiting(mortal)) == 1
    mortal.start()
    expect(page.get_by_text("The review of kill.csv was broken off.")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".why-sub")).to_contain_text(f"kill.csv · {ROWS:,} rows reviewed", timeout=REVIEWED_BY)
    expect(page.get_by_text("was broken off")).to_have_count(0)
    assert waiting(mortal) == []


def test_a_server_that_does_not_answer_is_said_in_our_own_words_and_the_page_heals(page, mortal):
    expect(page.get_by_role("alert").filter(has_text="Whysure does not answer")).to_have_count(0)
    expect(page.locator("[data-testid=stMainMenu]")).to_have_count(0)
    mortal.process.send_signal(signal.SIGKILL)
    mortal.process.wait(timeout=20)
    alert = page.get_by_role("alert").filter(has_text="Whysure does not answer")
    expect(alert).to_contain_text("This page goes on by itself as soon as it answers again.")
    theirs = page.locator(".stDialog").filter(has_text="Streamlit server is not responding")
    expect(theirs).to_have_count(1)
    expect(theirs).not_to_be_visible()
    mortal.start()
    expect(alert).to_have_count(0)
    page.get_by_role("link", name="Library").click()
    expect(page.get_by_text("german_credit_messy.csv")).to_be_visible()


def test_after_a_reload_it_is_dismissed_for_good(page, mortal, tmp_path):
    start_reviewing(page, tmp_path, "reload.csv")
    page.reload()
    expect(page.get_by_text("The review of reload.csv was broken off.")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("was broken off")).to_have_count(0)
    settled(page)
    assert waiting(mortal) == []
    page.reload()
    settled(page)
    expect(page.get_by_text("was broken off")).to_have_count(0)
