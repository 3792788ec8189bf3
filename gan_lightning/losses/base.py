"""What every adversarial loss offers to the training loop."""

from abc import ABC, abstractmethod
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

Target = float | Tensor
"""What the discriminator is to say of a sample: one number for all, or (n,), one per sample."""


class AdversarialLoss(ABC):
    """A pair of losses, one per player, on the discriminator's logits.

    It is a setting, not a network: it has no state that trains, so it is no ``nn.Module``.

    Attributes:
        uses_targets: ``d_loss`` reads its targets, so label smoothing and label flipping have an effect.
        relativistic: ``g_loss`` needs the logits of real samples as well.
        probabilistic: the sigmoid of a logit is the discriminator's probability of "real".

    Example:
        >>> import torch
        >>> from gan_lightning.losses import Hinge
        >>> loss: AdversarialLoss = Hinge()
        >>> float(loss.d_loss(torch.tensor([0.5]), torch.tensor([-2.0]))), loss.uses_targets
        (0.5, False)
    """

    uses_targets: ClassVar[bool] = False
    relativistic: ClassVar[bool] = False
    probabilistic: ClassVar[bool] = False

    @abstractmethod
    def d_loss(
        self, real: Float[Tensor, " n"], fake: Float[Tensor, " m"], targets: tuple[Target, Target] = (1.0, 0.0)
    ) -> Float[Tensor, ""]:
        """Return the discriminator's loss.

        Args:
            real: logits of real samples.
            fake: logits of generated samples.
            targets: what the discriminator is to say of real and of generated samples; read if ``uses_targets``.
        """

    @abstractmethod
    def g_loss(self, fake: Float[Tensor, " m"], real: Float[Tensor, " n"] | None = None) -> Float[Tensor, ""]:
        """Return the generator's loss.

        Args:
            fake: logits of generated samples.
            real: logits of real samples; needed if ``relativistic``, ignored otherwise.
        """


def check_target_shape(logits: Tensor, target: Tensor) -> None:
    """Raise ``ValueError`` unless there is one target per logit: (n,) and (n, 1) would broadcast to (n, n)."""
    if target.shape != logits.shape:
        raise ValueError(
            f"the targets have shape {tuple(target.shape)}, the logits {tuple(logits.shape)}: "
            "return one number, or one target per sample, (n,), from d_targets"
        )
