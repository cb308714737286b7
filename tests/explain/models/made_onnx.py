"""ONNX files made for the tests: small sound ones, and what attackers make of them."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ML = "ai.onnx.ml"
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def model(nodes, constants=(), width=2, opset=18, ml=3, **more):
    """A model from "x" (n, width) to "y"."""
    given = [helper.make_tensor_value_info("x", FLOAT, [None, width])]
    made = [helper.make_tensor_value_info("y", FLOAT, None)]
    graph = helper.make_graph(nodes, "g", given, made, initializer=list(constants))
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid(ML, ml)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9, **more)


def file(nodes, constants=(), **more):
    return model(nodes, constants, **more).SerializeToString()


def node(kind, given, made, **settings):
    return helper.make_node(kind, given.split(), made.split(), **settings)


def constant(name, values, kind=np.int64):
    return numpy_helper.from_array(np.asarray(values, dtype=kind), name)


def regressor(changes=(), ml=3, **lists):
    """A tree of one split over feature 0 of 2: -1.0 up to 0.5, else 1.0 (ai.onnx.ml 1 to 3)."""
    settings = {
        "n_targets": 1,
        "nodes_treeids": [0, 0, 0],
        "nodes_nodeids": [0, 1, 2],
        "nodes_featureids": [0, 0, 0],
        "nodes_values": [0.5, 0.0, 0.0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
        "nodes_truenodeids": [1, 0, 0],
        "nodes_falsenodeids": [2, 0, 0],
        "target_treeids": [0, 0],
        "target_nodeids": [1, 2],
        "target_ids": [0, 0],
        "target_weights": [-1.0, 1.0],
    } | lists
    settings = {key: value for key, value in settings.items() if value is not None} | dict(changes)
    return file([helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain=ML, **settings)], ml=ml)


def ensemble(**lists):
    """The same tree as a TreeEnsemble (ai.onnx.ml 5)."""
    settings = {
        "n_targets": 1,
        "tree_roots": [0],
        "nodes_featureids": [0],
        "nodes_splits": np.array([0.5]),
        "nodes_modes": np.array([0], dtype=np.uint8),
        "nodes_truenodeids": [0],
        "nodes_trueleafs": [1],
        "nodes_falsenodeids": [1],
        "nodes_falseleafs": [1],
        "leaf_targetids": [0, 0],
        "leaf_weights": np.array([-1.0, 1.0]),
    } | lists
    settings = {
        key: numpy_helper.from_array(value, key) if isinstance(value, np.ndarray) else value
        for key, value in settings.items()
    }
    return file([helper.make_node("TreeEnsemble", ["x"], ["y"], domain=ML, **settings)], ml=5)


def stumps(trees):
    """The tree of `regressor` so many times."""
    return regressor(
        nodes_treeids=np.repeat(np.arange(trees), 3).tolist(),
        nodes_nodeids=[0, 1, 2] * trees,
        nodes_featureids=[0] * 3 * trees,
        nodes_values=[0.5, 0.0, 0.0] * trees,
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"] * trees,
        nodes_truenodeids=[1, 0, 0] * trees,
        nodes_falsenodeids=[2, 0, 0] * trees,
        target_treeids=np.repeat(np.arange(trees), 2).tolist(),
        target_nodeids=[1, 2] * trees,
        target_ids=[0, 0] * trees,
        target_weights=[-1.0, 1.0] * trees,
    )


def chain(depth):
    """A sound tree whose every split has one leaf, `depth` splits deep."""
    count = 2 * depth + 1
    inner = [at % 2 == 0 and at < count - 1 for at in range(count)]
    leaves = [at for at in range(count) if not inner[at]]
    return regressor(
        nodes_treeids=[0] * count,
        nodes_nodeids=list(range(count)),
        nodes_featureids=[0] * count,
        nodes_values=[-float(at) for at in range(count)],
        nodes_modes=["BRANCH_LEQ" if split else "LEAF" for split in inner],
        nodes_truenodeids=[at + 1 if split else 0 for at, split in enumerate(inner)],
        nodes_falsenodeids=[at + 2 if split else 0 for at, split in enumerate(inner)],
        target_treeids=[0] * len(leaves),
        target_nodeids=leaves,
        target_ids=[0] * len(leaves),
        target_weights=[float(at) for at in range(len(leaves))],
    )


def external():
    """A weight that lies in a second file."""
    made = model([node("MatMul", "x w", "y")], [constant("w", np.zeros((2, 1)), np.float32)])
    weight = made.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    entry = weight.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    return made.SerializeToString()


def nested_functions(levels=20):
    """Functions that call the one below twice each: 2 ** levels operators once they are unfolded."""
    functions = []
    for level in range(levels):
        below = f"f{level - 1}" if level else "Neg"
        domain = "own" if level else ""
        nodes = [
            helper.make_node(below, ["a"], ["b"], domain=domain),
            helper.make_node(below, ["b"], ["c"], domain=domain),
        ]
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
        functions.append(helper.make_function("own", f"f{level}", ["a"], ["c"], nodes, opsets))
    made = model([helper.make_node(f"f{levels - 1}", ["x"], ["y"], domain="own")], functions=functions)
    made.opset_import.append(helper.make_opsetid("own", 1))
    return made.SerializeToString()


def block(kind):
    """An If, a Loop or a Scan around the rows."""
    info = helper.make_tensor_value_info
    if kind == "If":
        body = helper.make_graph([node("Neg", "x", "r")], "b", [], [info("r", FLOAT, None)])
        some = [constant("c", True, np.bool_)]
        return file([node("If", "c", "y", then_branch=body, else_branch=body)], some)
    if kind == "Loop":
        given = [info("i", INT64, []), info("go", TensorProto.BOOL, []), info("s", FLOAT, None)]
        nodes = [node("Identity", "go", "on"), node("Neg", "s", "r")]
        body = helper.make_graph(nodes, "b", given, [info("on", TensorProto.BOOL, []), info("r", FLOAT, None)])
        some = [constant("many", 2**62), constant("c", True, np.bool_)]
        return file([node("Loop", "many c x", "y", body=body)], some)
    given = [info("s", FLOAT, [2]), info("e", FLOAT, [2])]
    nodes = [node("Add", "s e", "n"), node("Identity", "n", "o")]
    body = helper.make_graph(nodes, "b", given, [info("n", FLOAT, [2]), info("o", FLOAT, [2])])
    some = [constant("zero", np.zeros(2), np.float32)]
    return file([node("Scan", "zero x", "last y", body=body, num_scan_inputs=1)], some)


def deep_messages(levels=5_000):
    """Blocks within blocks, as bytes: deeper than any parser follows."""
    content = b""
    for _ in range(levels):
        for tag in (b"\x32", b"\x2a", b"\x0a"):  # a graph in an attribute in a node
            content = tag + _length(len(content)) + content
        if len(content) > 1_000_000:
            break
    return b"\x08\x09\x3a" + _length(len(content)) + content


def empty(proto):
    """Without the roots of its trees."""
    roots = next(item for item in proto.graph.node[0].attribute if item.name == "tree_roots")
    del roots.ints[:]


def _length(count):
    made = b""
    while count > 127:
        made += bytes([count & 127 | 128])
        count >>= 7
    return made + bytes([count])


def doubled(times=40):
    """A constant joined with itself again and again: 2 ** times numbers when it is folded."""
    nodes = [node("Concat", f"k{at} k{at}", f"k{at + 1}", axis=0) for at in range(times)]
    nodes += [node("ReduceSum", f"k{times}", "s", keepdims=0), node("Add", "x s", "y")]
    return file(nodes, [constant("k0", [1.0], np.float32)])


def changed(made, change):
    """A model's bytes after `change` was done to it."""
    parsed = onnx.load_model_from_string(made)
    change(parsed)
    return parsed.SerializeToString()
