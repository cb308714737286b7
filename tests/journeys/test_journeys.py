"""What the three people do, in a real browser."""

import json
import re

import pandas as pd
import pytest
from playwright.sync_api import expect

import explain
from explain.models import load_model
from tests.journeys.steps import (
    UPLOADS,
    choose_model,
    click_row,
    drawn,
    in_address,
    query_of,
    rows_found,
    settled,
    upload,
)


def test_a_newcomer_sees_figures_overview_and_table_on_the_first_screen(open_page):
    page = open_page()
    expect(page.locator(".why-strip")).to_contain_text("150 rows")
    expect(page.locator(".why-strip")).to_contain_text("with faults in the data")
    expect(drawn(page, "rows are predicted declined")).to_be_visible()
    table = page.locator("[data-testid=stDataFrame]")
    expect(table).to_be_visible()
    # below the start, which stands on the sample alone, its first rows; on a review of one's own many more
    assert table.bounding_box()["y"] < 830
    assert re.fullmatch("[0-9a-f]{12}", in_address(page, "run"))
    upload(page, UPLOADS / "german_credit_clean.csv")
    expect(page.locator(".why-sub").first).to_contain_text("german_credit_clean.csv")
    settled(page)
    assert table.bounding_box()["y"] < 700


def test_a_click_on_a_row_opens_its_card_beside_the_table(open_page):
    page = open_page()
    click_row(page, 0)
    expect(page.locator(".why-headline")).to_be_visible()
    row = in_address(page, "row")
    expect(page.get_by_text(f"Row {row}", exact=True)).to_be_visible()
    expect(drawn(page, "past case")).to_be_visible()
    box = page.locator(".why-headline").bounding_box()
    assert box["x"] > 640
    assert box["y"] < 400
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".why-headline")).to_have_count(0)
    page.wait_for_url(lambda url: "row" not in query_of(url), wait_until="commit")


def test_uploading_a_table_reviews_it_and_says_how_it_was_read(open_page):
    page = open_page()
    before = in_address(page, "run")
    upload(page, UPLOADS / "german_credit_clean.csv")
    expect(page.locator(".why-sub")).to_contain_text("german_credit_clean.csv · 150 rows reviewed")
    assert in_address(page, "run") != before
    page.get_by_role("button", name="How it was read").click()
    expect(page.get_by_text("Rows are named by the column “application_id”.")).to_be_visible()


def test_a_misspelt_column_is_proposed_and_used_once_confirmed(open_page):
    page = open_page()
    upload(page, UPLOADS / "german_credit_messy.csv")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Is “instalment_rate” the column")).to_be_visible()
    dialog.get_by_role("button", name="Use these columns").click()
    expect(page.locator(".why-sub")).to_contain_text("german_credit_messy.csv · 150 rows reviewed")


@pytest.mark.parametrize(
    ("model", "sample", "shows"),
    [
        ("Diamond prices", "300 diamonds with faults", "predicted price"),
        ("Penguin species", "80 penguins with faults", "are predicted"),
    ],
)
def test_a_sample_of_another_model_is_one_click_away(open_page, model, sample, shows):
    page = open_page()
    choose_model(page, model)
    page.get_by_role("button", name=sample).click()
    expect(page.locator(".why-title").first).to_have_text(model)
    expect(drawn(page, shows).first).to_be_visible()


def test_the_decision_page_answers_what_why_how_sure_and_what_is_wrong(open_page):
    page = open_page("decision?row=A-1005")
    expect(page.get_by_role("heading", name="Do not use yet: fix Amount (out of range)")).to_be_visible()
    expect(page.locator(".why-headline")).to_have_text("Approved: right in about 72 of 100 such cases.")
    expect(drawn(page, "this case")).to_be_visible()
    # no letter beside a value that is wrong
    expect(page.locator(".why-grade")).to_have_count(0)
    expect(page.get_by_text("Reasons add up exactly.")).to_be_visible()
    expect(page.get_by_text("is above anything the model saw")).to_be_visible()
    expect(page.get_by_text("values of similar cases give")).to_be_visible()
    expect(page.get_by_text("Past cases most like this one")).to_be_visible()
    assert page.locator(".why-cases tbody tr:visible").count() == 5


