"""Models as their own libraries wrote them: recognised by content, opened apart, written as ONNX, and asked again."""
