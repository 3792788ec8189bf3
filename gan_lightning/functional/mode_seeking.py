"""How far samples move when their latents do.

Paper: Mao, Lee, Tseng, Ma, Yang 2019, "Mode seeking generative adversarial networks for diverse image synthesis",
    equation 3, https://arxiv.org/abs/1903.05628.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lightning.distributed import mean_over_ranks


def mode_seeking_ratio(
    fake: Float[Tensor, "n *shape"],
    other: Float[Tensor, "n *shape"],
    z: Float[Tensor, "n *latent"],
    other_z: Float[Tensor, "n *latent"],
) -> Float[Tensor, ""]:
    """Return ``E |G(z1) - G(z2)| / E |z1 - z2|``, mean absolute differences over entries, pairs and ranks.

    The paper's equation has the ratio of one pair. The quotient of the means, as in the authors' code, does not blow up
    where two latents happen to lie close together. It is reduced in float32 at least.

    Args:
        fake: G(z1), samples.
        other: G(z2), samples with the same labels.
        z: z1, the latents of ``fake``.
        other_z: z2, the latents of ``other``.

    Example:
        >>> z, other_z = torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 3.0]])
        >>> mode_seeking_ratio(5 * z, 5 * other_z, z, other_z)
        tensor(5.)
    """
    return _distance(fake, other) / _distance(z, other_z)


def _distance(a: Tensor, b: Tensor) -> Tensor:
    wide = torch.promote_types(a.dtype, torch.float32)
    return mean_over_ranks((a.to(wide) - b.to(wide)).abs().mean())
