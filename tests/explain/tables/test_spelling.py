"""What is another spelling of a category, and what another category."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.tables.categories import read_categories
from explain.tables.spelling import fold, one_slip
from explain.types import Column

LINES = (Path(__file__).parent / "public_lists.txt").read_text(encoding="utf-8").splitlines()
LISTS = {name: tuple(values.split("|")) for name, values in (line.split(": ", 1) for line in LINES)}
"""Category lists as they stand in public tables."""


@pytest.mark.parametrize("name", LISTS)
def test_no_real_value_that_a_reference_lacks_is_ever_taken_for_another(name):
    for missing in LISTS[name]:
        known = tuple(other for other in LISTS[name] if other != missing)
        cells = pd.Series([*known, missing], dtype=object)
        found = read_categories(cells, Column("x", "category", categories=known)).cells.texts[-1]
        assert found in {missing, None}, f"{missing} became {found}"


def test_a_hundred_public_lists_are_looked_at():
    assert len(LISTS) >= 100


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("unvaccinated", ("vaccinated", "partly"), "unvaccinated"),
        ("unemployed", ("employed", "student"), "unemployed"),
        ("BBB-", ("BBB", "AAA"), "BBB-"),
        ("-1", ("1", "2"), "-1"),
        ("spfi", ("mpfi", "idi"), "spfi"),
        ("C+", ("C", "D"), "C+"),
        ("Ireland", ("Iceland", "Norway"), "Ireland"),
        ("phosphite", ("phosphate", "other"), "phosphite"),
        ("employee", ("employer", "other"), "employee"),
        ("Hepatitis B", ("Hepatitis A", "none"), "Hepatitis B"),
        ("self-emploied", ("self-employed", "student"), "self-employed"),
        ("Mangaement", ("Management", "Sales"), "Management"),
        ("Engineeering", ("Engineering", "Sales"), "Engineering"),
        ("Enginering", ("Engineering", "Sales"), "Engineering"),
        ("Marketimg", ("Marketing", "Sales"), "Marketimg"),
        ("Marketong", ("Marketing", "Sales"), "Marketong"),
        ("Markbting", ("Marketing", "Sales"), "Markbting"),
        ("Markrting", ("Marketing", "Sales"), "Marketing"),
    ],
)
def test_a_slip_is_corrected_only_inside_of_a_long_word_and_never_where_it_turns_the_meaning(text, known, expected):
    found = read_categories(
        pd.Series([*known, text], dtype=object), Column("x", "category", categories=known)
    ).cells.texts
    assert found[-1] == expected


def test_a_text_that_comes_twice_or_is_a_word_of_another_column_is_no_slip():
    column = Column("x", "category", categories=("Management", "Sales"))
    assert list(read_categories(pd.Series(["Mangaement"] * 2, dtype=object), column).cells.texts) == ["Mangaement"] * 2
    found = read_categories(pd.Series(["Mangaement"], dtype=object), column, {fold("Mangaement")})
    assert list(found.cells.texts) == ["Mangaement"]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("O’Brien", "O'Brien"),
        ("“quoted”", '"quoted"'),
        ("self–employed", "self-employed"),
        ("self_employed", "self-employed"),
        ("ＦＵＬＬ", "full"),
        ("20.0", "20"),
        ("'020", "020"),
        ('="020"', "020"),
        (" Bern\u00a0", "Bern"),
    ],
)
def test_typography_and_the_marks_of_spreadsheets_make_no_other_category(text, known):
    column = Column("x", "category", categories=(known, "another"))
    assert list(read_categories(pd.Series(["another", text], dtype=object), column).cells.texts) == ["another", known]


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_slip_is_one_in_both_directions(one, other):
    assert one_slip(fold(one), fold(other)) == one_slip(fold(other), fold(one))


def test_a_hundred_thousand_categories_are_read_in_a_moment():
    names = tuple(f"agent {at:06}" for at in range(100_000))
    cells = pd.Series([f"Agent {at:06}" for at in range(0, 100_000, 50)] + ["nobody", "agent 1"], dtype=object)
    found = read_categories(cells, Column("x", "category", categories=names))
    assert list(found.cells.texts[:2]) == ["agent 000000", "agent 000050"]
    assert list(found.cells.texts[-2:]) == ["nobody", "agent 1"]
