"""The size gates: files of at most 400 lines, functions of at most 50 lines of code. Exits 1 naming what is larger."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("explain", "app", "tests", "benchmarks", "sample_data")
FILE_LINES, FUNCTION_LINES = 400, 50


def code_lines(node: ast.AST, source: list[str]) -> int:
    """Lines of a function that are neither blank, comment nor docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    if not body:
        return 0
    lines = source[body[0].lineno - 1 : node.end_lineno]
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


def too_large(path: Path) -> list[str]:
    """What is too large in one file."""
    text = path.read_text(encoding="utf-8")
    source = text.splitlines()
    name = path.relative_to(ROOT)
    found = [f"{name}: {len(source)} lines, at most {FILE_LINES}"] if len(source) > FILE_LINES else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = code_lines(node, source)
            if lines > FUNCTION_LINES:
                found.append(f"{name}:{node.lineno} {node.name}: {lines} lines of code, at most {FUNCTION_LINES}")
    return found


def main() -> int:
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    found = [line for path in files for line in too_large(path)]
    sys.stdout.write("\n".join([*found, f"{len(files)} files looked at, {len(found)} things too large"]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
