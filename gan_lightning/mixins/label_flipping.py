"""Label flipping: some real samples are called generated, so that the discriminator cannot be too sure.

Source: MathWorks, "Train generative adversarial network (GAN)", Deep Learning Toolbox examples, ``flipProb``,
    https://www.mathworks.com/help/deeplearning/ug/train-generative-adversarial-network.html; advised for a
    discriminator that wins in "Monitor GAN training progress and identify common failure modes", ibid.
Paper: none proposes it on its own; a flipped share p has the same optimum as one-sided smoothing to 1 - p, Salimans et
    al. 2016, section 3.4, https://arxiv.org/abs/1606.03498
"""

from typing import Any

import torch
from torch import Tensor

from gan_lightning.gan import GAN, Targets


class LabelFlipping(GAN):
    """Give ``floor(flip_share * N)`` of the N real samples the target of generated ones, drawn anew at each update.

    N counts the batch of all ranks together, so a batch below ``1 / flip_share`` flips none. With ``micro_batches_d``
    the share applies once per part, and several ranks then are not exactly one. Scores in the log come from the logits
    and know nothing of it. In expectation it is one-sided label smoothing with noise, which also shakes a discriminator
    that has learnt its samples by heart. Losses without targets (hinge, Wasserstein, relativistic ones) refuse it.

    Hooks: ``d_targets``. Neutral: ``flip_share=0``. Cost: one permutation of N numbers.

    Args:
        flip_share: in [0, 1); MathWorks' example uses 0.35, and 0.3 or 0.5 in older releases.

    Raises:
        ValueError: if it is out of range, or, at the first batch, if the loss has no targets.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> class MyGAN(LabelFlipping, GAN):
        ...     pass
        >>> gan = MyGAN(MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,)), latent_dim=8, flip_share=0.3)
        >>> real, fake = gan.d_targets(10)
        >>> int((real == 0).sum()), fake
        (3, 0.0)
    """

    def __init__(self, *args: Any, flip_share: float = 0.35, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not 0 <= flip_share < 1:
            raise ValueError(f"expected 0 <= flip_share < 1, got {flip_share}")
        self.flip_share = flip_share

    def d_targets(self, n: int) -> Targets:
        real, fake = super().d_targets(n)
        if not self.flip_share:
            return real, fake
        flipped = self.draw(self._draw_flipped, torch.empty(n, device=self.device))
        return real + flipped * (fake - real), fake

    def _draw_flipped(self, size: tuple[int, ...], **kind: Any) -> Tensor:
        """Return ones for those to flip and zeros for the others, at random places."""
        places = torch.randperm(size[0], device=kind["device"])
        return (places < int(self.flip_share * size[0] + 1e-9)).to(kind["dtype"])
