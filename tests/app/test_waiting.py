"""Work beside the page: its value comes back, its sentence is shown, and what was shown meanwhile goes away."""

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
