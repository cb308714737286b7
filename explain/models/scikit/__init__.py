"""Fitted scikit-learn pipelines as skops writes them: read as data, never as objects, and written as ONNX."""