def test_what_if_moves_the_prediction_and_says_by_how_much(open_page):
    page = open_page("decision?row=A-1005")
    before = page.locator(".why-headline").inner_text()
    amount = page.get_by_label(re.compile("^Amount"))
    amount.fill("3017")
    amount.press("Enter")
    expect(
        page.get_by_text(re.compile("What if, 1 value changed: the model alone says approved .* → .* points?"))
    ).to_be_visible()
    expect(page.locator(".why-headline")).not_to_have_text(before)
    expect(page.get_by_text("is above anything the model saw")).to_have_count(0)
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".why-headline")).to_have_text(before)


def test_a_control_that_is_typed_in_keeps_its_place_and_focus(open_page):
    page = open_page("decision?row=A-1005")
    amount = page.get_by_label(re.compile("^Amount"))
    amount.evaluate("control => { control.marked = true }")
    amount.fill("3017")
    amount.press("Enter")
    expect(page.get_by_text(re.compile("What if, 1 value changed"))).to_be_visible()
    settled(page)
    assert amount.evaluate("control => control.marked && control === document.activeElement")


def test_the_panel_a_filter_from_elsewhere_and_its_end_leave_the_table_where_it_is(open_page):
    page = open_page("?column=amount")
    table = page.locator("[data-testid=stDataFrame]")
    table.evaluate("table => { table.marked = true }")
    page.get_by_role("button", name=re.compile("^Fault in ")).click()
    expect(page.get_by_role("button", name=re.compile("^Fault in "))).to_have_count(0)
    assert rows_found(page) == 150
    click_row(page, 1)
    expect(page.locator(".why-headline")).to_be_visible()
    assert table.evaluate("table => table.marked")
    page.wait_for_url(lambda url: "column" not in query_of(url), wait_until="commit")


def test_a_proposed_fix_is_tried_with_one_click(open_page):
    page = open_page("decision?row=A-1005")
    page.get_by_role("button", name=re.compile("Try “3,017 DM”")).click()
    expect(page.get_by_text(re.compile("What if, 1 value changed"))).to_be_visible()
    settled(page)
    expect(page.get_by_label(re.compile("^Amount"))).to_have_value("3017")


def test_the_level_of_the_set_lives_in_the_address(open_page):
    page = open_page("decision?row=A-1005")
    thumb = page.get_by_role("slider").first
    thumb.focus()
    thumb.press("ArrowRight")
    settled(page)
    assert in_address(page, "level") == "95"
    again = open_page(f"decision?{page.url.split('?')[1]}")
    expect(again.get_by_role("slider").first).to_have_attribute("aria-valuetext", "95 %")


def test_the_reasons_can_be_counted_in_log_odds(open_page):
    page = open_page("decision?row=A-1005")
    page.get_by_role("radio", name="log-odds").or_(page.get_by_role("button", name="log-odds")).first.click()
    expect(drawn(page, "log-odds of approved")).to_be_visible()
    assert in_address(page, "units") == "log-odds"
    again = open_page(f"decision?{page.url.split('?')[1]}")
    expect(drawn(again, "log-odds of approved")).to_be_visible()


def test_a_click_on_the_overview_filters_the_table(open_page):
    page = open_page()
    bar = page.locator(".js-plotly-plot .barlayer .point path").first
    bar.wait_for()
    box = bar.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("button", name=re.compile("^Score .* in 100"))).to_be_visible()
    assert in_address(page, "bar").isdecimal()
    assert 0 < rows_found(page) < 150
    page.get_by_role("button", name=re.compile("^Score .* in 100")).click()
    expect(page.get_by_role("button", name=re.compile("^Score .* in 100"))).to_have_count(0)
    assert rows_found(page) == 150


def test_chips_and_search_filter_and_live_in_the_address(open_page):
    page = open_page()
    page.get_by_role("button", name=re.compile(r"^any fault \d+")).click()
    in_address(page, "only")
    shown = rows_found(page)
    assert shown < 150
    page.get_by_placeholder("id or any value").fill("A-10")
    page.get_by_placeholder("id or any value").press("Enter")
    assert in_address(page, "find") == "A-10"
    assert in_address(page, "only")
    again = open_page(page.url.split("/", 3)[3])
    both = rows_found(again)
    assert 0 < both < shown
    expect(again.get_by_placeholder("id or any value")).to_have_value("A-10")
    page.go_back()
    expect(page.get_by_placeholder("id or any value")).to_have_value("")
    assert rows_found(page) == shown


