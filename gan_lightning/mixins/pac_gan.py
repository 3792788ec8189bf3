"""PacGAN: the discriminator judges several samples of one kind together.

Paper: Lin, Khetan, Fanti, Oh 2018, section 2 and algorithm 1, https://arxiv.org/abs/1712.04086
Differs: the samples of a pack are neighbours in the batch, in the place of independent draws from the data set.
"""

from typing import Any

import torch
from torch import Tensor

from gan_lightning.construction import check_count
from gan_lightning.critique import Critique
from gan_lightning.functional import packed
from gan_lightning.gan import GAN


class PacGAN(GAN):
    """Show the discriminator ``D(x_1, ..., x_m)`` in the place of ``D(x)``: packs of m real or of m generated samples.

    A generator that drops modes makes packs that are too much alike, which is easier to see than in single samples. The
    discriminator takes m times the channels of an image, or m times the entries of a vector; recipes build it so. Its
    logits and features are (N / m, ...), and so is ``step.on_real``. Samples are packed after ``augment``. Not for
    networks that take labels, for a pack has no one class. Outside training, where a loader's last batch may be
    smaller, the first samples of the batch fill its last pack; a batch smaller than a pack repeats its samples.

    Hooks: ``discriminate``. Neutral: ``pack=1``. Cost: next to nothing; the discriminator judges fewer, wider
    inputs.

    Args:
        pack: m, 1 or more; the paper uses 2 to 4, and 2 is often enough. It must divide the (micro-)batch.

    Raises:
        TypeError: if ``pack`` is no whole number.
        ValueError: if ``pack < 1``, ``num_classes > 0`` with packs of several samples, or a recipe is given a
            ``shape_d`` that is not that of a pack; in training, if ``pack`` does not divide the batch.

    Example:
        >>> import torch
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> gan = PacGAN(MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(4,)), latent_dim=8, pack=2)
        >>> gan.discriminate(torch.zeros(6, 2), None).logits.shape
        torch.Size([3])
    """

    def __init__(self, *args: Any, pack: int = 2, **kwargs: Any) -> None:
        check_count("pack", pack, 1)
        if pack > 1 and kwargs.get("shape"):
            channels, *rest = kwargs["shape"]
            of_pack = (pack * channels, *rest)
            given = tuple(kwargs.get("shape_d") or of_pack)
            if given != of_pack:
                raise ValueError(
                    f"PacGAN shows the discriminator packs of {pack}, of shape {of_pack}, but shape_d is {given}: "
                    "leave shape_d out"
                )
            kwargs["shape_d"] = of_pack
        super().__init__(*args, **kwargs)
        self.pack = pack
        if pack > 1 and self.num_classes:
            raise ValueError(
                f"PacGAN judges {pack} samples together, which have no one class, but num_classes is "
                f"{self.num_classes}: train without labels, or set pack=1"
            )

    def discriminate(self, x: Tensor, label: Tensor | None) -> Critique:
        return super().discriminate(packed(self._in_full_packs(x), self.pack) if self.pack > 1 else x, label)

    def _in_full_packs(self, x: Tensor) -> Tensor:
        missing = -len(x) % self.pack
        if not missing or (self._trainer is not None and self.trainer.training):
            return x
        return x[torch.arange(len(x) + missing, device=x.device) % len(x)]
