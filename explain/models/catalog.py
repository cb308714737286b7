"""Which model packages there are: the samples that come along, and those in the home folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.models.package import samples_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class SampleUpload:
    """A table that comes along to try a model with; `columns` says which of its columns is which where names differ."""

    model: str
    path: Path
    title: str
    columns: Mapping[str, str] | None = None


MISSPELT = {"installment_rate": "instalment_rate"}
SAMPLE_UPLOADS: tuple[tuple[str, str, str, Mapping[str, str] | None], ...] = (
    ("german_credit", "german_credit_messy.csv", "150 loan applications with faults", MISSPELT),
    ("german_credit", "german_credit_clean.csv", "150 loan applications, clean", None),
    ("diamonds", "diamonds_messy.csv", "300 diamonds with faults", None),
    ("diamonds", "diamonds_clean.csv", "1,000 diamonds, clean", None),
    ("penguins", "penguins_messy.tsv", "80 penguins with faults", None),
    ("penguins", "penguins_clean.csv", "80 penguins, clean", None),
)


def sample_uploads() -> tuple[SampleUpload, ...]:
    """The sample tables, the one that opens first in front."""
    folder = samples_folder() / "uploads"
    return tuple(SampleUpload(model, folder / name, title, columns) for model, name, title, columns in SAMPLE_UPLOADS)


VERSION_MARK = "@"
"""Between a model's name and the number of an earlier version, in the name of that one's folder."""


def packages(home: Path) -> dict[str, Path]:
    """Model name -> package folder; the home folder's come after the samples and win on the same name."""
    found = {}
    for parent in (samples_folder(), home / "models"):
        for card in sorted(parent.glob("[!.]*/card.json")):
            if VERSION_MARK not in card.parent.name:
                found[card.parent.name] = card.parent
    return found


def earlier(home: Path, name: str) -> dict[int, Path]:
    """The earlier versions of a model that are kept for the reviews they made: number -> package folder."""
    found = {}
    for card in sorted((home / "models").glob(f"{name}{VERSION_MARK}*/card.json")):
        number = card.parent.name.rpartition(VERSION_MARK)[2]
        if number.isdigit():
            found[int(number)] = card.parent
    return found
