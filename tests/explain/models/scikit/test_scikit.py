"""Every pipeline of the zoo: the package says what scikit-learn says, on all rows and edge rows, or it is refused."""

import numpy as np
import pandas as pd
import pytest
import skops.io as sio

from explain.adding.choices import Choices
from explain.adding.draft import draft, proof
from explain.attributions import explain
from explain.errors import ModelError
from explain.models.card import propose_schema
from explain.models.edges import edge_rows
from explain.models.runtime import Runtime
from explain.models.scikit.ask import scorer
from explain.models.sources.open import open_source
from explain.models.sources.pipeline import open_pipeline
from tests.explain.models.scikit import zoo, zoo_steps

pytestmark = pytest.mark.usefixtures("quiet")

AS_SAME = 1e-6
"""Of a probability; of a value, times ten and as a share of the values' spread. XGBoost adds up in float32."""


def opened(model):
    """The source of a fitted model, its rows as an upload would bring them, and their schema."""
    source = open_pipeline(sio.dumps(model), zoo.rows()[0])
    facts, frame = source.facts, zoo.rows()[0]
    features = frame[list(facts.features)].astype({name: object for name in facts.features if name in zoo_steps.TEXTS})
    return source, features, propose_schema(features, {name: {"kind": kind} for name, kind in facts.kinds.items()})


def difference(source, features, schema):
    """The largest difference on reference rows and on edge rows that the library has an answer to."""
    edges = edge_rows(features, schema, source.thresholds(schema))
    rows = pd.concat([features, edges.frame], ignore_index=True)
    said = source.described
    ask, _ = scorer(source.content, {"all_columns": said.all_columns, "named": True, "task": said.task,
                                     "none_as_blank": said.none_as_blank})  # fmt: skip
    package = Runtime(source.to_onnx(schema), schema, source.facts.outputs).score(rows)
    largest, start = 0.0, len(features)
    for part in [(0, start), *((part.first + start, part.last + start) for part in edges.parts)]:
        try:
            own = np.asarray(ask(rows.iloc[slice(*part)])).reshape(part[1] - part[0], -1)
        except ValueError:
            assert part[0] > 0, "the reference rows themselves were refused"
            continue
        apart = np.abs(own - package[slice(*part)])
        if said.task == "regression":
            apart = apart / np.maximum(np.abs(own), np.ptp(package[:start])) / 10
        # a row whose answer hangs on a tie between neighbours has none
        assert np.isfinite(apart).mean() > 0.8 or part[0] > 0
        largest = max(largest, float(np.nanmax(apart, initial=0.0)))
    return largest, len(edges.frame)


@pytest.mark.parametrize("name", zoo.unfitted())
def test_a_pipeline_predicts_what_scikit_learn_predicts(name):
    source, features, schema = opened(zoo.fit(name))
    found, edges = difference(source, features, schema)
    assert edges > 100
    assert found <= AS_SAME


ASKED = ["step: marked blanks", "two: histogram with categories", "three: calibrated by steps"]
"""Asked in the limited process, as people do."""


@pytest.mark.parametrize("name", ASKED)
def test_the_proof_of_a_pipeline_is_made_apart_and_passes(name):
    model, outcome = zoo.unfitted()[name]
    frame, known = zoo.rows()
    frame = frame.assign(outcome=known[outcome])
    made = draft(open_source(sio.dumps(zoo.fit_on(model, outcome)), frame), frame, Choices(target="outcome"))
    found = proof(made)
    assert (found.verdict, found.flips, found.noticed, found.refused) == ("same", 0, 0, {})
    assert found.rows == len(frame)
    assert found.largest <= 1e-12
    assert made.asks == ""


@pytest.mark.parametrize("name", zoo.REFUSED)
def test_what_gives_no_probabilities_is_refused_by_name(name):
    model, outcome, said = zoo.REFUSED[name]
    with pytest.raises(ModelError, match=said):
        open_pipeline(sio.dumps(zoo.fit_on(model, outcome)), zoo.rows()[0])


def test_only_the_columns_that_count_are_asked_for():
    source, _, _ = opened(zoo.fit("step: by place"))
    assert source.facts.features == ("age", "income", "debt", "city")
    assert source.facts.kinds == {"age": "number", "income": "number", "debt": "number", "city": "category"}
    assert source.facts.classes == ("no", "yes")


def test_a_model_fitted_without_names_takes_columns_in_their_order():
    from sklearn.ensemble import RandomForestClassifier

    frame = zoo.rows()[0][["age", "children"]]
    known = zoo.rows()[1]["two"]
    content = sio.dumps(RandomForestClassifier(5, random_state=0).fit(frame.to_numpy(), known))
    rows = frame.assign(outcome=known)
    made = draft(open_source(content, rows), rows, Choices(target="outcome"))
    assert made.schema.names == ["age", "children"]
    assert proof(made).verdict == "same"
    wider = rows.assign(more=1.0)
    source = open_source(content, wider)
    with pytest.raises(ModelError, match="takes 2 columns that it has no names for, but the reference has 3"):
        draft(source, wider, Choices(target="outcome"))


def test_categories_of_pandas_are_read_by_histogram_boosting():
    from sklearn.ensemble import HistGradientBoostingClassifier

    frame, known = zoo.rows()
    typed = frame.astype({"job": "category", "city": "category"})
    model = HistGradientBoostingClassifier(max_iter=10, random_state=0).fit(typed, known["two"])
    source, features, schema = opened(model)
    assert source.facts.kinds["job"] == "category"
    assert difference(source, features, schema)[0] <= 1e-12


EXACT = {"step: standard": "linear", "step: bins": "linear", "step: target means": "linear",
         "two: forest after scaling": "trees", "two: histogram with categories": "trees", "two: ada": "trees",
         "three: bagging of trees": "trees", "value: poisson": "linear", "two: lightgbm": "trees"}  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_reasons_of_what_a_pipeline_became_are_exact(name, tmp_path):
    from explain.adding.install import install
    from explain.models.parity import Parity

    model, outcome = zoo.unfitted()[name]
    frame, known = zoo.rows()
    frame = frame.assign(outcome=known[outcome])
    made = draft(open_source(sio.dumps(zoo.fit_on(model, outcome)), frame), frame, Choices(target="outcome"))
    package = install(made, Parity("unproven"), tmp_path)
    found = explain(package, made.features.head(20))
    assert found.method == EXACT[name]
    assert found.gap.max() < 1e-12
    assert np.abs(found.values).sum() > 0
