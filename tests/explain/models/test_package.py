"""Packages are written, read back whole, and refused when they are not what they say."""

import json
import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest

from explain.errors import ModelError, NotFoundError
from explain.models import load_model, write_package
from explain.models.card import propose_schema, read_card
from tests.conftest import FIXTURES, package


def test_a_folder_and_its_zip_give_the_same_model(tmp_path, boosting):
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", FIXTURES / "histogram_boosting")
    zipped = load_model(archive)
    assert zipped.info == boosting.info
    np.testing.assert_array_equal(zipped.score(boosting.reference.frame), boosting.score(boosting.reference.frame))


def test_a_sample_is_found_by_its_name():
    assert load_model("penguins").info.outputs == ("Adelie", "Chinstrap", "Gentoo")


@pytest.mark.parametrize("name", ["nothing", "../secrets", "a/b"])
def test_an_unknown_model_is_not_found(name):
    with pytest.raises(NotFoundError, match="There is no model"):
        load_model(name)


def test_a_changed_file_is_refused(tmp_path):
    shutil.copytree(FIXTURES / "forest", tmp_path / "forest")
    onnx = tmp_path / "forest" / "model.onnx"
    onnx.write_bytes(onnx.read_bytes() + b" ")
    with pytest.raises(ModelError, match="model.onnx is not the file that the card describes"):
        load_model(tmp_path / "forest")


@pytest.mark.parametrize("lacking", ["model.onnx", "card.json", "reference.parquet"])
def test_a_package_that_lacks_a_file_is_refused(tmp_path, lacking):
    shutil.copytree(FIXTURES / "forest", tmp_path / "forest")
    (tmp_path / "forest" / lacking).unlink()
    with pytest.raises(ModelError, match=f"'forest' is not a model package: it lacks {lacking}"):
        load_model(tmp_path / "forest")


def test_a_zip_member_with_a_path_of_its_own_writes_nothing(tmp_path):
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("model.onnx", "card.json", "reference.parquet"):
            archive.write(FIXTURES / "forest" / name, f"../../{name}")
    with pytest.raises(ModelError) as caught:
        load_model(path)
    assert str(caught.value) == (
        "'../../model.onnx' in the ZIP archive is a path that leads out of it. Pack only the model."
    )
    assert [item.name for item in tmp_path.iterdir()] == ["evil.zip"]


def test_what_is_no_zip_is_refused(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"not a zip")
    with pytest.raises(ModelError, match="neither a package's folder nor its zip"):
        load_model(tmp_path / "x.zip")


def with_low(card, low):
    return json.dumps(card | {"schema": [card["schema"][0] | {"low": low}, *card["schema"][1:]]})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda card: "{", "card.json is not JSON"),
        (lambda card: json.dumps(card | {"format": 99}), "is not a model card of format 1"),
        (
            lambda card: json.dumps({key: value for key, value in card.items() if key != "schema"}),
            "lacks or misspells an entry",
        ),
        (lambda card: json.dumps(card | {"task": "guess"}), "must name a task"),
        (lambda card: "[" * 100_000, "nests without end, or has a number without end"),
        (lambda card: '{"name": ' * 100_000, "nests without end, or has a number without end"),
        (lambda card: '{"version": ' + "9" * 5_000 + "}", "nests without end, or has a number without end"),
        (lambda card: with_low(card, float("nan")), "has an entry 'low' of column 1 of another type than expected"),
        (lambda card: with_low(card, float("inf")), "has an entry 'low' of column 1 of another type than expected"),
        (lambda card: with_low(card, 10**400), "has an entry 'low' of column 1 of another type than expected"),
        (lambda card: json.dumps(card | {"title": "\ud800"}), "has an entry 'title' of another type than expected"),
    ],
)
def test_a_card_that_is_wrong_is_refused_with_what_is_wrong(change, sentence):
    card = json.loads((FIXTURES / "forest" / "card.json").read_text())
    with pytest.raises(ModelError, match=sentence):
        read_card(change(card))


def test_a_card_comes_back_as_it_was_written(model):
    assert read_card(model.card.to_json()) == model.card


def test_what_is_no_onnx_is_refused(tmp_path):
    with pytest.raises(ModelError, match="The model file is not ONNX"):
        write_package(tmp_path / "p", onnx=b"\xff\xff\xff", reference=pd.DataFrame({"a": [1.0]}), outputs=["x", "y"])


