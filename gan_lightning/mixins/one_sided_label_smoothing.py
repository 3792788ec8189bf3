"""One-sided label smoothing: the discriminator shall be a little less than sure of real samples.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3.4, https://arxiv.org/abs/1606.03498.
    The value 0.9: Goodfellow 2016, "NIPS 2016 tutorial", section 4.2, https://arxiv.org/abs/1701.00160
"""

from typing import Any

from gan_lightning.gan import GAN, Targets


class OneSidedLabelSmoothing(GAN):
    """Multiply the discriminator's target of real samples by ``smoothing_target``; generated ones keep theirs.

    The optimal discriminator becomes ``alpha p_data / (p_data + p_g)``. Smoothing the target of generated samples too
    would put p_g into the numerator, so that samples where there is no data would get a reason to stay; hence one side
    only. At the equilibrium the discriminator says alpha / 2: a score of 0.5 no longer means balance.

    It bounds the logits and with them the gradient of a discriminator that is too sure. Losses without targets (hinge,
    Wasserstein, relativistic ones) refuse it.

    Hooks: ``d_targets``. Neutral: ``smoothing_target=1``. Cost: none.

    Args:
        smoothing_target: alpha, in (0, 1]; 0.9 is usual, the authors' ImageNet code uses 0.75.

    Raises:
        ValueError: if it is out of range, or, at the first batch, if the loss has no targets.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> class MyGAN(OneSidedLabelSmoothing, GAN):
        ...     pass
        >>> MyGAN(MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,)), latent_dim=8).d_targets(4)
        (0.9, 0.0)
    """

    def __init__(self, *args: Any, smoothing_target: float = 0.9, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not 0 < smoothing_target <= 1:
            raise ValueError(f"expected 0 < smoothing_target <= 1, got {smoothing_target}")
        self.smoothing_target = smoothing_target

    def d_targets(self, n: int) -> Targets:
        real, fake = super().d_targets(n)
        return real * self.smoothing_target, fake
