"""Which part of the real samples a generator reaches.

Paper: Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative models", section 3.2,
https://arxiv.org/abs/2002.09797
"""

import torch
from jaxtyping import Float
from torch import Tensor


def coverage(apart: Float[Tensor, "n n"], across: Float[Tensor, "n m"], k: int = 5) -> Float[Tensor, ""]:
    """Return the share of the real samples that have a generated one nearer than their ``k``-th real neighbour.

    About ``1 - 2^-k`` if both come from the same distribution and are as many, .97 for 5. NaN if a sample is not
    finite or there are no more than ``k`` real ones.

    Args:
        apart: distances between the real samples.
        across: distances from the real to the generated samples, about as many.
        k: neighbours; 5 in the paper.

    Example:
        >>> from gan_lightning.functional import distances
        >>> real, fake = torch.tensor([[0.0], [1.0], [10.0], [11.0]]), torch.tensor([[0.5], [0.6]])
        >>> coverage(distances(real, real), distances(real, fake), k=1)
        tensor(0.5000)
    """
    unknown = 0 * (apart.sum() + across.sum())
    if len(apart) <= k or not across.shape[1]:
        return torch.full_like(unknown, torch.nan)
    radius = apart.topk(k + 1, 1, largest=False).values[:, -1]
    return (across.amin(1) < radius).to(apart.dtype).mean() + unknown
