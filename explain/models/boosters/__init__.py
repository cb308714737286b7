"""Boosters' own files -> one plain structure -> ONNX, without the libraries that wrote them."""

from explain.models.boosters.catboost import read_catboost
from explain.models.boosters.cbm import catboost_json
from explain.models.boosters.forest import Ensemble
from explain.models.boosters.lightgbm import read_lightgbm
from explain.models.boosters.write import write_onnx
from explain.models.boosters.xgboost import read_xgboost

__all__ = ["Ensemble", "catboost_json", "read_catboost", "read_lightgbm", "read_xgboost", "write_onnx"]
