"""Whatever a function does in the limited process, the answer is a result or one sentence."""

import subprocess
import sys
import time

import numpy as np
import pytest

from explain.errors import ModelError, TooLargeError, WhysureError
from explain.safety import arrays, child, limited
from explain.safety.limited import Limits, run_limited
from explain.safety.resident import resident_bytes

linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's limits")
HOSTILE = """
import ctypes, json, os, subprocess, sys, time
from pathlib import Path
import numpy as np

def sound(inputs, options):
    facts = {"read": inputs["file"].read_text(), "env": sorted(os.environ), "home": os.environ["HOME"]}
    arrays = {"numbers": np.arange(6.0).reshape(2, 3), "texts": np.array(["a", "bé"])}
    return facts | {"cwd": os.getcwd()} | options, arrays

def refuses(inputs, options):
    from explain.errors import ModelError
    raise ModelError("It has a hole in it. Mend it.")

def raises(inputs, options):
    raise KeyError("surprise")

def exits(inputs, options):
    os._exit(3)

def silent(inputs, options):
    os._exit(0)

def segfaults(inputs, options):
    ctypes.string_at(0)

def aborts(inputs, options):
    os.abort()

def hangs(inputs, options):
    time.sleep(600)

def spins(inputs, options):
    while True: pass

def allocates(inputs, options):
    kept = [bytearray(100_000_000) for _ in range(1_000)]

def writes(inputs, options):
    Path("much").write_bytes(bytes(50_000_000))

def answers_much(inputs, options):
    return {}, {"a": np.zeros(10_000_000)}

def opens(inputs, options):
    return {}, {"a": np.array([open("/dev/null") for _ in range(1_000)], dtype=object)}

def objects(inputs, options):
    return {}, {"a": np.array([{}], dtype=object)}

def garbage(inputs, options):
    Path("result.json").write_text("[1, 2")
    os._exit(0)

def nested(inputs, options):
    Path("result.json").write_text("[" * 100_000)
    os._exit(0)

def links(inputs, options):
    os.symlink("/dev/zero", "result.json")
    os._exit(0)

def declares(inputs, options):
    import io, zipfile
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (2000000000000,), }"
    with zipfile.ZipFile("result.npz", "w") as archive:
        archive.writestr("a.npy", b"\\x93NUMPY\\x01\\x00" + len(header).to_bytes(2, "little") + header)
    Path("result.json").write_text('{"facts": {}}')
    os._exit(0)

def pickles(inputs, options):
    np.save("a.npy", np.array([{}], dtype=object), allow_pickle=True)
    import zipfile
    with zipfile.ZipFile("result.npz", "w") as archive:
        archive.write("a.npy")
    Path("result.json").write_text('{"facts": {}}')
    os._exit(0)

def breeds(inputs, options):
    other = subprocess.Popen(["sleep", "600"])
    Path(inputs["file"].read_text()).write_text(str(other.pid))
    time.sleep(600)
"""
GARBLED = "The trial of the file ended without an answer that can be read. Export the file anew."
LATE = "The file took more than {} s to be read and tried, and was stopped. Export a smaller or simpler one."
CRASHED = (
    "The file crashed the library that reads it ({}); only the trial was hurt. "
    "It is damaged or malformed: export it anew."
)


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """Functions that do harm, put on the list of the limited process for the length of a test."""
    (tmp_path / "hostile.py").write_text(HOSTILE)
    names = [line.split()[1].split("(")[0] for line in HOSTILE.splitlines() if line.startswith("def ")]
    listed = {name: ("hostile", name) for name in names}
    (tmp_path / "start.py").write_text(
        f"import sys\nfrom pathlib import Path\nsys.path[:0] = [{str(tmp_path)!r}, {str(limited.ROOT)!r}]\n"
        f"from explain.safety import child\nchild.FUNCTIONS |= {listed!r}\nchild.main(Path(sys.argv[1]))\n"
    )
    monkeypatch.setattr(limited, "CHILD", tmp_path / "start.py")
    for name, place in listed.items():
        monkeypatch.setitem(child.FUNCTIONS, name, place)

    def run(name, content=b"", options=None, **limits):
        return run_limited(name, {"file": content}, options, Limits(**limits))

    return run


