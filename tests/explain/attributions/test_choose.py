"""Reasons of every model kind against brute force over all coalitions and the whole reference set."""

from dataclasses import replace

import numpy as np
import pytest

from explain.attributions import explain, explain_outputs, explain_pairs, explainer_for
from explain.attributions.choose import EXACT_HEADS, build
from explain.errors import ModelError
from explain.models.predict import predict
from explain.tables import read_table
from tests.conftest import package
from tests.explain.attributions.brute_force import shapley

EXPECTED_METHOD = {
    "boosting": "trees",
    "histogram_boosting": "trees",
    "forest": "trees",
    "boosting_three": "trees",
    "forest_three": "trees",
    "boosting_value": "trees",
    "forest_value": "trees",
    "logistic": "linear",
    "logistic_three": "linear",
    "logistic_binned": "linear",
    "linear_value": "linear",
    "network": "enumerated",
    "lightgbm": "trees",
    "xgboost": "trees",
    "catboost": "trees",
    "catboost_value": "trees",
    "pytorch": "enumerated",
    "keras_three": "enumerated",
}


def test_every_kind_is_explained_by_the_method_expected_of_it(model):
    assert explainer_for(model).method == EXPECTED_METHOD[model.card.name]


def test_base_and_reasons_add_up_to_the_models_own_score_on_every_row(model):
    frame = model.reference.frame
    frame = frame.head(20) if explainer_for(model).method not in EXACT_HEADS else frame
    prediction = predict(model, frame)
    found = explain(model, frame)
    own = prediction.scores[np.arange(len(frame)), prediction.shown]
    scale = max(1.0, np.abs(own).max())
    np.testing.assert_allclose(found.base + found.values.sum(axis=1), own, atol=1e-5 * scale)
    np.testing.assert_array_equal(found.gap, np.abs(found.base + found.values.sum(axis=1) - own))


def test_margins_equal_brute_force_over_all_coalitions_and_the_whole_background(model):
    explainer = explainer_for(model)
    if EXPECTED_METHOD[model.card.name] not in EXACT_HEADS:
        # no margins to compare: its shares are themselves the enumeration
        return
    rows = model.reference.frame.iloc[[0, 3, 11]]
    values, base = explainer.head.margins(rows)[0], explainer.head.base
    for row in range(len(rows)):
        for margin in range(values.shape[2]):
            expected, expected_base = shapley(
                lambda frame, at=margin: explainer.head.margins(frame)[1][:, at],
                rows.iloc[[row]],
                model.reference.frame,
            )
            np.testing.assert_allclose(values[row, :, margin], expected, atol=1e-9 * max(1, np.abs(base).max()))
            assert base[margin] == pytest.approx(expected_base, abs=1e-9 * max(1, abs(expected_base)))


def test_parsed_margins_give_the_scores_of_onnx_runtime(model):
    from explain.attributions.links import scores_of

    explainer = explainer_for(model)
    if explainer.method not in EXACT_HEADS:
        return
    margins = explainer.head.margins(model.reference.frame)[1]
    scores = model.score(model.reference.frame)
    np.testing.assert_allclose(scores_of(margins, explainer.link), scores, atol=1e-5 * max(1, np.abs(scores).max()))


def test_one_row_alone_has_the_same_reasons_as_in_the_batch(model):
    frame = model.reference.frame.head(6)
    batch = explain(model, frame)
    for row in range(len(frame)):
        alone = frame.iloc[[row]]
        np.testing.assert_array_equal(explain(model, alone).values[0], batch.values[row])


def test_permuting_rows_permutes_reasons(model):
    frame = model.reference.frame.head(8)
    order = np.array([5, 2, 7, 0, 1, 6, 3, 4])
    straight = explain(model, frame).values
    shuffled = frame.iloc[order]
    np.testing.assert_array_equal(explain(model, shuffled).values, straight[order])


def test_a_rerun_is_the_same_to_the_bit(model):
    frame = model.reference.frame.head(5)
    first = build(model, model.reference.frame).explain(frame, predict(model, frame))
    again = build(model, model.reference.frame).explain(frame, predict(model, frame))
    np.testing.assert_array_equal(first.values, again.values)
    np.testing.assert_array_equal(first.base, again.base)


def test_exact_methods_have_no_sampling_error_and_use_every_reference_row(model):
    explainer = explainer_for(model)
    found = explainer.explain(model.reference.frame.head(2), predict(model, model.reference.frame.head(2)))
    assert found.exact == (explainer.method in EXACT_HEADS)
    assert found.error is None
    assert found.background_rows == (len(model.reference) if explainer.method in EXACT_HEADS else 100)


def test_an_empty_table_has_empty_reasons(model):
    frame = model.reference.frame.head(0)
    found = explain(model, frame)
    assert found.values.shape == (0, 4)


def test_a_smaller_background_changes_the_base(boosting):
    frame = boosting.reference.frame.head(3)
    whole = explain(boosting, frame)
    part = explain(boosting, frame, background=boosting.reference.frame.head(40))
    assert part.background_rows == 40
    assert np.abs(part.base - whole.base).max() > 1e-3
    assert part.gap.max() < 1e-6


