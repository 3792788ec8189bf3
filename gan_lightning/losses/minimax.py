"""The minimax loss: the two-player game as it is first written down. Its generator starves when D is sure.

Paper: Goodfellow et al. 2014, "Generative adversarial networks", section 3, eq. 1, https://arxiv.org/abs/1406.2661.
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from gan_lightning.losses.non_saturating import NonSaturating


def minimax_g_loss(fake: Float[Tensor, " m"]) -> Float[Tensor, ""]:
    """Return ``E log(1 - s(D(G(z))))``, which is at most 0.

    Args:
        fake: logits of generated samples.
    """
    return -F.softplus(fake).mean()


class Minimax(NonSaturating):
    """G minimises ``E log(1 - s(D(G(z))))``; D's loss is that of ``NonSaturating``; s is the sigmoid.

    The generator's gradient vanishes where the discriminator rejects its samples with confidence. It is here for
    comparison and for theory; train with ``NonSaturating``.

    Example:
        >>> import torch
        >>> float(Minimax().g_loss(torch.zeros(3))) == -torch.tensor(2.0).log().item()
        True
    """

    def g_loss(self, fake: Float[Tensor, " m"], real: Float[Tensor, " n"] | None = None) -> Float[Tensor, ""]:
        return minimax_g_loss(fake)
