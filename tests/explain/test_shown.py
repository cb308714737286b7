"""Text from outside neither steers a terminal nor hides, and takes no more than its place."""

import json
import subprocess
import sys
import unicodedata
from dataclasses import replace

import numpy as np
import onnx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import events
from app.parts import text
from explain import words
from explain.errors import TableError
from explain.models.package import samples_folder
from explain.reports.model_card import to_markdown
from explain.shown import reason, sentence, shown, visible
from explain.types import Column, Note
from tests.explain.models import made_onnx as made

RAW = "\x1b[31mred\x07 \u202eesrever\u2066 \u200bzero\ufeff\x9b2J\r\n\u2028end"
"""Escape sequences, direction, no width, line ends."""
SPELLED = "\\x1b[31mred\\x07 \\u202eesrever\\u2066 \\u200bzero\\ufeff\\x9b2J\\r\\n\\u2028end"
UPLOADS = samples_folder() / "uploads"


def hidden(text):
    """What of a text cannot be seen, line ends left out."""
    return [letter for letter in text if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} - {"\n"}]


def test_what_cannot_be_seen_is_spelled_out():
    assert visible(RAW) == SPELLED
    assert visible("tag\U000e0041 half\ud800 soft\u00ad") == "tag\\U000e0041 half\\ud800 soft\\xad"


@pytest.mark.parametrize("text", ["Größe in €", "年収", "שכר", "العمر", "α ± β – “x” … ▲", "1 000"])
def test_what_can_be_seen_stays_in_any_language(text):
    assert visible(text) == text


@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_can_be_seen_whole_and_stays_so(text):
    once = visible(text)
    assert hidden(once) == []
    assert visible(once) == once
    assert len(shown(text)) <= 80
    assert hidden(shown(text)) == []
    assert sentence(sentence(text)) == sentence(text)


def test_of_a_long_name_both_ends_are_shown():
    assert shown("a" * 80) == "a" * 80
    assert shown("a" * 50_000 + "b" * 50_000) == "a" * 59 + "…" + "b" * 20


def test_a_long_name_within_a_sentence_leaves_the_sentence_whole():
    name = "x" * 100_000
    cut = "x" * 59 + "…" + "x" * 20
    assert sentence(f"There is no “{name}” in 'it'. Rename it.") == f"There is no “{cut}” in 'it'. Rename it."
    assert sentence(f"The model's column '{name}' isn't there. Say others.") == (
        f"The model's column '{cut}' isn't there. Say others."
    )
    assert len(sentence(f"There is no {name}. Rename it.")) == 1_000
    assert sentence(f"There is no {name}. Rename it.").endswith("x. Rename it.")


def test_names_come_shown_wherever_a_noun_tells_them():
    long = "y" * 100_000
    assert Column(RAW, "number").title == SPELLED
    assert len(Column("a", "number", label=long).title) == 80
    assert words.cell(RAW, Column("a", "category")) == SPELLED
    assert len(words.cell(None, Column("a", "number"), long)) == 80
    assert Note(f"Column “{RAW}” was left out.").text == f"Column “{SPELLED}” was left out."
    assert str(TableError(f"The column '{RAW}' is no number.")) == f"The column '{SPELLED}' is no number."
    assert len(words.listed([long] * 3)) < 500


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("catboost/libs/model/model.cpp:1070: Flatbuffers verification failed", "Flatbuffers verification failed"),
        (
            "/build/core/graph.cc:123 void ort::Graph::Foo(const std::string&) [with T = float; U = int] bad axis.",
            "bad axis",
        ),
        ("[09:01:02] /workspace/src/data.cc:12: Check failed: 3 vs. 4", "[09:01:02] Check failed: 3 vs. 4"),
        ("matmul_helper.h:59 Compute mismatch at 0x7ffd", "Compute mismatch at"),
        (r"C:\\build\\x.cpp:7: broken" + "\nTraceback", "broken"),
        ("[Errno 24] Too many open files: '/dev/null'", "[Errno 24] Too many open files: '/dev/null'"),
        ("could not convert string to float: 'a.b'", "could not convert string to float: 'a.b'"),
        ("", ""),
        ("std::bad_alloc", ""),
    ],
)
def test_of_a_library_only_its_words_are_shown(said, kept):
    assert reason(said) == kept
    assert len(reason(said + "x" * 1_000_000)) <= 200


