"""What a model card in Markdown says, as Hugging Face, skops and this library write them: use, limits and licence."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from explain.errors import ModelError
from explain.models.sources.mlflow import LARGEST_DESCRIPTION
from explain.safety.archive import archive_names, read_archive

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "README.md"
LONGEST = 2_000
"""Characters of one entry: a paragraph or two, which a person reads."""
HEADINGS: Mapping[str, str] = {
    "model description": "description",
    "description": "description",
    "model summary": "description",
    "intended use": "intended_use",
    "intended uses": "intended_use",
    "intended uses & limitations": "intended_use",
    "uses": "intended_use",
    "direct use": "intended_use",
    "primary intended uses": "intended_use",
    "limits": "limits",
    "limitations": "limits",
    "limitations and bias": "limits",
    "bias, risks, and limitations": "limits",
    "bias, risks and limitations": "limits",
    "out-of-scope use": "limits",
    "caveats and recommendations": "limits",
    "license": "licence",
    "licence": "licence",
}
"""Heading, in small letters -> entry of the card here."""
EMPTY = re.compile(r"^\W*(\[?more information needed\]?|tbd|todo|n/?a|not stated|none|\.\.\.|…)\W*$", re.IGNORECASE)
"""What templates leave where nothing was written."""


def read_card_text(text: str) -> dict[str, str]:
    """`description`, `intended_use`, `limits` and `licence` where the card says them, each in one line of text."""
    body, licence = _metadata(text.replace("\r\n", "\n"))
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"```.*?(```|\Z)", "", body, flags=re.DOTALL)
    found: dict[str, str] = {}
    heading = ""
    for part in re.split(r"^#{1,6}[ \t]+(.*?)[ \t#]*$", body, flags=re.MULTILINE):
        if part.casefold().removesuffix("[optional]").strip(" :") in HEADINGS:
            heading = HEADINGS[part.casefold().removesuffix("[optional]").strip(" :")]
            continue
        said = _plain(part)
        if heading and said:
            found[heading] = " ".join(filter(None, [found.get(heading, ""), said]))[:LONGEST]
        heading = ""
    listed = re.search(r"^[-*][ \t]+\*\*Licen[cs]e:?\*\*:?[ \t]*(\S.*)$", body, flags=re.MULTILINE | re.IGNORECASE)
    known = licence or found.get("licence") or (_plain(listed[1]) if listed else "")
    return {**found, "licence": known} if known else found


def card_in(content: bytes) -> dict[str, str]:
    """What the README.md in a zip says, beside the model that lies in it; nothing where there is none."""
    if not content.startswith(b"PK"):
        return {}
    names = sorted((name for name in archive_names(content) if posixpath.basename(name) == FILE), key=len)
    if not names:
        return {}
    files = read_archive(content, wanted=lambda name: name == names[0])
    return read_card_text(files[names[0]].decode("utf-8", "replace")[:LARGEST_DESCRIPTION])


def _metadata(text: str) -> tuple[str, str]:
    """The text behind its YAML head, and the licence that stands there."""
    import yaml

    head = re.match(r"\A﻿?---[ \t]*\n(.*?)\n---[ \t]*(\n|\Z)", text, flags=re.DOTALL)
    if head is None:
        return text, ""
    try:
        found = yaml.safe_load(head[1]) if len(head[1]) <= LARGEST_DESCRIPTION else None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ModelError("The head of the model card is no YAML. Mend it, or leave it out.") from error
    licence = found.get("license") if isinstance(found, dict) else None
    return text[head.end() :], licence if isinstance(licence, str) else ""


def _plain(text: str) -> str:
    """Words without Markdown's signs; "" for what a template left empty; tables and labelled lists are left out."""
    lines = [line for line in text.split("\n") if not re.match(r"\s*(\||>|<|[-*+][ \t]+\*\*)", line)]
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(lines))
    plain = re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", plain)
    plain = " ".join(re.sub(r"(^| )[-*+] ", r"\1", plain).split())
    return "" if EMPTY.match(plain) else plain[:LONGEST]
