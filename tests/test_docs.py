"""What README tells people is true: its commands, its code, its links and its figures."""

import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest

import explain
from benchmarks import figures
from explain.commands.main import main
from tests.conftest import FIXTURES

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODELS = ROOT / "docs" / "models.md"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.fixture
def newcomer(tmp_path, monkeypatch):
    """A folder with what README's code speaks of, and nothing else."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    shutil.copy(ROOT / "sample_data" / "uploads" / "german_credit_clean.csv", tmp_path / "applications.csv")
    shutil.copy(FIXTURES / "boosting" / "model.onnx", tmp_path / "credit.onnx")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_code_in_readme_runs_as_written(newcomer):
    frame = pd.read_parquet(FIXTURES / "boosting" / "reference.parquet").rename(columns={"result": "outcome"})
    names = {"frame": frame[[name for name in frame.columns if not name.startswith("whysure.")]]}
    for block in blocks("python"):
        exec(block, names)
    assert names["decisions"].explanation.values.shape == (150, 20)
    assert "<" in names["decisions"][3]._repr_html_()
    assert {path.name for path in (newcomer / "out").iterdir()} >= {"decisions.parquet", "warnings.csv", "run.json"}
    assert (newcomer / "credit" / "card.json").exists()


def test_the_code_in_the_other_pages_runs_as_written(newcomer):
    model = explain.load_model("german_credit")
    table = explain.read_table("applications.csv", model.schema)
    names = {"explain": explain, "model": model, "table": table}
    for page in PAGES[1:]:
        if page.name == MODELS.name:
            continue
        for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
            exec(block, names)
    assert names["found"].values.shape == (2, 20)


def test_the_lines_that_bring_a_model_in_run_as_written(newcomer, monkeypatch):
    monkeypatch.setenv("WHYSURE_HOME", str(newcomer / "home"))
    for export in (FIXTURES.parent / "exports").iterdir():
        shutil.copy(export, newcomer)
    names, added = {}, []
    for language, block in re.findall(r"```(python|sh)\n(.*?)```", MODELS.read_text(encoding="utf-8"), flags=re.DOTALL):
        if language == "python":
            exec(block, names)
            continue
        command, *arguments = shlex.split(block)
        assert command == "whysure"
        assert main(arguments) == 0
        added.append(arguments[1])
    found = [explain.load_model(path) for path in sorted((newcomer / "home" / "models").iterdir())]
    assert len(found) == len(added)
    # what is served as it came has nothing to be compared with, and Keras is not installed where this runs
    assert {model.card.name for model in found if model.card.parity.verdict == "unproven"} == {
        "tumours_by_a_keras_file",
        "tumours_by_keras",
        "tumours_by_pytorch",
    }
    assert sum(model.card.parity.verdict == "same" for model in found) == len(added) - 3
    assert {model.info.outputs for model in found} == {("malignant", "benign"), ("benign", "malignant")}
    assert all(int(model.reference.held_out.sum()) == 284 for model in found)


def test_the_commands_in_readme_exist(newcomer):
    lines = [line.split("#")[0].split() for block in blocks("sh") for line in block.splitlines() if line.strip()]
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    ran = set()
    for command, *arguments in lines:
        if command == "make":
            assert set(arguments) <= targets
        elif command == "whysure":
            assert main(arguments) == 0
        else:
            assert [command, *arguments] == ["pip", "install", "."]
        ran.add(command)
    assert ran == {"make", "pip", "whysure"}
    assert len(pd.read_csv(newcomer / "reviewed" / "decisions.csv")) == 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_between_the_pages_is_dead(page):
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_figures_on_the_page_are_those_that_were_measured():
    assert figures.START + figures.table() + figures.END in figures.PAGE.read_text(encoding="utf-8")


def test_every_file_that_architecture_names_is_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:explain|app|tests|benchmarks|sample_data)/[\w/.]+)`", text)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_check_of_the_catalogue_stands_in_the_page_on_trust():
    from explain.quality.catalog import CATALOG

    page = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    for name, check in CATALOG.items():
        assert f"| {name} | {check.about} |" in page
