"""Random tree ensembles written as ONNX against brute force, and against the shap library as referee."""

from math import factorial

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain import parallel
from explain.attributions import leaf_games, tree_shap
from explain.attributions.bit_shap import prepare_bits
from explain.attributions.shapley import laws
from explain.attributions.tree_shap import prepare_tables, tree_values
from explain.attributions.trees import parse_trees
from explain.errors import ModelError
from tests.explain.attributions.brute_force import shapley

MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def random_trees(draw, features, trees=3, depth=4, mode="BRANCH_LEQ"):
    """Attributes of a random TreeEnsembleRegressor; thresholds lie on values that rows take, so that ties happen."""
    fields = {
        name: []
        for name in (
            "treeids",
            "nodeids",
            "featureids",
            "values",
            "modes",
            "truenodeids",
            "falsenodeids",
            "missing_value_tracks_true",
        )
    }
    target = {"treeids": [], "nodeids": [], "ids": [], "weights": []}

    def grow(tree, level):
        node = sum(1 for item in fields["treeids"] if item == tree)
        leaf = level == depth or (level > 0 and draw.random() < 0.25)
        entries = (
            tree,
            node,
            int(draw.integers(features)),
            float(draw.integers(-2, 3)) / 2,
            "LEAF" if leaf else mode,
            0,
            0,
            int(draw.random() < 0.5),
        )
        for name, value in zip(fields, entries, strict=True):
            fields[name].append(value)
        at = len(fields["treeids"]) - 1
        if leaf:
            target["treeids"].append(tree)
            target["nodeids"].append(node)
            target["ids"].append(0)
            target["weights"].append(float(np.float32(draw.normal())))
        else:
            fields["truenodeids"][at] = grow(tree, level + 1)
            fields["falsenodeids"][at] = grow(tree, level + 1)
        return node

    for tree in range(trees):
        grow(tree, 0)
    return (
        {f"nodes_{name}": value for name, value in fields.items()}
        | {f"target_{name}": value for name, value in target.items()}
        | {"n_targets": 1}
    )


def as_node(fields):
    return onnx.helper.make_node("TreeEnsembleRegressor", ["X"], ["Y"], domain="ai.onnx.ml", **fields)


def run_onnx(node, rows):
    graph = onnx.helper.make_graph(
        [node],
        "g",
        [onnx.helper.make_tensor_value_info("X", onnx.TensorProto.FLOAT, [None, rows.shape[1]])],
        [onnx.helper.make_tensor_value_info("Y", onnx.TensorProto.FLOAT, [None, 1])],
    )
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 18), onnx.helper.make_opsetid("ai.onnx.ml", 3)], ir_version=9
    )
    return ort.InferenceSession(model.SerializeToString()).run(None, {"X": rows.astype(np.float32)})[0][:, 0]


def rows_on_thresholds(draw, n, features, missing=0.1):
    rows = draw.integers(-3, 4, (n, features)) / 2
    rows[draw.random((n, features)) < missing] = np.nan
    return rows.astype(float)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), mode=st.sampled_from(MODES), features=st.integers(1, 6))
def test_parsed_trees_give_the_output_of_onnx_runtime_with_ties_and_blanks(seed, mode, features):
    draw = np.random.default_rng(seed)
    node = as_node(random_trees(draw, features, mode=mode))
    rows = rows_on_thresholds(draw, 40, features)
    tables = prepare_tables(parse_trees(node, features), list(range(features)), features, rows)
    np.testing.assert_allclose(tree_values(tables, rows)[1][:, 0], run_onnx(node, rows), atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), features=st.integers(2, 6), mode=st.sampled_from(MODES))
def test_values_equal_brute_force_when_features_share_a_column(seed, features, mode):
    import pandas as pd

    draw = np.random.default_rng(seed)
    node = as_node(random_trees(draw, features, mode=mode))
    owner = [int(item) for item in draw.integers(0, max(1, features - 1), features)]
    columns = max(owner) + 1
    background, rows = rows_on_thresholds(draw, 25, features), rows_on_thresholds(draw, 3, features)
    tables = prepare_tables(parse_trees(node, features), owner, columns, background)
    values, totals = tree_values(tables, rows)

    def expand(frame):
        # a player is a number of a row; its features are that row's
        every = np.vstack([background, rows])
        picked = frame.to_numpy(dtype=int)
        return tree_values(tables, np.column_stack([every[picked[:, owner[f]], f] for f in range(features)]))[1][:, 0]

    names = [f"c{at}" for at in range(columns)]
    for at in range(len(rows)):
        row = pd.DataFrame(np.full((1, columns), 25 + at), columns=names)
        past = pd.DataFrame(np.repeat(np.arange(25)[:, None], columns, axis=1), columns=names)
        expected, base = shapley(expand, row, past)
        np.testing.assert_allclose(values[at, :, 0], expected, atol=1e-12)
        assert tables.base[0] == pytest.approx(base, abs=1e-12)
        assert values[at].sum() + tables.base[0] == pytest.approx(totals[at, 0], abs=1e-12)


