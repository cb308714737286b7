"""What a person does in the browser, in words that the journeys are told in."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from explain.models.package import samples_folder

UPLOADS = samples_folder() / "uploads"
REST = 100
"""Milliseconds between the mouse's coming to a place and its press."""


def settled(page):
    """Wait until the app has drawn: a heading, card or alert stands, and no script runs."""
    page.wait_for_selector("[data-testid=stMain] .why-title, [data-testid=stMain] [data-testid=stAlert]")
    idle = "() => document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state') !== 'running'"
    page.wait_for_function(idle)
    page.wait_for_timeout(300)
    page.wait_for_function(idle)


def rows_found(page):
    """How many rows of the sample pass the filters, as the page says; while it redraws, old and new stand together."""
    settled(page)
    said = page.get_by_text(re.compile(r"^\d+ of 150 rows$"))
    expect(said).to_have_count(1)
    return int(said.inner_text().split()[0])


def in_address(page, name):
    """The value that the page's address has, or comes to have, for `name`."""
    page.wait_for_url(lambda url: name in query_of(url), wait_until="commit")
    return query_of(page.url)[name]


def query_of(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def drawn(page, title):
    """The chart with this title in it."""
    return page.locator(".js-plotly-plot").filter(has_text=title)


def upload(page, path):
    page.get_by_role("button", name="Open a table").click()
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(path)


def choose_model(page, name):
    page.get_by_role("button", name="Open a table").click()
    box = page.get_by_role("dialog").get_by_role("combobox", name="Model")
    box.click()
    page.get_by_role("option", name=name).click()
    settled(page)


def click_row(page, at, *, wait=True):
    """Click the row at position `at` of the canvas table."""
    canvas = page.locator("[data-testid=stDataFrame] canvas").first
    if wait:
        settled(page)
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    # the grid lays an invisible scroller over its canvas, so the mouse is moved by hand; which cell it is over the grid
    # finds out a moment after it came, which a hand takes to come to rest
    place = box["x"] + 120, box["y"] + 36 + 35 * at + 17
    page.mouse.move(*place)
    page.wait_for_timeout(REST)
    page.mouse.click(*place)
    if wait:
        settled(page)
