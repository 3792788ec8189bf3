"""The distance of a discriminator's outputs from its habits on the other kind of samples.

Paper: Tseng, Jiang, Liu, Yang, Yang 2021, "Regularizing generative adversarial networks under limited data", section
    3.2, https://arxiv.org/abs/2104.03310.
"""

from jaxtyping import Float
from torch import Tensor


def lecam_penalty(
    real: Float[Tensor, " n"], fake: Float[Tensor, " m"], real_anchor: Float[Tensor, ""], fake_anchor: Float[Tensor, ""]
) -> Float[Tensor, ""]:
    """Return ``E |D(x) - a_F|^2 + E |D(G(z)) - a_R|^2``: each kind is drawn to the running mean of the other.

    Args:
        real: logits of real samples.
        fake: logits of generated samples.
        real_anchor: a_R, the running mean of the logits of real samples.
        fake_anchor: a_F, that of generated samples.

    Example:
        >>> import torch
        >>> one = torch.tensor(1.0)
        >>> lecam_penalty(torch.tensor([2.0]), torch.tensor([-2.0]), one, -one)
        tensor(18.)
    """
    return (real - fake_anchor).square().mean() + (fake - real_anchor).square().mean()