def test_a_link_shows_the_same_decision_in_another_browser_after_a_restart(open_page, server):
    page = open_page("decision?row=A-1033")
    headline, address = page.locator(".why-headline").inner_text(), page.url
    server.restart()
    other = open_page(address.split("/", 3)[3])
    expect(other.locator(".why-headline")).to_have_text(headline)
    expect(other.get_by_text("row A-1033").first).to_be_visible()


def test_one_click_says_whether_todays_answer_is_the_same(open_page):
    page = open_page("decision?row=A-1033")
    page.get_by_role("button", name="Recompute and compare").click()
    expect(
        page.get_by_text("Same answer today: every score of this review is the same to the last digit.")
    ).to_be_visible()


def test_the_data_page_leads_to_the_rows_with_a_fault(open_page):
    page = open_page("data")
    expect(drawn(page, "this upload over past rows")).to_be_visible()
    page.get_by_role("button", name="Show these rows").click()
    expect(page.get_by_role("button", name=re.compile("^Fault in "))).to_be_visible()
    assert in_address(page, "column") == "age"
    expect(page.get_by_text("4 of 150 rows")).to_be_visible()


def test_the_model_page_shows_drivers_quality_and_card(open_page):
    page = open_page("model")
    for title in ("moves predictions most", "Each dot is a row", "moves the prediction"):
        expect(drawn(page, title).first).to_be_visible()
    page.get_by_role("tab", name="How good it is").click()
    for title in ("is it 70?", "Ranks a hit above a miss", "Right in", "Average precision"):
        expect(drawn(page, title).first).to_be_visible()
    page.get_by_role("tab", name="What it is").click()
    expect(page.get_by_text("Predicts what the original predicts. Compared with scikit-learn")).to_be_visible()
    expect(page.get_by_text("CC BY 4.0")).to_be_visible()


def test_a_review_is_listed_opened_and_deleted(open_page):
    page = open_page()
    upload(page, UPLOADS / "german_credit_with_outcomes.csv")
    expect(page.locator(".why-sub")).to_contain_text("german_credit_with_outcomes.csv")
    run = in_address(page, "run")
    library = open_page("library")
    entry = library.locator("[data-testid=stVerticalBlock]").filter(has_text="german_credit_with_outcomes").last
    expect(entry).to_be_visible()
    library.locator(f".st-key-delete_{run} button").click()
    library.get_by_role("dialog").get_by_role("button", name="Delete").last.click()
    expect(library.locator(f".st-key-delete_{run}")).to_have_count(0)
    gone = open_page(f"?run={run}")
    expect(gone.get_by_text("There is no review")).to_be_visible()
    gone.get_by_role("button", name="Open the sample review").click()
    expect(gone.locator(".why-strip")).to_contain_text("150 rows")


def test_a_decision_is_saved_as_the_json_that_the_library_gives(open_page):
    page = open_page("decision?row=A-1005")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as JSON").click()
    content = json.loads(download.value.path().read_text())
    assert content["row_id"] == "A-1005"
    model = load_model("german_credit")
    table = explain.read_table(
        UPLOADS / "german_credit_messy.csv", model.schema, columns={"installment_rate": "instalment_rate"}
    )
    assert content["score"] == pytest.approx(explain.review(table, model)["A-1005"].score)


def test_the_whole_review_is_downloaded_as_csv_and_excel(open_page, tmp_path):
    page = open_page()
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Decisions, CSV").click()
    assert len(pd.read_csv(download.value.path())) == 150
    with page.expect_download() as download:
        page.get_by_role("button", name="Both, Excel").click()
    download.value.save_as(tmp_path / "review.xlsx")
    assert len(pd.read_excel(tmp_path / "review.xlsx", engine="calamine", sheet_name="decisions")) == 150


def test_nothing_is_asked_of_the_internet(browser, server):
    context = browser.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.url())
    settled(page)
    context.close()
    assert [url for url in asked if not url.startswith((server.url(), "ws://127.0.0.1", "data:", "blob:"))] == []


def test_on_a_phone_nothing_is_wider_than_the_screen(open_page):
    for path in ("", "decision?row=A-1005", "data", "model", "library"):
        page = open_page(path, width=390, height=844)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_the_link_to_copy_takes_the_level_and_the_units_along(open_page):
    page = open_page("decision?row=A-1005&level=95&units=log-odds")
    link = page.get_by_role("button", name="Copy link").get_attribute("data-copy")
    assert query_of(link) == {"run": in_address(page, "run"), "row": "A-1005", "level": "95", "units": "log-odds"}


