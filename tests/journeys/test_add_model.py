"""A model of one's own: added in three steps, used, replaced, renamed, taken along, deleted; refused with a way out."""

import io
import json
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
import skops.io
from onnx import TensorProto, helper
from playwright.sync_api import expect
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from explain.models import load_model
from tests.explain.adding.late import trained
from tests.explain.adding.test_scores import CHANCE, NUMBERS, ONE_LOGIT, TWO, linear
from tests.journeys.steps import drawn, in_address, settled


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    rows, content = trained()
    rows.to_csv(folder / "rows.csv", index=False)
    rows.drop(columns=["outcome", "split"]).head(40).to_csv(folder / "upload.csv", index=False)
    (folder / "late_payers.txt").write_bytes(content)
    (folder / "model.pkl").write_bytes(b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R.")
    return folder


def drop(page, label, path):
    page.locator("[data-testid=stFileUploader]").filter(has_text=label).locator("input[type=file]").set_input_files(
        path
    )
    expect(page.get_by_text(path.name, exact=True).first).to_be_visible()
    settled(page)


def add(page, files, called):
    page.get_by_role("button", name="Add a model").click()
    drop(page, "Drop the model file here", files / "late_payers.txt")
    drop(page, "Drop a table here", files / "rows.csv")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Past rows fit this order best: in time, late")).to_be_visible()
    page.get_by_label("What people call the model").fill(called)
    page.get_by_label("What people call the model").press("Enter")
    settled(page)
    page.get_by_role("button", name="Prove it").click()
    expect(page.get_by_text("Predicts what the original predicts.")).to_be_visible()


def test_a_model_of_ones_own_is_added_used_replaced_taken_along_and_deleted(open_page, files, server):
    page = open_page("library")
    add(page, files, "Late payers")
    page.get_by_role("button", name="Add the model").click()
    assert in_address(page, "model") == "late_payers"
    settled(page)
    expect(page.get_by_text("Late payers is added.")).to_be_visible()
    # its drivers at once, from its own past rows
    expect(drawn(page, "moves predictions most")).to_be_visible()
    expect(page.get_by_text("All rows shown, from 400 past rows")).to_be_visible()
    page.get_by_role("tab", name="What it is").click()
    expect(page.get_by_text("Compared with LightGBM")).to_be_visible()
    expect(page.get_by_text("400, 200 of them held out from training")).to_be_visible()

    # the way on stands on the page itself
    page.get_by_role("button", name="Open a table").click()
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(files / "upload.csv")
    in_address(page, "run")
    settled(page)
    expect(page.get_by_text("upload.csv · 40 rows reviewed")).to_be_visible()

    page.goto(server.url("library"))
    settled(page)
    add(page, files, "Late payers")
    page.get_by_role("combobox", name="Add it as").click()
    page.get_by_role("option", name="A new version of Late payers").click()
    settled(page)
    page.get_by_role("button", name="Add the model").click()
    in_address(page, "model")
    settled(page)
    page.get_by_role("tab", name="What it is").click()
    expect(page.get_by_text(re.compile(r"^2, sha256"))).to_be_visible()

    page.goto(server.url("library"))
    settled(page)
    page.locator(".st-key-more_late_payers button").first.click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download as one ZIP").click()
    content = coming.value.path().read_bytes()
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == [
        "late_payers/model.onnx", "late_payers/card.json", "late_payers/reference.parquet",
    ]  # fmt: skip
    page.locator(".st-key-delete_model_late_payers button").click()
    page.get_by_role("button", name="Cancel").click()
    settled(page)
    assert (server.home / "models" / "late_payers").exists()
    page.locator(".st-key-more_late_payers button").first.click()
    page.locator(".st-key-delete_model_late_payers button").click()
    page.locator(".st-key-delete_model_for_good button").click()
    settled(page)
    expect(page.get_by_text("Late payers", exact=True)).to_have_count(0)
    assert not (server.home / "models" / "late_payers").exists()


def test_a_pickle_that_would_call_something_is_refused_with_its_name(open_page, files):
    page = open_page("add")
    drop(page, "Drop the model file here", files / "model.pkl")
    drop(page, "Drop a table here", files / "rows.csv")
    expect(page.get_by_text("The file would have called os.system, which is not among the types")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)


def test_of_a_workbook_with_two_tables_it_is_asked_which_is_meant(open_page, files, tmp_path):
    rows, _ = trained()
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        rows.head(3).to_excel(book, sheet_name="notes", index=False)
        rows.to_excel(book, sheet_name="rows", index=False)
    page = open_page("add")
    drop(page, "Drop the model file here", files / "late_payers.txt")
    drop(page, "Drop a table here", tmp_path / "book.xlsx")
    page.get_by_role("combobox", name="Which sheet is the table?").click()
    page.get_by_role("option", name="rows").click()
    settled(page)
    expect(page.get_by_text("400 rows, 5 columns")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()


def test_outcomes_the_wrong_way_round_show_at_once_and_unknown_ones_are_refused(open_page, files):
    page = open_page("add")
    drop(page, "Drop the model file here", files / "late_payers.txt")
    drop(page, "Drop a table here", files / "rows.csv")
    page.get_by_role("button", name="Continue").click()
    outcomes = page.get_by_role("textbox", name="Outcomes, in the order of the model's scores")
    for typed, said in (
        ("early, late", "past rows hold “in time”"),
        ("late", "has 2 outcomes, but 1 name came"),
        ("late, in time", "The past rows speak against the order late, in time"),
    ):
        outcomes.fill(typed)
        outcomes.press("Enter")
        settled(page)
        page.get_by_role("button", name="Prove it").click()
        expect(page.get_by_text(said)).to_be_visible()
    expect(page.get_by_role("button", name="Add the model")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    settled(page)
    expect(outcomes).to_have_value("late, in time")
    page.get_by_role("button", name="Start over").click()
    settled(page)
    expect(page.get_by_text("Taken are ONNX of any producer")).to_be_visible()


def test_a_pipeline_of_scikit_learn_is_added_with_its_model_card(open_page, server, tmp_path):
    rows, _ = trained()
    cells = ColumnTransformer([("n", StandardScaler(), ["amount"]), ("t", OneHotEncoder(), ["town"])])
    model = make_pipeline(cells, LogisticRegression()).fit(rows[["amount", "town"]], rows["outcome"])
    skops.io.dump(model, tmp_path / "payers.skops")
    rows.to_csv(tmp_path / "rows.csv", index=False)
    (tmp_path / "card.md").write_text("---\nlicense: mit\n---\n## Intended use\n\nReminders, nothing else.\n")
    page = open_page("add")
    drop(page, "Drop the model file here", tmp_path / "payers.skops")
    drop(page, "Drop a table here", tmp_path / "rows.csv")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("A model card of it, if there is one").click()
    drop(page, "Drop it here", tmp_path / "card.md")
    expect(page.get_by_text("Reminders, nothing else.")).to_be_visible()
    question = page.get_by_label("The question that it answers")
    question.fill("Will this customer pay late?")
    question.press("Enter")
    settled(page)
    page.get_by_role("button", name="Prove it").click()
    expect(page.get_by_text("Compared with scikit-learn")).to_be_visible()
    page.get_by_role("button", name="Add the model").click()
    assert in_address(page, "model") == "payers"
    settled(page)
    expect(page.locator("h1.why-title")).to_contain_text("Will this customer pay late?")
    page.get_by_role("tab", name="What it is").click()
    expect(page.get_by_text("LogisticRegression.", exact=False).first).to_be_visible()
    card = json.loads((server.home / "models" / "payers" / "card.json").read_text())
    assert (card["licence"], card["intended_use"]) == ("mit", "Reminders, nothing else.")
    assert card["outputs"] == ["in time", "late"]


def test_logits_are_said_to_be_none_and_get_their_step_once_somebody_agrees(open_page, server, tmp_path):
    (tmp_path / "net.onnx").write_bytes(linear(*ONE_LOGIT))
    TWO.to_csv(tmp_path / "rows.csv", index=False)
    page = open_page("add")
    drop(page, "Drop the model file here", tmp_path / "net.onnx")
    drop(page, "Drop a table here", tmp_path / "rows.csv")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("The model's scores are no probabilities: they lie between -")).to_be_visible()
    prove = page.get_by_role("button", name="Prove it")
    expect(prove).to_be_disabled()
    assert prove.locator("p").evaluate("it => getComputedStyle(it).color") != "rgb(255, 255, 255)"  # on white
    page.get_by_text("They are logits: put a sigmoid behind them").click()
    settled(page)
    page.get_by_role("button", name="Prove it").click()
    page.get_by_role("button", name="Add the model").click()
    assert in_address(page, "model") == "net"
    settled(page)
    page.get_by_role("tab", name="What it is").click()
    expect(page.get_by_text("Its scores are logits; a sigmoid was put behind them.")).to_be_visible()
    np.testing.assert_allclose(load_model(server.home / "models" / "net").score(NUMBERS), CHANCE, atol=1e-6)


def spoken():
    """ONNX that gives margins and probabilities of a number and of a text whose categories it does not list, with rows
    that hold “NA” for Namibia and “null” for a blank.
    """
    codes = {"NA": 2.0, "NO": -1.0, "SE": 0.0}
    nodes = [
        helper.make_node(
            "LabelEncoder", ["land"], ["code"], domain="ai.onnx.ml", keys_strings=list(codes),
            values_floats=list(codes.values()), default_float=0.5,
        ),
        helper.make_node("Add", ["amount", "code"], ["margin"]),
        helper.make_node("Neg", ["margin"], ["other"]),
        helper.make_node("Concat", ["other", "margin"], ["logits"], axis=1),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]  # fmt: skip
    given = [("amount", TensorProto.FLOAT, 1), ("land", TensorProto.STRING, 1)]
    made = [(name, TensorProto.FLOAT, 2) for name in ("logits", "probabilities")]
    ends = [
        [helper.make_tensor_value_info(name, kind, [None, wide]) for name, kind, wide in ends] for ends in (given, made)
    ]
    versions = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(helper.make_graph(nodes, "g", *ends), opset_imports=versions, ir_version=9)
    draw = np.random.default_rng(0)
    rows = pd.DataFrame({"amount": draw.normal(size=90).round(3), "land": draw.choice([*codes, "null"], 90)})
    rows["outcome"] = np.where(rows["amount"] + rows["land"].map(codes).fillna(0.5) > 0, "yes", "no")
    return model.SerializeToString(), rows


def test_of_two_outputs_and_of_words_for_a_blank_it_is_asked_what_is_meant(open_page, server, tmp_path):
    content, rows = spoken()
    (tmp_path / "lands.onnx").write_bytes(content)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    page = open_page("add")
    drop(page, "Drop the model file here", tmp_path / "lands.onnx")
    drop(page, "Drop a table here", tmp_path / "rows.csv")
    output = page.get_by_role("combobox", name="Which output holds the scores?")
    expect(output).to_be_visible()
    expect(page.get_by_placeholder("Most likely: probabilities")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("2 outputs that could be its scores: “logits” and “probabilities”.")).to_be_visible()
    output.click()
    page.get_by_role("option", name="probabilities").click()
    settled(page)
    blanks = page.locator(".st-key-add_blanks")
    assert blanks.get_by_role("button", name=re.compile("^Remove ")).count() == 2
    blanks.get_by_role("button", name="Remove NA").click()
    settled(page)
    expect(blanks.get_by_role("button", name="Remove NA")).to_have_count(0)
    expect(blanks.get_by_role("button", name="Remove null")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Past rows fit this order best: no, yes")).to_be_visible()
    page.get_by_role("button", name="Prove it").click()
    page.get_by_role("button", name="Add the model").click()
    assert in_address(page, "model") == "lands"
    made = load_model(server.home / "models" / "lands")
    assert made.schema["land"].categories == ("NA", "NO", "SE")
    assert made.schema["land"].missing_share == pytest.approx((rows["land"] == "null").mean())
    scored = made.score(pd.DataFrame({"amount": [0.25], "land": ["NA"]}))[0]
    assert scored == pytest.approx([1 / (1 + np.exp(4.5)), 1 / (1 + np.exp(-4.5))])