def test_values_equal_those_of_the_shap_library():
    shap = pytest.importorskip("shap")
    draw = np.random.default_rng(3)
    features = 5
    fields = random_trees(draw, features, trees=6, depth=5)
    node = as_node(fields)
    background, rows = (
        rows_on_thresholds(draw, 60, features, missing=0),
        rows_on_thresholds(draw, 20, features, missing=0),
    )
    tables = prepare_tables(parse_trees(node, features), list(range(features)), features, background)
    sampler = shap.explainers.Exact(
        lambda x: tree_values(tables, np.asarray(x, float))[1][:, 0],
        shap.maskers.Independent(background, max_samples=60),
    )
    np.testing.assert_allclose(tree_values(tables, rows)[0][:, :, 0], sampler(rows).values, atol=1e-9)


def grown_forest(rows, outcomes, **shape):
    """A scikit-learn forest with its trees as an ONNX node and the training rows that reached each node."""
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(6, random_state=0, **shape).fit(rows, outcomes)
    fields = {f"nodes_{name}": [] for name in ("treeids", "nodeids", "featureids", "values", "modes")}
    fields |= {"nodes_truenodeids": [], "nodes_falsenodeids": []}
    target = {f"target_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")}
    covers = []
    for at, one in enumerate(forest.estimators_):
        tree = one.tree_
        covers += tree.weighted_n_node_samples.tolist()
        for i in range(tree.node_count):
            leaf = tree.children_left[i] < 0
            entries = (
                at,
                i,
                max(int(tree.feature[i]), 0),
                np.float32(tree.threshold[i]),
                "LEAF" if leaf else "BRANCH_LEQ",
            )
            below = (max(int(tree.children_left[i]), 0), max(int(tree.children_right[i]), 0))
            for name, item in zip(fields, entries + below, strict=True):
                fields[name].append(item)
            if leaf:
                for name, item in zip(target, (at, i, 0, tree.value[i, 0, 0] / 6), strict=True):
                    target[name].append(item)
    return forest, as_node(fields | target | {"n_targets": 1}), covers


@pytest.mark.parametrize("shape", [{"max_depth": 3}, {"max_depth": 7}, {}])
def test_path_dependent_values_equal_those_of_the_shap_library(shape):
    shap = pytest.importorskip("shap")
    draw = np.random.default_rng(1)
    rows = draw.integers(0, 40, (300, 6)).astype(np.float32)
    forest, node, covers = grown_forest(rows, rows[:, 0] * rows[:, 1] + rows[:, 2] ** 2, **shape)
    tables = prepare_tables(parse_trees(node, 6, covers), list(range(6)), 6, None)
    values, totals = tree_values(tables, rows[:50].astype(float))
    theirs = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
    scale = np.abs(totals).max()
    np.testing.assert_allclose(values[:, :, 0], theirs.shap_values(rows[:50]), atol=2e-6 * scale)
    assert tables.base[0] == pytest.approx(float(np.ravel(theirs.expected_value)[0]), rel=1e-6)
    np.testing.assert_allclose(tables.base[0] + values[:, :, 0].sum(axis=1), totals[:, 0], rtol=1e-12)


def test_path_dependent_values_of_deep_leaves_equal_those_of_bundles(monkeypatch):
    draw = np.random.default_rng(1)
    rows = draw.integers(0, 40, (300, 6)).astype(np.float32)
    _, node, covers = grown_forest(rows, rows[:, 0] * rows[:, 1], max_depth=6)
    trees = parse_trees(node, 6, covers)
    usual = prepare_tables(trees, [0, 0, 1, 2, 3, 3], 4, None)
    monkeypatch.setattr(tree_shap, "SIZES", ((0, 0),))
    deep = prepare_tables(trees, [0, 0, 1, 2, 3, 3], 4, None)
    assert len(deep.layout.deep.weights) > len(usual.layout.deep.weights)
    features = rows[:40].astype(float)
    np.testing.assert_allclose(tree_values(deep, features)[0], tree_values(usual, features)[0], atol=1e-9)
    np.testing.assert_allclose(deep.base, usual.base, atol=1e-9)


