"""Faults of whole columns: another unit, one value, moved away."""

import numpy as np
import pandas as pd
import pytest

from explain.quality import check, drift
from explain.quality.columns import FACTORS, unit_factor
from explain.tables import read_table
from tests.explain.quality.cases import PROFILE, REFERENCE, SCHEMA


def of(frame):
    """Warnings about whole columns of the reference, changed."""
    named = frame.assign(case_id=[f"C{at}" for at in range(len(frame))])
    return [item for item in check(read_table(named, SCHEMA), PROFILE) if item.whole_column]


def test_a_column_in_another_unit_is_said_with_its_factor():
    (found,) = of(REFERENCE.assign(age=REFERENCE["age"] * 12))
    assert (found.check, found.column, found.severity, found.factor) == ("unit of column", "age", "error", 12.0)
    assert found.messages[0] == (
        "Age is about 12 times what it was in past rows (median 546, usual 45.5 years): months for years? "
        "Bring it to the unit that the model knows."
    )


@pytest.mark.parametrize(("times", "part"), [(1_000, "1 / 1,000"), (1 / 0.45359237, "1 / 2.2")])
def test_a_column_in_a_larger_unit_is_said_as_a_part(times, part):
    (found,) = of(REFERENCE.assign(age=REFERENCE["age"] / times))
    assert found.factor == pytest.approx(1 / times)
    assert found.messages[0].startswith(f"Age is about {part} of what it was in past rows")


@pytest.mark.parametrize("factor", FACTORS)
def test_every_factor_is_found_in_a_sample_of_the_same_distribution(factor):
    draw = np.random.default_rng(5)
    known, cells = np.sort(draw.gamma(9, 2, 3_000)), draw.gamma(9, 2, 300)
    assert unit_factor(cells * factor, known) == factor


def test_a_shift_that_no_factor_explains_names_none():
    draw = np.random.default_rng(5)
    assert unit_factor(draw.normal(40, 1, 300), np.sort(draw.normal(10, 5, 3_000))) is None
    assert unit_factor(draw.normal(10, 5, 300), np.sort(draw.normal(10, 5, 3_000))) is None
    assert unit_factor(np.array([1_000.0] * 5), np.sort(draw.normal(10, 5, 3_000))) is None


def test_one_value_throughout_is_said_where_the_reference_has_many():
    found = {item.check: item for item in of(REFERENCE.assign(city="Bern"))}
    assert found["constant column"].messages == ("City is Bern in every row; past rows had 3 values.",)


def test_a_column_that_moved_informs():
    found = [item for item in of(REFERENCE.assign(age=REFERENCE["age"] % 29 + 47)) if item.column == "age"]
    assert [(item.check, item.severity) for item in found] == [("drift", "info")]
    assert found[0].messages == ("Age differs from past rows: 52 of 100 values would have to change.",)


def test_the_reference_itself_has_not_moved():
    assert of(REFERENCE) == []


def test_drift_of_the_same_rows_is_nothing_and_of_other_values_everything():
    old = pd.DataFrame({"age": np.arange(18.0, 76), "city": ["Bern"] * 58})
    new = pd.DataFrame({"age": np.arange(118.0, 276), "city": ["Oslo"] * 79 + ["Bern"] * 79})
    schema = type(SCHEMA)((SCHEMA["age"], SCHEMA["city"]))
    assert [item.distance for item in drift(old, old, schema)] == [0, 0]
    found = drift(new, old, schema)
    assert [item.distance for item in found] == [1, 0.5]
    assert [item.notable for item in found] == [True, True]


def test_drift_of_numbers_is_the_test_of_kolmogorov_and_smirnov():
    from scipy.stats import ks_2samp

    draw = np.random.default_rng(0)
    a, b = draw.normal(0, 1, 300), draw.normal(0.3, 1, 500)
    schema = type(SCHEMA)((SCHEMA["age"],))
    (found,) = drift(pd.DataFrame({"age": a}), pd.DataFrame({"age": b}), schema)
    assert found.distance == pytest.approx(ks_2samp(a, b).statistic)
    assert found.chance == pytest.approx(ks_2samp(a, b, method="asymp").pvalue, rel=0.3)


def test_drift_of_categories_is_chi_squared():
    from scipy.stats import chi2_contingency

    new, old = ["Bern"] * 70 + ["Oslo"] * 50, ["Bern"] * 300 + ["Oslo"] * 500
    schema = type(SCHEMA)((SCHEMA["city"],))
    (found,) = drift(pd.DataFrame({"city": new}), pd.DataFrame({"city": old}), schema)
    assert found.chance == pytest.approx(chi2_contingency([[70, 300], [50, 500]], correction=False).pvalue)


def test_few_rows_are_too_few_to_judge():
    new = REFERENCE.head(99).assign(age=70.0)
    assert not drift(new, REFERENCE, SCHEMA)[0].notable


def test_a_number_that_stands_in_far_more_rows_than_before_is_said():
    found = {item.check: item for item in of(REFERENCE.assign(age=REFERENCE["age"].where(REFERENCE.index % 5 > 0, 99)))}
    assert (found["spike"].column, found["spike"].severity) == ("age", "warning")
    assert found["spike"].messages == (
        "Age = 99 stands in 20 of 100 rows, in past rows in none. Does it stand for something else?",
    )
    usual = {item.check: item for item in of(REFERENCE.assign(age=REFERENCE["age"].where(REFERENCE.index % 5 > 0, 40)))}
    assert usual["spike"].messages == (
        "Age = 40 stands in 21 of 100 rows, in past rows in 2 of 100. Does it stand for something else?",
    )
