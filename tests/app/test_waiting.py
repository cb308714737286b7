"""Work beside the page: its value comes back, its sentence is shown, and what was shown meanwhile goes away."""

import pytest
from streamlit.testing.v1 import AppTest


def page():
    import time

    import streamlit as st

    from app.parts.trouble import guarded
    from app.parts.waiting import waited
    from explain.errors import ModelError

    def slow():
        time.sleep(0.7)
        return "seven"

    def broken():
        raise ModelError("It does not fit.")

    st.write(waited("Counting", slow))
    guarded(lambda: waited("Failing", broken))


def test_what_is_waited_for_comes_back_and_the_way_out_goes():
    shown = AppTest.from_function(page, default_timeout=20).run()
    assert [item.value for item in shown.markdown] == ["seven"]
    assert [item.value for item in shown.error] == ["It does not fit\\."]
    assert not shown.button
    assert not shown.exception


def two_waits(first, second):
    import time

    import streamlit as st

    from app.parts.waiting import waited

    for doing, seconds in (("Reading the rows", first), ("Opening the model", second)):
        st.write(waited(doing, lambda doing=doing, seconds=seconds: time.sleep(seconds) or doing))


@pytest.mark.parametrize("first", [0, 0.6])
@pytest.mark.parametrize("second", [0, 0.6])
def test_two_kinds_of_work_wait_in_one_run(first, second):
    shown = AppTest.from_function(two_waits, args=(first, second), default_timeout=20).run()
    assert [item.value for item in shown.markdown] == ["Reading the rows", "Opening the model"]
    assert not shown.exception
