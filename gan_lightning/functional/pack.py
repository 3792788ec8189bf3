"""Several samples as one, so that a discriminator judges them together.

Paper: Lin, Khetan, Fanti, Oh 2018, "PacGAN: the power of two samples in generative adversarial networks", section 2,
    https://arxiv.org/abs/1712.04086.
"""

from jaxtyping import Float
from torch import Tensor


def packed(x: Float[Tensor, "n c *rest"], m: int) -> Float[Tensor, "k d *rest"]:
    """Put each m consecutive samples behind each other along the first dimension of a sample.

    Images (N, C, H, W) become (N / m, m C, H, W), vectors (N, F) become (N / m, m F). It is a view of ``x`` where its
    memory allows.

    Args:
        x: samples, (N, C, ...).
        m: samples per pack, at least 1, a divisor of N.

    Raises:
        ValueError: if m is no divisor of N.

    Example:
        >>> import torch
        >>> packed(torch.arange(8.0).view(4, 2), 2)
        tensor([[0., 1., 2., 3.],
                [4., 5., 6., 7.]])
    """
    if m < 1 or len(x) % m:
        raise ValueError(
            f"a batch of {len(x)} cannot be packed by {m}: choose a batch size that the pack divides, and drop a last "
            "batch that is smaller"
        )
    return x.reshape(len(x) // m, m * x.shape[1], *x.shape[2:])
