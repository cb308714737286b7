"""One click copies a link, with the browser's clipboard or without it, and says so, and who can open it."""

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import query_of

WITHOUT = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
"""What a browser has over plain http from another machine."""


@pytest.mark.parametrize("clipboard", [True, False])
def test_a_click_copies_the_link_and_says_so_and_that_it_is_for_this_machine(open_page, clipboard):
    page = open_page("decision?row=A-1005")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('before')")
    read = page.evaluate_handle("navigator.clipboard")
    if not clipboard:
        page.evaluate(WITHOUT)
    actions = page.locator(".st-key-card_actions")
    expect(actions).to_contain_text("This address is of this machine: nobody else can open it.")
    expect(actions.get_by_role("status")).to_have_text("")
    actions.get_by_role("button", name="Copy link").press("Enter")
    expect(actions.get_by_role("status")).to_have_text("Copied.")
    copied = read.evaluate("board => board.readText()")
    assert query_of(copied)["row"] == "A-1005"
    assert copied.startswith("http://127.0.0.1:")
    expect(actions.get_by_role("button", name="Copy link")).to_be_focused()


def test_where_nothing_can_be_copied_the_address_is_shown(open_page):
    page = open_page("decision?row=A-1005")
    page.evaluate(WITHOUT)
    page.evaluate("document.execCommand = () => false")
    button = page.get_by_role("button", name="Copy link")
    button.click()
    address = button.get_attribute("data-copy")
    expect(page.locator(".st-key-card_actions").get_by_role("status")).to_have_text(
        f"This browser does not let pages copy. Select it here: {address}"
    )
