"""Reviews on disk: one folder a run under the home folder, written whole or not at all, and never changed after.

A run's id is made of the hashes of model, data, options and version: the same review has the same address.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import explain
from explain.decisions.stored import read_run, write_run
from explain.errors import NotFoundError
from explain.safety.strange_json import read_json

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.types import ModelInfo, Table


@dataclass(frozen=True)
class RunSummary:
    """A stored review as the list shows it; `made` is UTC, ISO 8601."""

    id: str
    model: str
    model_title: str
    table: str
    rows: int
    rows_with_warnings: int
    made: str
    path: Path


def home_folder(chosen: str | Path | None = None) -> Path:
    """Where reviews are kept: `chosen`, else WHYSURE_HOME, else the user's data folder."""
    import platformdirs

    named = chosen or os.environ.get("WHYSURE_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("whysure", appauthor=False))


def run_id(model: ModelInfo, table: Table, level: float, cohort: str = "", *, weighted: bool = False) -> str:
    """Twelve hex digits that name a review by what it was made of."""
    parts = [model.sha256, model.name, table.fingerprint, table.name, f"{level:.6f}", explain.__version__]
    parts += [f"decides {model.cut}"] * bool(model.cut)
    parts += [f"says {model.outputs}"] * bool(model.aliases) + [f"asks {model.question}"] * bool(model.question)
    parts += [f"cohort {cohort}"] * bool(cohort) + ["weighted"] * weighted
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def save(decisions: Decisions, home: Path) -> str:
    """Store a review and return its id; the folder appears whole, by one rename, or not at all."""
    terms = {"cohort": decisions.run.get("cohort", ""), "weighted": decisions.run.get("weighted", False)}
    name = run_id(decisions.model, decisions.table, decisions.confidence.level, **terms)
    target = folder_of(home, name)
    if target.exists():
        return name
    target.parent.mkdir(parents=True, exist_ok=True)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=target.parent))
    try:
        write_run(replace(decisions, run=dict(decisions.run) | {"id": name, "made": made}), draft)
        draft.rename(target)
    except OSError:
        # another session stored the same review first: theirs is as good as ours
        if not target.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return name


def load(name: str, home: Path) -> Decisions:
    """The review `name` as it was decided; raises NotFoundError."""
    return read_run(folder_of(home, name))


def delete(name: str, home: Path) -> None:
    """Remove a review; a second call does nothing."""
    shutil.rmtree(folder_of(home, name), ignore_errors=True)


def listed(home: Path) -> list[RunSummary]:
    """All stored reviews, newest first; folders that are none are passed over."""
    found = []
    for folder in (home / "runs").glob("*"):
        if not re.fullmatch(r"[0-9a-f]{12}", folder.name):
            continue
        try:
            run = read_json((folder / "run.json").read_bytes())
            found.append(_summary(folder, run))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return sorted(found, key=lambda item: (item.made, item.id), reverse=True)


def _summary(folder: Path, run: dict[str, dict[str, object]]) -> RunSummary:
    return RunSummary(
        id=folder.name,
        model=str(run["model"]["name"]),
        model_title=str(run["model"]["title"]),
        table=str(run["table"]["name"]),
        rows=int(str(run["counts"]["rows"])),
        rows_with_warnings=int(str(run["counts"]["rows_with_warnings"])),
        made=str(run["made"]),
        path=folder,
    )


def folder_of(home: Path, name: str) -> Path:
    """The folder of a run; ids come from addresses, so anything but twelve hex digits is refused."""
    if not re.fullmatch(r"[0-9a-f]{12}", name):
        raise NotFoundError(f"'{name[:40]}' is not the address of a review. Open one from the list.")
    return home / "runs" / name
