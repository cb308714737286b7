"""Bad input is one clear sentence in the browser; nothing is lost and no other session is disturbed."""

import pandas as pd
import pytest
from playwright.sync_api import expect

from explain.models import load_model
from tests.journeys.conftest import Server
from tests.journeys.steps import UPLOADS, choose_model, click_row, in_address, settled, upload


@pytest.mark.parametrize(("path", "sentence"), [
    ("?run=doesnotexist", "is not the address of a review"),
    ("?run=0123456789ab", "There is no review"),
    ("decision?row=nobody", "There is no row"),
    ("model?model=nothing", "There is no model"),
])  # fmt: skip
def test_an_unknown_address_is_one_sentence_with_a_way_out(open_page, path, sentence):
    page = open_page(path)
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_role("button", name="Open the sample review")).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


HEADER = ",".join(load_model("penguins").schema.names)
BAD = {
    "picture.csv": (b"\x89PNG\r\n\x1a\n", "This is a picture, not a table."),
    "empty.csv": (b"", "The file is empty."),
    "header.csv": (HEADER.encode(), "but no rows below it."),
    "twice.csv": (f"{HEADER},island\n".encode() + b"a,1,2,3,4,b,c\n", "more than once"),
    "ragged.csv": (f"{HEADER}\nA,1,2,3,4,m\nA,1,2\n".encode(), "but line 3 has 3"),
    "wide.csv": (",".join(f"c{at}" for at in range(5000)).encode() + b"\n1\n", "5,000 columns"),
    "nul.csv": (f"{HEADER}\n".encode() + b"A,1,2,3\x00,4,m\n" * 30, "NUL"),
    "other.csv": (b"x,y\n1,2\n", "none of its 6 columns is there"),
    "broken.parquet": (
        b"PAR1\x15\x04\x15\x00nothing" + bytes(range(30)) + b"\x10\x00\x00\x00PAR1",
        "The Parquet file is damaged",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_nothing_is_lost(open_page, tmp_path, name):
    content, sentence = BAD[name]
    (tmp_path / name).write_bytes(content)
    page = open_page()
    run = in_address(page, "run")
    choose_model(page, "Penguin species")
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(tmp_path / name)
    expect(page.get_by_role("dialog").get_by_text(sentence)).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    assert in_address(page, "run") == run


def test_hostile_cells_and_columns_are_shown_as_text(open_page, tmp_path):
    cell = "<img src=x onerror=window.hit=1>**b** $x^2$ [l](http://e)"
    frame = pd.read_csv(UPLOADS / "penguins_clean.csv").head(6)
    frame["island"] = cell
    frame["tag_id"] = [f"=HYPERLINK({at})" for at in range(6)]
    frame[":red[col] <script>window.hit=1</script>"] = "=1+1"
    frame.to_csv(tmp_path / "**hostile** <b>.csv", index=False)
    page = open_page()
    choose_model(page, "Penguin species")
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(tmp_path / "**hostile** <b>.csv")
    expect(page.locator(".why-sub")).to_contain_text("**hostile** <b>.csv · 6 rows reviewed")
    click_row(page, 0)
    expect(page.locator(".why-headline")).to_be_visible()
    expect(page.get_by_text("<img src=x onerror=window.hit=1>").first).to_be_visible()
    page.get_by_role("button", name="Full page").click()
    settled(page)
    assert page.evaluate("window.hit") is None
    assert page.locator("[data-testid=stMain] img[src=x]").count() == 0


def test_a_table_for_another_model_says_which_model_it_fits(open_page):
    page = open_page()
    upload(page, UPLOADS / "penguins_clean.csv")
    expect(page.get_by_text("none of its 20 columns is there. It fits Penguin species")).to_be_visible()


def test_streamlits_own_offers_are_not_shown(tmp_path, browser):
    (tmp_path / ".claude").mkdir()
    running = Server(tmp_path, headless=False, HOME=str(tmp_path), BROWSER="true")
    try:
        page = browser.new_page()
        page.goto(running.url())
        settled(page)
        page.wait_for_timeout(1_500)
        expect(page.locator("[data-testid=stToast]")).to_have_count(0)
        assert "Streamlit" not in page.locator("body").inner_text()
    finally:
        running.stop()
