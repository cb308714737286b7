"""A bounded search for files that break a parser; a longer one is `make fuzz`."""

import pytest

from tests.fuzz import search, targets

TRIES = 150
"""Of each parser, some seconds in all; the same ones every time."""


@pytest.mark.parametrize("name", list(targets()))
def test_whatever_is_broken_in_a_file_is_read_or_refused_with_a_sentence(name):
    assert [finding.error for finding in search(name, targets()[name], seed=0, tries=TRIES)] == []
