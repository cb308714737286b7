"""What is to be expected beside the rest of a row: learned, kept, and said where it surprises."""

import numpy as np
import pandas as pd
import pytest

from explain import cache
from explain.models.card import propose_schema
from explain.quality import Profile, check, expected_of, kept
from explain.quality.expected import ALARMS, as_normal, as_rows, conformal_limit, learn
from explain.quality.unlikely import unlikely
from explain.tables import read_table
from tests.conftest import package

DETAILS = {"size": {"label": "Size", "unit": "cm"}, "weight": {"label": "Weight"}, "kind": {"label": "Kind"}}


def made(rows, seed):
    """Weight follows size, kind follows both, and a fourth column follows nothing."""
    draw = np.random.default_rng(seed)
    size = draw.uniform(10, 100, rows).round(1)
    weight = (size * 2 + draw.normal(0, 2, rows)).round(1)
    kind = np.where(size > 55, "large", "small")
    return pd.DataFrame({"size": size, "weight": weight, "kind": kind, "noise": draw.normal(size=rows).round(3)})


PAST = made(1_500, 0)
SCHEMA = propose_schema(PAST, DETAILS)
PROFILE = Profile(SCHEMA, PAST)
EXPECTED = learn(PROFILE)


def said(**changes):
    row = {"size": 40.0, "weight": 80.0, "kind": "small", "noise": 0.1} | changes
    return unlikely(read_table(pd.DataFrame([row]), SCHEMA), EXPECTED, ())


def test_a_number_that_the_rest_contradicts_is_said_with_what_would_be_usual():
    (found,) = said(weight=160.0)
    assert (found.check, found.column, found.severity) == ("unlikely", "weight", "warning")
    text = found.messages[0]
    assert text.startswith("Weight = 160 is unlikely beside the rest of this row; ")
    assert text.endswith(" would be usual. Did you mean 80?")
    assert found.suggestion == ("80",)


def test_a_category_that_the_rest_contradicts_is_said_with_the_likely_one():
    (found,) = said(kind="large")
    assert found.messages == ("Kind = “large” is unlikely beside the rest of this row; “small” would be usual.",)
    assert found.suggestion == ("small",)


def test_of_several_slips_the_one_that_suits_the_rest_is_proposed():
    rows = pd.DataFrame([{"size": size, "weight": 6_000.0, "kind": "small", "noise": 0.1} for size in (12.0, 30.0)])
    found = next(item for item in check(read_table(rows, SCHEMA), PROFILE, EXPECTED) if item.check == "out of range")
    assert found.suggestion == ("60", "60")
    assert found.messages[0].endswith("Did you mean 60?")


def test_an_ordinary_row_is_not_said():
    assert said() == []
    assert said(noise=2.9) == []


def test_a_warned_cell_counts_as_not_known():
    row = {"size": 40.0, "weight": 8_000.0, "kind": "small", "noise": 0.1}
    table = read_table(pd.DataFrame([row]), SCHEMA)
    assert [item.check for item in check(table, PROFILE, EXPECTED)] == ["out of range"]


def test_clean_rows_are_warned_about_as_often_as_stated():
    """Over many uploads the share keeps below twice the stated one, which chance alone exceeds once in a million."""
    rows = pd.concat([made(1_000, seed) for seed in range(1, 9)], ignore_index=True)
    found = unlikely(read_table(rows, SCHEMA), EXPECTED, ())
    assert sum(len(item.rows) for item in found) <= 2 * ALARMS * len(rows)


def test_the_limit_lets_by_all_but_the_stated_share():
    assert conformal_limit(np.arange(1.0, 1_000.0)) == 996.0
    assert conformal_limit(np.arange(100.0)) == np.inf


def test_the_order_of_rows_and_the_company_do_not_matter():
    rows = made(300, 11)
    whole = EXPECTED.surprises(as_rows(read_table(rows, SCHEMA).frame, SCHEMA))
    turned = EXPECTED.surprises(as_rows(read_table(rows.iloc[::-1], SCHEMA).frame, SCHEMA))
    alone = EXPECTED.surprises(as_rows(read_table(rows.iloc[[7]], SCHEMA).frame, SCHEMA))
    np.testing.assert_array_equal(turned[::-1], whole)
    np.testing.assert_array_equal(alone[0], whole[7])


def test_learning_twice_gives_the_same_to_the_bit():
    again = learn(PROFILE)
    assert again.limit == EXPECTED.limit
    for one, other in zip(again.columns, EXPECTED.columns, strict=True):
        np.testing.assert_array_equal(one.misses, other.misses)
        np.testing.assert_array_equal(one.forest.answers, other.forest.answers)


def test_ranks_become_quantiles_of_a_normal_distribution():
    values = np.array([1.0, 2.0, 2.0, 3.0])
    from scipy.stats import norm

    np.testing.assert_allclose(norm.cdf(as_normal(np.array([1.0, 2.0, 9.0]), values)), [0.2, 0.5, 0.9])


def test_what_was_learned_is_kept_and_read_again(tmp_path, monkeypatch):
    monkeypatch.setenv("WHYSURE_HOME", str(tmp_path))
    monkeypatch.setattr(kept, "_READY", type(kept._READY)())
    model = package("forest")
    first = expected_of(model)
    (path,) = cache.folder().glob("expected-*.npz")
    monkeypatch.setattr(kept, "_READY", type(kept._READY)())
    assert path.stat().st_size > 0
    monkeypatch.setattr(kept, "learn", lambda *_, **__: pytest.fail("learned anew"))
    again = expected_of(model)
    assert again.limit == first.limit
    rows = as_rows(model.reference.frame, model.schema)
    np.testing.assert_array_equal(again.surprises(rows), first.surprises(rows))


def test_too_few_reference_rows_teach_nothing():
    few = learn(Profile(SCHEMA, PAST.head(150)))
    assert few.columns == ()
    assert unlikely(read_table(PAST.head(5), SCHEMA), few, ()) == []
