"""Files of strangers as they come in by the door: models and tables, broken or hostile, and what each is told."""

from __future__ import annotations

import io
import json
import struct
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.explain.models import made_onnx as made
from tests.explain.models.boosters import file_of
from tests.explain.models.scikit.test_mlflow import REFUSED as MLFLOW
from tests.explain.models.scikit.test_skops_hostile import HOSTILE as SKOPS
from tests.explain.models.test_recognise import REFUSED as UNKNOWN
from tests.explain.models.test_recognise import packed as zipped
from tests.explain.models.test_safety_onnx import ATTACKS as ONNX
from tests.explain.models.test_safety_trees import BROKEN as TREES
from tests.explain.safety.test_safety_archive import deflated, packed, raw
from tests.explain.safety.test_safety_uploads import FAR, ONE_PAGE, SHEET, as_parquet, far, rewritten, workbook

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, -1.0, 0.5, 7.0]})
"""Rows that the models are tried on."""


def plain(text):
    """A sentence as a pattern: the beginning of it, letter by letter."""
    return "".join(f"\\{letter}" if letter in r".^$*+?{}[]\|()" else letter for letter in text[:80])


def _json(name, way, value):
    """A booster's JSON with one entry changed."""
    content = json.loads(file_of(name).read_bytes())
    place = content
    for key in way[:-1]:
        place = place[key]
    place[way[-1]] = value
    return json.dumps(content).encode()


def _line(name, key, value):
    """A LightGBM file with one line changed."""
    lines = file_of(name).read_text().split("\n")
    at = next(at for at, line in enumerate(lines) if line.startswith(f"{key}="))
    lines[at] = f"{key}={value}"
    return "\n".join(lines).encode()


TREE = ("learner", "gradient_booster", "model", "trees", 0)
LEAF_TREE = TREES["a cycle"][0]
BOOSTERS = {
    "xgboost: a circle": (_json("xgb_binary", (*TREE, "left_children", 1), 0), "run in a circle or share a node"),
    "xgboost: a child out of range": (
        _json("xgb_binary", (*TREE, "left_children", 0), 10**6),
        "points to a node that is not among its",
    ),
    "xgboost: a feature out of range": (
        _json("xgb_binary", (*TREE, "split_indices", 0), 10**6),
        "ask for a feature that is not among its",
    ),
    "xgboost: a threshold of absurd size": (
        _json("xgb_binary", (*TREE, "split_conditions", 0), 10**400),
        "'split_conditions' of trees.0. should be a list of 31 numbers",
    ),
    "xgboost: an unknown objective": (
        _json("xgb_binary", ("learner", "objective", "name"), "rank:map"),
        "has the objective 'rank:map'",
    ),
    "xgboost: UBJSON that declares a text of a terabyte": (
        b"{L" + struct.pack(">q", 2**40) + b"learner",
        "announces 1,099,511,627,776 bytes, but 7 are left",
    ),
    "xgboost: UBJSON cut off": (file_of("xgb_binary_ubj").read_bytes()[:-100], "announces 15 bytes, but 12 are left"),
    "lightgbm: cut off": (file_of("lgb_binary").read_bytes()[:600], "list trees up to 'end of trees'"),
    "lightgbm: no leaves": (_line("lgb_binary", "num_leaves", "-3"), "'num_leaves' of tree 0 is -3"),
    "lightgbm: a child out of range": (
        _line("lgb_binary", "left_child", "99999 " * 6),
        "'left_child' of tree 0 should hold 11 numbers, but holds 6",
    ),
    "lightgbm: an objective of one's own": (
        _line("lgb_binary", "objective", "custom"),
        "does not say what its scores are",
    ),
    "lightgbm: bytes that are no text": (b"tree\nversion=v4\n\xff\xfe\x00", "it is not UTF-8 text"),
    "xgboost: 300,000 trees": (
        b'{"learner": {"gradient_booster": {"model": {"trees": [' + b'{"left_children": [-1]},' * 300_000 + b"{}]}}}}",
        "has 300,000 trees; at most 200,000 are read",
    ),
    "lightgbm: 300,000 trees": (
        b"tree\nversion=v4" + b"\nTree=0\nnum_leaves=1\n" * 300_000 + b"\nend of trees\n",
        "has 300,000 trees; at most 200,000 are read",
    ),
    "lightgbm: more nodes than are taken": (
        b"tree\nversion=v4" + b"\nTree=0\nnum_leaves=1000001\n" + b"\nend of trees\n",
        "has 2,000,001 nodes; at most 2,000,000 are taken",
    ),
    "catboost: a core of absurd size": (
        b"CBM1\xff\xff\xff\x7f" + b"\0" * 64,
        "CatBoost cannot read this file: Flatbuffers model verification failed",
    ),
    "catboost: cut off": (file_of("cat_binary").read_bytes()[:200], "broken or cut off"),
}


