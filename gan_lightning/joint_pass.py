"""Whether the discriminator can judge real and fake samples in one pass, and whether that pays."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gan_lightning.batch import Batch
from gan_lightning.isolation import undisturbed
from gan_lightning.layout import convolves

if TYPE_CHECKING:
    from gan_lightning.gan import GAN


def joint_pass_pays(gan: "GAN", batch: Batch) -> bool:
    """Tell whether one pass on cat(real, fake) is the same as two, and faster.

    Whether a layer mixes samples (batch norm, minibatch layers) is measured: the batch must be judged alone as it is
    judged in company, from the same random state. Dropout may fail this, which costs speed only.

    Args:
        gan: in training mode.
        batch: the first training batch.
    """
    real, label = batch.real, batch.label
    if convolves(gan.discriminator) and real.device.type == "cpu":  # there, two smaller convolutions are as fast
        return False
    company = torch.cat([real, 0.5 * real])  # of the same size as in training, for techniques that pack samples
    return _agree(_judge(gan, company, None if label is None else torch.cat([label, label])), _judge(gan, real, label))


def _judge(gan: "GAN", x: Tensor, label: Tensor | None) -> Tensor:
    with undisturbed(gan), torch.autocast(x.device.type, enabled=False):
        return gan.discriminate(x, label).logits


def _agree(together: Tensor, alone: Tensor) -> bool:
    scale = float(together.abs().max())
    return torch.allclose(alone, together[: len(alone)], rtol=1e-3, atol=1e-4 * scale)
