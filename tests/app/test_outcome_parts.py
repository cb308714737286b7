"""The line above the table names few outcomes each, and of many the most frequent."""

import pytest

from app.parts import outcomes
from explain.charts.theme import LIGHT


@pytest.fixture(autouse=True)
def light(monkeypatch):
    monkeypatch.setattr(outcomes, "colours", lambda: LIGHT)


def test_up_to_five_outcomes_are_named_in_their_order_with_their_hue():
    parts = outcomes.outcome_parts({"no": 3, "yes": 1}, 4)
    assert [LIGHT.outcomes[at] in part for at, part in enumerate(parts)] == [True, True]
    assert "<b>3</b> no <small>(75 in 100)</small>" in parts[0]


def test_from_six_on_the_rarer_ones_are_one_piece_with_their_names_in_the_hover():
    parts = outcomes.outcome_parts({f"class {at}": at for at in range(8)}, 28)
    assert len(parts) == 6
    assert "class 7" in parts[0]
    assert parts[-1] == "<span title='class 0 0, class 1 1, class 2 2'><b>3</b> 3 other outcomes</span>"


def test_a_long_name_is_shortened_and_whole_in_the_hover():
    name = "the one & only outcome with a name that no line holds"
    (part, _) = outcomes.outcome_parts({name: 1, "no": 1}, 2)
    assert "title='the one &amp; only outcome with a name that no line holds'" in part
    assert "…" in part
