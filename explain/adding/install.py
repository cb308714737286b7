"""Packages in the home folder: written, replaced by a new version, renamed, deleted, packed as one zip."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explain.adding.choices import ALL, NONE, outcomes
from explain.decisions.room import demand_room
from explain.errors import ModelError, NotFoundError
from explain.models import load_model
from explain.models.card import read_card
from explain.models.catalog import VERSION_MARK, earlier, packages
from explain.models.package import FILES, in_words, make_package
from explain.models.safety.admission import remember

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.adding.draft import Draft
    from explain.models import Package
    from explain.models.package import Details, Made
    from explain.models.parity import Parity

LONGEST_NAME = 60
LONGEST_TITLE = 120
SAID = {
    "description": "What it is for, in a sentence",
    "intended_use": "Intended use, and what it is not meant for",
    "limits": "Limits",
    "licence": "Licence",
    "question": "The question that it answers",
}
"""What a person may write into a card: its entry, and what is asked."""
"""What a person writes into a card."""
STAMP = (2020, 1, 1, 0, 0, 0)
"""The time of every member of a zip, so that the same package has the same bytes."""


def install(draft: Draft, parity: Parity, home: Path, *, replacing: str = "", anyway: bool = False) -> Package:
    """Write a draft into the home folder, under a name made of its title or as a new version of `replacing`.

    Raises ModelError where a question is open, or where the proof found differences and `anyway` is not said; a
    package served all the same carries the mark in its card.
    """
    if draft.asks and not draft.choices.outputs:
        raise ModelError(draft.asks)
    if parity.verdict == "different" and not anyway:
        raise ModelError(
            "The package does not predict what the model predicts, so that it is not served. Look at the rows that "
            "differ, and export the model anew - or say that it is to be served all the same."
        )
    name = replacing or free_name(draft.choices.title or draft.choices.target or "model", home)
    version = next_version(name, home) if replacing else 1
    made = _made(draft, name, version, replace(parity, served_anyway=parity.verdict == "different"))
    # the same file and rows were tried when the draft was made
    remember(draft.onnx, made.files["reference.parquet"])
    return _place(made.files, name, home)


def _made(draft: Draft, name: str, version: int, parity: Parity) -> Made:
    choices = draft.choices
    frame = draft.features.copy()
    if choices.target:
        known = draft.rows[choices.target].to_numpy()
        frame[choices.target] = known if draft.task == "regression" else outcomes(draft.rows, choices.target)
    held_out: bool | str = choices.held_out == ALL
    if choices.held_out not in {ALL, NONE}:
        held_out = choices.held_out
        frame[held_out] = draft.held_out
    details: Details = {
        "name": choices.title or name,
        "task": draft.task,
        "shown": choices.shown if choices.shown in draft.outputs else "",
        "unit": choices.unit,
        "columns": {column.name: {**choices.columns.get(column.name, {}), "kind": column.kind, "unit": column.unit,
                                  "categories": column.categories}
                    for column in draft.schema},
        "description": choices.description,
        "intended_use": choices.intended_use,
        "limits": choices.limits,
        "licence": choices.licence,
        "source": f"Added from a file of {draft.source.facts.library}.{_link(draft)}",
        "parity": parity,
        "version": version,
        "cut": draft.source.facts.cut,
        "spread": draft.source.facts.spread,
        "question": choices.question,
        "outcome_words": choices.outcome_words,
    }  # fmt: skip
    if draft.task != "regression":
        details["outputs"] = draft.outputs
    return make_package(name, draft.onnx, frame, choices.target or None, held_out=held_out, **details)


def _link(draft: Draft) -> str:
    """What stands behind the file's own scores, as a sentence for the card."""
    if draft.meaning.mean == "probabilities":
        return ""
    return f" Its scores are logits; a {'softmax' if draft.meaning.width > 1 else 'sigmoid'} was put behind them."


