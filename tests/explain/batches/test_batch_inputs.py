"""Inputs of every kind and packing give the same decisions; what is no row is set aside."""

import bz2
import gzip
import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import explain
from explain.batches.plan import Options
from explain.batches.run import run
from explain.commands.main import main
from explain.errors import ColumnsError, NotFoundError, TableError
from explain.insight.listing import listing_of, summary
from tests.conftest import FIXTURES

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def frame(boosting):
    rows = boosting.reference.frame.sample(120, replace=True, random_state=2).reset_index(drop=True)
    return rows.assign(id=[f"C{at}" for at in range(120)])


def decided(out):
    files = sorted((out / "decisions").rglob("part-*.parquet"))
    return pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)


def json_lines(frame):
    """All digits, which pandas would cut."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
    return "\n".join(map(json.dumps, rows)) + "\n"


def written(frame, path):
    """The frame as the kind of file that the name says."""
    text = frame.to_csv(index=False) if ".csv" in path.name else json_lines(frame)
    match path.suffix:
        case ".parquet":
            frame.to_parquet(path, row_group_size=30)
        case ".arrow":
            with pa.OSFile(str(path), "wb") as file:
                table = pa.Table.from_pandas(frame, preserve_index=False)
                with pa.ipc.new_file(file, table.schema) as writer:
                    writer.write_table(table, max_chunksize=25)
        case ".gz":
            path.write_bytes(gzip.compress(text.encode()))
        case ".bz2":
            path.write_bytes(bz2.compress(text.encode()))
        case ".zst":
            with pa.output_stream(path, compression="zstd") as stream:
                stream.write(text.encode())
        case _:
            path.write_text(text)
    return path


@pytest.mark.parametrize("judged_whole", [50_000, 50])
@pytest.mark.parametrize("name", ["a.arrow", "a.csv", "a.csv.gz", "a.csv.bz2", "a.jsonl", "a.jsonl.gz", "a.ndjson.zst"])
def test_every_kind_of_file_gives_the_same(tmp_path, boosting, frame, name, judged_whole):
    options = Options(rows_per_part=40, judged_whole=judged_whole)
    run(written(frame, tmp_path / "a.parquet"), boosting, tmp_path / "one", options, workers=1)
    run(written(frame, tmp_path / name), boosting, tmp_path / "other", options, workers=1)
    one, other = decided(tmp_path / "one"), decided(tmp_path / "other")
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert len(one) == 120


def test_csv_with_semicolons_and_decimal_commas_is_read_as_a_review_reads_it(tmp_path, boosting, frame):
    frame.to_csv(tmp_path / "a.csv", index=False, sep=";", decimal=",")
    found = explain.batch(tmp_path / "a.csv", boosting, tmp_path / "out", workers=1, rows_per_part=33)
    assert found.rows == 120
    review = explain.review(explain.read_table(tmp_path / "a.csv", boosting.schema), boosting)
    pd.testing.assert_frame_equal(
        decided(tmp_path / "out"), pd.read_parquet(review.write(tmp_path / "review") / "decisions.parquet")
    )


def test_hive_folders_are_columns_and_the_output_has_the_same_folders(tmp_path, boosting, frame):
    for day, rows in frame.groupby(frame.index // 60):
        folder = tmp_path / "in" / f"day={day}"
        folder.mkdir(parents=True)
        rows.to_parquet(folder / "part.parquet")
    (tmp_path / "in" / "_SUCCESS").write_text("")
    found = explain.batch(tmp_path / "in", boosting, tmp_path / "out", workers=1, rows_per_part=40)
    assert found.rows == 120
    parts = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("part-0*.parquet"))
    assert parts[:4] == [
        "decisions/day=0/part-00000.parquet", "decisions/day=0/part-00001.parquet",
        "decisions/day=1/part-00002.parquet", "decisions/day=1/part-00003.parquet",
    ]  # fmt: skip
    rows = pq.read_table(tmp_path / "out" / "decisions").to_pandas()
    assert rows.groupby("day", observed=True)["context.day"].unique().map(list).to_dict() == {0: ["0"], 1: ["1"]}
    assert rows["row_id"].is_unique


def test_files_without_rows_and_the_row_numbers_of_pandas_are_passed_over(tmp_path, boosting, frame):
    frame.head(0).to_csv(tmp_path / "a.csv", index=False)
    frame.head(0).to_parquet(tmp_path / "b.parquet")
    frame.set_index(frame.index * 2).to_parquet(tmp_path / "c.parquet")
    found = explain.batch(tmp_path, boosting, tmp_path / "out", workers=1)
    assert found.rows == 120
    assert [name for name in decided(tmp_path / "out") if name.startswith("context.")] == ["context.id"]
    with pytest.raises(TableError, match="The inputs have columns, but no rows"):
        explain.batch(tmp_path / "a.csv", boosting, tmp_path / "none", workers=1)


def test_globs_and_several_inputs_keep_their_order(tmp_path, boosting, frame):
    for at in (2, 0, 1):
        frame.iloc[40 * at : 40 * at + 40].to_parquet(tmp_path / f"{at}.parquet")
    explain.batch(str(tmp_path / "*.parquet"), boosting, tmp_path / "out", workers=1)
    assert decided(tmp_path / "out")["row_id"].tolist() == [f"C{at}" for at in range(120)]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [item["rows"] for item in manifest["inputs"]] == [40, 40, 40]
    assert all(len(item["sha256"]) == 64 for item in manifest["inputs"])
    assert {part["state"] for part in manifest["parts"]} == {"done"}


def test_lines_that_are_no_rows_are_set_aside_with_file_line_and_reason(tmp_path, boosting, frame):
    lines = frame.to_csv(index=False).splitlines()
    lines[10] += ",more"
    lines[20] = "1,2"
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    found = explain.batch(tmp_path / "a.csv", boosting, tmp_path / "out", workers=1)
    assert (found.rows, found.rejected) == (118, 2)
    rejected = pd.read_csv(next((tmp_path / "out" / "rejected").iterdir()))
    assert rejected["line"].tolist() == [11, 21]
    assert rejected["file"].tolist() == [str(tmp_path / "a.csv")] * 2
    assert rejected["reason"].tolist() == [
        "It has 6 cells where the header has 5.", "It has 2 cells where the header has 5.",
    ]  # fmt: skip


def test_json_lines_that_are_no_objects_are_set_aside(tmp_path, boosting, frame):
    lines = frame.to_json(orient="records", lines=True).splitlines()
    lines[3], lines[5], lines[7] = "[1]", '{"income":', ""
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    found = explain.batch(tmp_path / "a.jsonl", boosting, tmp_path / "out", workers=1)
    assert (found.rows, found.rejected) == (117, 2)
    rejected = pd.read_csv(next((tmp_path / "out" / "rejected").iterdir()))
    assert rejected["line"].tolist() == [4, 6]
    assert rejected["reason"].tolist() == ["It is JSON, but no object.", "It is not JSON."]


def test_what_cannot_be_an_input_is_said_in_a_sentence(tmp_path, boosting, frame):
    out = tmp_path / "out"
    with pytest.raises(NotFoundError, match="There is no file"):
        explain.batch(tmp_path / "none.csv", boosting, out)
    (tmp_path / "a.xlsx").write_text("")
    with pytest.raises(TableError, match="is no table by its name. Expected Parquet, Arrow, CSV or JSON lines"):
        explain.batch(tmp_path / "a.xlsx", boosting, out)
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(TableError, match="is damaged"):
        explain.batch(tmp_path / "a.parquet", boosting, tmp_path / "out1", workers=1)
    frame.drop(columns="city").to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(ColumnsError, match="lacks 1 column that the model needs: “city”"):
        explain.batch(tmp_path / "b.csv", boosting, tmp_path / "out2", workers=1)
    frame.to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(TableError, match="b.csv' lacks the column “city” that the first input has"):
        explain.batch([tmp_path / "c.csv", tmp_path / "b.csv"], boosting, tmp_path / "out3", workers=1)


def test_exit_codes_and_progress_as_json_lines(tmp_path, frame, capsys):
    model = ["--model", str(FIXTURES / "boosting")]
    source = written(frame, tmp_path / "a.csv")
    assert main(["batch", str(source), *model, "--out", str(tmp_path / "a"), "--workers", "1", "--json"]) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"done", "rows", "seconds"} <= said[0].keys()
    assert (said[-1]["done"], said[-1]["rows"], said[-1]["rejected"]) == (120, 120, 0)
    source.write_text(source.read_text() + "1,2\n")
    assert main(["batch", str(source), *model, "--out", str(tmp_path / "b"), "--workers", "1"]) == 3
    assert main(["batch", str(tmp_path / "none.csv"), *model, "--out", str(tmp_path / "c")]) == 1


SAMPLES = sorted((ROOT / "sample_data" / "uploads").glob("*.csv"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_sample_uploads_get_the_decisions_of_a_review(tmp_path, path):
    model = explain.load_model(next(name for name in ("german_credit", "diamonds", "penguins") if name in path.stem))
    try:
        table = explain.read_table(path, model.schema)
    except ColumnsError:
        with pytest.raises(ColumnsError):
            explain.batch(path, model, tmp_path / "out", workers=1)
        return
    decisions = explain.review(table, model)
    review = decisions.write(tmp_path / "review")
    found = explain.batch(path, model, tmp_path / "out", workers=1, rows_per_part=70)
    above = asdict(summary(listing_of(decisions)))
    assert {name: found.summary[name] for name in above} == above
    expected = pd.read_parquet(review / "decisions.parquet")
    pd.testing.assert_frame_equal(decided(tmp_path / "out"), expected, check_exact=True)
    warnings = pd.concat(map(pd.read_parquet, sorted((tmp_path / "out" / "warnings").iterdir())))
    key = ["row_id", "column", "check", "message", "found"]
    found, wanted = (
        frame.sort_values(key, ignore_index=True) for frame in (warnings, pd.read_parquet(review / "warnings.parquet"))
    )
    pd.testing.assert_frame_equal(found, wanted, check_exact=True)
