"""Which model packages there are: the samples that come along, and those in the home folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from explain.models.package import samples_folder


@dataclass(frozen=True)
class SampleUpload:
    """A table that comes along to try a model with."""

    model: str
    path: Path
    title: str


SAMPLE_UPLOADS = (
    ("german_credit", "german_credit_messy.csv", "200 loan applications with faults"),
    ("german_credit", "german_credit_clean.csv", "200 loan applications, clean"),
    ("diamonds", "diamonds_messy.csv", "diamonds with faults"),
    ("diamonds", "diamonds_clean.csv", "1,000 diamonds, clean"),
    ("penguins", "penguins_messy.tsv", "penguins with faults"),
    ("penguins", "penguins_clean.csv", "penguins, clean"),
)


def sample_uploads() -> tuple[SampleUpload, ...]:
    """The sample tables, the one that opens first in front."""
    folder = samples_folder() / "uploads"
    return tuple(SampleUpload(model, folder / name, title) for model, name, title in SAMPLE_UPLOADS)


def packages(home: Path) -> dict[str, Path]:
    """Model name -> package folder; the home folder's come after the samples and win on the same name."""
    found = {}
    for parent in (samples_folder(), home / "models"):
        for card in sorted(parent.glob("*/card.json")):
            found[card.parent.name] = card.parent
    return found