def test_a_sound_function_gives_its_facts_and_arrays(hostile, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    found = hostile("sound", b"hello", {"more": [1, None]})
    assert found.facts["read"] == "hello"
    assert found.facts["more"] == [1, None]
    np.testing.assert_array_equal(found.arrays["numbers"], [[0, 1, 2], [3, 4, 5]])
    assert found.arrays["texts"].tolist() == ["a", "bé"]


def test_the_process_has_a_folder_of_its_own_and_no_secret(hostile, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    facts = hostile("sound", b"").facts
    assert {"SECRET_TOKEN", "PYTHONPATH"}.isdisjoint(facts["env"])
    assert facts["home"] == facts["cwd"]
    assert "whysure-" in facts["cwd"]


CASES = {
    "refuses": ({}, "It has a hole in it. Mend it.", 10),
    "raises": ({}, "The file cannot be tried: 'surprise'. Export it anew.", 10),
    "exits": ({}, GARBLED, 10),
    "silent": ({}, GARBLED, 10),
    "segfaults": ({}, CRASHED.format("SIGSEGV"), 10),
    "aborts": ({}, CRASHED.format("SIGABRT"), 10),
    "hangs": ({"wall": 1}, LATE.format(1), 6),
    "spins": ({"wall": 30, "processor": 1}, LATE.format(30), 12),
    "allocates": (
        {"memory": 1_000_000_000},
        "The file asked for more than 1 GB of memory, and was stopped. Export a smaller one.",
        10,
    ),
    "writes": (
        {"output": 1_000_000},
        "The file made more than 1 MB of answers. Export a smaller one.",
        10,
    ),
    "answers_much": (
        {"output": 1_000_000},
        "The file made more than 1 MB of answers. Export a smaller one.",
        10,
    ),
    "opens": ({}, "The file cannot be tried: [Errno 24] Too many open files: '/dev/null'. Export it anew.", 10),
    "objects": (
        {},
        "The file cannot be tried: Object arrays cannot be saved when allow_pickle=False. Export it anew.",
        10,
    ),
    "garbage": ({}, GARBLED, 10),
    "nested": ({}, GARBLED, 10),
    "links": ({}, GARBLED, 10),
    "declares": ({}, GARBLED, 10),
    "pickles": ({}, GARBLED, 10),
}  # fmt: skip


@linux
@pytest.mark.parametrize("name", CASES)
def test_harm_stays_in_the_process_and_comes_back_as_a_sentence(hostile, name):
    limits, sentence, within = CASES[name]
    began = time.monotonic()
    with pytest.raises(WhysureError) as caught:
        hostile(name, **limits)
    assert str(caught.value) == sentence
    assert time.monotonic() - began < within
    assert isinstance(caught.value, TooLargeError if "GB" in sentence or "MB" in sentence else ModelError)


@linux
def test_what_the_process_started_ends_with_it(hostile, tmp_path):
    note = tmp_path / "pid"
    with pytest.raises(ModelError):
        hostile("breeds", str(note).encode(), wall=2)
    until = time.monotonic() + 2
    while running(int(note.read_text())) and time.monotonic() < until:
        time.sleep(0.02)
    assert not running(int(note.read_text()))


def running(pid):
    """Whether a process is there and no zombie."""
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(said.strip()) and not said.strip().startswith("Z")


def test_nothing_is_left_in_the_temporary_folder(hostile, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.setattr(limited.tempfile, "tempdir", str(tmp_path / "here"))
    hostile("sound", b"")
    with pytest.raises(ModelError):
        hostile("segfaults")
    assert list((tmp_path / "here").iterdir()) == []


def test_without_limits_of_the_kernel_the_parent_watches_memory(hostile, monkeypatch):
    looked = iter([0, 0, 2_000_000_000])
    monkeypatch.setattr(limited, "resident_bytes", lambda _: next(looked))
    with pytest.raises(TooLargeError, match="asked for more than 1 GB of memory"):
        hostile("hangs", memory=1_000_000_000)


def test_a_function_that_is_not_listed_is_not_run():
    with pytest.raises(ValueError, match=r"There is no limited function 'os\.system'\."):
        run_limited("os.system", {})


def test_the_memory_of_a_process_is_seen():
    import os

    assert resident_bytes(os.getpid()) > 10_000_000
    assert resident_bytes(2**22 + 1) == 0


def test_arrays_come_back_and_objects_are_refused():
    given = {"a": np.asfortranarray(np.arange(6.0).reshape(2, 3)), "b": np.array(["x", "yz"]), "c": np.zeros((0, 2))}
    found = arrays.unpack(arrays.pack(given), 10_000)
    assert list(found) == ["a", "b", "c"]
    for name, array in given.items():
        np.testing.assert_array_equal(found[name], array)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        arrays.pack({"a": np.array([None])})
