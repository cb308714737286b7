"""The first minute: what this is, three decisions one click away, help under a key, and no way that leads nowhere."""

import re

import pytest
from playwright.sync_api import expect

from app.newcomer import AWAY
from tests.journeys.steps import in_address, settled


@pytest.mark.parametrize(
    ("card", "row", "verdict"),
    [
        ("clean", "A-1089", "Use it"),
        ("slip", "A-1005", "Do not use yet: fix Amount (out of range)"),
        ("undecided", "A-1064", "Check first: a coin toss"),
    ],
)
def test_each_of_three_cards_opens_its_decision_with_one_click_anywhere_on_it(open_page, card, row, verdict):
    page = open_page()
    expect(page.get_by_text("See why a model decided, and how far to trust it")).to_be_in_viewport()
    page.locator(f".st-key-start_{card}").click(position={"x": 200, "y": 12})
    expect(page.get_by_role("heading", name=verdict)).to_be_visible()
    assert in_address(page, "row") == row


def test_the_start_is_put_away_and_comes_back_only_when_asked_for(open_page, server):
    page = open_page()
    page.get_by_role("button", name="Hide", exact=True).click()
    expect(page.locator(".st-key-start_slip")).to_have_count(0)
    again = open_page()
    expect(again.locator(".st-key-start_slip")).to_have_count(0)
    again.keyboard.press("?")
    again.get_by_role("button", name="Show the first steps again").click()
    expect(again.locator(".st-key-start_slip")).to_be_visible()
    assert not (server.home / AWAY).exists()


def test_the_ways_on_lead_to_a_table_a_model_and_another_sample(open_page):
    page = open_page()
    expect(page.get_by_role("button", name=re.compile("^Open (a|your) table$"))).to_have_count(1)
    page.get_by_role("button", name="Open a table").click()
    expect(page.get_by_role("dialog").get_by_text("Drop a table here")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Other samples").click()
    page.get_by_role("button", name="80 penguins with faults").click()
    expect(page.locator(".why-title").first).to_have_text("Penguin species")
    page = open_page()
    page.get_by_role("button", name="Add a model").click()
    expect(page.locator(".why-title")).to_have_text("Add a model")


@pytest.mark.parametrize("path", ["", "decision?row=A-1005", "data", "model", "library", "add"])
def test_the_key_of_help_opens_it_on_every_page_but_not_while_one_types(open_page, path):
    page = open_page(path)
    field = page.get_by_role("textbox").first
    if field.count():
        field.press("?")
        settled(page)
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.locator(".why-title").first.click()
        settled(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("Shortlist", exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_name_and_line_stand_in_the_header_of_every_page(open_page, width):
    for path in ("", "decision?row=A-1005", "library"):
        page = open_page(path, width=width)
        said = page.evaluate(
            "() => { const box = document.querySelector('header .stLogo').parentElement;"
            " return ['::before', '::after'].map(part => getComputedStyle(box, part).content) }"
        )
        assert said == ['"Whysure"', '"See why a model decided, and how far to trust it"']
        expect(page.locator("header .stLogo")).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        expect(page.locator(".st-key-open_help button:visible")).to_be_in_viewport()