def test_an_emptied_number_is_a_missing_value(open_page):
    page = open_page("decision?row=A-1005")
    field = page.get_by_role("spinbutton", name="Amount, DM")
    field.fill("")
    field.press("Tab")
    expect(page.get_by_text("What if, 1 value changed")).to_be_visible()
    expect(page.get_by_text("Amount is missing; past rows were never blank here.")).to_be_visible()


def test_a_column_blank_in_every_row_is_said_on_every_card_and_in_the_figures(open_page, tmp_path):
    table = pd.read_csv(UPLOADS / "german_credit_clean.csv").head(20).assign(savings="")
    table.to_csv(tmp_path / "nosavings.csv", index=False)
    page = open_page()
    upload(page, tmp_path / "nosavings.csv")
    expect(page.locator(".why-strip")).to_contain_text("20 with faults in the data")
    expect(page.get_by_text("Savings is blank in every row.")).to_be_visible()
    click_row(page, 0)
    expect(page.locator(".st-key-card")).to_contain_text("Check first: Savings (blank)")


@pytest.mark.parametrize("width", [390, 640])
def test_on_a_phone_what_was_tapped_is_seen_at_once_and_closed_back_to_the_list(open_page, width):
    page = open_page(width=width, height=844)
    click_row(page, 2)
    expect(page.locator(".why-verdict")).to_be_in_viewport()
    assert page.locator(".why-verdict").bounding_box()["y"] < 400
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".why-verdict")).to_have_count(0)
    expect(page.locator("[data-testid=stDataFrame]").first).to_be_in_viewport()


def test_the_list_is_walked_in_its_own_order_from_the_panel_and_from_the_full_page(open_page):
    page = open_page("?only=check:missing&order=lowest&row=A-1113")
    place = page.get_by_text(re.compile(r"^\d of 7 rows$")).last
    first = int(place.inner_text()[0])
    seen = {"A-1113"}
    page.get_by_role("button", name="Full page").click()
    settled(page)
    expect(page.get_by_text(f"{first} of 7 rows")).to_be_visible()
    for at in range(first + 1, 8):
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_text(f"{at} of 7 rows")).to_be_visible()
        settled(page)
        seen.add(in_address(page, "row"))
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    assert len(seen) == 8 - first
    page.get_by_role("button", name="Back to the list").click()
    assert rows_found(page) == 7
    # by the tabs as well
    page.get_by_role("link", name="Data").click()
    settled(page)
    page.get_by_role("link", name="Review").click()
    assert rows_found(page) == 7
    assert query_of(page.url)["order"] == "lowest"


def test_a_header_sorts_all_rows_and_a_column_of_ones_own_is_shown(open_page):
    page = open_page("?extra=age")
    settled(page)
    canvas = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    page.mouse.click(canvas["x"] + 420, canvas["y"] + 17)
    assert in_address(page, "sort") == "-right"
    expect(page.get_by_role("button", name="Sorted by likely right, highest first")).to_be_visible()
    settled(page)
    canvas = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    page.mouse.click(canvas["x"] + 420, canvas["y"] + 17)
    expect(page.get_by_role("button", name="Sorted by likely right, lowest first")).to_be_visible()


def test_a_row_is_marked_with_a_note_that_another_browser_sees(open_page):
    page = open_page("decision?row=A-1007")
    page.get_by_placeholder("A note on this row").fill("call the branch")
    page.get_by_placeholder("A note on this row").press("Enter")
    settled(page)
    expect(page.get_by_role("switch", name="Looked at").or_(page.get_by_label("Looked at"))).to_be_checked()
    other = open_page("?only=noted")
    assert rows_found(other) == 1
    other = open_page("decision?row=A-1007")
    expect(other.get_by_placeholder("A note on this row")).to_have_value("call the branch")


def test_what_two_columns_do_together_is_one_click_away(open_page):
    page = open_page("model?of=amount&by=duration")
    page.get_by_role("radio", name="only what the two do together").click()
    expect(drawn(page, "What Amount and Duration do together")).to_be_visible()
    assert in_address(page, "shown") == "together"