def install_package(content: bytes, home: Path, *, replacing: str = "") -> Package:
    """Put a zipped package that another machine made into the home folder; raises what `load_model` raises."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "package.zip"
        path.write_bytes(content)
        package = load_model(path)
    name = replacing or free_name(package.card.name, home)
    version = next_version(name, home) if replacing else package.card.version
    card = replace(package.card, name=name, version=version)
    return _place({**package.files, "card.json": card.to_json().encode()}, name, home)


def _place(files: Mapping[str, bytes], name: str, home: Path) -> Package:
    """Write a package beside its place and move it there at once, so that nobody reads half of one."""
    demand_room(home)
    folder, new = home / "models" / name, home / "models" / f".{name}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for file, content in files.items():
        (new / file).write_bytes(content)
    if folder.exists():
        before = read_card((folder / "card.json").read_text(encoding="utf-8")).version
        folder.rename(folder.with_name(f"{name}{VERSION_MARK}{before}"))
    new.rename(folder)
    return load_model(folder)


def next_version(name: str, home: Path) -> int:
    """The number of the version that would take a model's place; raises NotFoundError where there is none."""
    path = _own(name, home)
    now = read_card((path / "card.json").read_text(encoding="utf-8")).version
    return 1 + max([now, *earlier(home, name)])


def is_own(name: str, home: Path) -> bool:
    """Whether a model lies in the home folder, and may be changed; samples may not, nor earlier versions."""
    return name in packages(home) and (home / "models" / name).is_dir()


def _own(name: str, home: Path) -> Path:
    """The folder of a model that may be changed; raises NotFoundError for others."""
    if not is_own(name, home):
        raise NotFoundError(f"There is no model '{name[:LONGEST_NAME]}' of your own here. Samples cannot be changed.")
    return home / "models" / name


def rename(name: str, title: str, home: Path) -> None:
    """Give a model another title; its name, which addresses and reviews hold, stays."""
    wanted = " ".join(title.split())
    if not wanted:
        raise ModelError("A model needs a name. Give it one.")
    _rewrite(name, home, {"title": wanted[:LONGEST_TITLE]})


def describe(name: str, said: Mapping[str, str], home: Path) -> None:
    """Write what stands in SAID into a model's card."""
    _rewrite(name, home, {key: " ".join(said[key].split()) for key in SAID if key in said})


def call_outcomes(name: str, said: Mapping[str, str], home: Path) -> Package:
    """Show a model's outcomes in other words: `said` maps what its data calls them to words; without one it is shown
    as the data says. The model becomes a new version, so that reviews made before keep theirs.

    Raises ModelError where two outcomes would be hard to tell apart, or where there are none to name.
    """
    package = load_model(_own(name, home))
    card = package.card
    if card.task == "regression":
        raise ModelError("This model predicts a value: it has no outcomes to be given words.")
    own = card.aliases or card.outputs
    called = in_words(own, said)
    if called == card.outputs:
        return package
    card = replace(card, outputs=called, aliases=own if called != own else (), version=next_version(name, home))
    return _place({**package.files, "card.json": card.to_json().encode()}, name, home)


def _rewrite(name: str, home: Path, changes: dict[str, Any]) -> None:
    """Change a card, at once, so that nobody reads half of one."""
    path = _own(name, home) / "card.json"
    card = replace(read_card(path.read_text(encoding="utf-8")), **changes)
    new = path.with_suffix(".new")
    new.write_text(card.to_json(), encoding="utf-8")
    new.replace(path)


def delete(name: str, home: Path) -> None:
    """Remove a model with its earlier versions; reviews that they made stay, without what-if."""
    shutil.rmtree(_own(name, home))
    for path in earlier(home, name).values():
        shutil.rmtree(path)


def zipped(package: Package) -> bytes:
    """The package as one zip, the same bytes for the same package."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in FILES:
            archive.writestr(zipfile.ZipInfo(f"{package.card.name}/{name}", STAMP), package.files[name],
                             zipfile.ZIP_DEFLATED)  # fmt: skip
    return stream.getvalue()


def free_name(title: str, home: Path) -> str:
    """A name for addresses made of a title, that no model here has: "Credit (2025)" becomes credit_2025."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain.casefold()).strip("_")[:LONGEST_NAME] or "model"
    taken, free, at = {*packages(home)}, name, 2
    while free in taken:
        free, at = f"{name}_{at}", at + 1
    return free
