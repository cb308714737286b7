"""Long work shows how far it is and can be left; a table that is too large is said to be so."""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.journeys.steps import choose_model, in_address

FIXTURES = Path(__file__).parents[1] / "fixtures" / "packages"


@pytest.fixture
def slow_model(server):
    """A model whose reasons are sampled row by row: 60,000 rows are half a minute of work at least."""
    folder = server.home / "models" / "network"
    shutil.copytree(FIXTURES / "network", folder)
    yield "network"
    shutil.rmtree(folder)


@pytest.fixture
def long_upload(slow_model, tmp_path):
    reference = pd.read_parquet(FIXTURES / slow_model / "reference.parquet")
    many = reference.iloc[np.arange(60_000) % len(reference)].drop(columns=["result"], errors="ignore")
    many.to_csv(tmp_path / "long.csv", index=False)
    return tmp_path / "long.csv"


def test_a_long_review_tells_the_time_left_and_stops_when_cancelled(open_page, slow_model, server, long_upload):
    page = open_page()
    in_address(page, "run")
    stored = set((server.home / "runs").iterdir())
    choose_model(page, slow_model)
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(long_upload)
    expect(page.get_by_text(re.compile(r"^Working out the reasons… about \d+ (s|min) left$"))).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Stopped. Nothing was kept.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.locator(".why-sub")).to_contain_text("german_credit_messy.csv")
    assert set((server.home / "runs").iterdir()) == stored


def test_another_session_works_while_one_is_busy(open_page, slow_model, long_upload):
    page = open_page()
    choose_model(page, slow_model)
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(long_upload)
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    other = open_page("decision?row=A-1005")
    expect(other.locator(".why-headline")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Stopped. Nothing was kept.")).to_be_visible()


def test_a_file_above_the_limit_is_refused_before_it_travels(open_page, tmp_path):
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(301_000_000)
    page = open_page()
    page.get_by_role("button", name="Open a table").click()
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(tmp_path / "huge.csv")
    expect(page.get_by_text(re.compile("File must be 300.* or smaller"))).to_be_visible()


def test_infinities_are_said_and_taken_for_missing(open_page, tmp_path):
    frame = pd.read_csv("sample_data/uploads/penguins_clean.csv").head(5)
    frame["body_mass_g"] = ["inf", "-inf", "4000", "Infinity", "3900"]
    frame.to_csv(tmp_path / "infinite.csv", index=False)
    page = open_page()
    choose_model(page, "Penguin species")
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(tmp_path / "infinite.csv")
    expect(page.locator(".why-sub")).to_contain_text("infinite.csv · 5 rows reviewed")
    expect(page.get_by_role("button", name=re.compile(r"^blank 3|^text for a number 3"))).to_be_visible()
