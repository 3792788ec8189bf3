"""Other distributions out of uniform numbers, so that one draw serves a whole set of transformations."""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def normal(uniform: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Map uniform numbers in [0, 1) to standard normal ones, at most 5.4 deviations from 0.

    Example:
        >>> normal(torch.tensor([0.0, 0.5, 0.8413]))
        tensor([-5.4200,  0.0000,  0.9998])
    """
    return torch.erfinv(2 * uniform.clamp(2**-25, 1 - 2**-24) - 1) * math.sqrt(2)


def lognormal(uniform: Float[Tensor, "*shape"], octaves: float) -> Float[Tensor, "*shape"]:
    """Map uniform numbers in [0, 1) to factors whose logarithm to base 2 is normal, with deviation ``octaves``.

    Example:
        >>> lognormal(torch.tensor([0.5]), 1.0)
        tensor([1.])
    """
    return torch.exp2(octaves * normal(uniform))
