"""How many directions samples really use.

Paper: Roy, Vetterli 2007, "The effective rank", definition 1, https://www.eurasip.org/Proceedings/Eusipco/Eusipco2007/
    Papers/a5p-h05.pdf

Differs: the entropy of the paper is of order 1 over singular values; ours is of order 2 over the covariance's
    eigenvalues (the participation ratio). It needs no decomposition, which may fail on samples that are all alike.
"""

from jaxtyping import Float
from torch import Tensor


def effective_rank(points: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    """Return ``(tr C)^2 / tr(C^2)`` of the covariance C: from 1, all on a line or in a point, to D.

    NaN if a point is not finite.

    Args:
        points: samples, at least one.

    Example:
        >>> import torch
        >>> effective_rank(torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
        tensor(2.)
    """
    centred = points - points.mean(0)
    covariance = centred.T @ centred / len(points)
    spread = covariance.square().sum()
    rank = covariance.diagonal().sum().square() / spread
    return rank.masked_fill(spread == 0, 1.0)
