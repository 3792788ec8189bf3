"""From a recipe to the module and the data that are trained."""

from typing import Any

import foreign_gans
import torch
from lightning.pytorch import LightningModule
from losses import LOSSES
from networks_by_hand import by_hand
from recipes import Condition, Setting
from sources import Source, load
from torch import nn

from gan_lightning.compose import compose
from gan_lightning.data import TensorData
from gan_lightning.gan import GAN
from gan_lightning.networks import DCGANDiscriminator, DCGANGenerator, MLPDiscriminator, MLPGenerator
from gan_lightning.optimizers import AdamGAN

BATCH = {"mlp": 128, "conv": 64}
LATENT = {"points": 16, "images": 32}
LR = 1e-3
NETWORKS: dict[str, tuple[Any, Any]] = {
    "mlp": (MLPGenerator, MLPDiscriminator),
    "conv": (DCGANGenerator, DCGANDiscriminator),
}
WIDTH: dict[str, dict[str, Any]] = {"mlp": {"width": 128}, "conv": {"width": 16}}


def data_of(condition: Condition, setting: Setting, seed: int) -> TensorData:
    """Return a run's loader; few samples are repeated, so that an epoch stays long."""
    source = load(setting.data)
    samples, label = source.samples, source.label
    if condition.num_samples:
        chosen = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed))
        chosen = chosen[: condition.num_samples].repeat(4096 // condition.num_samples)
        samples, label = samples[chosen], label[chosen]
    return TensorData(
        condition.scale * samples + (condition.scale - 1),
        label if condition.labels else None,
        num_classes=source.num_classes if condition.labels else None,
        batch_size=condition.batch_size or BATCH[setting.nets],
        seed=seed,
    )


def module_of(condition: Condition, setting: Setting) -> LightningModule:
    """Return the GAN of a condition in a setting, freshly initialised."""
    source = load(setting.data)
    latent_dim = condition.latent_dim or LATENT["images" if source.centers is None else "points"]
    make = _own if setting.author == "own" else _foreign
    return make(condition, setting, source, latent_dim)


def _own(condition: Condition, setting: Setting, source: Source, latent_dim: int) -> GAN:
    game = LOSSES[condition.loss or setting.loss]
    num_classes = source.num_classes if condition.labels else 0
    generator = NETWORKS[setting.nets][0](
        latent_dim, source.shape, num_classes, **WIDTH[setting.nets] | dict(condition.generator)
    )
    mixins = [*condition.mixins, *(mixin for mixin in game.mixins if mixin not in condition.mixins)]
    kind = compose(*mixins, "GAN") if mixins else GAN

    def adam(params: Any) -> AdamGAN:
        return AdamGAN(params, lr=LR * condition.lr)

    options: dict[str, Any] = {"optimizer_d": adam, "optimizer_g": adam, "num_classes": num_classes}
    options |= game.points if source.centers is not None else game.images
    discriminator = discriminator_of(condition, setting)
    return kind(generator, discriminator, game.loss(), latent_dim=latent_dim, **options | dict(condition.gan))


def discriminator_of(condition: Condition, setting: Setting) -> nn.Module:
    """Return the discriminator of a GAN of this package."""
    source = load(setting.data)
    num_classes = source.num_classes if condition.labels else 0
    options = WIDTH[setting.nets] | {"norm": "none"} | dict(condition.discriminator)
    discriminator: nn.Module = NETWORKS[setting.nets][1](source.shape, num_classes, **options)
    return discriminator


def _foreign(condition: Condition, setting: Setting, source: Source, latent_dim: int) -> LightningModule:
    norm_d = condition.discriminator.get("norm", "none")
    networks = by_hand(setting.nets, source.shape, latent_dim, norm_d)
    kind = getattr(foreign_gans, condition.module)
    module: LightningModule = kind(*networks, latent_dim, setting.loss, LR * condition.lr)
    return module