def _link():
    """A package whose model is a link to a file of the server."""
    entry = zipfile.ZipInfo("model.onnx")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return packed((entry, "/etc/passwd"), ("card.json", b"{}"))


ARCHIVES = {
    "zip: a bomb": (
        packed(("model.onnx", b"\0" * 60_000_000), ("card.json", b"{}")),
        "unpacks to [0-9,]+ times its size, as no model does",
    ),
    "zip: a bomb that lies about its size": (
        raw("schema.json", deflated(b"\0" * 30_000_000), 10),
        "not a sound ZIP archive",
    ),
    "zip: a path that leads out": (
        packed(("../../card.json", b"{}"), ("model.onnx", b"")),
        "leads out of it",
    ),
    "zip: a link": (_link(), "is a link or a device"),
    "package: a card that nests without end": (
        packed(("model.onnx", b""), ("card.json", b'{"a":' * 100_000), ("reference.parquet", b"")),
        "card.json nests without end",
    ),
}
NATIVE = {
    "onnx: a field that declares a gigabyte": (b"\x08\x09\x3a\xff\xff\xff\xff\x03" + b"x" * 50, "is not ONNX"),
    "onnx: a tree 100,000 nodes deep": (made.chain(100_000), "more than 2,000 nodes deep"),
    "onnx: too many trees": (made.stumps(200_001), "has 200,001 trees; at most 200,000 are read"),
    "onnx: random bytes": (b"\x08" + np.random.default_rng(0).bytes(5_000), "is not ONNX"),
    "onnx: cut off": (made.regressor()[:-20], "is not ONNX"),
}
CHOSEN = (
    "a second file",
    "functions",
    "If",
    "Loop",
    "Scan",
    "a custom domain",
    "chance",
    "12 GB",
    "16 TiB",
    "a wide tile",
    "a fold that doubles",
    "a short constant",
    "a huge constant",
    "many operators",
    "deep messages",
)
GROWN = ("no trees", "a cycle", "a shared child", "a child nowhere", "a leaf that is NaN", "a node twice")

MODELS = {
    **{f"unknown: {name}": (content, plain(said)) for name, (content, said) in UNKNOWN.items()},
    **{f"skops: {name}": found for name, found in SKOPS.items()},
    **{f"mlflow: {name}": found for name, found in MLFLOW.items()},
    **{f"onnx: {name}": (ONNX[name][0], plain(ONNX[name][1])) for name in CHOSEN},
    **{f"trees: {name}": (TREES[name][0], plain(TREES[name][1])) for name in GROWN},
    **NATIVE,
    **BOOSTERS,
    **ARCHIVES,
}
"""Name -> the file, and a pattern of the sentence that refuses it."""


def _entities(text):
    """A workbook whose shared texts are made of entities within entities."""
    nest = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 9))
    head = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a0 "{text}">{nest}]>'
    body = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a8;</t></si></sst>'
    return rewritten(workbook(one=pd.DataFrame({"x": ["y"]})), "xl/sharedStrings.xml", lambda _: (head + body).encode())


