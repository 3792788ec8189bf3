"""The binary cross entropy between targets and logits."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from gan_lightning.losses.base import Target, check_target_shape


def cross_entropy(logits: Float[Tensor, " n"], target: Target) -> Float[Tensor, ""]:
    """Return ``-E [t log sigmoid(l) + (1 - t) log(1 - sigmoid(l))]``, finite for every finite logit.

    Since ``-log sigmoid(l) = softplus(-l)``, a hard target costs one softplus and one mean.

    Args:
        logits: l, log-odds of "real".
        target: t in [0, 1], a number or (n,).

    Raises:
        ValueError: if a tensor of targets has another shape than the logits.

    Example:
        >>> import torch
        >>> float(cross_entropy(torch.tensor([-1e4, -1e4]), 1.0))
        10000.0
    """
    if isinstance(target, Tensor):
        check_target_shape(logits, target)
        return (target * F.softplus(-logits) + (1 - target) * F.softplus(logits)).mean()
    if target == 1:
        return F.softplus(-logits).mean()
    if target == 0:
        return F.softplus(logits).mean()
    return target * F.softplus(-logits).mean() + (1 - target) * F.softplus(logits).mean()
