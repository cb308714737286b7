"""How much room the home folder may take, and what is said when it is used up."""

import shutil
from types import SimpleNamespace

import pytest

from explain.adding.install import install_package, zipped
from explain.decisions import room
from explain.errors import FullError, WhysureError
from explain.models import load_model


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("20 GB", 20 * 10**9), ("500MB", 5 * 10**8), ("1.5tb", 15 * 10**11), ("3g", 3 * 10**9), ("1000", 1_000),
        (" 7 kB ", 7_000), ("12 B", 12),
    ],
)  # fmt: skip
def test_a_size_is_read_as_people_write_it(text, count):
    assert room.parse_size(text) == count


@pytest.mark.parametrize("text", ["", "plenty", "-3 GB", "0", "1e9", "3 XB", "GB"])
def test_what_is_no_size_is_refused_with_an_example(text):
    with pytest.raises(WhysureError, match="A quota is a size like 20 GB or 500 MB"):
        room.parse_size(text)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "nothing"), (300, "0.3 kB"), (2_500_000, "2.5 MB"), (12 * 10**9, "12.0 GB"), (10**12, "1.0 TB")],
)
def test_a_size_is_written_as_people_read_it(count, text):
    assert room.size(count) == text


def filled(home):
    for name, count in {
        "runs/aaaaaaaaaaaa/table.parquet": 4_000_000,
        "runs/bbbbbbbbbbbb/table.parquet": 1_000_000,
        "runs/.draft-1/table.parquet": 500_000,
        "models/credit/model.onnx": 2_000_000,
        "ready/forest.npz": 250_000,
    }.items():
        path = home / name
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes(count))
    (home / "loop").symlink_to(home)
    return home


def test_what_takes_the_room_is_told_apart(tmp_path):
    use = room.used(filled(tmp_path))
    assert (use.reviews, use.review_bytes, use.models, use.model_bytes) == (2, 5_500_000, 1, 2_000_000)
    assert use.total == pytest.approx(7_750_000, abs=1_000)
    assert use.sentence.startswith("2 reviews 5.5 MB, 1 model 2.0 MB, what was made ready 250")
    assert room.used(tmp_path / "nothing") == room.Use(0, 0, 0, 0, 0)


def test_a_full_home_folder_says_what_is_used_by_what_and_keeps_all_of_it(tmp_path, monkeypatch):
    monkeypatch.setenv("WHYSURE_QUOTA", "7 MB")
    filled(tmp_path)
    with pytest.raises(FullError) as raised:
        room.demand_room(tmp_path)
    assert str(raised.value).startswith("Nothing more can be stored: 7.8 MB of 7.0 MB are used (2 reviews 5.5 MB, ")
    assert "Delete reviews or models that nobody needs any more in the library" in str(raised.value)
    assert room.used(tmp_path).reviews == 2
    monkeypatch.setenv("WHYSURE_QUOTA", "8 MB")
    room.demand_room(tmp_path)


def test_without_a_quota_only_the_disk_is_a_limit(tmp_path, monkeypatch):
    monkeypatch.delenv("WHYSURE_QUOTA", raising=False)
    filled(tmp_path)
    room.demand_room(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=12_000_000))
    with pytest.raises(FullError, match=r"the disk has 12.0 MB left, and at least 300.0 MB must stay free"):
        room.demand_room(tmp_path)


def test_a_model_is_not_added_to_a_full_home_folder_and_an_earlier_one_stays(tmp_path, monkeypatch):
    content = zipped(load_model("penguins"))
    install_package(content, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    monkeypatch.setenv("WHYSURE_QUOTA", "1 kB")
    with pytest.raises(FullError):
        install_package(content, tmp_path, replacing="penguins_2")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
