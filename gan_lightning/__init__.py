"""GAN training for PyTorch Lightning that stays stable and says what is wrong.

The names below load on first use, so that ``import gan_lightning.functional`` does not wait for Lightning.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gan_lightning._version import __version__

if TYPE_CHECKING:
    from gan_lightning.callbacks import (
        AddDiffAugment,
        AddHistoricalAveraging,
        AddInstanceNoise,
        AddR1,
        AddSpectralNorm,
        AnnealAttribute,
        ClipGradients,
        ClipWeights,
        GeneratorEMA,
        SampleGrid,
    )
    from gan_lightning.critique import Critique
    from gan_lightning.extragradient import ExtraAdam
    from gan_lightning.gan import GAN
    from gan_lightning.gans import DCGAN, VanillaGAN
    from gan_lightning.mixins import R1
    from gan_lightning.negative_momentum import NegativeMomentumSGD
    from gan_lightning.optimizers import AdamGAN
    from gan_lightning.step import Step, Terms

_HOME = {
    "Critique": "critique",
    "GAN": "gan",
    "DCGAN": "gans",
    "VanillaGAN": "gans",
    "R1": "mixins",
    "AdamGAN": "optimizers",
    "ExtraAdam": "extragradient",
    "NegativeMomentumSGD": "negative_momentum",
    "Step": "step",
    "Terms": "step",
    "AddDiffAugment": "callbacks",
    "AddHistoricalAveraging": "callbacks",
    "AddInstanceNoise": "callbacks",
    "AddR1": "callbacks",
    "AddSpectralNorm": "callbacks",
    "AnnealAttribute": "callbacks",
    "ClipGradients": "callbacks",
    "ClipWeights": "callbacks",
    "GeneratorEMA": "callbacks",
    "SampleGrid": "callbacks",
}

__all__ = [
    "DCGAN",
    "GAN",
    "R1",
    "AdamGAN",
    "AddDiffAugment",
    "AddHistoricalAveraging",
    "AddInstanceNoise",
    "AddR1",
    "AddSpectralNorm",
    "AnnealAttribute",
    "ClipGradients",
    "ClipWeights",
    "Critique",
    "ExtraAdam",
    "GeneratorEMA",
    "NegativeMomentumSGD",
    "SampleGrid",
    "Step",
    "Terms",
    "VanillaGAN",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
