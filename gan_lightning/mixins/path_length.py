"""Path length regularisation: a step in the latent space moves the sample equally far, wherever and whichever way.

Paper: Karras, Laine, Aittala, Hellsten, Lehtinen, Aila 2020, section 3.2, equation 4, and appendix B,
    https://arxiv.org/abs/1912.04958
Differs: on the latents of any generator, in the place of StyleGAN's w. The random images are divided by the root of the
number of pixels, as in the authors' code, so that the weight suits each resolution. Of the batch, every
``path_shrink``-th sample is used.
"""

from typing import Any

import torch
from torch import Tensor

from gan_lightning.distributed import mean_over_ranks
from gan_lightning.functional import path_lengths
from gan_lightning.gan import GAN
from gan_lightning.sharding import refuse_sharded
from gan_lightning.step import Step, Terms


class PathLength(GAN):
    """Add ``path_weight * path_every * E (|J^T y| - a)^2`` to the generator's loss.

    J is the Jacobian of a sample by its latent, y a standard normal sample divided by the root of the number of pixels,
    a the running mean of ``|J^T y|`` over all ranks. The map from latents to samples becomes smooth and well
    conditioned: interpolations are even, and inversion is easier. Made for style-based generators; others with few
    latents may lose variety. Not with batch norm in the generator, where a sample's Jacobian depends on its batch mates
    (``VirtualBatch`` or ``norm_g="none"``). G runs in float32 and uncompiled for it.

    Several ranks are exactly one where ``path_shrink`` divides a rank's batch. With ``micro_batches_g`` they are not:
    the running mean moves, and the samples are chosen, once per part.

    Hooks: ``g_terms`` adds ``path``. Neutral: ``path_weight=0``. Cost: a double backward through the generator on a
    part of the batch, at each ``path_every``-th update of the generator.

    Args:
        path_weight: strength, 0 or more; 2 in the authors' code.
        path_every: apply it at each k-th turn of the generator, k times as strong; 4 in the authors' code.
        path_shrink: use every k-th sample of the batch; 2 in the authors' code.
        path_decay: what the running mean a keeps at each application, in [0, 1); 0.99 in the authors' code.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> PathLength(*networks, latent_dim=8, path_weight=0.5).path_mean
        tensor(0.)
    """

    path_mean: Tensor

    def __init__(
        self,
        *args: Any,
        path_weight: float = 2.0,
        path_every: int = 4,
        path_shrink: int = 2,
        path_decay: float = 0.99,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if path_weight < 0 or not 0 <= path_decay < 1:
            raise ValueError(f"expected path_weight >= 0 and path_decay in [0, 1), got {path_weight} and {path_decay}")
        if path_every < 1 or path_shrink < 1:
            raise ValueError(f"expected path_every >= 1 and path_shrink >= 1, got {path_every} and {path_shrink}")
        self.path_weight, self.path_every = path_weight, path_every
        self.path_shrink, self.path_decay = path_shrink, path_decay
        self.register_buffer("path_mean", torch.zeros(()))

    def g_terms(self, step: Step) -> Terms:
        terms = super().g_terms(step)
        if self.path_weight and self.iteration // self.d_steps % self.path_every == 0:
            lengths = self._path_lengths(step)
            with torch.no_grad():
                now = mean_over_ranks(lengths.mean()).to(self.path_mean.dtype)
                self.move_mean(self.path_mean, now, 1 - self.path_decay)
            penalty = (lengths - self.path_mean.clone()).square().mean()
            terms.add("path", self.path_weight * self.path_every * penalty)
        return terms

    def on_train_start(self) -> None:
        super().on_train_start()
        if self.path_weight:
            refuse_sharded(
                self,
                "PathLength",
                "differentiates the generator's slope",
                "leave it out (path_weight=0), or use strategy='ddp'",
            )

    def _path_lengths(self, step: Step) -> Tensor:
        z = step.z[:: self.path_shrink].detach().requires_grad_()
        label = None if step.label is None else step.label[:: self.path_shrink]
        with torch.autocast(z.device.type, enabled=False), self._uncompiled():
            fake = self.generate(z, label)
            return path_lengths(fake, z, self.draw(torch.randn, fake, *fake.shape[1:]))
