"""Everyone can use it: an axe scan of every page in both themes, and the way through by keyboard alone."""

import itertools
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.steps import click_row, query_of, settled

PAGES = {
    "review": "",
    "panel": "?row=A-1005",
    "decision": "decision?row=A-1005",
    "presentation": "decision?row=A-1005&view=present",
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


FOCUSED_CANVAS = "document.activeElement.tagName === 'CANVAS'"


def tab_into_the_table(page):
    """Press Tab from the search on until the table has the focus."""
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    page.get_by_placeholder("id or any value").focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED_CANVAS):
            return
    raise AssertionError("Tab does not come to the table")


def opened_row(page, seen):
    """The row that is opened next."""
    page.wait_for_url(lambda url: query_of(url).get("row", "") not in ["", *seen], wait_until="commit")
    row = query_of(page.url)["row"]
    expect(page.get_by_text(f"Row {row}", exact=True)).to_be_visible()
    settled(page)
    return row


def test_tab_opens_no_row_and_leads_past_the_table_enter_opens_and_arrows_walk(open_page):
    page = open_page()
    tab_into_the_table(page)
    page.wait_for_timeout(1_000)
    assert "row" not in query_of(page.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Page 1", exact=True)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED_CANVAS)
    assert "row" not in query_of(page.url)
    page.keyboard.press("Enter")
    rows = [opened_row(page, [])]
    for _ in range(2):
        page.keyboard.press("ArrowDown")
        rows.append(opened_row(page, rows))
    page.get_by_role("button", name="Close").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".why-headline")).to_have_count(0)


def press(page, name):
    """Go to a button by keys and press it."""
    button = page.get_by_role("button", name=name, exact=True)
    button.focus()
    page.keyboard.press("Enter")
    settled(page)


def test_the_list_is_walked_a_fix_tried_and_the_row_marked_by_keyboard_alone(open_page):
    page = open_page("?order=attention")
    tab_into_the_table(page)
    page.keyboard.press("Enter")
    first = opened_row(page, [])
    press(page, "Next")
    press(page, "Next")
    assert query_of(page.url)["row"] == "A-1005" != first
    press(page, re.compile("Try “3,017 DM”"))
    expect(page.get_by_text("What if, 1 value changed")).to_be_visible()
    press(page, "Reset")
    expect(page.get_by_text("What if, 1 value changed")).to_have_count(0)
    mark = page.locator(".st-key-mark_panel input[type=checkbox]")
    mark.focus()
    page.keyboard.press("Space")
    settled(page)
    expect(mark).to_be_checked()
    page.keyboard.press("Space")
    settled(page)
    expect(mark).not_to_be_checked()


def test_a_click_still_opens_the_row_under_the_mouse_after_tabbing_through(open_page):
    page = open_page("?order=upload")
    tab_into_the_table(page)
    click_row(page, 3)
    expect(page.get_by_text("Row A-1004", exact=True)).to_be_visible()


RING = r"""() => {
  const bright = (colour) => {
    const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = colour.match(/[\d.]+/g).map((v) => linear(Number(v) / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const element = document.activeElement;
  if (element === document.body) return null;
  const name = (element.ariaLabel || element.innerText || element.placeholder || element.tagName).trim().slice(0, 40);
  for (let box = element, up = 0; box && up < 9; box = box.parentElement, up++) {
    const look = getComputedStyle(box);
    if (look.outlineStyle !== "solid" || parseFloat(look.outlineWidth) < 2) continue;
    let below = box.parentElement, paper = "rgb(255, 255, 255)";
    while (below) {
      const colour = getComputedStyle(below).backgroundColor;
      // the ring stands out of what is lower than itself, such as the track of a slider
      if (below.clientHeight > 30 && !/, 0\)$|transparent/.test(colour)) { paper = colour; break; }
      below = below.parentElement;
    }
    const [a, b] = [bright(look.outlineColor), bright(paper)].sort((x, y) => y - x);
    return [name, (a + 0.05) / (b + 0.05)];
  }
  return [name, 0];
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["?row=A-1005", "decision?row=A-1005", "data", "model", "library"])
def test_everything_that_takes_the_focus_has_a_ring_of_three_to_one(open_page, path, dark):
    page = open_page(path, dark=dark)
    page.locator(".why-title").first.wait_for()
    found = {}
    for _ in range(90):
        page.keyboard.press("Tab")
        ring = page.evaluate(RING)
        if ring is None:
            break
        found[ring[0]] = min(found.get(ring[0], 99), ring[1])
    assert len(found) > 8
    assert {name: round(contrast, 1) for name, contrast in found.items() if contrast < 3} == {}


@pytest.mark.parametrize("path", ["", "?row=A-1005", "decision?row=A-1005", "data", "library"])
def test_headings_go_down_in_order_without_links_of_their_own(open_page, path):
    page = open_page(path)
    page.locator(".why-title").first.wait_for()
    levels = page.evaluate(
        "[...document.querySelectorAll('[data-testid=stMain] :is(h1,h2,h3,h4,h5,h6)')]"
        ".filter(heading => heading.checkVisibility()).map(heading => Number(heading.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
    assert page.get_by_role("link", name=re.compile("Link to heading")).count() == 0


@pytest.mark.parametrize("path", ["", "?row=A-1005", "decision?row=A-1005", "data", "library"])
def test_every_field_has_a_name(open_page, path):
    page = open_page(path)
    nameless = page.evaluate(
        "[...document.querySelectorAll('[data-testid=stMain] :is(input, textarea, select):not([type=hidden])')]"
        ".filter(field => field.checkVisibility() && !field.ariaLabel && !field.labels?.length "
        "&& !field.getAttribute('aria-labelledby')).map(field => field.outerHTML.slice(0, 200))"
    )
    assert nameless == []


def test_every_picture_has_its_values_in_a_table_that_is_opened_by_key(open_page):
    for path in ("", "decision?row=A-1005", "data", "model", "model?tab=quality"):
        page = open_page(path)
        page.locator(".js-plotly-plot").first.wait_for()
        settled(page)
        tables = page.locator("[data-testid=stMain] details.why-values")
        assert tables.count() == page.locator("[data-testid=stPlotlyChart]").count(), path
    page = open_page("decision?row=A-1005")
    table = page.locator("details.why-values").first
    table.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(table.locator("tbody tr").first).to_be_visible()
    expect(table.locator("tbody tr").first).to_contain_text("Amount 3,017,000 DM ✖")


def test_at_200_per_cent_everything_is_within_the_width_and_a_row_can_be_worked_on(open_page):
    for path in ("", "?row=A-1005", "decision?row=A-1005", "data", "model", "library"):
        page = open_page(path, width=640, height=450)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, path
        page.close()
    page = open_page("?row=A-1005", width=640, height=450)
    press(page, re.compile("Try “3,017 DM”"))
    expect(page.get_by_text("What if, 1 value changed")).to_be_visible()
    press(page, "Close")
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
