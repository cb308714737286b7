"""Fixes are taken for many rows in the browser, compared, found in the library, and taken back."""

import re

from playwright.sync_api import expect

from tests.journeys.steps import in_address, query_of, settled


def test_all_sure_faults_are_corrected_compared_and_taken_back(open_page):
    page = open_page("data?column=amount")
    first = in_address(page, "run")
    page.get_by_role("button", name=re.compile(r"^Correct all \d+ sure ones$")).click()
    page.wait_for_url(lambda url: query_of(url).get("run") not in {None, first}, wait_until="commit")
    settled(page)
    expect(page.get_by_text(re.compile(r"^Corrected in \d+ cells?: (no|\d+) decisions? changed"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"german_credit_messy\.csv · \d+ corrected in ")).first).to_be_visible()
    page.get_by_text("Before and after side by side").click()
    expect(page.get_by_text("before: german_credit_messy.csv", exact=True)).to_be_visible()
    second = query_of(page.url)["run"]
    page.get_by_role("button", name="Back to before").click()
    page.wait_for_url(lambda url: query_of(url).get("run") == first, wait_until="commit")
    library = open_page("library")
    for run in (first, second):
        expect(library.locator(f".st-key-open_{run}")).to_be_visible()


def test_one_kind_of_fault_is_corrected_and_undone_with_a_word_on_both(open_page):
    page = open_page("data?column=amount")
    first = in_address(page, "run")
    page.get_by_role("button", name=re.compile("review again$")).first.click()
    page.wait_for_url(lambda url: query_of(url).get("run") not in {None, first}, wait_until="commit")
    settled(page)
    second = query_of(page.url)["run"]
    expect(page.get_by_text(re.compile("^Corrected in "))).to_be_visible()
    page = open_page(f"data?run={second}&column=amount")
    page.get_by_role("button", name="Take these corrections back").click()
    page.wait_for_url(lambda url: query_of(url).get("run") not in {None, second}, wait_until="commit")
    settled(page)
    expect(page.get_by_text(re.compile(r"^Undone in \d+ cells?: "))).to_be_visible()
