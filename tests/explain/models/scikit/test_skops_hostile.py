"""skops files of strangers: nothing in them is imported or called, and each ends as one sentence."""

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
import skops.io as sio
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from explain.errors import WhysureError
from explain.models.sources.pipeline import open_pipeline

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)


def parts(model):
    """The description of a skops file, and its other members."""
    with zipfile.ZipFile(io.BytesIO(sio.dumps(model))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files.pop("schema.json")), files


def packed(description, files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # of no date
        text = description if isinstance(description, bytes) else json.dumps(description).encode()
        archive.writestr(zipfile.ZipInfo("schema.json"), text)
    return stream.getvalue()


WEIGHTS = parts(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y))
TREES = parts(RandomForestClassifier(2, max_depth=3, random_state=0).fit(X, Y))
HISTOGRAM = parts(HistGradientBoostingClassifier(max_iter=2, max_leaf_nodes=4, random_state=0).fit(X, Y))
PRODUCTS = parts(make_pipeline(PolynomialFeatures(2), LogisticRegression()).fit(X, Y))


def copy(made):
    return json.loads(json.dumps(made[0])), dict(made[1])


def found(node, name):
    """The first node of a class, however deep."""
    open_nodes = [node]
    while open_nodes:
        one = open_nodes.pop(0)
        if isinstance(one, dict):
            if one.get("__class__") == name:
                return one
            open_nodes.extend(one.values())
        elif isinstance(one, list):
            open_nodes.extend(one)
    raise AssertionError(name)


def entry(description, name, key):
    """The node of an attribute of the first object of a class."""
    return found(description, name)["content"]["content"][key]


