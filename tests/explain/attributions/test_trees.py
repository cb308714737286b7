"""Trees read from every generation of the ONNX operators give what ONNX Runtime gives, ties, blanks and sets alike."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.attributions.tree_shap import prepare_tables, tree_values
from explain.attributions.trees import parse_trees
from explain.errors import ModelError

LEQ, MEMBER = 0, 6
THIRDS = 1 / 3
"""Values lie on thirds, which float32 and float64 hold differently; sets hold whole numbers, as ONNX Runtime asks."""


def ensemble(draw, features, dtype, trees=3, depth=4, modes=(LEQ, MEMBER), **changes):
    """A random TreeEnsemble node (ai.onnx.ml 5); leaves may be shared by two parents."""
    modes_of, feature, split, true, false, true_leaf, false_leaf, tracks = [], [], [], [], [], [], [], []
    weights, targets, members = [], [], []
    step = step_of(modes)
    # ONNX Runtime takes tests of equality that lead to one leaf together, whatever each says of blanks
    shared = step != 1

    def leaf():
        weights.append(dtype(draw.normal()))
        targets.append(int(draw.integers(2)))
        return len(weights) - 1

    def grow(level):
        at = len(modes_of)
        mode = int(draw.choice(modes))
        modes_of.append(mode)
        feature.append(int(draw.integers(features)))
        split.append(dtype(draw.integers(-3, 4) * step))
        tracks.append(int(draw.random() < 0.5))
        if mode == MEMBER:
            members.append(draw.choice(np.arange(-3, 4), draw.integers(1, 4), replace=False).tolist())
        for child, is_leaf in ((true, true_leaf), (false, false_leaf)):
            child.append(0)
            is_leaf.append(1)
        for child, is_leaf in ((true, true_leaf), (false, false_leaf)):
            if level == depth or draw.random() < 0.3:
                child[at] = len(weights) - 1 if shared and weights and draw.random() < 0.2 else leaf()
            else:
                is_leaf[at] = 0
                child[at] = grow(level + 1)
        return at

    roots = [grow(1) for _ in range(trees)]
    # the sets stand in the order of their nodes, which is the order in which they were made here
    flat = [value for item in members for value in (*item, np.nan)]
    kind = onnx.TensorProto.FLOAT if dtype is np.float32 else onnx.TensorProto.DOUBLE
    fields = {
        "nodes_modes": tensor("m", onnx.TensorProto.UINT8, modes_of), "nodes_featureids": feature,
        "nodes_splits": tensor("s", kind, split), "nodes_truenodeids": true, "nodes_falsenodeids": false,
        "nodes_trueleafs": true_leaf, "nodes_falseleafs": false_leaf, "nodes_missing_value_tracks_true": tracks,
        "leaf_weights": tensor("w", kind, weights), "leaf_targetids": targets, "tree_roots": roots, "n_targets": 2,
        "aggregate_function": 1, "post_transform": 0,
    }  # fmt: skip
    if flat:
        fields["membership_values"] = tensor("v", kind, flat)
    return onnx.helper.make_node("TreeEnsemble", ["X"], ["Y"], domain="ai.onnx.ml", **(fields | changes))


def step_of(modes):
    return 1.0 if set(modes) & {4, 5, MEMBER} else THIRDS


def tensor(name, kind, values):
    return onnx.helper.make_tensor(name, kind, [len(values)], values)


def run(node, rows, version=5):
    kind = onnx.TensorProto.FLOAT if rows.dtype == np.float32 else onnx.TensorProto.DOUBLE
    graph = onnx.helper.make_graph(
        [node],
        "g",
        [onnx.helper.make_tensor_value_info("X", kind, [None, rows.shape[1]])],
        [onnx.helper.make_tensor_value_info("Y", kind, None)],
    )
    opsets = [onnx.helper.make_opsetid("", 18), onnx.helper.make_opsetid("ai.onnx.ml", version)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10)
    return ort.InferenceSession(model.SerializeToString()).run(None, {"X": rows})[0]


def rows_on_steps(draw, n, features, dtype, step=1.0):
    rows = (draw.integers(-4, 5, (n, features)) * step).astype(dtype)
    rows[draw.random((n, features)) < 0.15] = np.nan
    if step != 1:
        # as near to a threshold as the type allows, on both sides; ONNX Runtime cuts what it looks for in a large set
        # down to a whole number, which the standard does not say
        near = draw.random((n, features)) < 0.2
        rows[near] = np.nextafter(rows[near], dtype(draw.choice([-9, 9])))
    return rows


def margins(node, rows):
    features = rows.shape[1]
    as_held = rows.astype(np.float64)
    tables = prepare_tables(parse_trees(node, features), list(range(features)), features, as_held[:5])
    return tree_values(tables, as_held)[1]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    features=st.integers(1, 5),
    dtype=st.sampled_from([np.float32, np.float64]),
    modes=st.sampled_from([(LEQ,), (1,), (2,), (3,), (LEQ, MEMBER), (4, 5, MEMBER)]),
)
def test_a_tree_ensemble_of_version_5_gives_the_output_of_onnx_runtime(seed, features, dtype, modes):
    draw = np.random.default_rng(seed)
    node = ensemble(draw, features, dtype, modes=modes)
    rows = rows_on_steps(draw, 40, features, dtype, step_of(modes))
    np.testing.assert_allclose(margins(node, rows), run(node, rows), atol=1e-5 if dtype is np.float32 else 1e-12)


def test_an_average_is_divided_by_the_number_of_trees():
    draw = np.random.default_rng(2)
    node = ensemble(draw, 3, np.float64, aggregate_function=0)
    rows = rows_on_steps(draw, 30, 3, np.float64)
    np.testing.assert_allclose(margins(node, rows), run(node, rows), atol=1e-12)


@pytest.mark.parametrize("how", [2, 3])
def test_trees_joined_by_minimum_or_maximum_are_none_that_add_up(how):
    assert parse_trees(ensemble(np.random.default_rng(0), 2, np.float32, aggregate_function=how), 2) is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tree_roots": [900]}, "run in a circle or hang apart"),
        ({"nodes_featureids": [7] * 99}, "lists of different lengths"),
        ({"leaf_targetids": [5]}, "leaf value of this model is missing|lists of different lengths"),
        ({"membership_values": tensor("v", onnx.TensorProto.FLOAT, [1.0] * 3)}, "tests of membership, but values for"),
        ({"nodes_truenodeids": [10**6] * 99}, "different lengths|not there"),
    ],
)
def test_malformed_ensembles_of_version_5_are_refused_with_a_sentence(changes, sentence):
    node = ensemble(np.random.default_rng(3), 3, np.float32, trees=4, **changes)
    with pytest.raises(ModelError, match=sentence):
        parse_trees(node, 3)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), modes=st.sampled_from([(LEQ,), (2, 3), (4, 5, MEMBER)]))
def test_trees_stand_one_after_the_other_each_node_before_its_true_and_that_before_its_false_side(seed, modes):
    node = ensemble(np.random.default_rng(seed), 3, np.float64, modes=modes)
    found = parse_trees(node, 3)
    order = []

    def walk(at):
        order.append(at)
        for child in sorted((found.low[at], found.high[at])) if found.feature[at] >= 0 else ():
            walk(child)

    for root in found.roots.tolist():
        assert root == len(order)
        walk(root)
    assert order == list(range(len(found.feature)))
    assert ((found.feature >= 0) == (found.weights == 0).all(axis=1)).all()


SPLITS = {  # two splits of one tree and their three leaves
    "nodes_treeids": [7] * 5,
    "nodes_nodeids": [3, 10, 4, 2**40, 0],
    "nodes_featureids": [0, 1, 0, 0, 0],
    "nodes_values": [0.5, 0.1, 0.0, 0.0, 0.0],
    "nodes_modes": ["BRANCH_LEQ", "BRANCH_LT", "LEAF", "LEAF", "LEAF"],
    "nodes_truenodeids": [10, 4, 0, 0, 0],
    "nodes_falsenodeids": [0, 2**40, 0, 0, 0],
    "target_treeids": [7] * 4,
    "target_nodeids": [0, 4, 4, 2**40],
    "target_ids": [0, 0, 0, 0],
    "target_weights": [1.0, 2.0, 0.5, 3.0],
    "n_targets": 1,
}


def named(**changes):
    return onnx.helper.make_node("TreeEnsembleRegressor", ["X"], ["Y"], domain="ai.onnx.ml", **(SPLITS | changes))


def test_nodes_are_found_by_whatever_ids_and_the_values_of_a_leaf_add_up():
    found = parse_trees(named(), 2)
    np.testing.assert_array_equal(found.feature, [0, 1, -1, -1, -1])
    np.testing.assert_array_equal(found.closed, [True, False, False, False, False])
    np.testing.assert_array_equal(found.weights[:, 0], [0, 0, 2.5, 3, 1])
    np.testing.assert_array_equal(found.low, [1, 2, -1, -1, -1])
    np.testing.assert_array_equal(found.high, [4, 3, -1, -1, -1])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"nodes_nodeids": [3, 10, 4, 4, 0]}, "name a node twice"),
        ({"nodes_truenodeids": [10, 5, 0, 0, 0]}, "point to a node that is not there"),
        ({"nodes_truenodeids": [10, 3, 0, 0, 0]}, "run in a circle or hang apart"),
        ({"nodes_falsenodeids": [10, 2**40, 0, 0, 0]}, "run in a circle or hang apart"),
        ({"nodes_falsenodeids": [4, 2**40, 0, 0, 0], "nodes_treeids": [7, 7, 7, 7, 8]}, "leaf value of this model"),
        ({"nodes_values": [float("nan"), 0.1, 0, 0, 0]}, "compare with something that is no number"),
        ({"nodes_featureids": [2, 1, 0, 0, 0]}, "ask for a feature that the model does not have"),
        ({"nodes_modes": ["BRANCH_LEQ", "", "LEAF", "LEAF", "LEAF"]}, "in a way that is not known: \\."),
        ({"nodes_values": [0.5]}, "lists of different lengths"),
        ({"target_nodeids": [0, 4, 4, 3]}, "leaf value of this model"),
        ({"target_ids": [0, 0, 0, -1]}, "add to an output below zero"),
        ({"target_weights": [1.0, 2.0, 0.5, float("inf")]}, "leaf value of this model"),
        (dict.fromkeys(SPLITS), "have no leaf"),
    ],
)
def test_malformed_trees_by_name_are_refused_with_a_sentence(changes, sentence):
    with pytest.raises(ModelError, match=sentence):
        parse_trees(named(**changes), 2)


def test_a_subtree_below_two_parents_is_refused():
    shared = {"nodes_treeids": [7, 7, 7, 7, 7, 7, 7], "nodes_nodeids": list(range(7)), "nodes_values": [0.5] * 7}
    shared |= {"nodes_modes": ["BRANCH_LEQ"] * 4 + ["LEAF"] * 3, "nodes_featureids": [0] * 7}
    shared |= {"nodes_truenodeids": [1, 3, 3, 4, 0, 0, 0], "nodes_falsenodeids": [2, 5, 6, 5, 0, 0, 0]}
    shared |= {
        "target_treeids": [7] * 3,
        "target_nodeids": [4, 5, 6],
        "target_ids": [0] * 3,
        "target_weights": [1.0] * 3,
    }
    with pytest.raises(ModelError, match="share nodes or run in a circle"):
        parse_trees(named(**shared), 2)


def chain(values, copies, tracks=0):
    """x0 == v for each value in turn -> the same leaf or subtree, else the next, as exporters of ai.onnx.ml 3 write it.

    With `copies` every true side is its own copy of a subtree over x1, else a leaf.
    """
    fields = {"nodes_treeids": [], "nodes_nodeids": [], "nodes_featureids": [], "nodes_values": [], "nodes_modes": []}
    fields |= {"nodes_truenodeids": [], "nodes_falsenodeids": [], "nodes_missing_value_tracks_true": []}
    leaves = []

    def add(mode, feature=0, value=0.0):
        for name, item in zip(fields, (0, len(fields["nodes_nodeids"]), feature, value, mode, 0, 0, 0), strict=True):
            fields[name].append(item)
        return len(fields["nodes_nodeids"]) - 1

    def leaf(weight):
        leaves.append((add("LEAF"), weight))
        return leaves[-1][0]

    before = None
    for value in values:
        at = add("BRANCH_EQ", 0, value)
        fields["nodes_missing_value_tracks_true"][at] = tracks
        if before is not None:
            fields["nodes_falsenodeids"][before] = at
        true = add("BRANCH_LEQ", 1, 0.5) if copies else leaf(2.0)
        fields["nodes_truenodeids"][at] = true
        if copies:
            fields["nodes_truenodeids"][true], fields["nodes_falsenodeids"][true] = leaf(1.0), leaf(3.0)
        before = at
    fields["nodes_falsenodeids"][before] = leaf(-1.0)
    fields |= {
        "target_treeids": [0] * len(leaves), "target_nodeids": [at for at, _ in leaves],
        "target_ids": [0] * len(leaves), "target_weights": [weight for _, weight in leaves], "n_targets": 1,
    }  # fmt: skip
    return onnx.helper.make_node("TreeEnsembleRegressor", ["X"], ["Y"], domain="ai.onnx.ml", **fields)


@pytest.mark.parametrize("copies", [False, True])
@pytest.mark.parametrize("tracks", [0, 1])
def test_a_chain_of_equalities_becomes_one_test_of_membership_and_gives_the_same(copies, tracks):
    node = chain([3.0, 1.0, 7.0], copies, tracks)
    found = parse_trees(node, 2)
    assert found.members[0] == (1.0, 3.0, 7.0)
    assert (found.feature < 0).sum() == (3 if copies else 2)
    rows = np.array([[1, 0], [3, 1], [7, 0.5], [2, 0], [8, 1], [np.nan, 0]], dtype=np.float32)
    np.testing.assert_allclose(margins(node, rows), run(node, rows, 3), atol=1e-6)


def test_a_chain_whose_true_sides_differ_stays_as_it_is():
    node = chain([3.0, 1.0], copies=False)
    weights = next(item for item in node.attribute if item.name == "target_weights")
    weights.floats[:] = [2.0, 5.0, -1.0]
    found = parse_trees(node, 2)
    assert [item for item in found.members if item] == [(3.0,), (1.0,)]


def test_what_passed_is_read_off_the_training_rows_of_each_node():
    node = chain([3.0], copies=True)
    # the root, its true side and that one's leaves, and the leaf of the false side
    found = parse_trees(node, 2, covers=[100, 40, 10, 30, 60])
    by_feature = dict(
        zip(zip(found.feature.tolist(), found.weights[:, 0].tolist(), strict=True), found.passed, strict=True)
    )
    assert by_feature[1, 0.0] == pytest.approx(0.4)
    assert by_feature[-1, 1.0] == pytest.approx(0.25)
    assert by_feature[-1, -1.0] == pytest.approx(0.6)
    with pytest.raises(ModelError, match="counts training rows for 2 nodes, but the trees have 5"):
        parse_trees(node, 2, covers=[100, 40])


def test_two_margins_that_mirror_each_other_are_one():
    fields = {"class_treeids": [0] * 4, "class_nodeids": [1, 1, 2, 2], "class_ids": [0, 1, 0, 1]}
    fields |= {"class_weights": [0.5, -0.5, -2.0, 2.0], "classlabels_int64s": [0, 1], "post_transform": "LOGISTIC"}
    fields |= {"nodes_treeids": [0] * 3, "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0] * 3}
    fields |= {"nodes_values": [0.5, 0.0, 0.0], "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"]}
    fields |= {"nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0]}
    head = onnx.helper.make_node("TreeEnsembleClassifier", ["X"], ["L", "Y"], domain="ai.onnx.ml", **fields)
    found = parse_trees(head, 1)
    np.testing.assert_array_equal(found.weights[:, 0], [0.0, -0.5, 2.0])
