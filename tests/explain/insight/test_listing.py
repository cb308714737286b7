"""Filter, sort and page over a whole review."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import explain
from explain import words
from explain.decisions import verdict
from explain.decisions.verdict import KINDS
from explain.insight.columns import column_facts
from explain.insight.listing import Filter, Sort, counts, listing_of, marked_chips, select, summary
from explain.insight.page_table import page_frame
from explain.insight.score_bins import score_bins
from tests.conftest import package
from tests.explain.test_pipeline import FAULTY


@pytest.fixture
def decisions(model):
    return explain.review(FAULTY, model)


@pytest.fixture
def listing(decisions):
    return listing_of(decisions)


def ids(listing, kept, order="upload"):
    return [listing.decisions.table.row_ids[at] for at in select(listing, kept, order)]


def test_no_filter_keeps_all_in_upload_order(listing):
    assert ids(listing, Filter()) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (Filter(chips=("warned",)), ["c", "d"]),
        (Filter(chips=("check:new category",)), ["d"]),
        (Filter(chips=("remarks",)), ["b"]),
        (Filter(chips=("remarks", "check:new category")), ["b", "d"]),
        (Filter(chips=("no such chip",)), ["a", "b", "c", "d"]),
        (Filter(column="city"), ["c", "d"]),
        (Filter(column="age"), ["d"]),
        (Filter(text="lima"), ["d"]),
        (Filter(text="5000"), ["c"]),
        (Filter(text="5,000"), ["c"]),
        (Filter(text="d"), ["d"]),
        (Filter(text="no such thing"), []),
        (Filter(text="Oslo", chips=("warned",)), []),
    ],
)
def test_each_filter_keeps_its_rows(listing, kept, expected):
    assert ids(listing, kept) == expected


def test_text_is_looked_for_as_it_is_and_not_as_a_pattern(listing):
    assert ids(listing, Filter(text="(")) == []
    assert ids(listing, Filter(text=".*")) == []


def test_chips_of_outcomes_and_verdicts_keep_their_rows(listing, decisions):
    for at, name in enumerate(decisions.model.outputs):
        if decisions.model.task != "regression" and any(decisions.prediction.chosen == at):
            kept = select(listing, Filter(chips=(f"is:{name}",)))
            assert set(kept) == set(np.flatnonzero(decisions.prediction.chosen == at))
    for at, kind in enumerate(KINDS):
        if (listing.verdicts == at).any():
            assert set(select(listing, Filter(chips=(kind,)))) == set(np.flatnonzero(listing.verdicts == at))


def test_a_row_passes_any_chip_of_a_group_and_one_of_each_group(listing):
    chips = {chip.name: chip for chip in listing.chips}
    for first in listing.chips:
        for second in listing.chips:
            kept = select(listing, Filter(chips=(first.name, second.name)), "upload")
            both = first.rows | second.rows if first.group == second.group else first.rows & second.rows
            assert kept.tolist() == np.flatnonzero(both).tolist()
    assert all(chip.rows.any() for chip in chips.values())


def test_the_count_of_a_chip_is_what_a_click_on_it_would_show(listing):
    for chosen in [(), *((chip.name,) for chip in listing.chips)]:
        found = counts(listing, Filter(chips=chosen, text="o"), listing.chips)
        for chip in listing.chips:
            group = {one.name for one in listing.chips if one.group == chip.group}
            alone = (*(name for name in chosen if name not in group), chip.name)
            assert found[chip.name] == len(select(listing, Filter(chips=alone, text="o")))


def test_marked_rows_have_chips_of_their_own(listing):
    assert marked_chips(listing, (), ()) == ()
    chips = listing.chips + marked_chips(listing, {"a", "d"}, {"d"})
    for name, rows in (("unseen", [1, 2]), ("looked", [0, 3]), ("noted", [3])):
        assert select(listing, Filter(chips=(name,)), "upload", chips).tolist() == rows


@pytest.mark.parametrize("by", ["id", "verdict", "prediction", "right", "chance", "faults", "age", "income", "city"])
def test_a_header_sorts_all_rows_and_blanks_come_last_either_way(listing, by):
    up, down = (select(listing, Filter(), Sort(by, down=way)) for way in (False, True))
    assert sorted(up.tolist()) == sorted(down.tolist()) == [0, 1, 2, 3]
    if by in listing.decisions.table.frame:
        cells = pd.Series(listing.decisions.table.frame[by])
        filled = cells.notna().to_numpy()
        for rows, way in ((up, True), (down, False)):
            assert filled[rows].tolist() == sorted(filled, reverse=True)
            known = cells.iloc[rows][filled[rows]]
            assert known.is_monotonic_increasing if way else known.is_monotonic_decreasing


def test_the_bars_of_the_overview_cover_every_row_once(listing, decisions):
    bins = score_bins(decisions)
    found = [row for bar in range(len(bins.names)) for row in select(listing, Filter(bar=bar), "upload")]
    assert sorted(found) == [0, 1, 2, 3]


def test_orders_sort_by_what_they_say(listing, decisions):
    scores = decisions.shown_scores
    assert (np.diff(scores[select(listing, Filter(), "highest")]) <= 0).all()
    assert (np.diff(scores[select(listing, Filter(), "lowest")]) >= 0).all()
    assert (np.diff(decisions.confidence.honest[select(listing, Filter(), "unsure")]) >= 0).all()


def test_rows_with_warnings_deserve_a_look_first(listing):
    assert set(ids(listing, Filter(), "attention")[:2]) == {"c", "d"}


def test_a_page_says_what_the_row_says_in_words(listing, decisions):
    frame = page_frame(listing, np.array([3, 0]), ["income", "city"])
    assert list(frame["id"]) == ["d", "a"]
    # what the model alone says stands apart from how likely it is right
    last = [] if decisions.model.task == "regression" else ["chance"]
    assert list(frame.columns)[-3 - len(last) :] == ["income", "city", "reasons", *last]
    assert frame["city"].tolist()[0] == "Lima"
    fault = frame["faults"][0]
    assert fault.startswith("✖ 2 faults · ")
    assert fault.endswith(("if corrected", "no effect"))
    assert frame["faults"][1] == ""
    assert frame["verdict"][0].split(" ", 1)[1] in {"check first", "do not use yet"}
    assert all(1 <= len(reasons) <= 3 for reasons in frame["reasons"])
    assert all(reason[-1] in "▲▼" for reason in frame["reasons"][0])
    # no bar says 0 or 100: nothing is that sure
    assert frame["right"][0] == pytest.approx(np.clip(100 * decisions.confidence.honest[3], 0.6, 99.4))
    if decisions.model.task != "regression":
        assert frame["chance"][0] == words.in_100(decisions.shown_scores[3])


def test_a_faulty_value_among_the_main_reasons_carries_its_mark(listing, decisions):
    frame = page_frame(listing, np.arange(4), grouped=False)
    for at, said in enumerate(frame["reasons"]):
        for reason, text in zip(decisions[at].reasons, said, strict=False):
            mark = {"error": " ✖ ", "warning": " ⚠ "}.get(reason.severity, "")
            assert (mark in text) if mark else not ({"✖", "⚠", "○"} & set(text))


def test_verdicts_and_faults_have_marks_of_their_own():
    assert not set(verdict.MARKS.values()) & set(words.MARKS.values())


def test_ranges_of_the_list_end_where_values_do():
    model = package("forest_value")
    decisions = explain.review(FAULTY, model)
    ends = replace(decisions.confidence, low=np.full(4, -20.0), high=np.full(4, 90.0), least=0.0)
    said = page_frame(listing_of(replace(decisions, confidence=ends)), np.arange(4))["chance"]
    assert set(said) == {"$0 – $90"}


def test_a_coin_toss_is_called_one_in_the_list(listing, decisions):
    even = replace(decisions, confidence=replace(decisions.confidence, honest=np.array([0.5, 0.46, 0.7, 0.5])))
    said = page_frame(listing_of(even), np.arange(4))["verdict"]
    expected = decisions.model.task != "regression"
    assert [text.endswith(": a coin toss") for text in said[:3]] == [expected, expected, False]


def test_an_arrow_says_what_speaks_for_the_rows_own_prediction(listing, decisions):
    frame = page_frame(listing, np.arange(4))
    for at, reasons in enumerate(frame["reasons"]):
        first = decisions[at].of_predicted.reasons[0]
        assert reasons[0].endswith(words.arrow(first.contribution))


def test_the_summary_counts(listing, decisions):
    facts = summary(listing)
    assert (facts.rows, facts.warned, facts.unanswered, facts.truth) == (4, 2, 0, "")
    assert sum(facts.verdicts.values()) == 4
    assert facts.turned == int(listing.turns.sum())
    if decisions.model.task != "regression":
        assert sum(facts.outcomes.values()) == 4


def test_columns_come_with_those_whose_faults_matter_first(decisions, model):
    facts = column_facts(decisions, model)
    assert {item.column for item in facts[:2]} == {"income", "age"}
    assert facts[2].column == "city"
    assert [item.warned for item in facts] == [1, 1, 2, 1]
    assert facts[0].impact >= facts[1].impact


@pytest.mark.parametrize(
    "kept",
    [
        Filter(),
        Filter(chips=("warned", "check")),
        Filter(chips=("warned", "use", "stop"), text="a"),
        Filter(chips=("remarks",), column="age"),
        Filter(text="nothing holds this"),
    ],
)
def test_a_chip_counts_the_rows_that_pass_all_other_groups(listing, kept):
    groups = {chip.name: chip.group for chip in listing.chips}
    for name, count in counts(listing, kept, listing.chips).items():
        others = tuple(chip for chip in kept.chips if groups.get(chip) != groups[name])
        alone = Filter((*others, name), kept.column, kept.bar, kept.cell, kept.text)
        assert count == len(select(listing, alone)), name


def test_what_passed_the_last_filter_is_kept_and_another_filter_takes_its_place(listing):
    first = select(listing, Filter(text="a"))
    assert list(listing.passed) == [Filter(text="a")]
    assert select(listing, Filter(chips=("warned",), text="a")).tolist() == [at for at in first if at in {2, 3}]
    assert list(listing.passed) == [Filter(text="a")]
    select(listing, Filter(text="b"))
    assert list(listing.passed) == [Filter(text="b")]


def test_what_a_review_has_worked_out_once_cannot_be_changed_by_who_asked_for_it(decisions):
    assert decisions.warning_counts is decisions.warning_counts
    for found in (decisions.warning_counts, decisions.worst):
        with pytest.raises(ValueError, match="read-only"):
            found[0] = 9