def test_rows_and_methods_can_be_chosen(boosting):
    frame = boosting.reference.frame
    some = explain(boosting, frame, rows=[7, 2])
    np.testing.assert_array_equal(some.values, explain(boosting, frame.iloc[[7, 2]]).values)
    sampled = explain(boosting, frame, rows=[7, 2], method="sampled")
    assert (sampled.method, sampled.background_rows) == ("enumerated", 100)
    # another background and probability instead of log-odds: the two agree on what matters, not on the digits
    assert (np.sign(sampled.values[0]) == np.sign(some.values[0])).sum() >= 3


def test_exact_reasons_of_a_network_are_refused_with_the_way_out():
    network = package("network")
    with pytest.raises(ModelError, match="Leave out method"):
        explain(network, network.reference.frame.head(1), method="exact")


def test_log_odds_add_up_to_the_logit_of_the_score(model):
    explainer = explainer_for(model)
    frame = model.reference.frame.head(30)
    prediction = predict(model, frame)
    if explainer.method not in EXACT_HEADS or not explainer.has_log_odds:
        by_margin = {"boosting", "forest", "linear", "catboost"}
        by_score = {"network", "pytorch", "keras"}
        assert model.card.name.replace("_three", "").replace("_value", "") in by_margin | by_score
        return
    found = explainer.log_odds(frame, prediction)
    assert found.space == "log-odds"
    assert found.gap.max() < 1e-12 * max(1, np.abs(found.values).max() * 10)
    score = prediction.scores[np.arange(30), prediction.shown]
    total = found.base + found.values.sum(axis=1)
    if prediction.scores.shape[1] == 2:
        np.testing.assert_allclose(total, np.log(score / (1 - score)), atol=1e-4)
    else:
        margins = explainer.head.margins(frame)[1]
        np.testing.assert_allclose(total, margins[np.arange(30), prediction.shown], atol=1e-12)
        np.testing.assert_allclose(np.exp(total) / np.exp(margins).sum(axis=1), score, atol=1e-5)


def test_the_shap_library_takes_an_explanation_and_its_plots_know_names_and_values(model):
    table = read_table(model.reference.frame.head(12), model.schema)
    found = explain(model, table)
    given = found.to_shap(table)
    np.testing.assert_array_equal(given.values, found.values)
    np.testing.assert_array_equal(given.base_values, found.base)
    assert given.feature_names == [column.title for column in model.schema]
    assert np.asarray(given.data).shape == (12, 4)
    assert given[3].display_data[3] == table.frame["city"].iloc[3]
    ranked = given.abs.mean(0).values
    np.testing.assert_allclose(ranked, np.abs(found.values).mean(axis=0))
    assert found.to_shap().values.shape == (12, 4)


def test_every_outcome_of_three_can_be_explained_and_their_reasons_cancel():
    model = package("boosting_three")
    frame = model.reference.frame.head(9)
    by_output = explain_outputs(model, frame)
    assert list(by_output) == list(model.info.outputs)
    scores = model.score(frame)
    for at, found in enumerate(by_output.values()):
        np.testing.assert_allclose(found.base + found.values.sum(axis=1), scores[:, at], atol=1e-6)
    np.testing.assert_allclose(sum(found.values for found in by_output.values()), 0, atol=1e-9)
    shown = predict(model, frame).chosen
    usual = explain(model, frame).values
    for row, output in enumerate(shown):
        np.testing.assert_array_equal(list(by_output.values())[output].values[row], usual[row])


def test_pairs_add_up_to_the_columns_shares_of_the_shown_score(model):
    frame = model.reference.frame.head(7)
    if EXPECTED_METHOD[model.card.name] not in EXACT_HEADS:
        with pytest.raises(ModelError, match="for tree and linear models only"):
            explain_pairs(model, frame)
        return
    pairs = explain_pairs(model, frame)
    assert pairs.shape == (7, 4, 4)
    np.testing.assert_allclose(pairs.sum(axis=2), explain(model, frame).values, atol=1e-9 * max(1, np.abs(pairs).max()))
    np.testing.assert_allclose(pairs, np.swapaxes(pairs, 1, 2))


def test_path_dependent_reasons_need_the_training_rows_of_each_node():
    with pytest.raises(ModelError, match="Give `covers` to write_package"):
        explain(package("forest"), package("forest").reference.frame.head(2), method="path-dependent")


def test_path_dependent_reasons_add_up_and_differ_from_those_against_the_reference_rows(tmp_path):
    plain = package("forest")
    trees = plain.onnx
    nodes = sum(len(item.ints) for item in head_of(trees).attribute if item.name == "nodes_nodeids")
    with_covers = replace(plain, card=replace(plain.card, covers=tuple(counted(head_of(trees), nodes))))
    frame = plain.reference.frame.head(20)
    found = explain(with_covers, frame, method="path-dependent")
    assert found.method == "path-dependent"
    assert found.gap.max() < 1e-5
    assert np.abs(found.values - explain(plain, frame).values).max() > 1e-3


def head_of(content):
    import onnx

    proto = onnx.load_model_from_string(content)
    return next(node for node in proto.graph.node if node.op_type.startswith("TreeEnsemble"))


def counted(head, nodes):
    """Rows for each node as if every leaf had been reached by one."""
    from explain.attributions.ensembles import LEAF, read_nodes

    flat = read_nodes(head, 10**6)
    counts = [0.0] * nodes

    def below(i):
        counts[i] = 1.0 if flat.mode[i] == LEAF else below(flat.true[i]) + below(flat.false[i])
        return counts[i]

    for root in flat.roots:
        below(root)
    return counts
