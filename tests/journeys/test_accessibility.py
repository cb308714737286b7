"""Everyone can use it: an axe scan of every page in both themes, and the way through by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.steps import query_of, settled

PAGES = {
    "review": "",
    "panel": "?row=A-1005",
    "decision": "decision?row=A-1005",
    "data": "data",
    "drivers": "model",
    "quality": "model?tab=quality",
    "card": "model?tab=card",
    "library": "library",
    "unknown address": "?run=nothing",
    "open a table": "",
}
GRAVE = {"serious", "critical"}


def grave_findings(page):
    return [
        (finding["id"], node["html"][:200])
        for finding in Axe().run(page).response["violations"]
        if finding["impact"] in GRAVE
        for node in finding["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_grave_on_any_page(open_page, dark):
    found = {}
    for name, path in PAGES.items():
        page = open_page(path, dark=dark)
        if name == "open a table":
            page.get_by_role("button", name="Open a table").click()
            expect(page.get_by_text("Or take a sample")).to_be_visible()
        elif name != "unknown address":
            page.locator("[data-testid=stMain] .why-title").first.wait_for()
        page.wait_for_timeout(500)
        found[name] = grave_findings(page)
        page.close()
    assert {name: findings for name, findings in found.items() if findings} == {}


def test_the_scan_sees_a_fault_where_there_is_one(open_page):
    page = open_page("library")
    page.evaluate("document.querySelector('[data-testid=stMain]').insertAdjacentHTML('beforeend', '<img src=\"x\">')")
    assert [rule for rule, _ in grave_findings(page)] == ["image-alt"]


def test_a_row_is_opened_and_left_by_keyboard_alone(open_page):
    page = open_page()
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    page.get_by_placeholder("id or any value").focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName === 'CANVAS'"):
            break
    rows = []
    for _ in range(3):
        page.keyboard.press("ArrowDown")
        page.wait_for_url(lambda url: query_of(url).get("row", "") not in ["", *rows], wait_until="commit")
        rows.append(query_of(page.url)["row"])
        expect(page.get_by_text(f"Row {rows[-1]}", exact=True)).to_be_visible()
        settled(page)
    page.get_by_role("button", name="Close").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".why-headline")).to_have_count(0)


def test_every_picture_has_a_text_of_its_own(open_page):
    for path in ("", "decision?row=A-1005", "data", "model", "model?tab=quality"):
        page = open_page(path)
        page.locator(".js-plotly-plot").first.wait_for()
        texts = page.evaluate(
            "[...document.querySelectorAll('[data-testid=stPlotlyChart]')].map(chart => "
            "(chart.querySelector('[role=img]') ?? chart.closest('[role=img]') ?? chart).getAttribute('aria-label'))"
        )
        assert texts, path
        assert all(texts), (path, texts)
        assert len(set(texts)) == len(texts), (path, texts)
