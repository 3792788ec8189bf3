"""The inception score, from any classifier's probabilities.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 4, https://arxiv.org/abs/1606.03498.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def inception_score(probabilities: Float[Tensor, "n k"]) -> Float[Tensor, ""]:
    """Return ``exp(E_x KL(p(y | x) || p(y)))``, between 1 and K; ``p(y)`` is the mean of ``p(y | x)`` over the samples.

    It is high if each sample is surely of one class and all classes occur equally often. It does not see variety within
    a class. Computed in float64, with ``0 log 0 = 0``. With few samples it is biased towards small values: the field
    uses 50,000, and the mean over ten parts of 5,000. Only scores of one classifier and one number of samples compare.

    Args:
        probabilities: ``p(y | x)`` of n samples for k classes, such as the softmax of a classifier's logits.

    Returns:
        The score, in float64.

    Raises:
        ValueError: if there are no samples.

    Example:
        >>> inception_score(torch.eye(10))
        tensor(10.0000, dtype=torch.float64)
    """
    if len(probabilities) == 0:
        raise ValueError(f"the inception score needs samples, got probabilities of shape {tuple(probabilities.shape)}")
    wide = probabilities.double()
    return score_of_sums(torch.special.entr(wide).sum(), wide.sum(0), wide.new_tensor(len(wide)))


def score_of_sums(
    entropy: Float[Tensor, ""], probabilities: Float[Tensor, " k"], count: Float[Tensor, ""]
) -> Float[Tensor, ""]:
    """Return the inception score from sums over the samples, which can be added up batch by batch and rank by rank.

    The mean divergence is the entropy of the mean minus the mean of the entropies.

    Args:
        entropy: sum of ``H(p(y | x)) = -sum_y p(y | x) log p(y | x)``.
        probabilities: sum of ``p(y | x)``.
        count: number of samples.

    Example:
        >>> score_of_sums(torch.tensor(0.0), torch.tensor([3.0, 3.0]), torch.tensor(6.0))
        tensor(2.)
    """
    divergence: Tensor = torch.special.entr(probabilities / count).sum() - entropy / count
    return divergence.exp()
