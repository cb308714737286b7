"""The words on the screen have one meaning, wherever they are explained."""

from pathlib import Path

import pytest

from explain.insight.glossary import FAULTS, WORDS
from explain.quality.catalog import CATALOG

DOCS = Path(__file__).resolve().parents[3] / "docs" / "trust.md"


@pytest.mark.parametrize("word", WORDS)
def test_the_documentation_explains_each_word_as_the_screen_does(word):
    assert f"| {word} | {WORDS[word]} |" in DOCS.read_text(encoding="utf-8")


def test_each_fault_is_explained_under_the_name_that_it_has_on_the_screen():
    assert len(FAULTS) == len(CATALOG)
    assert FAULTS["likely typo"] == "Nearly a known category."
    assert FAULTS["out of range"] == "A number beyond all of the reference; far beyond is an error."
