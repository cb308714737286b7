"""What an error of ONNX Runtime comes to for a person: its own texts name lines of its source and types of C++."""

from __future__ import annotations

import re

from explain.shown import shown

_OPERATOR = re.compile(
    r"while running (\w+) node|Op \((\w+)\)|Optype \((\w+)\)|In Node, \(\"[^\"]*\", (\w+),|implementation for (\w+)\("
)
"""Where its messages name the operator they are about."""
LATER = "it is written in a later version of ONNX than can be run here"


def runtime_fault(error: Exception) -> str:
    """For behind a colon: "its operator Gemm fails"."""
    text = str(error)
    if "IR version" in text or "model IR" in text:
        return LATER
    found = _OPERATOR.search(text)
    name = next((part for part in found.groups() if part), "") if found else ""
    return f"its operator {shown(name)} fails" if name else "ONNX Runtime refuses it"
