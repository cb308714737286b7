"""An object out of a stranger's JSON or UBJSON, read entry by entry: each is there, of its kind and of its length."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.models.boosters.forest import broken
from explain.safety.strange_json import read_json

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from explain.types import Floats, Ints

SHOWN = 40
"""Characters of a stranger's text that a sentence repeats."""


@dataclass(frozen=True)
class Fields:
    """`content` of one object; `source` is the library and `where` the way to the object, for the sentences."""

    content: dict[str, Any]
    source: str
    where: str = "the file"

    def has(self, key: str) -> bool:
        """Whether there is such an entry, and it is not null or empty."""
        found = self.content.get(key)
        return found is not None and (not hasattr(found, "__len__") or len(found) > 0)

    def count(self, key: str) -> int:
        """How many an entry has that should be a list; 0 where it is none, which its reader says."""
        found: Any = self.content.get(key)
        return len(found) if hasattr(found, "__len__") else 0

    def any(self, key: str) -> Any:  # noqa: ANN401 - a stranger's entry is of any kind
        """The entry as it came; raises ModelError when there is none."""
        if key not in self.content:
            raise broken(self.source, f"{self.where} lacks '{key}'")
        return self.content[key]

    def wrong(self, key: str, wanted: str) -> Exception:
        """The error for an entry of the wrong kind."""
        found = self.content.get(key)
        size = f" of {len(found):,}" if isinstance(found, list | dict) else ""
        return broken(self.source, f"'{key}' of {self.where} should be {wanted}, but is a {type(found).__name__}{size}")

    def part(self, key: str) -> Fields:
        """An object inside this one."""
        found = self.any(key)
        if not isinstance(found, dict):
            raise self.wrong(key, "an object")
        return Fields(found, self.source, key)

    def parts(self, key: str, most: int) -> list[Fields]:
        """A list of at most `most` objects."""
        found = self.any(key)
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found) or len(found) > most:
            raise self.wrong(key, f"a list of at most {most:,} objects")
        return [Fields(item, self.source, f"{key}[{at}]") for at, item in enumerate(found)]

    def text(self, key: str) -> str:
        """A text."""
        found = self.any(key)
        if not isinstance(found, str):
            raise self.wrong(key, "a text")
        return found

    def texts(self, key: str, count: int) -> list[str]:
        """A list of `count` texts."""
        found = self.any(key)
        if not isinstance(found, list) or len(found) != count or not all(isinstance(item, str) for item in found):
            raise self.wrong(key, f"a list of {count:,} texts")
        return found

    def whole(self, key: str, low: int, high: int) -> int:
        """A whole number between two bounds, or the text of one."""
        found = self.any(key)
        if isinstance(found, str) and found.isascii() and found.lstrip("-").isdigit() and len(found) < SHOWN:
            found = int(found)
        if type(found) is not int or not low <= found <= high:
            raise self.wrong(key, f"a whole number from {low:,} to {high:,}")
        return found

    def floats(self, key: str, count: int | None = None) -> Floats:
        """A list of (`count`) numbers."""
        return self._numbers(key, count).astype("float64")

    def ints(self, key: str, count: int | None = None) -> Ints:
        """A list of (`count`) whole numbers below 2**53 in size."""
        found = self._numbers(key, count)
        if found.dtype.kind == "f" and not (abs(found) < 2**53).all():
            raise self.wrong(key, "a list of whole numbers")
        whole = found.astype("int64")
        if (whole != found).any():
            raise self.wrong(key, "a list of whole numbers")
        return whole

    def _numbers(self, key: str, count: int | None) -> npt.NDArray[Any]:
        import numpy as np

        found = self.any(key)
        wanted = "a list of numbers" if count is None else f"a list of {count:,} numbers"
        if isinstance(found, list):
            found = _array(found)
        if not isinstance(found, np.ndarray) or (count is not None and len(found) != count):
            raise self.wrong(key, wanted)
        return found


def _array(found: list[Any]) -> np.ndarray[Any, Any] | None:
    """A list as an array, None when it holds anything but numbers."""
    import numpy as np

    if not set(map(type, found)) <= {int, float, bool}:
        return None
    try:
        return np.array(found, dtype=np.float64)
    except OverflowError:
        return None


def parse_json(content: bytes, source: str) -> Fields:
    """The object that a JSON file holds; raises ModelError when it holds none."""
    try:
        found = read_json(content)
    except ValueError as error:
        said = str(error).splitlines()[0] if isinstance(error, json.JSONDecodeError) else "text or nesting"
        raise broken(source, f"it is not JSON ({said[:80]})") from error
    if not isinstance(found, dict):
        raise broken(source, "it is JSON, but not an object")
    return Fields(found, source)
