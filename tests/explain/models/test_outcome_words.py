"""Outcomes in people's own words: shown everywhere, while data that calls them otherwise is still understood."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import explain
from explain.adding.choices import Choices
from explain.adding.columns import outcome_table, said_of_outcomes
from explain.adding.draft import draft, proof
from explain.adding.install import call_outcomes, install, install_package, zipped
from explain.adding.request import Request, add
from explain.decisions import runs
from explain.errors import ModelError
from explain.insight.truth import truth_of
from explain.models import load_model
from explain.models.card import read_card
from explain.models.catalog import earlier
from explain.models.package import outcome_numbers
from explain.models.sources.open import open_source
from tests.conftest import FIXTURES
from tests.explain.adding.late import trained

WORDS = {"late": "pays late", "in time": "pays in time"}
QUESTION = "Will this customer pay late?"
SAID = Choices(
    title="Late payers", target="outcome", outputs=("in time", "late"), held_out="split", left_out=("id",),
    question=QUESTION, outcome_words=WORDS,
)  # fmt: skip


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    rows, content = trained()
    made = draft(open_source(content, rows), rows, SAID)
    return install(made, proof(made), tmp_path_factory.mktemp("words"))


def test_the_card_shows_the_words_and_keeps_what_the_data_says(package):
    card = load_model(package.path).card
    assert card.outputs == ("pays in time", "pays late")
    assert card.aliases == ("in time", "late")
    assert card.question == package.info.question == QUESTION
    assert package.info.shown == 1


def test_outcomes_are_matched_by_either_name_whatever_the_case(package):
    told = pd.Series(["late", "Pays Late", "IN TIME", "pays in time", "never", None])
    np.testing.assert_array_equal(outcome_numbers(told, package.info), [1, 1, 0, 0, np.nan, np.nan])


def test_reference_outcomes_in_the_datas_own_names_still_measure_confidence(package):
    assert np.isfinite(package.reference.outcomes).all()
    rows, _ = trained()
    assert package.reference.outcomes.sum() == (rows["outcome"] == "late").sum()


@pytest.mark.parametrize("called", [{}, WORDS])
def test_an_uploads_outcome_column_is_held_against_the_decisions(package, called, tmp_path):
    rows, _ = trained()
    frame = rows.drop(columns="split").head(60)
    decisions = explain.review(frame.assign(outcome=frame["outcome"].replace(called)), package)
    assert set(decisions[0].scores) == {"pays in time", "pays late"}
    assert truth_of(decisions).known.all()
    stored = runs.load(runs.save(decisions, tmp_path), tmp_path)
    assert stored.model == decisions.model


@pytest.mark.parametrize("told", [{"late": "late", "in time": "in time"}, WORDS])
def test_expected_predictions_are_matched_by_either_name(told):
    rows, content = trained()
    made = draft(open_source(content, rows), rows, replace(SAID, expected=""))
    predicted = np.array(made.outputs, dtype=object)[made.scores.argmax(axis=1)]
    wanted = rows.assign(predicted=[told[name] for name in predicted])
    again = draft(open_source(content, wanted), wanted, replace(SAID, expected="predicted"))
    assert proof(again).verdict == "same"


def test_a_review_in_other_words_is_another_review(package):
    table = explain.read_table(trained()[0].head(40), package.schema)
    plain = replace(package.info, outputs=package.info.aliases, aliases=(), question="")
    assert len({runs.run_id(info, table, 0.9) for info in (plain, package.info, replace(plain, question="?"))}) == 3


@pytest.mark.parametrize("words", [{"late": "in time"}, {"late": "x", "in time": "X"}])
def test_words_that_two_outcomes_would_share_are_refused(words, tmp_path):
    rows, content = trained()
    made = draft(open_source(content, rows), rows, replace(SAID, outcome_words=words))
    with pytest.raises(ModelError, match="The words for the outcomes are not clear"):
        install(made, proof(made), tmp_path)


def test_a_card_without_words_or_question_is_written_and_read_as_before():
    card = load_model("german_credit").card
    text = card.to_json()
    assert "aliases" not in text
    assert "question" not in text
    assert read_card(text) == card
    assert (card.question, card.aliases) == ("", ())


def test_the_table_of_words_gives_what_was_filled_in():
    table = outcome_table(("No", "Yes"), {"Yes": "leaves"})
    assert said_of_outcomes(table) == {"Yes": "leaves"}


def test_the_command_line_takes_words_and_question(tmp_path):
    rows, content = trained()
    rows.to_csv(tmp_path / "rows.csv", index=False)
    (tmp_path / "late.txt").write_bytes(content)
    request = Request(
        str(tmp_path / "late.txt"), str(tmp_path / "rows.csv"), outcomes=("in time", "late"), question=QUESTION,
        outcome_words=("pays in time", "pays late"),
    )  # fmt: skip
    made = add(request, tmp_path / "home")
    assert (made.card.outputs, made.card.aliases) == (("pays in time", "pays late"), ("in time", "late"))
    assert made.card.question == QUESTION
    with pytest.raises(ModelError, match="takes one word for each of in time, late; 1 came"):
        add(replace(request, outcome_words=("one",)), tmp_path / "home")


def test_words_are_set_later_in_a_new_version_while_reviews_made_before_keep_theirs(package, tmp_path):
    home = tmp_path / "home"
    name = install_package(zipped(package), home).card.name
    before = explain.review(
        explain.read_table(trained()[0].head(40), package.schema), load_model(home / "models" / name)
    )
    again = call_outcomes(name, {"late": "defaults", "in time": ""}, home)
    assert again.card.outputs == ("in time", "defaults")
    assert again.card.aliases == ("in time", "late")
    assert again.card.version == package.card.version + 1
    assert again.reference.outcomes.sum() == package.reference.outcomes.sum()
    kept = load_model(earlier(home, name)[package.card.version])
    assert kept.info.outputs == before.model.outputs == ("pays in time", "pays late")
    # the same words once more are no new version, and none at all are those of the data
    assert call_outcomes(name, {"late": "defaults"}, home).card.version == again.card.version
    assert call_outcomes(name, {}, home).card.aliases == ()


def test_two_outcomes_are_never_called_alike(package, tmp_path):
    name = install_package(zipped(package), tmp_path).card.name
    with pytest.raises(ModelError, match="are not clear"):
        call_outcomes(name, {"late": "in time"}, tmp_path)
    assert load_model(tmp_path / "models" / name).card.version == package.card.version


def test_a_value_has_no_outcomes_to_name(tmp_path):
    name = install_package(zipped(load_model(FIXTURES / "forest_value")), tmp_path).card.name
    with pytest.raises(ModelError, match="predicts a value"):
        call_outcomes(name, {"income": "money"}, tmp_path)
