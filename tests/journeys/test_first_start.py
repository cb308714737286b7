"""The first start in an empty home: the terminal says where, and the page says at once what it is waiting for."""

import time

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Server

DRAWN_BY = 60_000
"""Milliseconds for the first page of a process that has loaded and compiled nothing yet, on a busy machine."""


@pytest.fixture
def fresh(tmp_path):
    running = Server(tmp_path)
    yield running
    running.process.kill()
    running.process.wait(timeout=20)


def test_a_first_start_says_where_it_is_and_what_is_being_prepared(browser, fresh):
    deadline = time.monotonic() + 10
    while not (said := (fresh.home / "said").read_text()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert said == f"Whysure is ready at {fresh.url()}\n"
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(fresh.url())
        expect(page.get_by_text("Preparing the sample: first start only").first).to_be_visible(timeout=DRAWN_BY)