def stored(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def put(made, name, key, node):
    """The file with another node as an attribute."""
    description, files = copy(made)
    found(description, name)["content"]["content"][key] = node
    return packed(description, files)


def exchange(made, name, key, array):
    """The file with another array as an attribute."""
    description, files = copy(made)
    files[entry(description, name, key)["file"]] = stored(array)
    return packed(description, files)


def nodes(made, change, trees="Tree"):
    """The file with another array of tree nodes."""
    description, files = copy(made)
    name = entry(description, trees, "nodes")["file"]
    array = np.load(io.BytesIO(files[name])).copy()
    change(array)
    files[name] = stored(array)
    return packed(description, files)


def node(loader, module, name, **more):
    return {"__loader__": loader, "__module__": module, "__class__": name, **more}


def plain(value):
    return node("JsonNode", "builtins", "str", content=json.dumps(value), is_json=True)


def nested(depth):
    text = b'{"__loader__": "ListNode", "__module__": "builtins", "__class__": "list", "content": ['
    return packed(text * depth + b"]}" * depth, {})


SYSTEM = node("FunctionNode", "os", "system")
ARGUMENTS = node("TupleNode", "builtins", "tuple", content=[plain("true")])


def _field(name, value, row=0):
    def change(array):
        array[name][row] = value

    return change


HOSTILE = {
    "os.system as a function": (put(WEIGHTS, "StandardScaler", "copy", SYSTEM), "asks for os.system"),
    "os.system as a type": (
        put(WEIGHTS, "StandardScaler", "copy", node("TypeNode", "os", "system")),
        "asks for os.system",
    ),
    "a partial of os.system": (
        put(
            WEIGHTS,
            "StandardScaler",
            "copy",
            node(
                "PartialNode",
                "functools",
                "partial",
                content={
                    "func": SYSTEM,
                    "args": ARGUMENTS,
                    "kwds": node("DictNode", "builtins", "dict", content={}),
                    "namespace": plain(None),
                },
            ),
        ),
        "asks for os.system",
    ),
    "a partial of a function on the list, with os.system inside": (
        put(
            WEIGHTS,
            "StandardScaler",
            "copy",
            node(
                "PartialNode",
                "functools",
                "partial",
                content={
                    "func": node("FunctionNode", "sklearn.utils.validation", "check_array"),
                    "args": node("TupleNode", "builtins", "tuple", content=[SYSTEM]),
                    "kwds": node("DictNode", "builtins", "dict", content={}),
                    "namespace": plain(None),
                },
            ),
        ),
        "asks for os.system",
    ),
    "a method": (
        put(WEIGHTS, "StandardScaler", "copy", node("MethodNode", "pathlib", "Path", content={"func": "unlink"})),
        r"asks for pathlib.Path \(MethodNode\)",
    ),
    "an attribute getter": (
        put(WEIGHTS, "StandardScaler", "copy", node("OperatorFuncNode", "operator", "methodcaller", attrs=ARGUMENTS)),
        "asks for operator.methodcaller",
    ),
    "eval, called to build an object": (
        put(
            WEIGHTS, "StandardScaler", "copy", node("ConstructorFromReduceNode", "builtins", "eval", content=ARGUMENTS)
        ),
        "asks for builtins.eval",
    ),
    "a process, built as an object": (
        put(WEIGHTS, "StandardScaler", "copy", node("ObjectNode", "subprocess", "Popen", content=plain(None))),
        "asks for subprocess.Popen",
    ),
    "a tree of another type": (
        put(WEIGHTS, "StandardScaler", "copy", node("TreeNode", "os", "popen", content=plain(None))),
        "asks for os.popen",
    ),
    "a loss of another type": (
        put(WEIGHTS, "StandardScaler", "copy", node("LossNode", "shutil", "rmtree", content=plain(None))),
        "asks for shutil.rmtree",
    ),
    "a list of another type": (
        put(WEIGHTS, "StandardScaler", "copy", node("ListNode", "os", "system", content=[plain("ls")])),
        "asks for os.system",
    ),
    "a dictionary of another type": (
        put(WEIGHTS, "StandardScaler", "copy", node("DictNode", "shelve", "open", content={})),
        "asks for shelve.open",
    ),
    "a default dictionary that calls": (
        put(WEIGHTS, "StandardScaler", "copy", node("DefaultDictNode", "os", "system", content={"main": plain(1)})),
        "asks for os.system",
    ),
    "an array of another type": (
        put(WEIGHTS, "StandardScaler", "copy", node("NdArrayNode", "ctypes", "CDLL", type="numpy", file="x")),
        "asks for ctypes.CDLL",
    ),
    "bytes of another type": (
        put(WEIGHTS, "StandardScaler", "copy", node("BytesNode", "marshal", "loads", file="schema.json")),
        "asks for marshal.loads",
    ),
    "a random state of another type": (
        put(WEIGHTS, "StandardScaler", "copy", node("RandomGeneratorNode", "numpy.random", "evil", content={})),
        "asks for numpy.random.evil",
    ),
    "a sparse matrix": (
        put(WEIGHTS, "StandardScaler", "copy", node("SparseMatrixNode", "scipy.sparse", "csr_matrix", file="x")),
        "asks for scipy.sparse.csr_matrix",
    ),
    "a step of one's own": (
        put(WEIGHTS, "StandardScaler", "copy", node("ObjectNode", "company.steps", "Secret", content=plain(None))),
        "asks for company.steps.Secret, .*Leave it out of the pipeline",
    ),
    "a name that is no text": (packed(node("ObjectNode", ["a"], {"b": 1}), {}), "asks for"),
    "letters that steer a terminal": (
        put(WEIGHTS, "StandardScaler", "copy", node("FunctionNode", "os\x1b[2J", "system")),
        r"asks for os\?\[2J.system",
    ),
    "weights of nine outcomes": (
        exchange(WEIGHTS, "LogisticRegression", "coef_", np.zeros((9, 3))),
        r"should have 1 x 3 numbers as 'coef_', but has 9 x 3",
    ),
    "weights of another width": (
        exchange(WEIGHTS, "LogisticRegression", "coef_", np.zeros((1, 4))),
        "should have 1 x 3 numbers",
    ),
    "weights that are no numbers": (
        exchange(WEIGHTS, "LogisticRegression", "coef_", np.full((1, 3), np.nan)),
        "has a number as 'coef_' that is none",
    ),
    "weights that are texts": (
        exchange(WEIGHTS, "LogisticRegression", "coef_", np.full((1, 3), "a")),
        "should have numbers as 'coef_'",
    ),
    "a scale of another length": (exchange(WEIGHTS, "StandardScaler", "scale_", np.ones(7)), "should have 3 numbers"),
    "an array that is a pickle": (
        exchange(WEIGHTS, "StandardScaler", "scale_", np.array([{"a": 1}], dtype=object)),
        "its description is malformed",
    ),
    "no weights at all": (put(WEIGHTS, "LogisticRegression", "coef_", plain(None)), "numbers as 'coef_'"),
    "a circle in a tree": (nodes(TREES, _field("left_child", 0)), "run in a circle or share a node"),
    "a child beyond the nodes": (nodes(TREES, _field("right_child", 10_000)), "points to a node that is not among its"),
    "a child below zero": (nodes(TREES, _field("right_child", -7)), "points to a node that is not among its"),
    "a feature beyond the columns": (nodes(TREES, _field("feature", 99)), "ask for a feature that is not among its 3"),
    "a threshold that is none": (nodes(TREES, _field("threshold", np.nan)), "a threshold is not a number"),
    "a histogram tree in a circle": (
        nodes(HISTOGRAM, _field("left", 0), "TreePredictor"),
        "run in a circle or share a node",
    ),
    "a histogram tree of another column": (
        nodes(HISTOGRAM, _field("feature_idx", 50), "TreePredictor"),
        "ask for a feature that is not among its 3",
    ),
    "a histogram tree with a set that is not there": (
        nodes(HISTOGRAM, _field("is_categorical", 1), "TreePredictor"),
        "set of categories that is not there",
    ),
    "products beyond all memory": (
        put(PRODUCTS, "PolynomialFeatures", "_max_degree", plain(10**9)),
        "should have a whole number from 0 to 10",
    ),
    "an outcome alone": (exchange(WEIGHTS, "LogisticRegression", "classes_", np.zeros(1)), "tells no outcomes apart"),
    "a million outcomes": (
        exchange(WEIGHTS, "LogisticRegression", "classes_", np.arange(1_000_000)),
        "At most 1,000 are taken",
    ),
    "an old version": (put(WEIGHTS, "Pipeline", "_sklearn_version", plain("0.24.2")), "1.0 and newer are read"),
    "a setting that means something else since": (
        put(WEIGHTS, "LogisticRegression", "multi_class", plain("multinomial")),
        "is multinomial over two outcomes",
    ),
    "a version to come": (packed({**WEIGHTS[0], "protocol": 99}, WEIGHTS[1]), "version that is not known here"),
    "no model": (packed({**plain(3), "protocol": 2}, {}), "holds no model, but a plain value"),
    "an object as the root": (packed([], {}), "version that is not known here"),
    "no JSON": (packed(b"\x00\x01", {}), "its description is malformed"),
    "JSON cut off": (packed(json.dumps(WEIGHTS[0]).encode()[:-50], WEIGHTS[1]), "its description is malformed"),
    "endless nesting": (nested(100_000), "nests without end|malformed"),
    "a member that is not there": (packed(WEIGHTS[0], {}), "names a file that is not in it"),
    "a member outside": (
        put(
            WEIGHTS,
            "StandardScaler",
            "copy",
            node("NdArrayNode", "numpy", "ndarray", type="numpy", file="../../etc/passwd"),
        ),
        "names a file that is not in it",
    ),
    "an array cut off": (
        packed(WEIGHTS[0], {name: content[:-8] for name, content in WEIGHTS[1].items()}),
        "its description is malformed",
    ),
    "an array of absurd size": (
        packed(WEIGHTS[0], {name: content.replace(b"(3,)", b"(9**9,)", 1) for name, content in WEIGHTS[1].items()}),
        "its description is malformed",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_skops_file_is_one_sentence(name):
    content, said = HOSTILE[name]
    with pytest.raises(WhysureError, match=said):
        open_pipeline(content, pd.DataFrame())


def test_one_array_named_without_end_does_not_fill_the_memory(monkeypatch):
    from explain.models.scikit import skops_file

    monkeypatch.setattr(skops_file, "MOST_READ", 1_000)
    description, files = copy(WEIGHTS)
    array = entry(description, "StandardScaler", "scale_")
    found(description, "StandardScaler")["content"]["content"]["copy"] = node(
        "ListNode", "builtins", "list", content=[array] * 50
    )
    with pytest.raises(WhysureError, match="asks for more than 0 MB of arrays"):
        open_pipeline(packed(description, files), pd.DataFrame())


MADE = (WEIGHTS, TREES, HISTOGRAM, PRODUCTS)


def _places(node, path=()):
    """Every place in a description."""
    yield path
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inside:
        yield from _places(value, (*path, key))


PLACES = [list(_places(made[0])) for made in MADE]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.sampled_from(
        [plain(None), plain(-1), plain("x"), plain(1e308), SYSTEM, node("ListNode", "builtins", "list", content=[])]
    ),
)


@given(which=st.integers(0, len(MADE) - 1), share=st.floats(0, 1, exclude_max=True), junk=JUNK)
def test_whatever_stands_anywhere_in_a_file_is_a_model_or_one_sentence(which, share, junk):
    description, files = copy(MADE[which])
    *way, last = PLACES[which][1:][int(share * (len(PLACES[which]) - 1))]
    place = description
    for key in way:
        place = place[key]
    place[last] = junk
    try:
        found = open_pipeline(packed(description, files), pd.DataFrame())
    except WhysureError as error:
        assert str(error).endswith((".", "?"))  # noqa: PT017 - any sentence will do, no other error may come
    else:
        assert found.facts.library.startswith("scikit-learn")
