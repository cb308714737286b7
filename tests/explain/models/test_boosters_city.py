"""CatBoost knows categories by a hash: names of every length get the number that the library itself gives them."""

import pytest

from explain.models.boosters.city import category_hash


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("y", 253272131),
        ("Oslo", -34516710),
        ("Zürich", -885768184),
        ("Rio de Janeiro", 385502249),
        ("Llanfairpwllgwyngyll", -565708613),
        ("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", 1268005920),
        ("x" * 65, -148743473),
        ("x" * 128, 1142986461),
        ("x" * 129, 235182457),
        ("Zürich " * 40, -1423347816),
    ],
)
def test_a_name_has_the_hash_that_catboost_gives_it(text, number):
    assert category_hash(text) == number
