"""Trees that are none are refused before a native reader walks into them."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.errors import ModelError, TooLargeError
from explain.models.safety.onnx_check import check_onnx
from explain.models.safety.tree_lists import Places
from explain.models.safety.trees import CIRCLE, EMPTY, NO_BOUND, NO_NUMBER, NO_TARGET, NOWHERE, SHARED, TOO_DEEP, UNEVEN
from explain.models.sources.bare import open_onnx
from tests.explain.models import made_onnx as made

FIVE = {  # a tree of two splits and three leaves, by name
    "nodes_treeids": [0] * 5,
    "nodes_nodeids": [0, 1, 2, 3, 4],
    "nodes_featureids": [0, 0, 1, 0, 0],
    "nodes_values": [0.5, 0.0, 0.1, 0.0, 0.0],
    "nodes_modes": ["BRANCH_LEQ", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"],
    "nodes_truenodeids": [1, 0, 3, 0, 0],
    "nodes_falsenodeids": [2, 0, 4, 0, 0],
    "target_treeids": [0] * 3,
    "target_nodeids": [1, 3, 4],
    "target_ids": [0] * 3,
    "target_weights": [1.0, 2.0, 3.0],
}
TWO = {  # two splits and three leaves, by position
    "nodes_featureids": [0, 1],
    "nodes_splits": np.array([0.5, 0.1]),
    "nodes_modes": np.array([0, 0], dtype=np.uint8),
    "nodes_truenodeids": [0, 1],
    "nodes_trueleafs": [1, 1],
    "nodes_falsenodeids": [1, 2],
    "nodes_falseleafs": [0, 1],
    "leaf_targetids": [0, 0, 0],
    "leaf_weights": np.array([1.0, 2.0, 3.0]),
}
NONE = dict.fromkeys(FIVE)
ANY = st.sampled_from([0, 1, 2, 3, 7, -1, -(2**63), 2**63 - 1])
"""Numbers of trees and nodes: few, so that they meet, the largest among them."""
TARGETS = [name for name in FIVE if name.startswith("target")]
HAS_NOT = "The trees of this model ask for a feature that the model does not have."
BROKEN = {
    "no trees": (made.regressor(**NONE), EMPTY),
    "a cycle": (made.regressor(**FIVE | {"nodes_falsenodeids": [2, 0, 0, 0, 0]}), CIRCLE),
    "a cycle apart": (
        made.regressor(**FIVE | {"nodes_modes": ["LEAF", "LEAF", "BRANCH_LEQ", "BRANCH_LEQ", "LEAF"],
                                 "nodes_truenodeids": [0, 0, 3, 2, 0], "nodes_falsenodeids": [0, 0, 4, 1, 0],
                                 "target_nodeids": [0, 1, 4]}),
        CIRCLE,
    ),
    "a shared child": (made.regressor(**FIVE | {"nodes_falsenodeids": [2, 0, 1, 0, 0], "nodes_treeids": [0, 0, 0, 0, 1],
                                                "target_treeids": [0, 0, 1]}), SHARED),
    "two roots": (made.regressor(**FIVE | {"nodes_falsenodeids": [1, 0, 4, 0, 0]}), CIRCLE),
    "a child nowhere": (made.regressor(nodes_falsenodeids=[7, 0, 0]), NOWHERE),
    "a child below zero": (made.regressor(nodes_falsenodeids=[-1, 0, 0]), NOWHERE),
    "a node twice": (
        made.regressor(nodes_nodeids=[0, 1, 1]),
        "The trees of this model name a node twice. Export the model anew.",
    ),
    "a leaf that is NaN": (made.regressor(target_weights=[np.nan, 1.0]), NO_NUMBER),
    "a leaf without end": (made.regressor(target_weights=[np.inf, 1.0]), NO_NUMBER),
    "a value at a split": (made.regressor(target_nodeids=[0, 2]), NO_NUMBER),
    "a value nowhere": (made.regressor(target_nodeids=[1, 9]), NO_NUMBER),
    "no values": (made.regressor(**dict.fromkeys(TARGETS)), NO_NUMBER),
    "a base that is NaN": (made.regressor(base_values=[np.nan]), NO_NUMBER),
    "another output": (made.regressor(target_ids=[0, 1]), NO_TARGET),
    "an output below zero": (made.regressor(target_ids=[-1, 0]), NO_TARGET),
    "many outputs": (
        made.regressor(n_targets=2**31),
        "The trees of this model have 2,147,483,648 outputs; at most 10,000 are read.",
    ),
    "a threshold that is NaN": (made.regressor(nodes_values=[np.nan, 0.0, 0.0]), NO_BOUND),
    "uneven lists": (made.regressor(nodes_values=[0.5, 0.0]), UNEVEN),
    "uneven children": (made.regressor(nodes_truenodeids=[1, 0]), UNEVEN),
    "uneven flags": (made.regressor(nodes_missing_value_tracks_true=[1]), UNEVEN),
    "feature 2 of 2": (made.regressor(nodes_featureids=[2, 0, 0]), HAS_NOT),
    "feature 2 ** 40": (made.regressor(nodes_featureids=[2**40, 0, 0]), HAS_NOT),
    "feature -1": (
        made.regressor(nodes_featureids=[-1, 0, 0]),
        "The trees of this model ask for a feature below zero. Export the model anew.",
    ),
    "a strange comparison": (
        made.regressor(nodes_modes=["BRANCH_EVIL", "LEAF", "LEAF"]),
        "The trees of this model compare in a way that is not known: BRANCH_EVIL.",
    ),
    "a comparison without a name": (
        made.regressor(nodes_modes=["", "LEAF", "LEAF"]),
        "The trees of this model compare in a way that is not known: .",
    ),
    "a leaf with a zero byte": (
        made.regressor(nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF\0"]),
        "The trees of this model compare in a way that is not known: LEAF\\x00.",
    ),
    "a strange link": (
        made.regressor(post_transform="EVIL"),
        "The trees of this model use a setting that is not known. Export the model anew.",
    ),
    "5: no trees": (made.changed(made.ensemble(), made.empty), EMPTY),
    "5: a cycle": (made.ensemble(**TWO | {"nodes_falsenodeids": [1, 1], "nodes_falseleafs": [0, 0]}), SHARED),
    "5: a cycle to the root": (
        made.ensemble(**TWO | {"nodes_falsenodeids": [1, 0], "nodes_falseleafs": [0, 0]}),
        SHARED,
    ),
    "5: a split apart": (made.ensemble(**TWO | {"nodes_falseleafs": [1, 1]}), CIRCLE),
    "5: a shared split": (made.ensemble(**TWO | {"nodes_truenodeids": [1, 1], "nodes_trueleafs": [0, 1]}), SHARED),
    "5: a root nowhere": (made.ensemble(tree_roots=[3]), CIRCLE),
    "5: a root twice": (made.ensemble(tree_roots=[0, 0]), CIRCLE),
    "5: a leaf nowhere": (made.ensemble(nodes_falsenodeids=[2]), NOWHERE),
    "5: a leaf that is NaN": (made.ensemble(leaf_weights=np.array([np.nan, 1.0])), NO_NUMBER),
    "5: a threshold that is NaN": (made.ensemble(nodes_splits=np.array([np.nan])), NO_BOUND),
    "5: another output": (made.ensemble(leaf_targetids=[0, 1]), NO_TARGET),
    "5: feature 2 of 2": (made.ensemble(nodes_featureids=[2]), HAS_NOT),
    "5: a strange comparison": (
        made.ensemble(nodes_modes=np.array([9], dtype=np.uint8)),
        "The trees of this model compare in a way that is not known.",
    ),
    "5: uneven lists": (made.ensemble(nodes_featureids=[0, 1]), UNEVEN),
    "5: a strange link": (
        made.ensemble(post_transform=9),
        "The trees of this model use a setting that is not known. Export the model anew.",
    ),
    "5: members of nothing": (
        made.ensemble(nodes_modes=np.array([6], dtype=np.uint8), membership_values=np.array([np.nan])),
        "This model has 1 tests of membership, but values for 1. Export it anew.",
    ),
    "5: no members": (
        made.ensemble(nodes_modes=np.array([6], dtype=np.uint8)),
        "This model has 1 tests of membership, but values for 0. Export it anew.",
    ),
    "too deep": (made.chain(100_000), TOO_DEEP),
    "a little too deep": (made.chain(2_001), TOO_DEEP),
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ANY, ANY), max_size=20), st.lists(st.tuples(ANY, ANY), max_size=20))
def test_nodes_are_found_by_tree_and_id_whatever_numbers_these_are(named, wanted):
    pairs, asked = (np.array(items, dtype=np.int64).reshape(-1, 2).T for items in (named, [*named, *wanted]))
    places = Places(*pairs)
    assert places.twice == (len(set(named)) < len(named))
    if not places.twice:
        at = {pair: place for place, pair in enumerate(named)}
        assert places.of(*asked).tolist() == [at.get(pair, -1) for pair in [*named, *wanted]]


@pytest.mark.parametrize(("content", "sentence"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_tree_is_refused_with_what_is_wrong(content, sentence):
    with pytest.raises(ModelError) as caught:
        check_onnx(content)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "content",
    [
        made.regressor(),
        made.regressor(**FIVE),
        made.ensemble(),
        made.ensemble(**TWO),
        made.ensemble(nodes_falsenodeids=[0], leaf_targetids=[0], leaf_weights=np.array([1.0]), nodes_truenodeids=[0]),
        made.ensemble(nodes_modes=np.array([6], dtype=np.uint8), membership_values=np.array([1.0, 2.0, np.nan])),
        made.ensemble(nodes_modes=np.array([6], dtype=np.uint8), membership_values=np.array([1.0, 2.0])),
        made.regressor(nodes_values=[np.inf, 0.0, 0.0]),
        made.regressor(
            **FIVE
            | {
                "nodes_modes": ["BRANCH_EQ", "LEAF", "BRANCH_EQ", "LEAF", "LEAF"],
                "nodes_featureids": [0] * 5,
                "nodes_truenodeids": [1, 0, 1, 0, 0],
                "nodes_treeids": [0, 0, 0, 1, 0],
                "target_treeids": [0, 1, 0],
            }
        ),
        made.chain(1_999),
    ],
    ids=[
        "one split", "two splits", "5", "5: two splits", "5: one leaf for both", "5: members", "5: members without end",
        "no upper bound", "a set written as a chain", "deep",
    ],
)  # fmt: skip
def test_a_sound_tree_passes(content):
    check_onnx(content)


def test_the_width_that_only_a_run_can_tell_is_left_to_it():
    def change(proto):
        proto.graph.input[0].type.tensor_type.shape.dim[1].ClearField("dim_value")

    assert check_onnx(made.changed(made.regressor(**FIVE), change)).asks == {"x": 2}


def test_a_million_trees_are_refused_before_the_time_of_a_file_is_over():
    content = made.stumps(1_000_000)
    with pytest.raises(TooLargeError) as caught:
        open_onnx(content)
    # a file that takes too long is told so in other words
    assert str(caught.value) == (
        "The model has 1,000,000 trees; at most 200,000 are read. Train it with fewer rounds or trees."
    )


def test_trees_are_counted_over_all_ensembles_of_a_model():
    ensemble = onnx.load_model_from_string(made.stumps(100_001)).graph.node[0]
    second = onnx.NodeProto()
    second.CopyFrom(ensemble)
    second.output[0] = "z"
    content = made.file([ensemble, second, made.node("Add", "y z", "w")])
    with pytest.raises(TooLargeError, match="has 200,002 trees; at most 200,000"):
        check_onnx(content)
