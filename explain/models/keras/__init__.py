"""Keras files (.keras) of dense networks: configuration and weights read as data, written as ONNX."""

from explain.models.keras.network import Network, read_keras
from explain.models.keras.write import write_onnx

__all__ = ["Network", "read_keras", "write_onnx"]
