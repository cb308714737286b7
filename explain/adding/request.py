"""A request on the command line to add a model: a file, reference rows, and what is said of them."""

from __future__ import annotations

import logging
import shlex
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from explain import words
from explain.adding.card_text import card_in, read_card_text
from explain.adding.choices import ALL, NONE, guess, title_of
from explain.adding.draft import draft, proof
from explain.adding.install import install, install_package
from explain.errors import AskedError, BlanksError, ModelError, NotFoundError
from explain.models.outputs import likeliest, question
from explain.models.package import refuse_large
from explain.models.proven import headline, sentences
from explain.models.sources.mlflow import pack_folder
from explain.models.sources.open import open_source
from explain.models.sources.recognise import recognise
from explain.tables import read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from explain.adding.choices import Choices
    from explain.adding.draft import Draft
    from explain.models import Package
    from explain.models.parity import Parity
    from explain.models.scores import Meaning
    from explain.models.sources.source import Source

log = logging.getLogger("whysure")

HELD_OUT = "held out (of the second file)"
"""Column that marks the rows of a file of its own for held-out rows."""


@dataclass(frozen=True)
class Request:
    """What is asked for on the command line; "" for what was not said."""

    model: str
    reference: str = ""
    sheet: str = ""
    target: str = ""
    name: str = ""
    outcomes: tuple[str, ...] = ()
    shown: str = ""
    held_out: str = ""
    expected: str = ""
    leave_out: tuple[str, ...] = ()
    card: str = ""
    replace: str = ""
    anyway: bool = False
    unit: tuple[str, ...] = ()
    blanks: str | None = None
    decimal: str = ""
    output: str = ""
    scores: Meaning | Literal[""] = ""
    question: str = ""
    outcome_words: tuple[str, ...] = ()

    def line(self, **more: object) -> str:
        """The whole line to type that asks for this, and for `more`."""
        parts = ["whysure", "add", self.model]
        for item in fields(self)[1:]:
            said = more.get(item.name, getattr(self, item.name))
            option = f"--{item.name.replace('_', '-')}"
            if item.name == "unit":
                parts += [part for pair in self.unit for part in (option, pair)]
            elif said is True:
                parts.append(option)
            elif said or (item.name == "blanks" and said is not None):
                parts += [option, ",".join(map(str, said)) if isinstance(said, tuple) else str(said)]
        return shlex.join(parts)


def add(request: Request, home: Path) -> Package:
    """Do it, saying what was found; raises ModelError, TableError or NotFoundError with what to do."""
    path = Path(request.model)
    content = _content(path)
    if recognise(content) == "package":
        package = install_package(content, home, replacing=request.replace)
        log.info("Added %s as %s", package.info.title, package.card.name)
        return package
    if not request.reference:
        raise ModelError(
            "A model needs rows like those it learned from: they are the background of every reason. Add --reference "
            "TABLE (with the known outcomes, if there are any, as the column --target)."
        )
    frame, held_out, units = _rows(request)
    source = open_source(content, frame)
    several = source.facts.score_outputs
    if several and request.output not in several:
        raise AskedError(question(several), request.line(output=likeliest(several)))
    log.info("%s, by %s", path.name, source.facts.library)
    for note in source.facts.notes:
        log.info("%s", note)
    guessed = guess(source, frame)
    choices = replace(
        guessed,
        title=request.name or title_of(path.name),
        target=request.target or guessed.target,
        outputs=request.outcomes,
        shown=request.shown,
        question=request.question,
        held_out=held_out or guessed.held_out,
        expected=request.expected or guessed.expected,
        left_out=tuple(dict.fromkeys((*guessed.left_out, *request.leave_out))),
        columns={**{name: {"unit": unit} for name, unit in units.items()}, **_units(request, frame)},
        blanks=None if request.blanks is None else tuple(filter(None, map(str.strip, request.blanks.split(",")))),
        output=request.output,
        scores=request.scores,
    )
    choices = replace(choices, **_said(request, content))
    made = _drafted(source, frame, choices, request)
    made = replace(made, choices=replace(made.choices, outcome_words=_in_words(made.outputs, request.outcome_words)))
    _tell(choices, made.schema.names)
    if source.facts.cut:
        log.info("%s", words.decides(made.outputs, source.facts.cut))
    if made.warning:
        log.warning("%s", made.warning)
    _ask(made, request)
    if made.asks:
        log.warning("%s", made.asks)
    parity = _proved(made)
    package = install(made, parity, home, replacing=request.replace, anyway=request.anyway)
    log.info("Added %s as %s, version %s", package.info.title, package.card.name, package.info.version)
    return package


