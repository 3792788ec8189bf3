"""Spectral normalisation for a module that knows nothing of it.

Paper: Miyato et al. 2018, "Spectral normalization for generative adversarial networks", section 2.1,
https://arxiv.org/abs/1802.05957. For both players: Zhang et al. 2019, section 3, https://arxiv.org/abs/1805.08318
"""

from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy

from gan_lightning.layers import add_spectral_norm
from gan_lightning.probe import find_network


class AddSpectralNorm(Callback):
    """Divide each weight of the discriminator by its largest singular value, with ``layers.add_spectral_norm``.

    It is put on at setup, before optimizers are made and checkpoints are loaded, and stays on after the fit. The names
    of the weights in checkpoints change: give the callback wherever such a checkpoint is used, also to
    ``trainer.test``, and do not resume one from before. Networks that are made in ``configure_model`` come too late.

    Args:
        discriminator: dotted path of the network; found by its name if None; False leaves the discriminator alone.
        generator: likewise for the generator; False by default. SAGAN normalises both.

    Raises:
        ValueError: if neither is asked for; at setup, if a network is not found, or has no layer to normalise, or the
            strategy splits parameters over devices.

    Example:
        >>> AddSpectralNorm(generator=None).discriminator is None
        True
    """

    def __init__(self, discriminator: str | bool | None = None, generator: str | bool | None = False) -> None:
        if discriminator is False and generator is False:
            raise ValueError("AddSpectralNorm has nothing to do: both discriminator and generator are False")
        self.discriminator, self.generator = discriminator, generator

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        if not isinstance(trainer.strategy, SingleDeviceStrategy | DDPStrategy):
            name = type(trainer.strategy).__name__
            raise ValueError(f"AddSpectralNorm runs on one device or with DDP, not with {name}")
        if self.discriminator is not False:
            add_spectral_norm(find_network(pl_module, _path(self.discriminator), "discriminator"))
        if self.generator is not False:
            add_spectral_norm(find_network(pl_module, _path(self.generator), "generator"))


def _path(given: Any) -> str | None:
    return given if isinstance(given, str) else None
