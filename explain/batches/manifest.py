"""manifest.json: what a batch is made of, and how far it is; what a later run of it must find unchanged."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import explain
from explain.batches.files import read_json, write_json
from explain.batches.inputs import content_hash
from explain.batches.tasks import is_done, read_index
from explain.errors import NotFoundError, WhysureError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from explain.batches.inputs import Input
    from explain.batches.plan import Options, Plan
    from explain.models import Package

NAME = "manifest.json"
ELSEWHERE = "Write to another folder, or remove this one."


def package_hash(model: Package) -> str:
    """A sha256 over all files of a package: its rows and words decide as well as its model file."""
    digest = hashlib.sha256()
    for name in sorted(model.files):
        digest.update(f"{name}\0{len(model.files[name])}\0".encode() + model.files[name])
    return digest.hexdigest()


def begin(out: Path, model: Package, inputs: Sequence[Input], options: Options) -> tuple[Input, ...]:
    """Begin a batch in a folder, or go on with one: gives the inputs as they were when it was begun.

    Raises WhysureError where the folder holds a batch of something else, or an input or the model has changed.
    """
    made = _made(model, options)
    before = read_json(out / NAME)
    if before is None:
        if out.exists() and any(item.name not in {".work", ".lock"} for item in out.iterdir()):
            raise WhysureError(f"The folder '{out}' holds something else. Name an empty one, or one that is not there.")
        write_json(out / NAME, {"state": "begun", **made, "inputs": [asdict(item) for item in inputs]})
        return tuple(inputs)
    _refuse_other(out, before, made, inputs)
    work = out / ".work"
    return tuple(
        _unchanged(item, was, at, work) for at, (item, was) in enumerate(zip(inputs, before["inputs"], strict=True))
    )


def _made(model: Package, options: Options) -> dict[str, Any]:
    """What a batch is made with."""
    return {
        "version": explain.__version__,
        "model": {"name": model.info.name, "sha256": model.info.sha256, "package_sha256": package_hash(model)},
        "options": asdict(options),
    }


def _refuse_other(out: Path, before: dict[str, Any], made: dict[str, Any], inputs: Sequence[Input]) -> None:
    """Raise WhysureError where a batch was begun with another model, other options or other inputs."""
    model, was = made["model"], before["model"]
    if was != model:
        what = f"the model “{was['name']}”" if was["name"] != model["name"] else "another version of its model"
        raise WhysureError(f"The batch in '{out}' was begun with {what}. {ELSEWHERE}")
    if before["version"] != made["version"]:
        raise WhysureError(f"The batch in '{out}' was begun with Whysure {before['version']}. {ELSEWHERE}")
    for name, value in made["options"].items():
        if before["options"].get(name) != value:
            said = f"--{name.replace('_', '-')} {before['options'].get(name)}"
            raise WhysureError(f"The batch in '{out}' was begun with {said}, not {value}. {ELSEWHERE}")
    paths, then = [item.path for item in inputs], [item["path"] for item in before["inputs"]]
    gone, new = [path for path in then if path not in paths], [path for path in paths if path not in then]
    if gone:
        raise NotFoundError(f"The input '{gone[0]}' of the batch in '{out}' is not there any more. {ELSEWHERE}")
    if new or paths != then:
        raise WhysureError(f"The batch in '{out}' was begun without '{(new or paths)[0]}' in this place. {ELSEWHERE}")


def _unchanged(item: Input, was: dict[str, Any], at: int, work: Path) -> Input:
    """An input that is what it was; one that was only touched is told by its hash."""
    if (item.size, item.changed) == (was["size"], was["changed"]):
        return item
    sha256 = was.get("sha256") or getattr(read_index(work, at), "sha256", "")
    if item.size == was["size"] and sha256 and content_hash(item.path) == sha256:
        return item
    raise WhysureError(f"The input '{item.path}' has changed since this batch was begun. {ELSEWHERE}")


def write_manifest(plan: Plan, state: str) -> None:
    """Write what the batch is made of, and the state of each part."""
    parts = []
    for chunk in plan.chunks():
        source = plan.inputs[chunk.source].path
        folder = plan.inputs[chunk.source].folder
        name = f"{folder}/{chunk.name}" if folder else chunk.name
        parts.append(
            {"part": name, "input": source, "first_row": chunk.start + 1, "rows": chunk.rows,
             "state": "done" if state == "done" or is_done(plan, chunk) else "waiting"}
        )  # fmt: skip
    inputs = [
        asdict(item) | {"sha256": index.sha256, "rows": index.rows, "rejected": index.rejected}
        for item, index in zip(plan.inputs, plan.indices, strict=True)
    ]
    content = {
        "state": state,
        **_made(plan.model, plan.options),
        "inputs": inputs,
        "rows": plan.rows,
        "rejected": sum(index.rejected for index in plan.indices),
        "parts": parts,
    }
    write_json(plan.out / NAME, content)
