"""Historical averaging: parameters held to the mean of all their past values.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3.3, https://arxiv.org/abs/1606.03498,
    who liken it to fictitious play.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lightning.distributed import whole


def history_penalty(params: Sequence[Tensor], mean: Float[Tensor, " p"]) -> Float[Tensor, ""]:
    """Return ``|theta - 1/t sum_i theta[i]|^2``, whose pull grows with the distance from the past.

    Args:
        params: theta, with p numbers together.
        mean: of their past values, flat, as ``add_to_history_`` keeps it; no gradient flows into it.

    Raises:
        ValueError: if there are not p numbers.

    Example:
        >>> float(history_penalty([torch.tensor([1.0, 2.0]), torch.tensor([[3.0]])], torch.tensor([1.0, 0.0, 0.0])))
        13.0
    """
    return (_flat(params, mean) - mean.detach()).square().sum()


@torch.no_grad()
def add_to_history_(mean: Float[Tensor, " p"], count: Int[Tensor, ""], params: Sequence[Tensor]) -> None:
    """Count the present parameters among their past values, in place and in the memory of one copy.

    Args:
        mean: of ``count`` past values, flat; anything finite while the count is 0.
        count: t, how many values the mean holds.
        params: theta, with p numbers together.

    Raises:
        ValueError: if there are not p numbers.

    Example:
        >>> mean, count = torch.zeros(2), torch.tensor(0)
        >>> for value in (1.0, 2.0, 6.0):
        ...     add_to_history_(mean, count, [torch.full((2,), value)])
        >>> mean
        tensor([3., 3.])
    """
    count += 1
    mean += (_flat(params, mean) - mean) / count


def _flat(params: Sequence[Tensor], mean: Tensor) -> Tensor:
    flat = torch.cat([whole(p).reshape(-1) for p in params])
    if flat.shape != mean.shape:
        raise ValueError(f"the parameters hold {len(flat)} numbers, their history {len(mean)}: keep one history each")
    return flat