def test_columns_that_a_tree_treats_alike_get_equal_values():
    # x0 > 0 and x1 > 0, tested in one order in the first tree and in the other in the second
    fields = {
        "nodes_treeids": [0] * 5 + [1] * 5, "nodes_nodeids": [0, 1, 2, 3, 4] * 2,
        "nodes_featureids": [0, 0, 1, 0, 0, 1, 0, 0, 0, 0], "nodes_values": [0.0] * 10,
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"] * 2,
        "nodes_truenodeids": [1, 0, 3, 0, 0] * 2, "nodes_falsenodeids": [2, 0, 4, 0, 0] * 2,
        "target_treeids": [0, 1], "target_nodeids": [4, 4], "target_ids": [0, 0], "target_weights": [1.0, 1.0],
        "n_targets": 1,
    }  # fmt: skip
    for name in ("treeids", "nodeids", "ids", "weights"):
        leaves = {"treeids": [0, 0, 1, 1], "nodeids": [1, 3, 1, 3], "ids": [0] * 4, "weights": [0.0] * 4}
        fields[f"target_{name}"] += leaves[name]
    past = np.array([[-1.0, -1.0], [1.0, 1.0], [1.0, -1.0], [-1.0, 1.0]])
    tables = prepare_tables(parse_trees(as_node(fields), 2), [0, 1], 2, past)
    values = tree_values(tables, np.array([[1.0, 1.0], [-1.0, -1.0]]))[0][:, :, 0]
    np.testing.assert_array_equal(values[:, 0], values[:, 1])
    assert values[0, 0] == pytest.approx(0.75)
    assert values[1, 0] == pytest.approx(-0.25)


def test_permuting_columns_permutes_values():
    draw = np.random.default_rng(9)
    trees = parse_trees(as_node(random_trees(draw, 5, trees=8, depth=6)), 5)
    rows = rows_on_thresholds(draw, 40, 5)
    order = [3, 0, 4, 2, 1]
    straight = tree_values(prepare_tables(trees, [0, 1, 2, 3, 4], 5, rows), rows)[0]
    turned = tree_values(prepare_tables(trees, order, 5, rows), rows)[0]
    np.testing.assert_allclose(turned[:, order], straight, atol=1e-13)


def test_a_column_without_a_condition_gets_exactly_nothing():
    draw = np.random.default_rng(5)
    node = as_node(random_trees(draw, 3))
    rows = rows_on_thresholds(draw, 30, 4)
    tables = prepare_tables(parse_trees(node, 4), [0, 1, 2, 3], 4, rows)
    assert (tree_values(tables, rows)[0][:, 3] == 0).all()


def many_trees(draw, features, rows, **shape):
    """Tables of an ensemble that needs several bundles a tree, and rows for it."""
    node = as_node(random_trees(draw, features, **shape))
    past = rows_on_thresholds(draw, rows, features)
    return prepare_tables(parse_trees(node, features), list(range(features)), features, past), past


def test_any_chunking_and_any_number_of_threads_gives_the_same_values_to_the_bit(monkeypatch):
    tables, rows = many_trees(np.random.default_rng(8), 8, 1300, trees=20, depth=7)
    assert len(tables.layout.bundles.bits) > 40
    whole = tree_values(tables, rows)[0]
    one_by_one = np.concatenate([tree_values(tables, rows[at : at + 1])[0] for at in range(50)])
    np.testing.assert_array_equal(one_by_one, whole[:50])
    for module in (parallel, tree_shap):
        monkeypatch.setattr(module, "threads", lambda: 3)
    np.testing.assert_array_equal(tree_values(tables, rows)[0], whole)


@pytest.mark.parametrize("bits", [10, 6, 3, 0])
def test_bundles_of_every_size_and_deep_leaves_give_the_same_values(monkeypatch, bits):
    usual, rows = many_trees(np.random.default_rng(4), 7, 200, trees=4, depth=8)
    monkeypatch.setattr(tree_shap, "SIZES", ((bits, bits),))
    other, rows = many_trees(np.random.default_rng(4), 7, 200, trees=4, depth=8)
    assert (len(other.layout.deep.weights) > 0) == (bits < 6)
    np.testing.assert_allclose(tree_values(other, rows)[0], tree_values(usual, rows)[0], atol=1e-13)
    np.testing.assert_allclose(other.base, usual.base, atol=1e-13)
    found = tree_values(other, rows)[0]
    for module in (parallel, tree_shap):
        monkeypatch.setattr(module, "threads", lambda: 1)
    np.testing.assert_array_equal(tree_values(other, rows)[0], found)