def _outside():
    """A workbook that asks for a file of the server."""
    head = '<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    body = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a;</t></si></sst>'
    return rewritten(workbook(one=pd.DataFrame({"x": ["y"]})), "xl/sharedStrings.xml", lambda _: (head + body).encode())


def _bomb():
    return rewritten(workbook(one=FRAME), SHEET, lambda text: text + b" " * 2_100_000_000)


def _parquet():
    stream = io.BytesIO()
    pq.write_table(pa.table({"a": [1.0, 2.0]}), stream)
    return stream.getvalue()


def _texts():
    texts = pa.DictionaryArray.from_arrays(np.zeros(100_000, np.int32), pa.array(["x" * 100_000]))
    return as_parquet(pa.table({"a": texts}), store_schema=False)


def cell_of(size, **others):
    """A Parquet file of one row with a text of so many characters, a thousandth of that in size or less."""
    return as_parquet(pa.table({"a": ["x" * size]} | others), compression="zstd", **ONE_PAGE)


TABLES = {
    "nothing": (b"", "The file is empty"),
    "NUL bytes": (b"a,b\n1,\x002\n", "Line 2 holds a NUL byte"),
    "only NUL bytes": (b"\0" * 1_000, "The file is empty"),
    "random bytes": (np.random.default_rng(1).bytes(2_000), "holds a NUL byte"),
    "UTF-16 cut off": ("a,b\n1,2\n".encode("utf-16")[:-1], "says that it is UTF-16, but byte 16 is not"),
    "a pickle": (b"\x80\x04K\x01.", "This is not a text file"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "This is a picture, not a table"),
    "a program": (b"\x7fELF" + b"\0" * 50, "This is a program, not a table"),
    "an archive": (zipped({"readme.txt": b"x"}), "a header with 1 column, but no rows"),
    "a header alone": (b"a,b,c\n", "no rows below it"),
    "a ragged table": (b"a,b\n1,2\n1,2,3\n", "line 3 has 3"),
    "a quotation mark left open": (b'a,b\n"1,2\n' + b"3,4\n" * 100, "quotation mark in line 2 is not closed"),
    "a cell of 20 MB": (b'a,b\n"' + b"x" * 20_000_000 + b'",2\n', "Line 2 has a cell of more than 10,000,000 char"),
    "5,000 columns": (
        b",".join(b"c%d" % at for at in range(5_000)) + b"\n" + b"1," * 4_999 + b"1\n",
        "has 5,000 columns; at most 2,000",
    ),
    "JSON cut off": (b'[{"a": 1}, {"a": ', "Line 1 is not JSON"),
    "JSON of absurd depth": (b'[{"a": ' + b"[" * 100_000, "Line 1 is not JSON"),
    "JSON of something else": (b"[1, 2, 3]", "This JSON is no table"),
    "parquet cut off": (_parquet()[:-10], "The Parquet file is damaged"),
    "parquet with a footer of gigabytes": (_parquet()[:-8] + b"\xff\xff\xff\x7fPAR1", "The Parquet file is damaged"),
    "parquet that unpacks to 10 GB": (_texts(), "unpacks to more than 200 MB"),
    "parquet with a cell of a gigabyte": (cell_of(1_000_000_000), "unpacks to more than 200 MB"),
    "parquet with a long cell": (cell_of(131_073), "Column 1 .* has a cell of 131,073 characters; at most 131,072 are"),
    "arrow cut off": (b"ARROW1\0\0" + b"\xff" * 100, "The Arrow file is damaged"),
    **{
        f"workbook: a far cell {name}": (
            far(cell),
            "crashed the library|reaches to row 1,048,576 and column 16,384, which is too large",
        )
        for name, cell in FAR.items()
    },
    "workbook: entities within entities": (_entities("ha" * 10), "cannot be read as Excel"),
    "workbook: a file of the server": (_outside(), "cannot be read as Excel"),
    "workbook: cut off": (workbook(one=FRAME)[:-200], "cannot be read as Excel"),
    "workbook: another one's password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2_000,
        "Is it protected by a password",
    ),
}
"""Name -> the upload, and a pattern of the sentence that refuses it."""
