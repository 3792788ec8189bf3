"""Trained generators as files for others: TorchScript, ONNX, safetensors, each with a model card."""

from gan_lightning.export.exporting import export_generator
from gan_lightning.export.loading import load_generator
from gan_lightning.export.written import Exported

__all__ = ["Exported", "export_generator", "load_generator"]
