"""The three people: an analyst with a dirty table, a stakeholder with one link, somebody who demonstrates it."""

import re

import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.explain.adding.late import trained
from tests.journeys.conftest import Server
from tests.journeys.steps import UPLOADS, click_row, drawn, in_address, query_of, settled, upload
from tests.journeys.test_add_model import add

THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A model of one's own, and an upload with outcomes in which six amounts have slipped by three zeros."""
    folder = tmp_path_factory.mktemp("walks")
    rows, content = trained()
    rows.to_csv(folder / "rows.csv", index=False)
    (folder / "late_payers.txt").write_bytes(content)
    dirty = rows.drop(columns="split").head(200).copy()
    dirty.loc[dirty.index[:6], "amount"] *= 1000
    dirty.to_csv(folder / "dirty.csv", index=False)
    return folder


@THEMES
def test_an_analyst_finds_what_is_wrong_works_through_it_corrects_it_and_takes_it_along(open_page, files, dark):
    called = f"Late payers {'by night' if dark else 'by day'}"
    page = open_page("library", dark=dark)
    add(page, files, called)
    page.get_by_role("button", name="Add the model").click()
    expect(page.get_by_text(f"{called} is added.")).to_be_visible()
    page.get_by_role("button", name="Open a table").first.click()
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(files / "dirty.csv")
    expect(page.locator(".why-sub").first).to_contain_text("dirty.csv · 200 rows reviewed")
    settled(page)

    # what came true is said, and what is wrong stands first
    expect(page.locator(".why-strip")).to_contain_text(re.compile(r"\d+ of 100 right \(\d+ to \d+\)"))
    expect(page.locator(".why-strip")).to_contain_text("not use yet")
    run = in_address(page, "run")
    page.get_by_role("button", name=re.compile("^out of range 6")).click()
    click_row(page, 0)
    expect(page.locator(".why-verdict")).to_contain_text("amount (out of range)")

    # worked through along the list, with a mark and a note
    expect(page.get_by_text("1 of 6 rows")).to_be_visible()
    first = in_address(page, "row")
    page.get_by_placeholder("A note on this row").fill("three zeros too many")
    page.get_by_placeholder("A note on this row").press("Enter")
    settled(page)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("2 of 6 rows")).to_be_visible()
    page.wait_for_url(lambda url: query_of(url).get("row") != first, wait_until="commit")

    # the fix is taken for all of them, and both reviews stand side by side
    page.get_by_role("link", name="Data").click()
    settled(page)
    page.get_by_role("button", name="Correct these 6 cells and review again").click()
    page.wait_for_url(lambda url: query_of(url).get("run") not in {None, run}, wait_until="commit")
    settled(page)
    expect(page.locator(".st-key-before_after")).to_contain_text(
        "Corrected in 6 cells: 5 decisions changed, 6 faults fewer."
    )
    expect(page.locator(".why-strip")).to_contain_text("0 with faults in the data")

    # what is taken along holds the corrected values
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as coming:
        page.get_by_role("button", name=re.compile("Table as corrected")).click()
    corrected = pd.read_csv(coming.value.path())
    assert corrected["amount"].max() < 200
    page.get_by_role("button", name="Back to before").click()
    page.wait_for_url(lambda url: query_of(url).get("run") == run, wait_until="commit")


@THEMES
def test_a_stakeholder_on_a_phone_knows_from_one_link_what_to_do_and_why(open_page, dark):
    page = open_page("decision?row=A-1005", width=390, height=844, dark=dark)
    verdict = page.get_by_role("heading", name="Do not use yet: fix Amount (out of range)")
    expect(verdict).to_be_in_viewport()
    expect(page.get_by_text("Approved: right in about 72 of 100 such cases.")).to_be_in_viewport()
    expect(drawn(page, "this case")).to_be_visible()
    # one outcome is spoken of throughout
    card = page.locator(".st-key-card").inner_text()
    assert "chance of declined" not in card
    page.get_by_role("button", name="Try “3,017 DM”").click()
    expect(
        page.get_by_text(re.compile("What if, 1 value changed: the model alone says approved 72 in 100 → 93 in 100"))
    ).to_be_visible()
    expect(page.locator(".why-verdict")).to_have_text(re.compile("Use it$"))
    page.get_by_role("button", name="Reset").click()
    expect(verdict).to_be_visible()
    page.locator("summary").filter(has_text="How this number comes about").click()
    steps = page.locator(".why-made:visible")
    expect(steps).to_contain_text("The model says approved: 72 in 100; for a typical past case it is 76 in 100.")
    page.locator("summary").filter(has_text="The whole row").click()
    expect(page.get_by_role("cell", name="3,017,000 DM").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_model_page_speaks_of_the_upload_and_each_error_leads_to_its_rows(open_page):
    page = open_page()
    upload(page, UPLOADS / "german_credit_with_outcomes.csv")
    expect(page.locator(".why-sub").first).to_contain_text("german_credit_with_outcomes.csv · 150 rows reviewed")
    settled(page)
    run = in_address(page, "run")
    expect(page.locator(".why-strip")).to_contain_text("75 of 100 right (68 to 82)")
    missed = page.get_by_role("button", name=re.compile("^missed declined"))
    count = int(re.search(r"\d+", missed.inner_text())[0])
    page.goto(page.url.replace("/?", "/model?") + "&tab=quality")
    settled(page)
    expect(drawn(page, "Right in 75 of 100 rows of this upload")).to_be_visible()
    page.get_by_role("button", name=f"{count} were declined, predicted approved").click()
    expect(page.get_by_text(f"{count} of 150 rows")).to_be_visible()
    expect(page.get_by_role("button", name="Was declined, predicted approved")).to_be_visible()
    assert in_address(page, "run") == run


@THEMES
def test_somebody_demonstrates_from_nothing(browser, tmp_path, dark):
    home = tmp_path / "home"
    home.mkdir()
    server = Server(home)
    context = browser.new_context(color_scheme="dark" if dark else "light", reduced_motion="reduce")
    try:
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(server.url())
        # from the first moment the page says what it is and what it is doing
        expect(page.get_by_text("See why a model decided, and how far to trust it").first).to_be_visible(timeout=60_000)
        page.get_by_text("A slip of three zeros").wait_for(timeout=120_000)
        settled(page)
        page.locator(".st-key-start_slip button").click()
        verdict = page.locator(".why-verdict")
        expect(verdict).to_contain_text("Do not use yet: fix Amount (out of range)", timeout=60_000)
        settled(page)
        page.keyboard.press("p")
        expect(page.locator(".st-key-present")).to_be_visible(timeout=60_000)
        page.wait_for_url(lambda url: query_of(url).get("view") == "present", wait_until="commit")
        settled(page)
        page.keyboard.press("Escape")
        expect(page.locator(".st-key-present")).to_have_count(0, timeout=60_000)
        assert "page failed" not in server.log
    finally:
        context.close()
        server.stop()
