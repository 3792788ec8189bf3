"""Every pixel's feature vector brought to unit length on average.

Paper: Karras et al. 2018, "Progressive growing of GANs for improved quality, stability, and variation", section 4.2,
    https://arxiv.org/abs/1710.10196.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

EPSILON = 1e-8
"""The paper's."""


class PixelNorm(nn.Module):
    """Divide each sample's features at each location by their root mean square: ``b = a / sqrt(mean_c a_c^2 + 1e-8)``.

    For the generator, after each convolution's activation, against a race of magnitudes between the players; also for
    latents (N, Z) before the first layer. It has no parameters and treats samples one by one. The mean is taken in
    float32 at least.

    Raises:
        ValueError: in ``forward``, if there is no dimension for features.

    Example:
        >>> PixelNorm()(torch.tensor([[3.0, 4.0, 0.0, 0.0]]))  # the root mean square is 2.5
        tensor([[1.2000, 1.6000, 0.0000, 0.0000]])
    """

    def forward(self, x: Float[Tensor, "n *shape"]) -> Float[Tensor, "n *shape"]:
        """Return features (N, C, ...), normalised over dimension 1, in their shape and dtype."""
        if x.ndim < 2:
            raise ValueError(f"pixel norm got shape {tuple(x.shape)}, expected (N, C) or (N, C, H, W)")
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (wide * (wide.square().mean(1, keepdim=True) + EPSILON).rsqrt()).to(x.dtype)
