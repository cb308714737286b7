"""Text from outside as people may see it: on a terminal, a page, in a log or a file nothing of it can act or hide.

A name from a file may hold escape sequences that steer a terminal, marks that turn the direction of reading, letters
of no width, or a megabyte. Unicode 16, chapters 23.1 to 23.8, has such characters; UAX 9 those of direction.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 80
"""Characters of a name, a cell or a line of a library: about what one line of a page or a terminal holds."""
LONGEST_SENTENCE = 1_000
"""Characters of what is said at once; the longest own sentences, with six names in them, have some 700."""
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Controls, marks of format (direction, no width, tags), halves of characters, separators of lines and paragraphs."""
LONGEST_REASON = 200
"""Characters of a line of a library."""
_SOURCE = re.compile(
    r"[^\s'\"()]*[\w-]\.(?:cc|cpp|cxx|c|h|hpp|cuh?|pyx?|rs)(?::\d+|:\d*(?=\s|$)|\b)(?:,? line \d+)?:?"
    r"|[^\s'\"]*::[^\s'\"]*(?:\s*\([^)]*\))?(?:\s*\[with [^\]]*\])?"
    r"|\bvoid\b|\b0x[0-9a-fA-F]+\b"
)
"""A file of source with its line, a name or a signature of C++, an address in memory."""
_WITHIN = re.compile(r"“([^”]{81,})”|(?<!\w)'([^']{81,})'(?!\w)", re.DOTALL)
"""A name in quotation marks that is longer than LONGEST_NAME."""


def visible(text: str) -> str:
    r"""The text with every character that cannot be seen spelled out: "\x1b", "\n", "\u202e"."""
    if text.isprintable():
        return text
    return "".join(_spelled(letter) if unicodedata.category(letter) in _HIDDEN else letter for letter in text)


def _spelled(letter: str) -> str:
    return letter.encode("unicode_escape", "surrogatepass").decode("ascii")


def shortened(text: str, most: int = LONGEST_NAME) -> str:
    """At most so many characters, with an ellipsis for what is left out of the middle."""
    if len(text) <= most:
        return text
    end = most // 4
    return f"{text[: most - end - 1]}…{text[-end:]}"


def shown(text: object, most: int = LONGEST_NAME) -> str:
    """A name or a cell: what cannot be seen spelled out, the middle of a long one left out."""
    found = str(text)
    if len(found) <= most and found.isprintable():
        return found
    # of a megabyte only what may stay is spelled out
    return shortened(visible(shortened(found, 2 * most)), most)


def reason(text: str) -> str:
    """The first line of what a library said, without lines of its source and names of its types; "" where none is left.

    "catboost/libs/model/model.cpp:1070: verification failed" is "verification failed".
    """
    line = (text.strip().splitlines() or [""])[0]
    return shown(" ".join(_SOURCE.sub(" ", line[:LONGEST_SENTENCE]).split()), LONGEST_REASON).strip(" .:,;")


def sentence(text: str) -> str:
    """What is said, with names from outside in it: the same, of each name in quotation marks and of all."""
    if len(text) <= LONGEST_NAME and text.isprintable():
        return text
    names_short = _WITHIN.sub(lambda found: found[0][0] + shown(found[0][1:-1]) + found[0][-1], text)
    return shown(names_short, LONGEST_SENTENCE)
