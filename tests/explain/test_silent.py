"""What was once read wrong in silence, each held against the predictions of the library that the model came from."""

import io
import json

import lightgbm
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import explain
from explain.adding.choices import Choices
from explain.adding.draft import draft
from explain.adding.install import install
from explain.models.parity import Parity
from explain.models.sources.open import open_source
from explain.quality import check, profile_of
from explain.tables import read_rows
from tests.conftest import KINDS, package

COUNT = 240
DRAW = np.random.default_rng(4)


def light(frame, outcome):
    """A LightGBM model as text, which lists the categories it was trained with."""
    coded = frame.assign(**{name: frame[name].astype("category") for name in frame if frame[name].dtype == "str"})
    model = lightgbm.LGBMRegressor(n_estimators=20, min_child_samples=5, verbose=-1).fit(coded, outcome)

    def predict(rows):
        held = {
            name: pd.Categorical(rows[name], coded[name].cat.categories) for name in coded.select_dtypes("category")
        }
        return model.predict(rows.assign(**held))

    return model.booster_.model_to_string().encode(), predict


def added(content, text, home, **said):
    """The package of a model and reference rows as a CSV file holds them."""
    rows = read_rows(text.encode()).frame
    return install(draft(open_source(content, rows), rows, Choices(target="price", **said)), Parity("unproven"), home)


def scored(package, upload):
    """The predictions for an upload as a file holds it, and its marks: (row, check) of errors and warnings."""
    decisions = explain.review(explain.read_table(upload, package.schema), package)
    marks = {(int(row), item.check) for item in decisions.warnings if item.severity != "info" for row in item.rows}
    return decisions.prediction.scores[:, 0], marks


def test_thousands_of_whole_numbers_are_thousands_in_every_column(tmp_path):
    frame = pd.DataFrame({f"bill_{at}": DRAW.integers(-2_000, 90_000, COUNT) * 1.0 for at in range(3)})
    frame["limit"] = DRAW.integers(1, 50, COUNT) * 10_000.0
    price = frame["limit"] / 1_000 + frame["bill_0"] / 500
    content, predict = light(frame, price)
    package = added(content, frame.assign(price=price).to_csv(index=False), tmp_path)
    fresh = frame.head(40)
    dotted = fresh.map(lambda cell: f"{int(cell):,}".replace(",", ".")).to_csv(index=False, sep=";")
    found, _ = scored(package, dotted.encode())
    np.testing.assert_allclose(found, predict(fresh), rtol=1e-9)


def test_a_word_for_a_blank_is_the_blank_that_the_model_learned_from(tmp_path):
    frame = pd.DataFrame(
        {"area": DRAW.normal(90, 20, COUNT).round(1), "alley": DRAW.choice(["NA", "Grvl", "Pave"], COUNT)}
    )
    price = frame["area"] * 10 + 300 * (frame["alley"] == "Pave") - 200 * (frame["alley"] == "NA")
    text = frame.assign(price=price).to_csv(index=False)
    read = pd.read_csv(io.StringIO(text))  # as its owner did: NA is a blank
    texts = make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), OneHotEncoder(handle_unknown="ignore"))
    model = make_pipeline(ColumnTransformer([("t", texts, ["alley"])], remainder="passthrough"), Ridge())
    model.fit(read[["area", "alley"]], read["price"])
    package = added(skops.io.dumps(model), text, tmp_path)
    found, marks = scored(package, frame.head(60).to_csv(index=False).encode())
    np.testing.assert_allclose(found, model.predict(read[["area", "alley"]].head(60)), rtol=1e-9)
    assert not {mark for mark in marks if mark[1] != "unlikely"}
    assert "NA" not in package.schema["alley"].categories


@pytest.mark.parametrize(
    "spelt", [("True", "False"), ("true", "false"), ("Yes", "No"), ("Y", "N"), ("t", "f"), ("1", "0")]
)
def test_yes_and_no_are_one_and_nought_in_any_words(spelt, tmp_path):
    frame = pd.DataFrame({"size": DRAW.normal(10, 3, COUNT).round(2), "own": DRAW.integers(0, 2, COUNT) * 1.0})
    price = frame["size"] * 4 + 9 * frame["own"]
    content, predict = light(frame, price)
    package = added(content, frame.assign(own=frame["own"] == 1, price=price).to_csv(index=False), tmp_path)
    fresh = frame.head(50)
    said = fresh.assign(own=[spelt[0] if cell else spelt[1] for cell in fresh["own"]])
    found, marks = scored(package, said.to_csv(index=False).encode())
    np.testing.assert_allclose(found, predict(fresh), rtol=1e-9)
    assert {mark for mark in marks if mark[1] != "unlikely"} == set()


