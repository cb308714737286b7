"""Files -> Model: the model package (ONNX file, card, reference rows) and its runtime."""

from explain.models.package import Package, load_model, write_package

__all__ = ["Package", "load_model", "write_package"]
