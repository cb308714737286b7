"""Groups in which a model is worst: planted ones are found and said in words, chance alone finds none."""

import itertools
import math
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.insight.weak_spots import _holm, _pair_sums, fisher, rank_sum, weak_errors, weak_spots
from explain.types import Column, Schema

TENTHS = (1, 8, 15, 22, 29, 36, 44, 51, 58, 65, 72)
SCHEMA = Schema(
    (
        Column("tenure", "number", label="Tenure", unit="months", integer=True, deciles=TENTHS),
        Column("charge", "number", label="Charge"),
        Column("net", "category", label="Internet", categories=("Fiber", "DSL", "No")),
        Column("paper", "category", label="Paperless", categories=("yes", "no")),
    )
)


def table(rows, seed=0):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "tenure": draw.integers(1, 73, rows).astype(float),
            "charge": np.where(draw.random(rows) < 0.1, np.nan, draw.normal(60, 20, rows)),
            "net": np.array(["Fiber", "DSL", "No"], dtype=object)[draw.integers(0, 3, rows)],
            "paper": np.array(["yes", "no", None], dtype=object)[draw.integers(0, 3, rows)],
        }
    )


def right_but(frame, where, share, seed=1):
    """Right in 85 of 100 rows, in `share` of those in `where`."""
    return np.random.default_rng(seed).random(len(frame)) < np.where(where, share, 0.85)


def test_a_planted_group_of_two_columns_is_found_first_and_said_in_words():
    frame = table(4_000)
    planted = ((frame["net"] == "Fiber") & (frame["tenure"] <= 22)).to_numpy()
    found = weak_spots(frame, right_but(frame, planted, 0.5), SCHEMA)
    assert found[0].columns == ("tenure", "net")
    assert found[0].described.startswith("Tenure up to ")
    assert found[0].described.endswith(" months and Internet Fiber")
    assert planted[found[0].rows].mean() > 0.9
    assert found[0].sentence == (
        f"{found[0].described}: right in {round(100 * found[0].here)} of 100 "
        f"(tested on {found[0].tested:,} rows), {round(100 * found[0].overall)} overall."
    )
    assert found[0].here < 0.6 < found[0].overall
    assert found[0].chance < 0.001


@pytest.mark.parametrize(
    ("column", "words", "where"),
    [
        ("net", "Internet DSL", lambda frame: frame["net"] == "DSL"),
        ("charge", "Charge blank", lambda frame: frame["charge"].isna()),
        ("paper", "Paperless blank", lambda frame: frame["paper"].isna()),
        ("tenure", "Tenure over 65 months", lambda frame: frame["tenure"] > 65),
    ],
)
def test_a_planted_group_of_one_column_needs_no_second_one(column, words, where):
    frame = table(6_000)
    planted = where(frame).to_numpy(dtype=bool)
    found = weak_spots(frame, right_but(frame, planted, 0.45), SCHEMA)
    assert (found[0].columns, found[0].described) == ((column,), words)
    assert found[0].rows.tolist() == np.flatnonzero(planted).tolist()


def test_errors_that_have_nothing_to_do_with_the_columns_are_found_in_five_of_a_hundred_tables_at_most():
    found = sum(
        bool(weak_spots(frame, np.random.default_rng(1_000 + seed).random(len(frame)) < 0.8, SCHEMA, seed=seed))
        for seed, frame in ((seed, table(1_500, seed)) for seed in range(100))
    )
    assert found <= 5


def test_sizes_of_errors_that_have_nothing_to_do_with_the_columns_are_found_as_rarely():
    found = sum(
        bool(weak_errors(frame, np.random.default_rng(1_000 + seed).exponential(9, len(frame)), SCHEMA, seed=seed))
        for seed, frame in ((seed, table(1_500, seed)) for seed in range(100))
    )
    assert found <= 5


def test_errors_of_a_regression_are_said_in_its_unit():
    frame = table(4_000)
    planted = ((frame["net"] == "No") & (frame["tenure"] > 51)).to_numpy()
    errors = np.random.default_rng(2).exponential(np.where(planted, 4_000.0, 1_000.0))
    found = weak_errors(frame, errors, SCHEMA, unit="$")[0]
    assert found.described == "Tenure over 51 months and Internet No"
    assert found.here > 2 * found.overall
    assert found.sentence.startswith(f"{found.described}: half are off by more than $2,")


def test_no_two_groups_are_nearly_the_same_and_at_most_five_are_given():
    frame = table(20_000)
    bad = (frame["net"] == "Fiber") | (frame["tenure"] <= 12) | frame["charge"].isna() | (frame["charge"] > 85)
    found = weak_spots(frame, right_but(frame, bad.to_numpy(), 0.4), SCHEMA)
    assert 2 <= len(found) <= 5
    assert [spot.here for spot in found] == sorted(spot.here for spot in found)
    for one, other in itertools.combinations(found, 2):
        shared = len(set(one.rows) & set(other.rows))
        assert shared <= 0.6 * min(len(one.rows), len(other.rows))


