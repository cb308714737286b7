"""How much room the home folder may take, how much it takes, and by what."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import words
from explain.errors import FullError, WhysureError

if TYPE_CHECKING:
    from pathlib import Path

QUOTA = "WHYSURE_QUOTA"
"""The environment variable that holds the quota, like "20 GB"."""
LEAST_FREE = 300_000_000
"""Bytes that must stay free on the disk: the largest upload, which a review of it may take once more."""
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@dataclass(frozen=True)
class Use:
    """Bytes in a home folder: in its reviews and models, which it counts, and in all else, which is made anew."""

    reviews: int
    review_bytes: int
    models: int
    model_bytes: int
    other_bytes: int

    @property
    def total(self) -> int:
        """All bytes."""
        return self.review_bytes + self.model_bytes + self.other_bytes

    @property
    def sentence(self) -> str:
        """What takes how much, the kinds that can be deleted in front."""
        return (
            f"{words.count(self.reviews, 'review')} {size(self.review_bytes)}, "
            f"{words.count(self.models, 'model')} {size(self.model_bytes)}, "
            f"what was made ready {size(self.other_bytes)}"
        )


def parse_size(text: str) -> int:
    """Bytes: "20 GB", "500MB", "1.5 TB". Raises WhysureError."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)B?\s*", text.upper())
    if found is None or float(found[1]) == 0:
        raise WhysureError(f"A quota is a size like 20 GB or 500 MB; got '{text[:40]}'.")
    return int(float(found[1]) * UNITS[found[2]])


def size(count: int) -> str:
    """Bytes as people read them: "1.2 GB"."""
    unit = next((name for name in "TGM" if count >= UNITS[name]), "K")
    return f"{count / UNITS[unit]:,.1f} {unit.replace('K', 'k')}B" if count else "nothing"


def quota() -> int | None:
    """The bytes that the home folder may take, or None without a limit."""
    said = os.environ.get(QUOTA, "")
    return parse_size(said) if said else None


def used(home: Path) -> Use:
    """What is in the home folder now."""
    reviews, models = _folders(home / "runs"), _folders(home / "models")
    review_bytes, model_bytes = _bytes(home / "runs"), _bytes(home / "models")
    return Use(reviews, review_bytes, models, model_bytes, _bytes(home) - review_bytes - model_bytes)


def _folders(folder: Path) -> int:
    return sum(1 for item in folder.glob("[!.]*") if item.is_dir())


def _bytes(folder: Path) -> int:
    """All files below; what goes away meanwhile counts nothing, and links are not followed."""
    total, left = 0, [os.fspath(folder)]
    while left:
        try:
            with os.scandir(left.pop()) as items:
                found = list(items)
        except OSError:
            continue
        left += [item.path for item in found if item.is_dir(follow_symlinks=False)]
        total += sum(_file_bytes(item) for item in found if not item.is_dir(follow_symlinks=False))
    return total


def _file_bytes(item: os.DirEntry[str]) -> int:
    try:
        return item.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def demand_room(home: Path) -> None:
    """Raise FullError where nothing more may be stored; nothing that is there is touched."""
    limit = quota()
    if limit is not None:
        now = used(home)
        if now.total >= limit:
            raise FullError(
                f"Nothing more can be stored: {size(now.total)} of {size(limit)} are used ({now.sentence}). "
                "Delete reviews or models that nobody needs any more in the library, or raise the quota."
            )
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE:
        raise FullError(
            f"Nothing more can be stored: the disk has {size(free)} left, and at least {size(LEAST_FREE)} must stay "
            f"free. The home folder holds {used(home).sentence}. Delete what nobody needs any more in the library."
        )
