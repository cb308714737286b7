"""The shell: the list of pages, the style, and what happens when something goes wrong."""

from pathlib import Path

import streamlit as st

from app import link, store
from app.access import current
from app.parts import trouble
from app.parts.brand import NAME, brand
from app.parts.help import help_button
from app.parts.lost import lost_words
from app.parts.whoami import whoami
from app.screens import add, batch, data, decision, library, model, review

PAGES = {
    "review": st.Page(review.show, title="Review", url_path="", icon=":material/table_rows:", default=True),
    "decision": st.Page(decision.show, title="Decision", url_path="decision", icon=":material/fact_check:"),
    "data": st.Page(data.show, title="Data", url_path="data", icon=":material/query_stats:"),
    "model": st.Page(model.show, title="Model", url_path="model", icon=":material/account_tree:"),
    "library": st.Page(library.show, title="Library", url_path="library", icon=":material/inventory_2:"),
    "batch": st.Page(batch.show, title="Batch", url_path="batch", icon=":material/stacks:", visibility="hidden"),
    "add": st.Page(add.show, title="Add a model", url_path="add", icon=":material/add:", visibility="hidden"),
}

st.set_page_config(page_title=NAME, page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
st.html(Path(__file__).with_name("style.css"))
# dialogs and popovers stand outside of the element on which Streamlit says that the theme is dark
st.html(f"<style>:root {{ color-scheme: {'dark' if st.context.theme.type == 'dark' else 'light'}; }}</style>")
brand()
lost_words()
store.warm_up()
link.remember_pages(PAGES)
# hidden as a courtesy: each page asks by itself
chosen = st.navigation(list(PAGES.values()), position="hidden" if current.only() or link.presenting() else "top")
help_button()
with trouble.shown():
    current.person()
    chosen.run()
    link.visit(chosen.url_path or "review")
    whoami()
store.warm_up_more()
