"""InfoGAN: a part of the latent is a code that must be readable from the sample, without any label.

Paper: Chen et al. 2016, "InfoGAN: interpretable representation learning by information maximizing generative
adversarial nets", section 5, equation 6, and section 6, https://arxiv.org/abs/1606.03657
Differs: Q is one linear layer on the discriminator's features, and the Gaussian of a continuous code has variance 1, so
that the bound cannot run away to infinity; the paper's Q may learn the variance.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from gan_lightning.construction import check_count, check_weight
from gan_lightning.functional import code_loss
from gan_lightning.gan import GAN
from gan_lightning.layers import Head
from gan_lightning.step import Step, Terms


class InfoGAN(GAN):
    """Add ``-info_weight * E log Q(c | G(z, c))`` to both players' losses.

    Up to a constant it bounds the mutual information between the code c and the sample from below, so both players want
    the code to be readable.

    The last columns of a latent are the code c: first each categorical code as a one-hot vector, each class equally
    likely, then the continuous codes, uniform in [-1, 1]. The columns before stay normal. Q, a head of the
    discriminator, predicts class scores for the former and means for the latter. To see what a code means, draw
    ``z = gan.sample_latent(n)``, set its last columns, and call ``gan(z)``. Not with PacGAN, whose packs hold several
    codes, nor with a technique that draws latents in another way.

    Hooks: ``sample_latent`` writes the codes; ``d_terms`` and ``g_terms`` add ``info``. Neutral: ``info_weight=0``;
    then there is no code and no head. Cost: one linear layer.

    Args:
        info_categorical: number of classes of each categorical code; the paper uses one of 10 for MNIST.
        info_continuous: number of continuous codes; the paper uses 2 for MNIST.
        info_weight: the paper's lambda, 0 or more; it uses 1 for categorical codes and less for continuous ones.

    Raises:
        TypeError: if an argument is of another type.
        ValueError: if ``info_weight`` is negative or not finite, a categorical code has fewer than 2 classes, there
            is no code, ``latent_dim`` is too small for the codes, or the discriminator has no features.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> gan = InfoGAN(
        ...     MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,)),
        ...     latent_dim=8, info_categorical=(3,), info_continuous=1,
        ... )
        >>> gan.sample_latent(4)[:, -4:-1].sum(1)  # one-hot
        tensor([1., 1., 1., 1.])
    """

    def __init__(
        self,
        *args: Any,
        info_categorical: Sequence[int] = (10,),
        info_continuous: int = 2,
        info_weight: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        check_weight("info_weight", info_weight)
        check_count("info_continuous", info_continuous, 0)
        if not isinstance(info_categorical, Sequence):
            raise TypeError(
                f"info_categorical must list the classes of each code, as in (10,), got {info_categorical!r}"
            )
        for classes in info_categorical:
            check_count("each code of info_categorical", classes, 2)
        self.info_categorical, self.info_continuous = tuple(info_categorical), info_continuous
        self.info_weight = info_weight
        self._info_size = self._checked_info_size() if info_weight else 0
        if self._info_size:
            self.discriminator = Head(self.discriminator, "codes", self._info_size)

    def sample_latent(self, n: int) -> Tensor:
        z = super().sample_latent(n)
        if not self._info_size:
            return z
        noise = z[:, : -self._info_size]
        classes = [one_hot(torch.randint(k, (n,), device=z.device), k).to(z.dtype) for k in self.info_categorical]
        uniform = 2 * torch.rand(n, self.info_continuous, device=z.device, dtype=z.dtype) - 1
        return torch.cat([noise, *classes, uniform], 1)

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        return terms.add("info", self._info_loss(step)) if self.info_weight else terms

    def g_terms(self, step: Step) -> Terms:
        terms = super().g_terms(step)
        return terms.add("info", self._info_loss(step)) if self.info_weight else terms

    def _info_loss(self, step: Step) -> Tensor:
        code = step.z[:, -self._info_size :]
        return self.info_weight * code_loss(step.on_fake.heads["codes"], code, self.info_categorical)

    def _checked_info_size(self) -> int:
        size = sum(self.info_categorical) + self.info_continuous
        if size == 0:
            raise ValueError(
                "InfoGAN needs a code: give info_categorical or info_continuous, or switch it off by info_weight=0"
            )
        if size > self.latent_dim:
            raise ValueError(
                f"the codes take {size} columns of the latent, which has latent_dim={self.latent_dim}: "
                "choose a larger latent_dim or fewer codes"
            )
        return size
