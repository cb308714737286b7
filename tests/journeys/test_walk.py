"""A newcomer's workbook, as an office keeps it, comes to the same predictions as its rows in clean columns."""

import pandas as pd
import pytest
from playwright.sync_api import expect

import explain
from explain.models import load_model
from tests.journeys.steps import in_address, query_of, settled, upload
from tests.journeys.test_accessibility import grave_findings
from tests.journeys.walk import clean_rows, messy_workbook

HOMES_ASKED = (
    "Housing is written in words that the model does not know. "
    "Read “for free (family)” as “for free”, “rented” as “rent” and “owned” as “own”?"
)


@pytest.fixture
def nothing_said(server):
    """No answers of other journeys, and none left for them."""
    kept = server.home / "readings" / "german_credit.json"
    kept.unlink(missing_ok=True)
    yield kept
    kept.unlink(missing_ok=True)


def scores(page):
    """The chance of declined by row, as the file says that is downloaded from the page."""
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Decisions, CSV").click()
    page.keyboard.press("Escape")
    return pd.read_csv(download.value.path()).set_index("row_id")["score"]


def expected(rows):
    """The same of a table that needs no reading."""
    model = load_model("german_credit")
    decisions = explain.review(explain.read_table(rows, model.schema), model)
    return pd.Series(decisions.shown_scores, index=list(decisions.table.row_ids))


def reviewed(page, name, before):
    """Wait for another review than the one `before`, of this file; gives its id."""
    page.wait_for_url(lambda url: query_of(url).get("run", before) != before, wait_until="commit")
    expect(page.locator(".why-sub")).to_contain_text(f"{name} · 40 rows reviewed")
    settled(page)
    return in_address(page, "run")


def test_a_messy_workbook_is_read_with_three_answers_which_can_be_undone_and_are_kept(
    open_page, server, nothing_said, tmp_path
):
    first, second = clean_rows(0, 40), clean_rows(40, 80)
    messy_workbook(tmp_path / "week 1.xlsx", first, "12.000")
    messy_workbook(tmp_path / "week 2.xlsx", second)
    page = open_page()
    sample = in_address(page, "run")
    upload(page, tmp_path / "week 1.xlsx")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Is “Instalment rate” the column “Instalment rate class”?")).to_be_visible()
    dialog.get_by_role("button", name="Use these columns").click()
    dialog.get_by_text("“12.000” is 12 months").click()
    dialog.get_by_role("button", name="Review").click()

    as_it_came = reviewed(page, "week 1.xlsx", sample)
    expect(page.get_by_text(HOMES_ASKED)).to_be_visible()
    page.get_by_role("button", name="How it was read").click()
    for note in (
        "3 rows above the header left out: “Credit desk South”, “Applications of the week, as exported” and “Customer",
        "Row 48 (“Source: branch office, exporte…”): left out, as it is a remark, not a case.",
        "Row 46 (“Total”): left out, as it sums up other rows.",
        "1 hidden row read like all the others.",
        "Amount was read without the text around its numbers.",
        "Duration: 1 cell with the other decimal mark, as chosen.",
    ):
        expect(page.get_by_text(note)).to_be_visible()
    page.keyboard.press("Escape")
    right = expected(first)
    unknown = scores(page)
    assert list(unknown.index) == list(right.index)
    # the model scores words that it does not know as none of its categories
    as_unknown = expected(first.assign(housing="somewhere"))
    assert unknown.to_numpy() == pytest.approx(as_unknown.to_numpy())
    assert (abs(unknown - right) > 0.001).sum() > 20

    page.get_by_role("button", name="Read it that way").click()
    in_our_words = reviewed(page, "week 1.xlsx", as_it_came)
    expect(page.get_by_text(HOMES_ASKED)).to_have_count(0)
    assert scores(page).to_numpy() == pytest.approx(right.to_numpy())
    assert nothing_said.exists()

    page.goto(server.url(f"data?run={in_our_words}&column=housing"))
    settled(page)
    expect(
        page.get_by_text("40 cells: “for free (family)” as “for free”, “rented” as “rent” and “owned” as “own”.")
    ).to_be_visible()
    page.get_by_role("button", name="Undo these corrections").click()
    undone = reviewed(page, "week 1.xlsx · undone in Housing", in_our_words)
    assert scores(page).to_numpy() == pytest.approx(unknown.to_numpy())

    upload(page, tmp_path / "week 2.xlsx")
    reviewed(page, "week 2.xlsx", undone)
    expect(page.get_by_role("button", name="Read it that way")).to_have_count(0)
    assert scores(page).to_numpy() == pytest.approx(expected(second).to_numpy())


def test_a_column_in_doubt_that_is_also_in_another_unit_has_one_button_that_mends_both(
    open_page, nothing_said, tmp_path
):
    rows = clean_rows(0, 40)
    rows.assign(duration=[f"{months}.000" for months in rows["duration"]]).to_csv(tmp_path / "marks.csv", index=False)
    page = open_page()
    sample = in_address(page, "run")
    upload(page, tmp_path / "marks.csv")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Duration can be read in two ways in 40 cells: “18.000” was read as")).to_be_visible()
    expect(dialog.get_by_role("radio", name="“18.000” is 18 months")).to_be_checked()
    dialog.get_by_text("“18.000” is 18,000 months").click()
    dialog.get_by_role("button", name="Review").click()
    as_read = reviewed(page, "marks.csv", sample)
    expect(page.get_by_text("Duration is about 1,000 times what it was in past rows")).to_be_visible()
    expect(page.get_by_text("Duration can be read in two ways in 40 cells")).to_be_visible()
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible()
    page.get_by_role("button", name="Read it the other way").click()
    reviewed(page, "marks.csv", as_read)
    expect(page.get_by_text("Duration is about 1,000 times")).to_have_count(0)
    assert scores(page).to_numpy() == pytest.approx(expected(rows).to_numpy())
    assert not nothing_said.exists(), "how one file was written says nothing of the next"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_is_asked_of_a_table_can_be_read_in_both_themes(open_page, nothing_said, tmp_path, dark):
    messy_workbook(tmp_path / "week.xlsx", clean_rows(0, 40), "12.000")
    page = open_page(dark=dark)
    sample = in_address(page, "run")
    upload(page, tmp_path / "week.xlsx")
    dialog = page.get_by_role("dialog")
    for button in ("Use these columns", "Review"):
        expect(dialog.get_by_role("button", name=button)).to_be_visible()
        page.wait_for_timeout(500)
        assert grave_findings(page) == []
        # axe passes over buttons in dialogs
        written = dialog.get_by_role("button", name=button).locator("p")
        colour = "rgb(16, 22, 29)" if dark else "rgb(255, 255, 255)"
        assert written.evaluate("text => getComputedStyle(text).color") == colour
        dialog.get_by_role("button", name=button).click()
    reviewed(page, "week.xlsx", sample)
    expect(page.get_by_role("button", name="Read it that way")).to_be_visible()
    assert grave_findings(page) == []