def reference():
    model = package("forest")
    return model, model.reference.frame.assign(result=["no", "yes"] * 120)


@pytest.mark.parametrize(
    ("held_out", "count", "said"),
    [
        (True, 240, "all rows, as the author says"),
        (False, 0, "no rows, as the author says"),
        (np.arange(240) < 60, 60, "a mask given by the author"),
    ],
)
def test_held_out_rows_are_marked_and_the_card_says_how(tmp_path, held_out, count, said):
    model, frame = reference()
    loaded = load_model(
        write_package(tmp_path / "p", onnx=model.onnx, reference=frame, target="result", held_out=held_out)
    )
    assert int(loaded.reference.held_out.sum()) == count
    assert loaded.card.held_out == said


def test_a_column_can_mark_the_held_out_rows(tmp_path):
    model, frame = reference()
    frame["kept"] = [True, False] * 120
    loaded = load_model(
        write_package(tmp_path / "p", onnx=model.onnx, reference=frame, target="result", held_out="kept")
    )
    assert int(loaded.reference.held_out.sum()) == 120
    assert "kept" not in loaded.schema.names


def test_a_mask_of_the_wrong_length_is_refused(tmp_path):
    model, frame = reference()
    with pytest.raises(ModelError, match="held_out must have one entry a reference row: 240, got 3"):
        write_package(tmp_path / "p", onnx=model.onnx, reference=frame, target="result", held_out=np.ones(3))


def test_classes_are_read_off_the_outcomes_when_not_said(tmp_path):
    model, frame = reference()
    loaded = load_model(write_package(tmp_path / "p", onnx=model.onnx, reference=frame, target="result"))
    assert loaded.info.outputs == ("no", "yes")
    assert loaded.info.shown == 1
    assert loaded.info.task == "binary"


def test_the_schema_says_what_the_reference_rows_say():
    schema = propose_schema(
        pd.DataFrame({"age": [20, 30, 40], "x": [0.5, None, 1.5], "city": ["b", "a", "b"]}),
        {"age": {"label": "Age", "unit": "years"}},
    )
    age, x, city = schema
    assert (age.title, age.unit, age.low, age.high, age.typical, age.integer) == ("Age", "years", 20, 40, 30, True)
    assert (x.kind, x.integer, round(x.missing_share, 3)) == ("number", False, 0.333)
    assert (city.kind, city.categories, city.typical) == ("category", ("a", "b"), "b")


def test_ids_are_no_category():
    frame = pd.DataFrame({"id": [f"k{at}" for at in range(300)]})
    with pytest.raises(ModelError, match="Column 'id' has 300 different texts in 300 rows: an id, or free text"):
        propose_schema(frame)
    assert len(propose_schema(frame, {"id": {"kind": "category"}})["id"].categories) == 300
    assert len(propose_schema(pd.concat([frame] * 2))["id"].categories) == 300


def test_scores_are_probabilities_of_the_named_outputs(model):
    scores = model.score(model.reference.frame)
    assert scores.shape == (240, len(model.info.outputs))
    if model.info.task != "regression":
        np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-6)


def test_batch_and_single_rows_score_the_same(model):
    frame = model.reference.frame.head(5)
    batch = model.score(frame)
    for row in range(5):
        np.testing.assert_allclose(model.score(frame.iloc[[row]])[0], batch[row], rtol=1e-6)


def test_blank_and_unknown_categories_do_not_stop_the_model(model):
    frame = model.reference.frame.head(2).copy()
    frame["city"] = pd.Series([None, "never seen"], dtype=object)
    assert np.isfinite(model.score(frame)).all()


def test_the_nearest_reference_row_of_a_reference_row_is_itself(model):
    for at in (0, 17, 101):
        positions, distances = model.reference.nearest(model.reference.frame.iloc[[at]], most=3)
        assert distances[0] == 0
        assert model.reference.frame.iloc[positions[0]].equals(model.reference.frame.iloc[at])
        assert (np.diff(distances) >= 0).all()


def test_distance_is_the_mean_over_the_columns_asked_for(boosting):
    row = boosting.reference.frame.iloc[[0]].copy()
    row["city"] = "nowhere"
    _, distances = boosting.reference.nearest(row, ["city"], most=240)
    assert (distances == 1).all()
    _, both = boosting.reference.nearest(row, ["city", "income"], most=240)
    assert both[0] == 0.5