def test_every_group_has_thirty_rows_in_the_half_it_is_tested_on():
    frame = table(400)
    planted = ((frame["net"] == "Fiber") & (frame["tenure"] <= 22)).to_numpy()
    for spot in weak_spots(frame, right_but(frame, planted, 0.1), SCHEMA):
        assert spot.tested >= 30
        assert len(spot.rows) >= 60


@pytest.mark.parametrize("right", [True, False])
def test_where_all_are_right_or_all_are_wrong_there_is_no_worst_group(right):
    assert weak_spots(table(500), np.full(500, right), SCHEMA) == ()


@pytest.mark.parametrize("rows", [0, 1, 119])
def test_few_rows_give_no_groups(rows):
    frame = table(rows)
    assert weak_spots(frame, np.arange(rows) % 2 == 0, SCHEMA) == ()
    assert weak_errors(frame, np.arange(float(rows)), SCHEMA) == ()


def test_the_same_seed_gives_the_same_groups_and_the_order_of_columns_does_not_matter():
    frame = table(3_000)
    right = right_but(frame, (frame["net"] == "Fiber").to_numpy(), 0.6)
    first = weak_spots(frame, right, SCHEMA, seed=3)
    turned = weak_spots(frame, right, Schema(SCHEMA.columns[::-1]), seed=3)
    assert [spot.sentence for spot in weak_spots(frame, right, SCHEMA, seed=3)] == [spot.sentence for spot in first]
    assert {(frozenset(spot.columns), spot.tested) for spot in turned} == {
        (frozenset(spot.columns), spot.tested) for spot in first
    }


@given(st.integers(1, 12), st.data())
def test_fishers_chance_is_that_of_counting_all_draws(rows, data):
    all_wrong, size = data.draw(st.integers(0, rows)), data.draw(st.integers(0, rows))
    wrong = data.draw(st.integers(0, min(size, all_wrong)))
    draws = list(itertools.combinations(range(rows), size))
    counted = sum(sum(item < all_wrong for item in draw) >= wrong for draw in draws) / len(draws)
    assert math.isclose(fisher(wrong, size, all_wrong, rows), counted, rel_tol=1e-9)


def test_the_rank_sum_is_that_of_scipy():
    from scipy.stats import mannwhitneyu

    draw = np.random.default_rng(5)
    for size in (30, 100, 250):
        values = draw.integers(0, 40, 500).astype(float)
        mine = np.zeros(500, dtype=bool)
        mine[:size] = True
        ranks = pd.Series(values).rank().to_numpy()
        other = mannwhitneyu(values[mine], values[~mine], alternative="greater", use_continuity=False).pvalue
        assert math.isclose(rank_sum(ranks, mine), other, rel_tol=1e-9)


def test_holms_steps_are_those_of_the_paper():
    assert list(_holm([0.03, 0.01, 0.2])) == [(1, 0.03)]
    assert list(_holm([0.02, 0.01, 0.03])) == [(1, 0.03), (0, 0.04), (2, 0.04)]
    assert list(_holm([])) == []


def test_sums_over_pairs_are_exact():
    draw = np.random.default_rng(0)
    members, levels = draw.random((40_000, 7)) < 0.3, draw.integers(0, 256, 40_000)
    counts, sums = _pair_sums(members, levels)
    for i, j in itertools.product(range(7), repeat=2):
        both = members[:, i] & members[:, j]
        assert (counts[i, j], sums[i, j]) == (both.sum(), levels[both].sum())


def test_a_hundred_thousand_rows_of_thirty_columns_take_less_than_two_seconds():
    draw = np.random.default_rng(0)
    numbers = {f"n{at}": draw.normal(size=100_000) for at in range(20)}
    texts = {f"c{at}": np.array(list("abcde"), dtype=object)[draw.integers(0, 5, 100_000)] for at in range(10)}
    columns = [Column(name, "number") for name in numbers]
    columns += [Column(name, "category", categories=tuple("abcde")) for name in texts]
    frame = pd.DataFrame(numbers | texts)
    right = draw.random(100_000) < np.where((frame["n3"] > 1) & (frame["c2"] == "b"), 0.5, 0.8)
    started = time.process_time(), time.perf_counter()
    found = weak_spots(frame, right, Schema(tuple(columns)))
    assert found[0].columns == ("n3", "c2")
    assert min(time.perf_counter() - started[1], time.process_time() - started[0]) < 2
