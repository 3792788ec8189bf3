"""Attention between all locations of a feature map.

Paper: Zhang et al. 2019, "Self-attention generative adversarial networks", section 3, eq. 1 to 3,
    https://arxiv.org/abs/1805.08318.
Differs: keys and values keep the full resolution, as in the paper's text; the authors' code pools them to half of it.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """Add to each location what it attends to: ``y = x + gamma W_v sum_i beta_i W_h x_i``, with gamma learned from 0.

    ``beta`` is the softmax over i of ``(W_f x_i)^T W_g x_j``, unscaled as in the paper. As gamma starts at 0, the layer
    starts as the identity. For both players, at feature maps of 32 x 32 or so. The paper has spectral normalisation on
    all layers: call ``add_spectral_norm`` on the network or on this layer. Samples are treated one by one.

    The forward takes torch's fused kernels. Their backward cannot be differentiated, which gradient penalties need, so
    the backward is written out, and makes the (H W) x (H W) matrix of each sample while it runs.

    Args:
        channels: C of the feature maps.
        reduction: queries, keys and values have C / reduction channels, 1 at least; the paper uses 8.

    Raises:
        ValueError: if a size is not positive; in ``forward``, if the input is not (N, channels, H, W).

    Example:
        >>> x = torch.randn(2, 16, 4, 4)
        >>> SelfAttention(16)(x).equal(x)  # gamma is 0 yet
        True
    """

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        for name, size in {"channels": channels, "reduction": reduction}.items():
            if size < 1:
                raise ValueError(f"{name} is {size}, expected at least 1")
        inner = max(channels // reduction, 1)
        self.channels = channels
        self.key = nn.Conv2d(channels, inner, 1, bias=False)
        self.query = nn.Conv2d(channels, inner, 1, bias=False)
        self.value = nn.Conv2d(channels, inner, 1, bias=False)
        self.output = nn.Conv2d(inner, channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(()))

    def forward(self, x: Float[Tensor, "n *shape"]) -> Float[Tensor, "n *shape"]:
        """Return feature maps (N, C, H, W) with what they attend to added."""
        if x.ndim != 4 or x.shape[1] != self.channels:
            raise ValueError(
                f"self-attention got shape {tuple(x.shape)}, expected (N, {self.channels}, H, W): build it with the "
                "number of channels of the layer before it"
            )
        attended: Tensor = _Attention.apply(*(_rows(layer(x)) for layer in (self.query, self.key, self.value)))
        update: Tensor = self.output(attended.mT.reshape(len(x), -1, *x.shape[2:]))
        return x + self.gamma * update


def _rows(x: Tensor) -> Tensor:
    """Locations in rows under one head, (N, 1, H W, C): the layout that the fused kernels ask for."""
    return x.flatten(2).mT.contiguous().unsqueeze(1)


class _Attention(torch.autograd.Function):
    """``softmax(q k^T) v``. Fused forward; a backward of plain operations, which can be differentiated again."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        ctx.save_for_backward(query, key, value)
        return F.scaled_dot_product_attention(query, key, value, scale=1.0)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        query, key, value = ctx.saved_tensors
        (gradient,) = gradients
        wide = torch.promote_types(query.dtype, torch.float32)
        weights = (query @ key.mT).to(wide).softmax(-1)
        by_weights = (gradient @ value.mT).to(wide)
        by_scores = weights * (by_weights - (weights * by_weights).sum(-1, keepdim=True))
        weights, by_scores = weights.to(query.dtype), by_scores.to(query.dtype)
        return by_scores @ key, by_scores.mT @ query, weights.mT @ gradient
