"""A decision prints on one page of A4 and of Letter, with all that somebody needs who has nothing but the paper."""

import re

import pytest
from playwright.sync_api import expect

from explain import read_table, review
from explain.decisions.runs import load, save
from explain.insight.whole_row import whole_row
from explain.models import load_model
from tests.journeys.steps import UPLOADS, settled

SAMPLES = {
    "german_credit": "german_credit_messy.csv",
    "diamonds": "diamonds_messy.csv",
    "penguins": "penguins_messy.tsv",
}
RENAMED = {"german_credit": {"installment_rate": "instalment_rate"}}
DECISIONS = 5


def pages_of(printed):
    return len(re.findall(rb"/Type\s*/Page[^s]", printed))


def on_paper(page):
    """What stands on the paper, as the browser lays it out for print."""
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    text = page.locator("body").inner_text()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    return text


@pytest.mark.parametrize("model", SAMPLES)
def test_five_decisions_of_each_sample_print_on_one_page_with_the_whole_row(open_page, server, model):
    package = load_model(model)
    decisions = review(read_table(UPLOADS / SAMPLES[model], package.schema, columns=RENAMED.get(model)), package)
    run = save(decisions, server.home)
    made = str(load(run, server.home).run["made"])[:10]
    page = open_page(f"decision?run={run}")
    for _ in range(DECISIONS):
        title = page.locator(".why-title").first.inner_text()
        row = title.split(": row ")[1]
        assert {size: pages_of(page.pdf(format=size)) for size in ("A4", "Letter")} == {"A4": 1, "Letter": 1}, row
        text = on_paper(page)
        decision = decisions[row].of_predicted
        wanted = [
            "Whysure",
            f"{decision.model.title}, version {decision.model.version}",
            decision.model.sha256[:12],
            page.locator(".why-headline").inner_text(),
            *page.locator(".why-grade b").all_inner_texts(),
            *(item.message for item in decision.warnings),
            *(cell.value for cell in whole_row(decisions, decision.position)),
            "How sure",
            made,
            f"decision?run={run}&row={row}",
        ]
        assert [words for words in wanted if words not in text] == [], row
        assert page.get_by_role("button", include_hidden=True).filter(visible=True).count() > 0
        page.get_by_role("button", name="Next", exact=True).click()
        expect(page.locator(".why-title").first).not_to_have_text(title)
        settled(page)


def test_the_three_steps_stand_unfolded_and_nothing_to_press_or_fill_in_is_printed(open_page):
    page = open_page("decision?row=A-1005", dark=True)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".why-paper ol li")).to_have_count(3)
    for kind in ("button", "input", "[role=slider]", "summary", "canvas", "nav"):
        assert page.locator(kind).filter(visible=True).count() == 0, kind
    # dark letters on white, whatever the screen shows
    assert page.locator(".why-paper").evaluate("paper => getComputedStyle(paper).color") == "rgb(24, 34, 45)"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_what_was_tried_is_said_on_paper_with_its_values_and_its_address(open_page):
    page = open_page("decision?row=A-1005&if=amount:3017")
    text = on_paper(page)
    assert "What if, 1 value changed" in text
    assert "Amount 3,017,000 DM → 3,017 DM" in text
    assert "if=amount%3A3017" in text


def test_on_the_screen_nothing_of_the_paper_is_there(open_page):
    page = open_page("decision?row=A-1005")
    on_paper(page)
    expect(page.locator(".why-paper")).to_be_hidden()
    assert page.locator(".why-paper *").count() == 0


def test_a_title_of_somebody_else_cannot_leave_the_paper(open_page, server, tmp_path):
    table = (UPLOADS / "german_credit_clean.csv").read_text().splitlines()[:3]
    table[0] += ",note"
    table[1] += ",</div>'><img src=x onerror=alert(1)>"
    table[2] += ",plain"
    (tmp_path / "odd.csv").write_text("\n".join(table))
    package = load_model("german_credit")
    run = save(review(read_table(tmp_path / "odd.csv", package.schema), package), server.home)
    page = open_page(f"decision?run={run}")
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    first = page.locator(".why-title").first.inner_text().split(": row ")[1]
    page.goto(page.url.replace(f"row={first}", f"row={read_table(tmp_path / 'odd.csv', package.schema).row_ids[0]}"))
    settled(page)
    assert "</div>'><img src=x onerror=alert(1)>" in on_paper(page)
    assert page.locator(".why-paper img").count() == 0
