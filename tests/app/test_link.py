"""What a widget holds and what the address says stay the same thing."""

import pytest
from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st

    from app import link

    st.selectbox("Order", ["up", "down"], **link.bind("order", "up", ["up", "down"]))
    st.pills("Only", ["a", "b", "c"], selection_mode="multi", **link.bind("only", [], ["a", "b", "c"]))
    st.text_input("Find", **link.bind("find", ""))
    st.slider("Threshold", 1, 99, **link.bind("threshold", 50, range(1, 100)))
    st.button("Clear", on_click=link.clear, args=("only", "find"))


def opened(**query):
    test = AppTest.from_function(page)
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def shown(test):
    return test.selectbox[0].value, test.pills[0].value, test.text_input[0].value, test.slider[0].value


def test_without_an_address_the_defaults_stand_and_the_address_stays_bare():
    test = opened()
    assert shown(test) == ("up", [], "", 50)
    assert dict(test.query_params) == {}


def test_an_address_sets_every_widget():
    test = opened(order="down", only=["a", "c"], find="x&y", threshold="70")
    assert shown(test) == ("down", ["a", "c"], "x&y", 70)


@pytest.mark.parametrize(
    ("name", "bad"), [("order", "sideways"), ("only", ["z"]), ("threshold", "0"), ("threshold", "<b>")]
)
def test_what_is_no_option_is_left_aside(name, bad):
    test = opened(**{name: bad})
    assert shown(test) == ("up", [], "", 50)
    assert not test.exception


def test_a_text_without_end_is_cut():
    assert len(opened(find="x" * 5000).text_input[0].value) == 200


def test_a_change_is_written_and_the_default_is_not():
    test = opened()
    test.selectbox[0].set_value("down").run()
    test.text_input[0].set_value("q").run()
    test.pills[0].set_value(["b"]).run()
    assert dict(test.query_params) == {"order": "down", "find": "q", "only": "b"}
    test.selectbox[0].set_value("up").run()
    assert dict(test.query_params) == {"find": "q", "only": "b"}
    test.button[0].click().run()
    assert shown(test) == ("up", [], "", 50)
    assert dict(test.query_params) == {}


def listing():
    import streamlit as st

    from app import link

    pages = st.session_state.get("pages", 9)
    st.pills("Only", ["a", "b"], selection_mode="multi", **link.bind("only", [], ["a", "b"], lists=True))
    st.slider("Level", 1, 99, **link.bind("level", 90, range(1, 100)))
    st.slider("Page", 1, 9, **link.bind("page", 1, range(1, pages + 1)))
    st.write(link.value("page", int))


def test_a_change_of_what_is_listed_leads_back_to_the_first_page_and_no_other_change_does():
    test = AppTest.from_function(listing)
    test.query_params["page"] = "3"
    test.run().slider[0].set_value(95).run()
    assert (test.slider[1].value, test.query_params["page"]) == (3, "3")
    test.pills[0].set_value(["a"]).run()
    assert (test.slider[1].value, "page" in test.query_params) == (1, False)


def test_a_value_that_is_no_option_any_more_gives_way_to_the_default():
    test = AppTest.from_function(listing)
    test.query_params["page"] = "7"
    test.run().session_state["pages"] = 2
    assert test.run().slider[1].value == 1
    assert not test.exception


def test_going_back_in_the_browser_wins_over_the_widget():
    test = opened(order="down")
    test.query_params.clear()
    assert shown(test.run())[0] == "up"
