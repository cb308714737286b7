"""Broken files without end for the parsers of this project's own: each is read, or refused with a sentence.

    python -m tests.fuzz --seconds 600

A run tells the seed that repeats it. What it finds is written to a folder, to become a case of a test.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import logging
import random
import re
import signal
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from explain.errors import WhysureError
from explain.models.boosters import read_catboost, read_lightgbm, read_xgboost
from explain.models.card import read_card
from explain.models.safety.onnx_check import check_onnx
from explain.models.sources.mlflow import unwrap
from explain.models.sources.pipeline import open_pipeline
from explain.models.sources.recognise import recognise
from explain.safety.archive import read_archive
from explain.tables.read import read_raw
from tests.conftest import FIXTURES, KINDS
from tests.explain.models.boosters import NAMES, file_of

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("fuzz")
LONGEST = 10
"""Seconds for one small file: beyond, it counts as hanging."""
ODD = [None, True, -1, 0, 1, 2**31, 10**30, -0.5, 1e308, float("nan"), "", "x", [], {}, [[]], [1] * 3, {"a": 1}]
SPLICES = [b"\x00", b"\xff" * 8, b"9" * 30, b"-1", b"[", b"{", b'"', b"nan", b"\n", b"PK\x03\x04", b"\x80\x04"]
SPLICES += [b"[" * 3_000, b"9" * 5_000]
TEXTS = [
    b"a,b\n1,2\n3,4\n",
    b'"a";"b"\n"1,5";x\n2;"y ""z"""\n',
    b'{"a": 1, "b": "x"}\n{"a": 2}\n',
    b'[{"a": [1, {"b": 2}]}]',
]


@dataclass(frozen=True)
class Target:
    """A parser and sound files to start from."""

    parse: Callable[[bytes], object]
    sound: tuple[bytes, ...]


@dataclass(frozen=True)
class Finding:
    """What went wrong: the parser, the error, and the file that did it."""

    target: str
    error: str
    content: bytes


def boosters(kind: str) -> tuple[bytes, ...]:
    """The fixtures of a library."""
    return tuple(file_of(name).read_bytes() for name in NAMES if name.startswith(kind))


def pipelines() -> tuple[bytes, ...]:
    """Small skops files of each part of the reader; without the addresses in memory that skops writes into them."""
    from tests.explain.models.scikit.test_skops_hostile import MADE, packed

    found = []
    for description, files in MADE:
        text, renamed = re.sub(r'"__id__": \d+', '"__id__": 0', json.dumps(description)), {}
        for at, (name, content) in enumerate(files.items()):
            text = text.replace(name, f"{at}.npy")
            renamed[f"{at}.npy"] = content
        found.append(packed(text.encode(), renamed))
    return tuple(found)


def targets() -> dict[str, Target]:
    """Every parser that a stranger's file meets in the server's own process."""
    packages = [FIXTURES / kind for kind in KINDS]
    onnx = tuple((path / "model.onnx").read_bytes() for path in packages)
    zips = tuple(path.read_bytes() for path in sorted((FIXTURES.parent / "mlflow").iterdir()))
    catboost = tuple(one for one in boosters("cat") if one.startswith(b"{"))
    return {
        "recognise": Target(recognise, (*zips, *boosters("xgb")[:2], *boosters("lgb")[:1], onnx[0])),
        "onnx": Target(check_onnx, onnx),
        "xgboost": Target(read_xgboost, boosters("xgb")),
        "lightgbm": Target(read_lightgbm, boosters("lgb")),
        "catboost": Target(read_catboost, catboost),
        "skops": Target(lambda content: open_pipeline(content, pd.DataFrame()).facts, pipelines()),
        "mlflow": Target(unwrap, zips),
        "zip": Target(read_archive, zips),
        "card": Target(_card, tuple((path / "card.json").read_bytes() for path in packages)),
        "table": Target(read_raw, tuple(TEXTS)),
    }


def _card(content: bytes) -> object:
    return read_card(content.decode("utf-8", "replace"))


def broken(content: bytes, draw: random.Random) -> bytes:
    """A file with something changed: inside of a zip, in JSON by its structure, in whatever else byte by byte."""
    if content.startswith(b"PK") and draw.random() < 0.8:
        return _in_zip(content, draw)
    if content[:1] in {b"{", b"["} and draw.random() < 0.7:
        changed = _in_json(content, draw)
        if changed is not None:
            return changed
    return _in_bytes(content, draw)


def _in_bytes(content: bytes, draw: random.Random) -> bytes:
    found = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(found) + 1)
        until = min(len(found), at + draw.choice([1, 1, 2, 8, 64, 1_000]))
        how = draw.randrange(5)
        if how == 0:
            found[at:until] = draw.randbytes(until - at)
        elif how == 1:
            del found[at:until]
        elif how == 2:
            found[at:at] = draw.choice(SPLICES)
        elif how == 3:
            found[at:at] = found[at:until]
        else:
            del found[at:]
    return bytes(found)


def _in_json(content: bytes, draw: random.Random) -> bytes | None:
    try:
        parsed = json.loads(content)
    except ValueError:
        return None
    holder, key = None, None
    place = parsed
    while isinstance(place, dict | list) and place and (holder is None or draw.random() < 0.85):
        holder, key = place, draw.choice(list(place) if isinstance(place, dict) else range(len(place)))
        place = holder[key]
    if holder is None:
        return None
    if draw.random() < 0.2:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(draw.choice(ODD))
    return json.dumps(parsed).encode()


def _in_zip(content: bytes, draw: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    chosen = draw.choice(sorted(files, key=lambda name: (name not in {"schema.json", "MLmodel"}, name))[:6])
    files[chosen] = broken(files[chosen], draw)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return stream.getvalue()


class HangError(Exception):
    """A parser that took too long."""


def attempt(name: str, target: Target, content: bytes) -> Finding | None:
    """Parse once; what is no sentence is a finding."""

    def late(*_: object) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(LONGEST)
    try:
        target.parse(content)
    except WhysureError as error:
        sentence = str(error)
        return None if sentence and "\n" not in sentence else Finding(name, f"no sentence: {sentence[:200]}", content)
    except HangError:
        return Finding(name, f"more than {LONGEST} s", content)
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return Finding(name, f"{type(error).__name__}: {error}"[:200], content)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return None


def search(name: str, target: Target, seed: int, tries: int) -> list[Finding]:
    """Break a target's sound files so many times."""
    draw = random.Random(f"{name} {seed}")
    found = [attempt(name, target, broken(draw.choice(target.sound), draw)) for _ in range(tries)]
    return [one for one in found if one is not None]


def main() -> int:
    """Search until the time is over; the exit code says whether anything was found."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--seed", type=int, default=time.time_ns() % 10**9)
    options.add_argument("--findings", type=Path, default=Path(".fuzz"))
    asked = options.parse_args()
    until, seed, tries, findings = time.monotonic() + asked.seconds, asked.seed, 0, 0
    log.info("seed %d", seed)
    known = targets()
    while time.monotonic() < until:
        for name, target in known.items():
            for finding in search(name, target, seed, 50):
                findings += 1
                asked.findings.mkdir(exist_ok=True)
                path = asked.findings / f"{name}_{seed}_{findings}"
                path.write_bytes(finding.content)
                log.info("%s: %s, kept as %s", finding.target, finding.error, path)
            tries += 50
        seed += 1
    log.info("%s broken files, %d findings", f"{tries:,}", findings)
    return int(findings > 0)


if __name__ == "__main__":
    sys.exit(main())
