"""Losses of classifiers inside a GAN that a library's cross entropy does not cover.

Paper: semi-supervised: Salimans et al. 2016, section 5, https://arxiv.org/abs/1606.03498. Codes: Chen et al. 2016,
    section 5, equation 5, https://arxiv.org/abs/1606.03657.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from gan_lightning.distributed import mean_over_ranks

UNLABELLED = -1


def labelled_cross_entropy(class_logits: Float[Tensor, "n k"], label: Int[Tensor, " n"]) -> Float[Tensor, ""]:
    """Return the mean of ``-log softmax(class_logits)[label]`` over the samples that have a label, on all ranks.

    Ranks may hold different numbers of labelled samples. Without any the result is 0.

    Args:
        class_logits: scores of K classes.
        label: classes 0 .. K - 1, or -1 for "unlabelled".

    Example:
        >>> labelled_cross_entropy(torch.tensor([[0.0, 0.0], [5.0, 0.0]]), torch.tensor([1, -1]))
        tensor(0.6931)
    """
    total = F.cross_entropy(class_logits, label, ignore_index=UNLABELLED, reduction="sum")
    count = (label != UNLABELLED).sum().to(total.dtype)
    total, count = mean_over_ranks(torch.stack([total, count])).unbind()
    return total / count.where(count > 0, 1.0)


def code_loss(
    prediction: Float[Tensor, "m size"], code: Float[Tensor, "n size"], categorical: Sequence[int]
) -> Float[Tensor, ""]:
    """Return ``-E log Q(c | x)`` up to a constant: what InfoGAN's bound of the mutual information asks to be small.

    Categorical codes cost their cross entropy; for continuous ones Q is a Gaussian with variance 1 around the
    prediction, so they cost half the squared error. The costs of all codes are added: Q is factored.

    Args:
        prediction: class scores for the categorical codes, then means for the continuous ones.
        code: one-hot vectors for the categorical codes, then the continuous ones.
        categorical: number of classes of each categorical code, in this order; the columns that remain are continuous.

    Raises:
        ValueError: if there is not one prediction per code, or the categorical codes have more columns than there are.

    Example:
        >>> code_loss(torch.tensor([[0.0, 0.0, 3.0]]), torch.tensor([[0.0, 1.0, 1.0]]), (2,))  # log 2 + 2 ** 2 / 2
        tensor(2.6931)
    """
    continuous = code.shape[1] - sum(categorical)
    if prediction.shape != code.shape or continuous < 0:
        raise ValueError(
            f"got predictions of shape {tuple(prediction.shape)} for codes of shape {tuple(code.shape)} and "
            f"categorical codes of {tuple(categorical)} classes, expected one prediction per sample and column: "
            "judge samples one by one, not in packs"
        )
    sizes = [*categorical, continuous]
    *scores, means = torch.split(prediction, sizes, 1)
    *classes, values = torch.split(code, sizes, 1)
    losses = [F.cross_entropy(score, one_hot) for score, one_hot in zip(scores, classes, strict=True)]
    return sum(losses, 0.5 * (means - values).square().sum(1).mean())
