"""The probe that fits a module."""

from lightning.pytorch import LightningModule, Trainer

from gan_lightning.probe.observed import ObservedProbe
from gan_lightning.probe.probe import Probe
from gan_lightning.probe.published import PublishedProbe


def probe_for(
    trainer: Trainer, module: LightningModule, *, generator: str | None = None, discriminator: str | None = None
) -> Probe:
    """Return a probe of a module that is about to be fitted; its optimizers are there.

    Args:
        trainer: which fits it.
        module: any GAN.
        generator: dotted path of the generator; found by its name if None.
        discriminator: likewise; for several, their common parent or a comma-separated list.

    Raises:
        ValueError: if a player is not found, or two could be it.
    """
    if hasattr(module, "witnesses"):
        return PublishedProbe(trainer, module)
    return ObservedProbe(trainer, module, generator=generator, discriminator=discriminator)
