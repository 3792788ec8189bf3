"""LeCam: draw the discriminator's outputs on real samples to its habits on generated ones, and the reverse.

Paper: Tseng, Jiang, Liu, Yang, Yang 2021, section 3.2, https://arxiv.org/abs/2104.03310
Differs: the running means are corrected for their start as Adam's moments are, so that no warm-up is needed. The
squares are those of the paper; some code bases cut them off at zero, which leaves out outputs beyond the other anchor.
"""

from typing import Any

import torch
from torch import Tensor

from gan_lightning.distributed import mean_over_ranks
from gan_lightning.functional import lecam_penalty
from gan_lightning.gan import GAN
from gan_lightning.step import Step, Terms


class LeCam(GAN):
    """Add ``lecam_weight * (E |D(x) - a_F|^2 + E |D(G(z)) - a_R|^2)`` to the discriminator's loss.

    a_R and a_F are the running means of the discriminator's outputs on real and on generated samples, over all ranks.
    The term keeps the discriminator from growing ever surer, which is how it learns a small data set by heart. Use it
    with a few thousand samples or less, and besides augmentation; on plenty of data it slows the discriminator. With
    ``micro_batches_d`` the running means move once per part, and several ranks then are not exactly one.

    Hooks: ``d_terms`` adds ``lecam``. Neutral: ``lecam_weight=0``. Cost: next to nothing; with several ranks, one
    all-reduce of two numbers per update.

    Args:
        lecam_weight: strength, 0 or more. It depends on the scale of the logits: 0.3 or less with the hinge loss in the
            authors' BigGAN experiments, 3e-7 in their StyleGAN2 code.
        lecam_decay: what the running means keep at each update, in [0, 1); 0.99 in the authors' code.
        lecam_start: iteration from which the term is added. The running means are followed from the start, while
            ``lecam_weight`` is not 0: to start late, use this rather than a weight that rises from 0.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> gan = LeCam(MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,)), latent_dim=8, lecam_weight=0.1)
        >>> gan.lecam_means
        tensor([0., 0., 0.])
    """

    lecam_means: Tensor
    """Running sums, (3,): of the mean output on real, on generated samples, and of 1."""

    def __init__(
        self,
        *args: Any,
        lecam_weight: float = 0.3,
        lecam_decay: float = 0.99,
        lecam_start: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if lecam_weight < 0 or not 0 <= lecam_decay < 1 or lecam_start < 0:
            raise ValueError(
                "expected lecam_weight >= 0, lecam_decay in [0, 1) and lecam_start >= 0, got "
                f"{lecam_weight}, {lecam_decay} and {lecam_start}"
            )
        self.lecam_weight, self.lecam_decay, self.lecam_start = lecam_weight, lecam_decay, lecam_start
        self.register_buffer("lecam_means", torch.zeros(3))

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self.lecam_weight:
            real, fake = (critique.logits.to(self.lecam_means.dtype) for critique in (step.on_real, step.on_fake))
            real_anchor, fake_anchor = self._lecam_anchors(real, fake)
            if self.iteration >= self.lecam_start:
                terms.add("lecam", self.lecam_weight * lecam_penalty(real, fake, real_anchor, fake_anchor))
        return terms

    def _lecam_anchors(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            now = mean_over_ranks(torch.stack([real.mean(), fake.mean(), real.new_ones(())]))
            self.move_mean(self.lecam_means, now, 1 - self.lecam_decay)
            means = self.lecam_means / self.lecam_means[2]
        return means[0], means[1]
