"""How well each player does, in numbers between 0 and 1. Nothing here synchronises with the device.

For losses whose logits are log-odds, the mean probabilities that the field plots; for all others, the share of pairs
that the discriminator puts in the right order, which needs no scale.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def discriminator_score(real_logits: Float[Tensor, " m"], fake_logits: Float[Tensor, " n"]) -> Float[Tensor, ""]:
    """Return ``1/2 E sigmoid(D(x)) + 1/2 E (1 - sigmoid(D(G(z))))``: the mean probability given to the truth.

    1/2 is a discriminator that cannot tell, 1 one that is always right.

    Args:
        real_logits: log-odds of "real" for real samples.
        fake_logits: log-odds of "real" for generated samples.

    Example:
        >>> float(discriminator_score(torch.zeros(4), torch.zeros(6)))
        0.5
    """
    return 0.5 * (_probability(real_logits) + _probability(-fake_logits))


def generator_score(fake_logits: Float[Tensor, " n"]) -> Float[Tensor, ""]:
    """Return ``E sigmoid(D(G(z)))``: the mean probability that generated samples are taken for real.

    Args:
        fake_logits: log-odds of "real" for generated samples.

    Example:
        >>> float(generator_score(torch.zeros(4)))
        0.5
    """
    return _probability(fake_logits)


def rank_accuracy(real_logits: Float[Tensor, " m"], fake_logits: Float[Tensor, " n"]) -> Float[Tensor, ""]:
    """Return ``P(D(x) > D(G(z))) + 1/2 P(D(x) = D(G(z)))`` over all pairs of a real and a generated sample.

    This is the area under the ROC curve (the Mann-Whitney statistic): 1/2 for chance, 1 for a perfect order, whatever
    the scale of the logits. Sorting counts all m n pairs in O((m + n) log(m + n)).

    Args:
        real_logits: scores of real samples.
        fake_logits: scores of generated samples.

    Returns:
        The share of pairs, without a gradient; NaN if a logit is NaN or there are no pairs.

    Example:
        >>> float(rank_accuracy(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 1.0])))  # three pairs right, one tie
        0.875
    """
    dtype = torch.promote_types(torch.promote_types(real_logits.dtype, fake_logits.dtype), torch.float32)
    real = real_logits.detach().to(dtype).contiguous()  # searchsorted warns of copies
    fake = fake_logits.detach().to(dtype).sort().values
    smaller = torch.searchsorted(fake, real)
    smaller_or_equal = torch.searchsorted(fake, real, right=True)
    accuracy = (smaller + smaller_or_equal).sum().to(dtype) / (2 * len(real) * len(fake))
    undefined = real.isnan().any() | fake.isnan().any()  # NaN has no rank; the search would return any
    return accuracy.masked_fill(undefined, float("nan"))


def _probability(log_odds: Tensor) -> Tensor:
    wide = log_odds.to(torch.promote_types(log_odds.dtype, torch.float32))
    return wide.sigmoid().mean()
