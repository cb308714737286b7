"""Columns that say who somebody is, told by their names: a proposal, which a person can change."""

from __future__ import annotations

import re

_NAMES = (
    "personal", "sex", "gender", "age", "birth", "birthday", "birthdate", "dob", "race", "ethnicity", "ethnic",
    "nationality", "citizenship", "religion", "marital", "marriage", "married", "pregnant", "disability", "disabled",
    "foreign", "immigrant", "orientation", "geschlecht", "alter", "geburtsdatum", "nationalität", "familienstand",
    "sexe", "âge", "sexo", "edad",
)  # fmt: skip
"""Words of a name that stand for what the law of most countries protects, in some languages."""
_WORDS = re.compile(r"[^\W\d_]+")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_personal(name: str) -> bool:
    """Whether a column is called like something personal: "Sex", "personal_status", "ageYears", but not "Storage"."""
    return not set(_NAMES).isdisjoint(_WORDS.findall(_HUMPS.sub(" ", name).casefold()))
