"""A batch that is done opens like a review: figures, filters, any row's card; it is found in the library."""

import hashlib
import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

import explain
from tests.journeys.steps import query_of, settled

ROWS = 400


@pytest.fixture(scope="module")
def batch(server, tmp_path_factory):
    """The name of a batch in the home folder of the server, with 8 amounts that are a thousand times too high."""
    model, folder = explain.load_model("german_credit"), tmp_path_factory.mktemp("rows")
    rows = model.reference.frame.sample(ROWS, replace=True, random_state=4).reset_index(drop=True)
    rows["customer"] = [f"K{at:03d}" for at in range(ROWS)]
    rows.loc[:7, "amount"] *= 1000
    rows.to_csv(folder / "applications.csv", index=False)
    out = server.home / "batches" / "applications"
    command = [sys.executable, "-P", "-m", "explain.commands", "batch", str(folder / "applications.csv")]
    command += ["--model", "german_credit", "--out", str(out), "--rows-per-part", "150"]
    subprocess.run(command, env=os.environ | {"WHYSURE_HOME": str(server.home)}, check=True, timeout=300)
    return hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:12]


def listed(page):
    settled(page)
    return int(re.search(r"([\d,]+) of 400 rows", page.locator(".st-key-how_many").inner_text())[1].replace(",", ""))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_batch_is_looked_through_down_to_one_row(browser, server, batch, scheme):
    page = browser.new_context(color_scheme=scheme).new_page()
    page.goto(server.url(f"?batch={batch}"))
    settled(page)
    assert page.url.startswith(server.url("batch?"))
    expect(page.get_by_text("applications.csv · 400 rows decided in a batch")).to_be_visible()
    assert listed(page) == 400
    page.get_by_role("button", name=re.compile(r"^error 8$")).click()
    expect(page.get_by_text("8 of 400 rows")).to_be_visible()
    assert query_of(page.url)["batch_fault"] == "0"
    page.reload()
    assert listed(page) == 8
    field = page.get_by_placeholder("name of a row")
    field.fill("K003")
    field.press("Enter")
    expect(page.get_by_text("Row K003", exact=True)).to_be_visible()
    expect(page.locator(".st-key-panel").get_by_text("Did you mean")).to_be_visible()
    page.get_by_role("button", name="Full page").click()
    page.wait_for_url("**/decision?*", wait_until="commit")
    settled(page)
    expect(page.get_by_role("heading", name="German credit: row K003")).to_be_visible()
    page.get_by_role("button", name="Back to the list").click()
    page.wait_for_url("**/batch?*", wait_until="commit")
    assert listed(page) == 8
    page.context.close()


def test_a_name_that_no_row_has_is_said(open_page, batch):
    page = open_page(f"batch?batch={batch}")
    field = page.get_by_placeholder("name of a row")
    field.fill("K999")
    field.press("Enter")
    expect(page.get_by_text("There is no row of that name.")).to_be_visible()


def test_the_library_lists_batches(open_page, batch):
    page = open_page("library")
    page.locator(f".st-key-open_batch_{batch}").get_by_role("button").click()
    page.wait_for_url("**/batch?*", wait_until="commit")
    assert query_of(page.url)["batch"] == batch


@pytest.mark.parametrize("address", ["batch?batch=0123456789ab", "?batch=../../etc", "decision?run=0123456789ab-3"])
def test_a_batch_that_is_not_there_is_said_in_a_sentence(open_page, address):
    page = open_page(address)
    expect(page.get_by_text(re.compile("There is no batch '"))).to_be_visible()
    assert "Traceback" not in page.content()


def test_a_place_beyond_the_batch_is_said(open_page, batch):
    page = open_page(f"decision?run={batch}-400")
    expect(page.get_by_text("The batch has no row 401: it has 400.")).to_be_visible()
