"""What a phone shows first, and that names and titles keep together where it is narrow."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("path", ["decision?row=A-1005", "?row=A-1005"])
def test_on_a_phone_the_answer_comes_before_all_buttons_but_one_row(open_page, path):
    page = open_page(path, width=390, height=844)
    verdict, note = page.locator(".why-verdict"), page.get_by_placeholder("A note on this row")
    assert verdict.bounding_box()["y"] < 230
    assert note.bounding_box()["y"] > page.locator(".st-key-part_verdict").bounding_box()["y"]
    # buttons without room for words keep them for those who hear the page
    expect(page.get_by_role("button", name="Next", exact=True)).to_be_in_viewport()
    expect(page.get_by_role("button", name="Previous", exact=True)).to_be_in_viewport()


@pytest.mark.parametrize("width", [390, 640, 1280])
def test_the_name_of_a_group_of_chips_stands_beside_its_first_chip(open_page, width):
    page = open_page("?row=A-1005" if width == 1280 else "", width=width)
    for group in ("outcome", "trust", "fault"):
        # measured in one go, and until the overview above has drawn, which moves them
        page.wait_for_function(
            """group => {
                const [name, chip] = [".why-group", "button"].map(
                    (part) => document.querySelector(`.st-key-chips_${group} ${part}`).getBoundingClientRect());
                return name.x < chip.x && Math.abs(name.y + name.height / 2 - chip.y - chip.height / 2) < 10;
            }""",
            arg=group,
        )
