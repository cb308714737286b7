"""Rows that people marked, kept beside the review."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explain.decisions.marks import FILE, LONGEST_NOTE, Mark, read_marks, write_mark
from explain.errors import WhysureError


def test_marks_come_back_and_go_one_by_one(tmp_path):
    assert read_marks(tmp_path) == {}
    first, second = Mark("call the branch", "Ada", "2026-03-01T10:00:00+00:00"), Mark()
    write_mark(tmp_path, "A-1", first)
    write_mark(tmp_path, "A-2", second)
    assert read_marks(tmp_path) == {"A-1": first, "A-2": second}
    write_mark(tmp_path, "A-1", None)
    assert read_marks(tmp_path) == {"A-2": second}
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_note_that_is_too_long_is_refused_and_nothing_is_lost(tmp_path):
    write_mark(tmp_path, "A-1", Mark("kept"))
    with pytest.raises(WhysureError, match=f"at most {LONGEST_NOTE} characters; this one has 501"):
        write_mark(tmp_path, "A-1", Mark("x" * 501))
    assert read_marks(tmp_path)["A-1"].note == "kept"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', '{"a": {"nonsense": "x"}}', "[" * 10_000])
def test_a_broken_file_counts_as_no_marks(tmp_path, content):
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    assert read_marks(tmp_path) == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40), st.text(max_size=LONGEST_NOTE))
def test_any_row_and_any_note_come_back_as_they_were(tmp_path, row, note):
    try:
        row.encode()
        note.encode()
    except UnicodeEncodeError:
        return
    write_mark(tmp_path, row, Mark(note))
    assert read_marks(tmp_path)[row] == Mark(note)
