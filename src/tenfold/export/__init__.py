"""Networks in the format of others: ONNX."""

from __future__ import annotations

from tenfold.export.onnx_file import export_onnx

__all__ = ["export_onnx"]