def test_a_category_that_the_models_file_lists_is_known_though_the_reference_lacks_it(tmp_path):
    frame = pd.DataFrame({"power": DRAW.normal(100, 25, COUNT).round(1)})
    frame["system"] = pd.Series(DRAW.choice(["mpfi", "2bbl", "idi"], COUNT), dtype="str")
    frame.loc[:8, "system"] = "spfi"
    price = frame["power"] * 100 + 9_000 * (frame["system"] == "spfi")
    content, predict = light(frame, price)
    package = added(content, frame.assign(price=price).iloc[9:].to_csv(index=False), tmp_path)
    fresh = frame.head(9)
    found, marks = scored(package, fresh.to_csv(index=False).encode())
    np.testing.assert_allclose(found, predict(fresh), rtol=1e-9)
    assert not {mark for mark in marks if "category" in mark[1]}


def test_leading_noughts_are_digits_where_the_model_takes_numbers(tmp_path):
    frame = pd.DataFrame({"zone": DRAW.integers(1, 99, COUNT) * 1.0, "size": DRAW.normal(5, 1, COUNT).round(2)})
    price = frame["zone"] * 3 + frame["size"]
    content, predict = light(frame, price)
    spelt = frame.assign(zone=[f"{int(cell):03d}" for cell in frame["zone"]], price=price)
    package = added(content, spelt.to_csv(index=False), tmp_path)
    found, _ = scored(package, spelt.drop(columns="price").head(40).to_csv(index=False).encode())
    np.testing.assert_allclose(found, predict(frame.head(40)), rtol=1e-9)


def test_a_date_is_the_days_that_the_model_takes(tmp_path):
    days = DRAW.integers(17_000, 20_000, COUNT) * 1.0
    frame = pd.DataFrame({"start": days, "size": DRAW.normal(5, 1, COUNT).round(2)})
    price = frame["start"] / 100 + frame["size"]
    model = HistGradientBoostingRegressor(max_iter=20, random_state=0).fit(frame, price)
    iso = frame.assign(start=[str(np.datetime64(int(day), "D")) for day in days], price=price)
    package = added(skops.io.dumps(model), iso.to_csv(index=False), tmp_path)
    assert package.schema["start"].is_date
    found, _ = scored(package, iso.drop(columns="price").head(40).to_csv(index=False).encode())
    np.testing.assert_allclose(found, model.predict(frame.head(40)), rtol=1e-9)


def test_json_as_pandas_writes_it_by_default_has_its_rows(tmp_path):
    frame = pd.DataFrame({"size": DRAW.normal(10, 3, COUNT).round(2), "own": DRAW.integers(0, 5, COUNT) * 1.0})
    content, predict = light(frame, frame["size"] + frame["own"])
    package = added(content, frame.assign(price=frame["size"] + frame["own"]).to_csv(index=False), tmp_path)
    text = frame.head(3).to_json()
    assert list(json.loads(text)) == ["size", "own"]
    found, _ = scored(package, text.encode())
    np.testing.assert_allclose(found, predict(frame.head(3)), rtol=1e-9)


READ_WRONG = {"unread", "repaired", "near-miss category", "new category", "other words", "two readings", "other unit"}


@pytest.mark.parametrize("kind", KINDS)
def test_reference_rows_that_come_back_as_a_file_are_read_as_they_are(kind):
    model = package(kind)
    frame = model.reference.frame.reset_index(drop=True)
    table = explain.read_table(frame.to_csv(index=False).encode(), model.schema)
    for column in model.schema:
        assert table.frame[column.name].equals(frame[column.name]), column.name
    found = check(table, profile_of(model))
    assert {item.check for item in found if item.severity != "info"} & READ_WRONG == set()