def _proved(made: Draft) -> Parity:
    parity = proof(made)
    for text in [headline(parity), *sentences(parity)]:
        log.info("%s", text)
    return parity


def _in_words(outputs: tuple[str, ...], said: tuple[str, ...]) -> dict[str, str]:
    """What each outcome is called; raises ModelError where the words are not as many."""
    if said and len(said) != len(outputs):
        raise ModelError(f"--outcome-words takes one word for each of {', '.join(outputs)}; {len(said)} came.")
    return dict(zip(outputs, said, strict=False))


def _ask(made: Draft, request: Request) -> None:
    """Raise AskedError with all that is still open, and the line that answers it as it most likely is."""
    open_ones: dict[str, object] = {}
    if made.meaning.asks:
        open_ones["scores"] = made.meaning.mean
    if made.asks and not request.outcomes:
        open_ones["outcomes"] = made.outputs
    if open_ones:
        asked = " ".join(filter(None, [made.meaning.asks, made.asks if "outcomes" in open_ones else ""]))
        raise AskedError(asked, request.line(**open_ones))


def _content(path: Path) -> bytes:
    """A model file, or the zip of a folder that MLflow wrote."""
    if path.is_dir():
        return pack_folder(path)
    if not path.is_file():
        raise NotFoundError(f"There is no file '{path}'.")
    refuse_large(path.name, path.stat().st_size)
    return path.read_bytes()


def _drafted(source: Source, frame: pd.DataFrame, choices: Choices, request: Request) -> Draft:
    try:
        return draft(source, frame, choices)
    except BlanksError as error:
        said = f"{error} Of categories say --blanks ''; as pandas reads them they are blanks."
        raise AskedError(said, request.line(blanks=error.words)) from error


def _units(request: Request, frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Units of columns that were said as `distance=mi`."""
    said = {}
    for pair in request.unit:
        name, sign, unit = (part.strip() for part in pair.partition("="))
        if not sign or not unit or name not in frame:
            raise ModelError(f"--unit takes a column of the reference and its unit, like distance=mi; “{pair}” came.")
        said[name] = {"unit": unit}
    return said


def _rows(request: Request) -> tuple[pd.DataFrame, str, Mapping[str, str]]:
    """The reference rows, with those of a second file marked where one was named, how held-out rows are told, units."""
    import pandas as pd

    rows = read_rows(request.reference, sheet=request.sheet or None, decimal=request.decimal)
    for note in rows.notes:
        log.info("%s", note.text)
    if not request.held_out or request.held_out in {ALL, NONE} or request.held_out in rows.frame:
        return rows.frame, request.held_out, rows.units
    if not Path(request.held_out).is_file():
        raise ModelError(f"--held-out should be all, none, a column or a file; “{request.held_out}” is none of them.")
    kept = read_rows(request.held_out, decimal=request.decimal).frame
    if set(kept.columns) != set(rows.frame.columns):
        odd = sorted({*map(str, kept.columns)} ^ {*map(str, rows.frame.columns)})
        raise ModelError(f"The two files of rows do not have the same columns: {words.listed(odd, 5)} is in one only.")
    marked = [rows.frame.assign(**{HELD_OUT: "train"}), kept[rows.frame.columns].assign(**{HELD_OUT: "test"})]
    return pd.concat(marked, ignore_index=True), HELD_OUT, rows.units


def _said(request: Request, content: bytes) -> dict[str, Any]:
    """Use, limits and licence, of a card beside the model or of one that was named."""
    if not request.card:
        said = card_in(content)
    elif not Path(request.card).is_file():
        raise NotFoundError(f"There is no file '{request.card}'.")
    else:
        said = read_card_text(Path(request.card).read_text(encoding="utf-8", errors="replace"))
    if said:
        log.info("Read from the model card: %s", words.listed([key.replace("_", " ") for key in said]))
    return said


def _tell(choices: Choices, names: list[str]) -> None:
    """What each column was taken for."""
    log.info("%s: %s", words.count(len(names), "column"), words.listed(names, 12))
    if choices.left_out:
        log.info("Left out: %s", words.listed(list(choices.left_out), 12))
    if choices.expected:
        log.info("Expected predictions: column %s", choices.expected)
    target = f"column {choices.target}" if choices.target else "none given, so that confidence cannot be measured"
    log.info("Outcomes: %s", target)
    if choices.held_out == NONE and choices.target:
        log.info(
            "No row counts as held out from training, so that confidence is not measured. If some were, say which with "
            "--held-out (all, a column, or a file)."
        )
