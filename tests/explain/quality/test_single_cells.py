"""Each kind of fault in a cell is found, and said in its exact sentence."""

import numpy as np
import pytest

from explain.quality import check
from explain.quality.catalog import CATALOG
from explain.tables import read_table
from tests.explain.quality.cases import PROFILE, REFERENCE, SCHEMA, table_of, warnings

CASES = [
    ({"age": [30, None]}, "missing", "warning", "Age is missing; past rows were never blank here.", None),
    (
        {"rate": [0.5, None]}, "missing", "info",
        "Rate is missing; usual: 20 of 100 past rows were blank here, too.", None,
    ),
    ({"city": ["Bern", None]}, "missing", "warning", "City is missing; past rows were never blank here.", None),
    (
        {"age": ["30", "about 42"]}, "wrong type", "error",
        "Age = “about 42” is not a number. The model was given a blank instead.", None,
    ),
    (
        {"age": [30, -999]}, "sentinel", "error",
        "Age = -999 looks like a code for “not known” (usual are 18–75 years). Leave the cell blank.", None,
    ),
    (
        {"age": [30, 9999]}, "sentinel", "error",
        "Age = 9,999 looks like a code for “not known” (usual are 18–75 years). Leave the cell blank.", None,
    ),
    (
        {"age": [30, 412]}, "out of range", "error",
        "Age = 412 is above anything the model saw (18–75 years). Did you mean 41?", "41",
    ),
    (
        {"age": [30, -30]}, "out of range", "error",
        "Age = -30 is below anything the model saw (18–75 years). Did you mean 30?", "30",
    ),
    (
        {"age": [30, 42000]}, "out of range", "error",
        "Age = 42,000 is above anything the model saw (18–75 years). Did you mean 42?", "42",
    ),
    ({"age": [30, 80]}, "out of range", "warning", "Age = 80 is above anything the model saw (18–75 years).", None),
    ({"age": [30, 95]}, "out of range", "warning", "Age = 95 is above anything the model saw (18–75 years).", None),
    ({"age": [30, 12]}, "out of range", "warning", "Age = 12 is below anything the model saw (18–75 years).", None),
    ({"age": [30, 5]}, "out of range", "warning", "Age = 5 is below anything the model saw (18–75 years).", None),
    ({"rate": [0.5, -7]}, "out of range", "warning", "Rate = -7 is below anything the model saw (-5–5).", None),
    ({"rate": [0.5, -5.01]}, "out of range", "info", "Rate = -5.01 is below anything the model saw (-5–5).", None),
    (
        {"rate": [0.5, 2]}, "empty gap", "warning",
        "Rate = 2 lies where the model saw nothing, between 0.98 and 3.", None,
    ),
    ({"age": [30, 30.5]}, "not whole", "warning", "Age = 30.5 is not whole; past values always were.", None),
    (
        {"city": ["Bern", "Rom"]}, "near-miss category", "warning",
        "City = “Rom” is not a value the model knows. Did you mean “Rome”?", "Rome",
    ),
    (
        {"city": ["Bern", "Paris"]}, "new category", "warning",
        "City = “Paris” is new to the model. It knows “Bern”, “Oslo” and “Rome”.", None,
    ),
    (
        {"age": ["30"] + ["€ 41"] + ["30"] * 9}, "repaired", "info",
        "Age = “€ 41” was read as 41 years: the currency sign was left out.", "41",
    ),
    (
        {"age": ["30"] + ["41 years"] + ["30"] * 9}, "repaired", "info",
        "Age = “41 years” was read as 41 years: the unit was left out.", "41",
    ),
    (
        {"rate": ["0.5"] + ["0,25"] + ["0.5"] * 9}, "repaired", "info",
        "Rate = “0,25” was read as 0.25: the comma is a decimal mark.", "0.25",
    ),
    (
        {"city": ["Bern", "ROME"]}, "repaired", "info",
        "City = “ROME” was read as Rome: only case or spaces differ.", "Rome",
    ),
    (
        {"job": ["cook", "nuurse"] + ["cook"] * 98}, "near-miss category", "warning",
        "Job = “nuurse” is not a value the model knows. Did you mean “nurse”?", "nurse",
    ),
    (
        {"job": ["cook", "nûrse".encode().decode("latin-1")]}, "repaired", "info",
        "Job = “nÃ»rse” was read as nurse: it was garbled by a wrong encoding.", "nurse",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "kind", "severity", "sentence", "suggestion"), CASES)
