"""The command does the whole job without a screen."""

import os
import re
import subprocess
import sys

import pandas as pd
import pytest

import explain
from explain.commands.main import main
from explain.models.package import samples_folder

UPLOADS = samples_folder() / "uploads"


def test_review_writes_every_file_and_says_what_it_did(tmp_path, caplog):
    with caplog.at_level("INFO"):
        code = main(["review", str(UPLOADS / "penguins_messy.tsv"), "--model", "penguins", "--out", str(tmp_path)])
    assert code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "decisions.csv", "decisions.parquet", "run.json", "warnings.csv", "warnings.parquet",
    ]  # fmt: skip
    assert len(pd.read_parquet(tmp_path / "decisions.parquet")) == 80
    assert "The file was read as UTF-16 text." in caplog.messages
    assert re.fullmatch(
        r"80 rows reviewed: \d+ to use, \d+ to check first(, \d+ not to use yet)?; written to .*", caplog.messages[-1]
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["gone.csv", "--model", "penguins"], "There is no file 'gone.csv'."),
        ([str(UPLOADS / "penguins_clean.csv"), "--model", "gone"], "There is no model 'gone' here."),
        (
            [str(UPLOADS / "penguins_clean.csv"), "--model", "german_credit"],
            "The table lacks 20 columns that the model needs",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_one(tmp_path, caplog, arguments, sentence):
    assert main(["review", *arguments, "--out", str(tmp_path / "out")]) == 1
    assert caplog.messages[-1].startswith(sentence)
    assert not (tmp_path / "out").exists()


def test_an_impossible_level_is_refused(tmp_path, caplog):
    arguments = ["review", "x.csv", "--model", "penguins", "--out", str(tmp_path), "--level", "90"]
    assert main(arguments) == 2
    assert caplog.messages[-1] == "--level must lie between 0 and 1, like 0.9; got 90.0."


def test_importing_explain_loads_nothing_heavy():
    heavy = ["numpy", "pandas", "pyarrow", "plotly", "onnx", "onnxruntime", "sklearn", "shap", "streamlit", "scipy"]
    code = f"import explain, sys; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_modules_of_the_road_load_nothing_heavy_either():
    heavy = ["pandas", "pyarrow", "plotly", "onnx", "onnxruntime", "sklearn", "shap", "streamlit", "scipy"]
    code = (
        "from explain import review, load_model, read_table; import sys; "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_name_review_is_always_the_function():
    code = "import explain.pipeline, explain; print(callable(explain.review), explain.review.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True review"


def test_prepare_reviews_the_sample_once_for_all(tmp_path):
    assert main(["--home", str(tmp_path), "prepare"]) == 0
    made = [path.stat().st_mtime_ns for path in (tmp_path / "runs").glob("*/run.json")]
    assert len(made) == 1
    assert main(["--home", str(tmp_path), "prepare"]) == 0
    assert [path.stat().st_mtime_ns for path in (tmp_path / "runs").glob("*/run.json")] == made


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["gone.onnx"], "There is no file 'gone.onnx'."),
        ([str(UPLOADS)], "The folder 'uploads' holds no MLflow model (MLmodel). Bring a model file."),
        ([str(UPLOADS / "penguins_clean.csv")], "The file is none of the model formats that are taken"),
        ([str(samples_folder() / "penguins" / "model.onnx")], "A model needs rows like those it learned from"),
    ],
)
def test_what_cannot_be_added_is_one_sentence_and_exit_code_one(tmp_path, caplog, arguments, sentence):
    assert main(["--home", str(tmp_path), "add", *arguments]) == 1
    assert caplog.messages[-1].startswith(sentence)


@pytest.mark.parametrize("name", ["german_credit", "diamonds"])
def test_a_review_loads_none_of_the_libraries_that_models_are_made_with(tmp_path, name):
    # more rows than are needed to compare them with past cases, and a home in which nothing is learned yet
    rows = explain.load_model(name).reference.frame.head(250)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    code = (
        "import sys\n"
        "from explain.commands.main import main\n"
        f"code = main(['review', 'rows.csv', '--model', '{name}', '--out', 'out'])\n"
        "print([name for name in ('sklearn', 'scipy.stats', 'shap', 'matplotlib') if name in sys.modules])\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={**os.environ, "WHYSURE_HOME": str(tmp_path / "home")}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().strip() == "[]"
    assert (tmp_path / "out" / "decisions.parquet").exists()