def test_trees_that_would_need_too_large_tables_get_smaller_bundles(monkeypatch):
    large, rows = many_trees(np.random.default_rng(4), 7, 100, trees=4, depth=8)
    monkeypatch.setattr(tree_shap, "MOST_CELLS", large.layout.cells // 2)
    small, rows = many_trees(np.random.default_rng(4), 7, 100, trees=4, depth=8)
    assert 0 < small.layout.cells <= large.layout.cells // 2
    np.testing.assert_allclose(tree_values(small, rows)[0], tree_values(large, rows)[0], atol=1e-13)


def test_paths_with_too_many_columns_are_left_to_sampling():
    depth = tree_shap.MOST_PLAYERS + 1
    fields = {
        "nodes_treeids": [],
        "nodes_nodeids": [],
        "nodes_featureids": [],
        "nodes_values": [],
        "nodes_modes": [],
        "nodes_truenodeids": [],
        "nodes_falsenodeids": [],
    }
    for level in range(depth):
        for value, name in zip(
            (0, 2 * level, level, 0.0, "BRANCH_LEQ", 2 * level + 2, 2 * level + 1), fields, strict=True
        ):
            fields[name].append(value)
        for value, name in zip((0, 2 * level + 1, 0, 0.0, "LEAF", 0, 0), fields, strict=True):
            fields[name].append(value)
    for value, name in zip((0, 2 * depth, 0, 0.0, "LEAF", 0, 0), fields, strict=True):
        fields[name].append(value)
    leaves = [node for node, mode in zip(fields["nodes_nodeids"], fields["nodes_modes"], strict=True) if mode == "LEAF"]
    node = as_node(
        fields
        | {
            "target_treeids": [0] * len(leaves),
            "target_nodeids": leaves,
            "target_ids": [0] * len(leaves),
            "target_weights": [1.0] * len(leaves),
            "n_targets": 1,
        }
    )
    found = parse_trees(node, depth)
    assert (found.feature < 0).sum() == depth + 1
    assert prepare_tables(found, list(range(depth)), depth, np.zeros((2, depth))) is None
    assert prepare_bits(found, list(range(depth)), depth, np.zeros((2, depth))) is None


def malformed(**changes):
    fields = {
        "nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0, 0, 0],
        "nodes_values": [0.5, 0.0, 0.0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"], "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0],
        "target_treeids": [0, 0], "target_nodeids": [1, 2], "target_ids": [0, 0],
        "target_weights": [1.0, 2.0], "n_targets": 1,
    }  # fmt: skip
    return as_node(fields | changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"nodes_nodeids": [0, 1, 1]}, "name a node twice"),
        ({"nodes_featureids": [9, 0, 0]}, "a feature that the model does not have"),
        ({"nodes_truenodeids": [7, 0, 0]}, "point to a node that is not there|hang apart"),
        ({"nodes_truenodeids": [0, 0, 0]}, "run in a circle"),
        ({"nodes_falsenodeids": [1, 0, 0]}, "hang apart"),
        ({"target_nodeids": [1, 5]}, "leaf value of this model is missing"),
        ({"target_weights": [1.0, float("nan")]}, "is missing or no number"),
    ],
)  # fmt: skip
def test_malformed_trees_are_refused_with_a_sentence(changes, sentence):
    with pytest.raises(ModelError, match=sentence):
        parse_trees(malformed(**changes), 1)


def test_an_unknown_comparison_is_refused_by_name():
    with pytest.raises(ModelError, match="not known: BRANCH_MOD"):
        parse_trees(malformed(nodes_modes=["BRANCH_MOD", "LEAF", "LEAF"]), 1)


def leaf_table(counts, players, field=16):
    size = 1 << players
    found, packed = np.zeros((players, size)), np.empty(size, dtype=np.int64)
    sizes, room = leaf_games.set_sizes(players), np.empty((4, size))
    leaf_games.leaf_shares(counts, players, laws(players), field, sizes, packed, room, found)
    return found


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), players=st.integers(1, 7))
def test_shares_of_a_leaf_equal_the_closed_form_for_every_pair_of_patterns(seed, players):
    size = 1 << players
    counts = np.random.default_rng(seed).integers(0, 9, size)
    expected = np.zeros((size, players))
    for z in range(size):
        for past in range(size):
            if z & past:
                continue
            p, q = past.bit_count(), z.bit_count()
            for i in range(players):
                if past >> i & 1:
                    expected[z, i] += counts[past] * factorial(p - 1) * factorial(q) / factorial(p + q)
                if z >> i & 1:
                    expected[z, i] -= counts[past] * factorial(p) * factorial(q - 1) / factorial(p + q)
    found = leaf_table(counts, players)
    np.testing.assert_allclose(found.T, expected, atol=1e-12)


def test_a_leaf_of_one_player_gets_the_difference_to_the_background():
    # the background reaches the leaf in 25 of 100 rows: being in it adds .75, not being in it takes .25
    np.testing.assert_allclose(leaf_table(np.array([25, 75]), 1)[0] / 100, [0.75, -0.25])
