"""GAN training for PyTorch Lightning that stays stable and says what is wrong.

The names below load on first use, so that ``import gan_lightning.functional`` does not wait for Lightning.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gan_lightning._version import __version__

if TYPE_CHECKING:
    from gan_lightning.callbacks import SampleGrid
    from gan_lightning.critique import Critique
    from gan_lightning.gan import GAN
    from gan_lightning.gans import DCGAN, VanillaGAN
    from gan_lightning.mixins import R1
    from gan_lightning.optimizers import AdamGAN
    from gan_lightning.step import Step, Terms

_HOME = {
    "Critique": "critique",
    "GAN": "gan",
    "DCGAN": "gans",
    "VanillaGAN": "gans",
    "R1": "mixins",
    "AdamGAN": "optimizers",
    "Step": "step",
    "Terms": "step",
    "SampleGrid": "callbacks",
}

__all__ = [
    "DCGAN",
    "GAN",
    "R1",
    "AdamGAN",
    "Critique",
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
