"""Tables that wait to be reviewed: kept as they came, read as they were read, and shown to nobody else."""

import json
import os
import stat
import time
from types import SimpleNamespace

import pytest

import explain
from explain.decisions import waiting_tables
from explain.decisions.waiting_tables import LASTS, MOST, Opened, Upload, drop, keep, read, waiting
from explain.errors import FullError, NotFoundError
from explain.tables.repairs import accept
from explain.tables.said import Said
from explain.types import Column, Schema

OPENED = Opened(
    "kill.csv", "credit", "Sheet 2", (("age", "Alter"),), Said({"age": "Alter"}, {"sex": {"M": "male"}}), ("born",)
)


def files(home):
    return sorted(path.name for path in (home / "waiting").iterdir())


def test_a_table_comes_back_as_it_was_kept_to_its_owner_alone(tmp_path):
    name = keep(Upload(OPENED, b"a\n1\n\x00\xff"), "ada", tmp_path)
    assert waiting("ada", tmp_path) == [(name, OPENED)]
    assert read(name, "ada", tmp_path) == Upload(OPENED, b"a\n1\n\x00\xff")
    assert waiting("bob", tmp_path) == []
    with pytest.raises(NotFoundError, match="That table waits no longer"):
        read(name, "bob", tmp_path)
    assert stat.S_IMODE((tmp_path / "waiting" / f"{name}.table").stat().st_mode) == 0o600
    assert "ada" not in str(files(tmp_path))


def test_a_table_that_was_dropped_is_gone_and_a_second_drop_does_nothing(tmp_path):
    name = keep(Upload(OPENED, b"1"), "ada", tmp_path)
    drop(name, tmp_path)
    drop(name, tmp_path)
    assert files(tmp_path) == []
    with pytest.raises(NotFoundError, match="That table waits no longer"):
        read(name, "ada", tmp_path)


@pytest.mark.parametrize("name", ["", "../access", "x" * 49, f"{'0' * 32}-{'0' * 16}/..", f"{'0' * 32}-{'G' * 16}"])
def test_what_is_no_id_names_no_file(tmp_path, name):
    with pytest.raises(NotFoundError, match="That table waits no longer"):
        drop(name, tmp_path)


def test_only_the_newest_of_an_owner_are_kept(tmp_path):
    names = []
    for at in range(MOST + 2):
        names.append(keep(Upload(OPENED, b"%d" % at), "ada", tmp_path))
        path = tmp_path / "waiting" / f"{names[-1]}.table"
        os.utime(path, (time.time() - 100 + at,) * 2)
    other = keep(Upload(OPENED, b"other"), "bob", tmp_path)
    assert [name for name, _ in waiting("ada", tmp_path)] == names[: -MOST - 1 : -1]
    assert [name for name, _ in waiting("bob", tmp_path)] == [other]
    assert len(files(tmp_path)) == MOST + 1


def test_what_nobody_went_on_with_and_drafts_of_a_crash_are_deleted_after_a_week(tmp_path):
    name = keep(Upload(OPENED, b"1"), "ada", tmp_path)
    draft = tmp_path / "waiting" / ".draft-crashed"
    draft.write_bytes(b"half")
    for path in (draft, tmp_path / "waiting" / f"{name}.table"):
        os.utime(path, (time.time() - LASTS - 10,) * 2)
    assert waiting("ada", tmp_path) == []
    left = keep(Upload(OPENED, b"2"), "bob", tmp_path)
    assert files(tmp_path) == [f"{left}.table"]


def test_without_room_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("WHYSURE_QUOTA", "1 kB")
    (tmp_path / "much").write_bytes(b"x" * 1_000)
    with pytest.raises(FullError, match="Nothing more can be stored"):
        keep(Upload(OPENED, b"1"), "ada", tmp_path)
    assert not (tmp_path / "waiting").exists()


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        keep(Upload(OPENED, b"1"), "ada", tmp_path)
    assert files(tmp_path) == []


SOUND = {"name": "", "model": "", "said": "", "sheet": None, "run": None, "columns": [], "accepted": []}
WRONG = [{"name": 1}, {"sheet": 2}, {"columns": [["a"]]}, {"columns": "ab"}, {"columns": [["a", 1]]}, {"accepted": {}}]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json\n",
        b"[]\n",
        b"{}\n",
        b"[" * 100_000,
        *(json.dumps(SOUND | item).encode() + b"\n" for item in WRONG),
    ],
)
def test_a_file_that_was_not_written_so_is_passed_over(tmp_path, line):
    name = keep(Upload(OPENED, b"1"), "ada", tmp_path)
    (tmp_path / "waiting" / f"{name}.table").write_bytes(line + b"content")
    assert waiting("ada", tmp_path) == []
    with pytest.raises(NotFoundError, match="That table waits no longer"):
        read(name, "ada", tmp_path)


def test_it_is_read_again_as_it_was_read_before(tmp_path):
    package = explain.load_model("german_credit")
    frame = package.reference.frame.head(60).rename(columns={"purpose": "Zweck"})
    content = frame.to_csv(index=False).encode()
    said = Said(words={"purpose": {str(frame["Zweck"][0]): str(frame["Zweck"][0])}})
    first = explain.read_table(content, package.schema, columns={"purpose": "Zweck"}, name="k.csv", said=said)
    opened = Opened("k.csv", "german_credit", columns=(("purpose", "Zweck"),), said=said)
    name = keep(Upload(opened, content), "ada", tmp_path)
    again = read(name, "ada", tmp_path).read(package)
    assert (again.fingerprint, again.name) == (first.fingerprint, "k.csv")


def test_a_reading_that_was_taken_is_taken_again():
    package = SimpleNamespace(schema=Schema((Column("length", "number", "Length", "months", low=4, high=72),)))
    content = b"length;note\n12.000;a\n7;b\n"
    taken = accept(explain.read_table(content, package.schema, name="k.csv"), "length")
    opened = Opened("k.csv", "lengths", accepted=("length", "gone since"))
    again = Upload(opened, content).read(package)
    assert again.frame["length"].tolist() == [12.0, 7.0]
    assert again.fingerprint == taken.fingerprint


def test_nothing_waits_in_a_new_home(tmp_path):
    assert waiting("ada", tmp_path) == []
    assert waiting_tables.FOLDER not in {path.name for path in tmp_path.iterdir()}
