"""Columns that say who somebody is, told by their names."""

import pytest

from explain.models import load_model
from explain.models.card import propose_schema
from explain.models.personal import is_personal
from tests.conftest import package


@pytest.mark.parametrize("name", ["Sex", "personal_status", "AGE", "ageYears", "date of birth", "foreign-worker"])
def test_names_of_what_is_personal_are_told(name):
    assert is_personal(name)


@pytest.mark.parametrize("name", ["storage", "average", "Essex", "wages", "racer", "x1", "", "amount"])
def test_other_names_are_not(name):
    assert not is_personal(name)


def test_a_person_may_say_otherwise():
    frame = package("forest").reference.frame
    assert propose_schema(frame)["age"].personal
    assert not propose_schema(frame, {"age": {"personal": False}})["age"].personal
    assert propose_schema(frame, {"income": {"personal": True}})["income"].personal


def test_the_sample_of_credit_marks_its_personal_columns():
    marked = {column.name for column in load_model("german_credit").schema if column.personal}
    assert marked == {"personal_status", "age", "foreign_worker"}
