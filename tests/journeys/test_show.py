"""Showing a decision to somebody: the tour in six steps, and the card alone before a room full of people."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import query_of, settled


def at_step(page, number):
    expect(page.locator(".why-tour")).to_contain_text(f"{number} of 6")


def next_step(page):
    page.get_by_role("button", name=re.compile("^(Next step|Skip)$")).click()


def test_the_tour_waits_where_one_acts_and_goes_on_by_itself(open_page):
    page = open_page("decision?row=A-1005")
    expect(page.locator(".why-tour")).to_have_count(0)
    page.get_by_role("button", name="Show me").click()
    at_step(page, 1)
    next_step(page)
    at_step(page, 2)
    next_step(page)
    at_step(page, 3)
    expect(page.get_by_role("button", name="Try “3,017 DM”")).to_be_in_viewport()
    page.get_by_role("button", name="Try “3,017 DM”").click()
    at_step(page, 4)
    next_step(page)
    at_step(page, 5)
    age = page.get_by_label(re.compile("^Age"))
    age.fill("30")
    age.press("Enter")
    at_step(page, 6)
    assert "tour" not in page.url
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator(".why-tour")).to_have_count(0)
    expect(page.get_by_text("That was the tour.")).to_be_visible()
    expect(page.get_by_role("button", name="Show me")).to_be_visible()


def test_the_tour_is_left_and_taken_up_again_and_never_comes_back_unasked(open_page):
    page = open_page("decision?row=A-1089")
    page.get_by_role("button", name="Show me").click()
    at_step(page, 1)
    next_step(page)
    at_step(page, 2)
    page.get_by_role("button", name="Leave").click()
    expect(page.locator(".why-tour")).to_have_count(0)
    page.get_by_role("link", name="Data").click()
    settled(page)
    page.get_by_role("link", name="Decision").click()
    settled(page)
    expect(page.locator(".why-tour")).to_have_count(0)
    page.get_by_role("button", name="Go on with the tour (2 of 6)").click()
    at_step(page, 2)
    # nothing to try on a sound row: it is read, and passed
    next_step(page)
    at_step(page, 3)
    expect(page.get_by_role("button", name="Skip")).to_have_count(0)


def test_a_decision_is_presented_with_keys_alone(open_page):
    page = open_page("decision?row=A-1005")
    page.keyboard.press("p")
    page.wait_for_url(lambda url: query_of(url).get("view") == "present", wait_until="commit")
    expect(page.locator(".st-key-present .why-verdict")).to_contain_text("fix Amount (out of range)")
    expect(page.locator("header")).to_be_hidden()
    expect(page.locator(".st-key-present")).to_contain_text("3,017,000")
    # the page listens to its keys once it has drawn
    settled(page)
    page.keyboard.press("m")
    expect(page.locator(".st-key-present .why-title")).to_have_text("German credit: row 3")
    settled(page)
    shown = page.locator(".st-key-present").inner_text()
    assert "3,017" not in shown
    assert "A-1005" not in shown
    assert "•••" in shown
    page.keyboard.press("ArrowRight")
    expect(page.locator(".st-key-present .why-title")).to_have_text("German credit: row 4")
    settled(page)
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "view" not in query_of(url), wait_until="commit")
    expect(page.locator("header").get_by_role("link", name="Review")).to_be_visible()
    assert query_of(page.url)["row"] == "A-1107"


def test_a_key_pressed_before_the_presentation_has_drawn_is_not_lost(browser, server):
    page = browser.new_page()
    page.goto(server.url("decision?row=A-1005&view=present"), wait_until="commit")
    page.wait_for_function("() => window.whysureKeys === true")
    page.keyboard.press("m")
    expect(page.locator(".st-key-present .why-title")).to_have_text("German credit: row 3", timeout=30_000)
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_title_of_the_presentation_is_cut_off(open_page, width):
    page = open_page("decision?row=A-1005&view=present", width=width)
    drawn = page.locator(".st-key-present .gtitle").bounding_box()
    assert drawn["x"] >= 0
    assert drawn["x"] + drawn["width"] <= width


def test_typing_a_note_does_not_present(open_page):
    page = open_page("decision?row=A-1008")
    page.get_by_placeholder("A note on this row").press_sequentially("phone")
    page.wait_for_timeout(500)
    assert "view" not in query_of(page.url)
