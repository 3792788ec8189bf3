"""DiffAugment for a module that knows nothing of it: real and generated samples go through the same random changes.

Paper: Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN training", equations 4 to 6,
https://arxiv.org/abs/2006.10738
"""

from collections.abc import Callable, Sequence

from torch import Tensor

from gan_lightning.callbacks.changes_samples import ChangesSamples
from gan_lightning.functional.augment.policy import change_by_policy, check_policy


class AddDiffAugment(ChangesSamples):
    """Change all samples that the discriminator sees while it trains; the generator is trained through the changes.

    For few data, some thousand images or less, which a discriminator would learn by heart. It acts on each call of the
    discriminator in training mode, on its samples alone, whoever calls: a gradient penalty of the module, and
    ``AddR1``, judge changed samples too, and conditions or segmentation maps in other arguments are not moved with
    the image. For a ``GAN`` of this package there are the mixins ``DiffAugment`` and ``ADA``.

    Args:
        policy: what is done to images (N, C, H, W) in [-1, 1], in this order; vectors (N, F) are rotated and get noise
            instead, whatever is named; an empty policy changes nothing.
        discriminator: dotted path of the network; found by its name if None.
        samples: which argument of the discriminator's calls holds the samples, counted from 0; None takes the first
            floating one, and refuses a call in which another is as likely.

    Raises:
        ValueError: if a name is unknown or named twice; at fit start, if the discriminator or its optimizer is not
            found; in the first batch, if the samples are neither images nor vectors.
        RuntimeError: if the discriminator is updated without having been called, or called on several tensors that
            may be the samples.

    Example:
        >>> AddDiffAugment(policy=["color", "translation"]).policy
        ('color', 'translation')
    """

    def __init__(
        self,
        policy: Sequence[str] = ("color", "translation", "cutout"),
        discriminator: str | None = None,
        samples: int | None = None,
    ) -> None:
        super().__init__(discriminator, samples)
        self.policy = check_policy(policy)

    def change(self, x: Tensor) -> Tensor:
        return change_by_policy(x, self.policy, _draw)


def _draw(sampler: Callable[..., Tensor], like: Tensor, *shape: int) -> Tensor:
    return sampler((len(like), *shape), device=like.device, dtype=like.dtype)
