"""Every error that Whysure raises on purpose: what was expected, what came, what to do.

Each class carries the HTTP status that a web door answers with, so that screen, command line and REST say the same.
"""

from __future__ import annotations

from typing import ClassVar

from explain.shown import sentence


class WhysureError(Exception):
    """A problem the person can act on; its text is one or two plain sentences, fit for the screen.

    Names from a stranger's file may stand in it: whatever of them could act on a terminal or a page is spelled out.
    """

    status: ClassVar[int] = 400

    def __init__(self, message: str = "") -> None:
        super().__init__(sentence(message))


class TableError(WhysureError):
    """The uploaded file or data frame cannot be read as a table."""

    status = 422


class ColumnsError(TableError):
    """The table was read, but its columns do not fit the model.

    `missing` are the model columns without a counterpart; `proposals` maps such a column to the uploaded
    column that looks most like it, for the person to confirm; `uploaded` are the columns still to be had.
    """

    def __init__(
        self, message: str, missing: tuple[str, ...], proposals: dict[str, str], uploaded: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.missing = missing
        self.proposals = proposals
        self.uploaded = uploaded


class SheetsError(TableError):
    """Several sheets of a workbook have cells, and nobody said which is meant; `sheets` are their names."""

    def __init__(self, message: str, sheets: tuple[str, ...]) -> None:
        super().__init__(message)
        self.sheets = sheets


class ModelError(WhysureError):
    """The model package or its ONNX file cannot be used."""

    status = 422


class RowsError(ModelError):
    """A model fails on rows: on all of them, or on some that are not told apart yet."""


class AskedError(ModelError):
    """Something has to be said first; `line` is what to type, whole, with the likely answer."""

    def __init__(self, message: str, line: str) -> None:
        super().__init__(f"{message} Say it with:")
        self.line = line


class BlanksError(ModelError):
    """Rows have `words` of which nobody has said whether they stand for blanks."""

    def __init__(self, message: str, words: tuple[str, ...]) -> None:
        super().__init__(message)
        self.words = words


class NotFoundError(WhysureError):
    """A model, run or row that an address names does not exist here."""

    status = 404


class TooLargeError(WhysureError):
    """The file is larger than the limit that is set in one place (`explain.tables.LIMITS`)."""

    status = 413


class ForbiddenError(WhysureError):
    """The person's role does not include this."""

    status = 403


class FullError(WhysureError):
    """The home folder's quota is used up, or the disk is full; nothing was lost."""

    status = 507


class CancelledError(WhysureError):
    """The person cancelled; nothing was stored."""

    status = 499
