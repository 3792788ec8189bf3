"""How far the filters of a layer are from being orthogonal to each other.

Paper: Brock et al. 2019, "Large scale GAN training for high fidelity natural image synthesis", section 3.1, eq. 3,
    https://arxiv.org/abs/1809.11096.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def off_diagonal_gram(filters: Float[Tensor, "m k"]) -> Float[Tensor, ""]:
    """Return ``|W W^T * (1 - I)|_F^2``: the sum of the squared dot products of all pairs of different filters.

    Unlike ``|W W^T - I|_F^2`` this leaves the length of the filters free. It is computed in float32 at least, also
    under autocast. A matrix with more filters than entries in each takes the smaller product ``W^T W``, which has the
    same norm.

    Args:
        filters: one filter per row, m of k entries: the weight of a linear layer, of a convolution flattened to
            (out, in * height * width). The paper, with filters as columns, writes ``W^T W``.

    Example:
        >>> off_diagonal_gram(torch.tensor([[2.0, 0.0], [1.0, 1.0]])).item()  # the dot product is 2, counted twice
        8.0
        >>> off_diagonal_gram(5 * torch.eye(3)).item()
        0.0
    """
    wide = filters.to(torch.promote_types(filters.dtype, torch.float32))
    with torch.autocast(wide.device.type, enabled=False):
        if wide.shape[0] <= wide.shape[1]:
            return 2 * (wide @ wide.T).triu(1).square().sum()
        return (wide.T @ wide).square().sum() - wide.square().sum(1).square().sum()


def filters_of(weight: Float[Tensor, "a b *size"], transposed_groups: int = 0) -> Float[Tensor, "m k"]:
    """Return a layer's weight as a matrix with one filter per row.

    Args:
        weight: of a linear layer (out, in), a convolution (out, in, ...), or a transposed one (in, out, ...).
        transposed_groups: the number of groups of a transposed convolution; 0 for all other layers.

    Example:
        >>> filters_of(torch.zeros(8, 3, 4, 4)).shape, filters_of(torch.zeros(8, 3, 4, 4), transposed_groups=1).shape
        (torch.Size([8, 48]), torch.Size([3, 128]))
    """
    if not transposed_groups:
        return weight.flatten(1)
    grouped = weight.reshape(transposed_groups, -1, *weight.shape[1:])  # groups, in per group, out per group, ...
    return grouped.transpose(1, 2).flatten(2).flatten(0, 1)
