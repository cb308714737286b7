"""Whether a shift is found, named and weighed; and that luck is not taken for one."""

import time

import numpy as np
import pandas as pd
import pytest

from explain.confidence.conformal import residuals_of
from explain.confidence.shift import HEAVIEST, LEAST_ROWS, Shift, _cells, shift
from explain.models import load_model
from explain.models.card import propose_schema
from explain.types import Column, Schema, cells_of

SCHOOLS = ["basic", "college", "doctor"]


def people(seed, rows, degrees=0.3, older=0.0):
    """Seven columns; `degrees` is the share that went to college, `older` moves the age."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame({f"x{at}": draw.normal(size=rows) for at in range(4)})
    frame["age"] = draw.normal(40 + older, 10, rows)
    frame["hours"] = np.where(draw.random(rows) < 0.05, np.nan, draw.integers(10, 60, rows))
    school = draw.choice(SCHOOLS, rows, p=[0.9 - degrees, degrees, 0.1])
    frame["education"] = pd.Series(np.where(draw.random(rows) < 0.03, None, school), dtype=object)
    return frame


SCHEMA = propose_schema(people(0, 1_000))


def test_no_shift_between_rows_of_one_kind():
    found = shift(people(1, 2_000), people(2, 2_000), SCHEMA)
    assert found.auc == pytest.approx(0.5, abs=0.04)
    assert not found.notable
    assert not found.withdrawn
    assert found.columns == ()
    assert found.effective_size > 1_500


def test_luck_is_hardly_ever_said_to_be_a_shift():
    alarms = [shift(people(seed, 200), people(1_000 + seed, 200), SCHEMA, seed).notable for seed in range(60)]
    # measured: 6 of 1,500 pairs of halves of the adult data with 200 rows each
    assert sum(alarms) <= 1


@pytest.mark.parametrize(
    ("upload", "columns"),
    [
        ({"degrees": 0.8}, ("education",)),
        ({"older": 12.0}, ("age",)),
        ({"degrees": 0.75, "older": 15.0}, ("age", "education")),
    ],
)
def test_a_shift_is_named_by_the_columns_that_drive_it_most_first(upload, columns):
    found = shift(people(3, 800, **upload), people(4, 2_000), SCHEMA)
    assert found.notable
    assert found.columns == columns


def test_new_categories_and_blanks_are_a_shift_too():
    past = people(5, 1_000)
    fresh = people(6, 400)
    fresh.loc[:199, "education"] = "bootcamp"
    assert shift(fresh, past, SCHEMA).columns == ("education",)
    blank = people(7, 400)
    blank["hours"] = np.nan
    assert shift(blank, past, SCHEMA).columns == ("hours",)


@pytest.mark.parametrize(("new", "old"), [(LEAST_ROWS - 1, 1_000), (1_000, LEAST_ROWS - 1), (0, 1_000)])
def test_too_few_rows_on_either_side_say_nothing(new, old):
    assert shift(people(8, new), people(9, old), SCHEMA) is None


def test_weights_are_near_the_true_likelihood_ratios_and_clipped():
    past, fresh = people(10, 4_000), people(11, 4_000, older=8.0)
    found = shift(fresh, past, SCHEMA)
    true = np.exp((past.age.to_numpy() - 44) * 8 / 100)
    assert np.corrcoef(np.log(found.past), np.log(true))[0, 1] > 0.9
    assert found.past.mean() == pytest.approx(1, abs=0.15)
    assert found.rows.shape == (4_000,)
    for weights in (found.past, found.rows):
        assert weights.min() >= 1 / HEAVIEST
        assert weights.max() <= HEAVIEST


def test_unequal_numbers_of_rows_do_not_move_the_weights():
    past = people(12, 6_000)
    found = shift(people(13, 300), past, SCHEMA)
    assert found.past.mean() == pytest.approx(1, abs=0.1)


def test_weights_bring_coverage_back():
    plain, weighted = [], []
    for seed in range(5):
        draw = np.random.default_rng(seed)
        past, fresh = people(20 + seed, 4_000), people(40 + seed, 3_000, older=12.0)
        errors, outcome = (draw.normal(0, np.exp((rows.age.to_numpy() - 40) / 15)) for rows in (past, fresh))
        found = shift(fresh, past, SCHEMA)
        zeros, none = np.zeros(len(past)), np.zeros(len(fresh))
        for weights, own, result in ((None, None, plain), (found.past, found.rows, weighted)):
            low, high = residuals_of(zeros, errors, np.ones(len(past)), weights).on(none, 1.0, own).intervals(0.9)
            result.append(((outcome >= low) & (outcome <= high)).mean())
    assert np.mean(plain) < 0.8
    assert np.mean(weighted) == pytest.approx(0.9, abs=0.03)


def test_the_effective_size_is_kishs():
    found = Shift(0.7, 0.01, ("age",), np.array([1.0, 1.0, 2.0]), np.ones(1))
    assert found.effective_size == pytest.approx(16 / 6)


@pytest.mark.parametrize(
    ("auc", "error", "rows", "notable", "withdrawn"),
    [
        (0.60, 0.01, 100, False, False),
        (0.61, 0.01, 100, True, True),
        (0.61, 0.01, 199, True, True),
        (0.61, 0.01, 200, True, False),
        (0.65, 0.04, 100, False, False),
    ],
)
def test_claims_are_withdrawn_below_two_hundred_effective_rows_and_only_when_shifted(
    auc, error, rows, notable, withdrawn
):
    found = Shift(auc, error, (), np.ones(rows), np.ones(1))
    assert (found.notable, found.withdrawn) == (notable, withdrawn)


def test_an_upload_of_another_world_withdraws_the_claim():
    found = shift(people(50, 1_000, older=45.0), people(51, 1_500), SCHEMA)
    assert found.auc > 0.95
    assert found.withdrawn


def test_the_same_rows_and_seed_give_the_same_answer_and_rows_beyond_the_sample_have_weights():
    fresh, past = people(15, 12_000, older=5.0), people(16, 6_000)
    one, other = shift(fresh, past, SCHEMA), shift(fresh, past, SCHEMA)
    np.testing.assert_array_equal(one.rows, other.rows)
    assert one.auc == other.auc
    assert one.rows.shape == (12_000,)
    assert one.past.shape == (6_000,)
    assert np.isfinite(one.rows).all()


def test_ten_thousand_rows_take_less_than_half_a_second():
    fresh, past = people(17, 10_000, older=5.0), people(18, 10_000)
    seconds = []
    for _ in range(4):
        start = time.process_time()
        shift(fresh, past, SCHEMA)
        seconds.append(time.process_time() - start)
    # processor time on one thread: other processes cannot add to it
    assert min(seconds) < 0.5


def test_rounding_to_float32_is_no_difference():
    """A reference kept in float32 against an upload of the same values as they are written."""
    draw = np.random.default_rng(31)
    written = pd.DataFrame({"x": draw.uniform(1, 9, 1_200).round(2), "y": draw.uniform(1, 9, 1_200).round(2)})
    kept = written.astype(np.float32).astype(np.float64)
    schema = Schema((Column("x", "number"), Column("y", "number")))
    found = shift(written[:600], kept[600:], schema)
    assert not found.notable
    assert found.auc < 0.58
    huge = written[:600].assign(x=1e300)
    assert shift(huge, kept[600:], schema).columns == ("x",)


def table(seed, rows, levels, zipf=1.1):
    """Two columns of categories whose frequencies follow Zipf, a number, and blanks in each."""
    draw = np.random.default_rng(seed)
    shares = np.arange(1, levels + 1) ** -zipf
    names = np.array([f"level {at}" for at in draw.permutation(levels)], dtype=object)
    frame = pd.DataFrame({name: names[draw.choice(levels, rows, p=shares / shares.sum())] for name in ("a", "b")})
    frame["x"] = draw.normal(size=rows)
    return frame.mask(draw.random(frame.shape) < 0.05, None).astype({"a": object, "b": object})


LEVELLED = Schema((Column("a", "category"), Column("b", "category"), Column("x", "number")))
ALARMS = 0.02
"""Largest share of false alarms; measured on such random halves: 1 of 600, of halves of the adult data 6 of 1,500."""


def halves(frame, seed):
    order = np.random.default_rng(seed).permutation(len(frame))
    return frame.iloc[order[: len(frame) // 2]], frame.iloc[order[len(frame) // 2 :]]


@pytest.mark.parametrize("levels", [2, 20, 200, 2_000])
@pytest.mark.parametrize("rows", [400, 2_000])
def test_random_halves_of_one_table_are_not_told_apart_by_its_many_categories(levels, rows):
    found = [shift(*halves(table(seed, rows, levels), seed), LEVELLED, seed) for seed in range(12)]
    assert sum(one.notable for one in found) <= ALARMS * len(found)
    assert np.mean([one.auc for one in found]) == pytest.approx(0.5, abs=0.03)


def test_rows_that_are_each_a_category_of_their_own_are_not_told_apart():
    frame = table(0, 1_000, 20).assign(a=[f"id {at}" for at in range(1_000)])
    for seed in range(5):
        assert not shift(*halves(frame, seed), LEVELLED, seed).notable


@pytest.mark.parametrize("name", ["german_credit", "diamonds", "penguins"])
def test_random_halves_of_a_samples_own_rows_are_not_told_apart(name):
    package = load_model(name)
    frame = package.reference.frame
    found = [shift(*halves(frame, seed), package.schema, seed) for seed in range(15)]
    assert not any(one.notable for one in found if one is not None)


@pytest.mark.parametrize("levels", [20, 2_000])
def test_which_side_is_past_does_not_matter_to_the_codes(levels):
    past, fresh = (cells_of(half, LEVELLED) for half in halves(table(3, 800, levels), 0))
    one, other = _cells(past, fresh), _cells(fresh, past)
    np.testing.assert_array_equal(one[: len(past)], other[len(fresh) :])
    np.testing.assert_array_equal(one[len(past) :], other[: len(fresh)])


@pytest.mark.parametrize("levels", [2, 200, 2_000])
def test_a_true_shift_is_found_beside_many_categories(levels):
    past, fresh = halves(table(5, 2_000, levels), 0)
    draw = np.random.default_rng(1)
    new = fresh.assign(b=fresh.b.where(draw.random(len(fresh)) > 0.4, "never seen"))
    assert shift(new, past, LEVELLED).columns == ("b",)
    moved = fresh.assign(x=fresh.x + 0.8)
    assert shift(moved, past, LEVELLED).columns == ("x",)


def test_many_new_categories_are_found_though_each_is_rare():
    past, fresh = halves(table(6, 2_000, 20), 0)
    draw = np.random.default_rng(2)
    new = [f"new {at}" if draw.random() < 0.5 else cell for at, cell in enumerate(fresh.a)]
    assert shift(fresh.assign(a=pd.Series(new, index=fresh.index, dtype=object)), past, LEVELLED).columns == ("a",)