def test_each_fault_is_said_in_its_sentence(cells, kind, severity, sentence, suggestion):
    (found,) = [item for item in warnings(**cells) if not item.whole_column]
    assert (found.check, found.severity, found.messages) == (kind, severity, (sentence,))
    assert found.rows.tolist() == [1]
    assert found.suggestion == (suggestion,)
    assert found.applied == (kind == "repaired")
    assert kind in CATALOG


def test_a_rare_category_is_said_where_the_reference_is_large_enough():
    import pandas as pd

    from explain.models.card import propose_schema
    from explain.quality import Profile

    past = pd.DataFrame({"city": ["Bern"] * 1_200 + ["Oslo"]})
    schema = propose_schema(past, {"city": {"label": "City"}})
    (found,) = check(read_table(pd.DataFrame({"city": ["Bern", "Oslo"]}), schema), Profile(schema, past))
    assert found.severity == "info"
    assert found.messages == ("City = “Oslo” is rare: 1 of 1,201 past rows had it.",)


def test_where_new_categories_are_usual_an_unseen_one_only_informs():
    import pandas as pd

    from explain.models.card import propose_schema
    from explain.quality import Profile

    past = pd.DataFrame({"firm": [f"firm {at}" for at in range(150)] + ["firm 0"] * 50})
    schema = propose_schema(past, {"firm": {"label": "Firm"}})
    (found,) = check(read_table(pd.DataFrame({"firm": ["acme"]}), schema), Profile(schema, past))
    assert found.severity == "info"
    assert found.messages == ("Firm = “acme” is new to the model. New values are usual here.",)


def test_a_category_that_comes_often_is_proposed_and_not_corrected():
    found = warnings(job=["nuurse"] * 30 + ["cook"] * 70)
    assert [(item.check, len(item.rows)) for item in found if item.column == "job" and len(item.rows)] == [
        ("near-miss category", 30)
    ]


def test_a_column_written_with_commas_throughout_needs_no_remark_in_each_cell():
    table = table_of(rate=["0,5"] * 20)
    assert [note.text for note in table.notes if note.column == "rate"] == ["Rate was read with a decimal comma."]
    assert [item for item in check(table, PROFILE) if item.column == "rate" and not item.whole_column] == []


def test_a_column_blank_in_every_row_is_warned_of_as_a_whole_and_in_each_row():
    found = {item.check: item for item in warnings(age=[None, None])}
    assert found["missing column"].whole_column
    assert found["missing column"].messages == (
        "Age is blank in every row. The model has to guess without it; check the export.",
    )
    assert found["missing"].messages == ("Age is missing; past rows were never blank here.",) * 2


def test_infinity_is_no_number():
    (found,) = warnings(age=[30.0, np.inf])
    assert found.messages == ("Age = “inf” is not a number. The model was given a blank instead.",)


def test_clean_rows_have_no_warning():
    assert warnings(age=[18, 75], city=["Bern", "Oslo"]) == ()


def test_the_reference_itself_has_no_error_or_warning():
    frame = REFERENCE.assign(case_id=[f"C{at}" for at in range(len(REFERENCE))])
    found = check(read_table(frame, SCHEMA), PROFILE)
    assert [item for item in found if item.severity != "info"] == []


def test_a_repaired_table_has_no_warning_of_that_kind():
    found = warnings(age=[30, 412, 30.5])
    mended = warnings(age=[30, 41, 30])
    assert {item.check for item in found} >= {"out of range", "not whole"}
    assert mended == ()


def test_adding_a_clean_row_changes_no_warning_of_another():
    before = warnings(age=[30, 412, 80], city=["Bern", "Paris", "Bern"])
    after = warnings(age=[30, 412, 80, 44], city=["Bern", "Paris", "Bern", "Oslo"])
    said = [[(item.check, item.rows.tolist(), item.messages) for item in found] for found in (before, after)]
    assert said[0] == said[1]


def test_the_order_of_rows_does_not_matter():
    straight = warnings(age=[30, 412, 12, None])
    turned = warnings(age=[None, 12, 412, 30])
    said = [{(item.check, item.severity, tuple(item.messages)) for item in found} for found in (straight, turned)]
    assert said[0] == said[1]
    assert sorted(3 - row for item in straight for row in item.rows.tolist()) == sorted(
        row for item in turned for row in item.rows.tolist()
    )
