"""What was tried is in the address: a reload keeps it, and a copied link shows it to somebody else."""

import re

from playwright.sync_api import expect

from tests.journeys.steps import in_address, query_of, settled


def test_what_was_tried_survives_a_reload_and_goes_with_the_copied_link(open_page):
    page = open_page("decision?row=A-1005")
    for name, value in (("Amount, DM", "3017"), ("Duration, months", "24")):
        field = page.get_by_role("spinbutton", name=name)
        field.fill(value)
        field.press("Enter")
    expect(page.get_by_text("What if, 2 values changed")).to_be_visible()
    settled(page)
    headline = page.locator(".why-headline").inner_text()
    page.reload()
    settled(page)
    expect(page.get_by_text("What if, 2 values changed")).to_be_visible()
    expect(page.locator(".why-headline")).to_have_text(headline)
    copied = page.get_by_role("button", name="Copy link").get_attribute("data-copy")
    other = open_page(f"decision?{copied.split('?')[1]}")
    expect(other.locator(".why-headline")).to_have_text(headline)
    expect(other.get_by_role("spinbutton", name="Duration, months")).to_have_value("24")
    other.get_by_role("button", name="Reset").click()
    expect(other.get_by_text(re.compile("What if, "))).to_have_count(0)
    assert "if" not in query_of(other.url)


def test_a_change_in_the_panel_is_taken_to_the_full_page_and_left_with_the_row(open_page):
    page = open_page("?row=A-1005")
    page.get_by_role("button", name=re.compile("Try “3,017 DM”")).click()
    assert in_address(page, "if") == "amount:3017"
    page.get_by_role("button", name="Full page").click()
    page.wait_for_url("**/decision?*", wait_until="commit")
    settled(page)
    expect(page.get_by_text("What if, 1 value changed")).to_be_visible()
    assert in_address(page, "if") == "amount:3017"
    page.get_by_role("button", name="Next", exact=True).click()
    page.wait_for_url(lambda url: "if" not in query_of(url), wait_until="commit")
    expect(page.get_by_text("What if, 1 value changed")).to_have_count(0)