def whysure(*arguments):
    """The command as a person runs it: its exit code and all that came to the terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "explain.commands", *map(str, arguments)],
        capture_output=True,
        check=False,
        timeout=120,
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8")


def penguins(**changed):
    """The sample upload with more columns."""
    return pd.read_csv(UPLOADS / "penguins_clean.csv").assign(**changed)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl", "xlsx"])
def test_a_table_with_names_that_steer_a_terminal_reaches_it_spelled_out(tmp_path, suffix):
    name = RAW if suffix != "xlsx" else RAW.replace("\x1b", "").replace("\x07", "")  # which XML cannot hold
    frame = penguins(**{name: "x", "z" * 100_000 if suffix != "xlsx" else "z" * 30_000: "y"})
    path = tmp_path / f"a.{suffix}"
    if suffix == "csv":
        frame.to_csv(path, index=False)
    elif suffix == "parquet":
        frame.to_parquet(path)
    elif suffix == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_excel(path, index=False, engine="xlsxwriter")
    code, said = whysure("review", path, "--model", "penguins", "--out", tmp_path / "out")
    assert code == 0, said
    assert "\\u202eesrever" in said
    assert hidden(said.replace("\n", "")) == []
    assert max(map(len, said.splitlines())) <= 1_000


def test_a_table_that_lacks_columns_is_told_so_without_raw_names(tmp_path):
    path = tmp_path / "a.csv"
    pd.DataFrame({RAW: [1], "species\x1b]0;title\x07": [2]}).to_csv(path, index=False)
    code, said = whysure("review", path, "--model", "penguins", "--out", tmp_path / "out")
    assert code == 1
    assert hidden(said.replace("\n", "")) == []


def test_metadata_of_a_model_reaches_a_terminal_spelled_out(tmp_path):
    proto = onnx.load_model_from_string(made.regressor())
    proto.producer_name, proto.producer_version = RAW, "v" * 100_000
    (tmp_path / "m.onnx").write_bytes(proto.SerializeToString())
    frame = pd.DataFrame({f"{RAW}{at}": np.arange(20.0) * (at + 1) for at in range(2)}).assign(price=range(20))
    frame.to_parquet(tmp_path / "rows.parquet")
    code, said = whysure(
        "--home", tmp_path / "home", "add", tmp_path / "m.onnx", "--reference", tmp_path / "rows.parquet"
    )
    assert code == 0, said
    assert "ONNX of \\x1b[31mred" in said
    assert hidden(said.replace("\n", "")) == []
    assert max(map(len, said.splitlines())) <= 1_000


def test_a_fault_of_our_own_is_logged_without_raw_text(tmp_path):
    code = (
        "import sys; from explain.adding import request; from explain.commands import main\n"
        "def fails(*_): raise RuntimeError(sys.argv[1])\n"
        "request.add = fails\n"
        "sys.exit(main.main(['--home', sys.argv[2], 'add', 'x.onnx']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, RAW.replace("\0", ""), tmp_path], capture_output=True, check=False
    )
    said = done.stderr.decode("utf-8")
    assert done.returncode == 1
    assert said.startswith("Whysure met a fault of its own, and stopped.")
    assert "RuntimeError: \\x1b[31mred\\x07 \\u202eesrever" in said
    assert hidden(said.replace("\n", "")) == []


def test_events_are_json_of_plain_letters():
    line = events._line("model added", {"by": RAW})
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["by"] == RAW


def test_text_for_a_page_is_spelled_out():
    assert text.escaped(f"<b>{RAW}") == f"&lt;b&gt;{SPELLED}"
    assert hidden(text.plain(RAW)) == []


def test_a_model_card_is_text_that_can_be_seen(boosting):
    card = replace(boosting.card, title=RAW, description=RAW, source=RAW, limits=RAW)
    said = to_markdown(replace(boosting, card=card))
    assert "## Limits" in said
    assert hidden(said.replace("\n", "")) == []
