"""Distances between two batches of features, taken between batch statistics and never between pairs of samples.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3.1 (means),
    https://arxiv.org/abs/1606.03498. Variances: Mroueh et al. 2017, "McGan", section 4 (a diagonal of the covariance),
    https://arxiv.org/abs/1702.08398. Whole distributions: Li et al. 2015, "Generative moment matching networks",
    section 3 (kernels of several widths), https://arxiv.org/abs/1502.02761; the unbiased estimator: Gretton et al.
    2012, "A kernel two-sample test", lemma 6.
Differs: kernel widths follow the mean distance of the features, whose scale changes while the discriminator trains. The
    authors' code divides the norms by the number of features, a matter of scale.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lightning.distributed import gather_over_ranks, mean_over_ranks

Matching = Callable[[Tensor, Tensor], Tensor]
"""A distance between features of real and of generated samples, (N, ...) and (M, ...)."""

WIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Squared widths of the kernels, in mean squared distances of the features."""


def match_mean_l2(real: Float[Tensor, "n *shape"], fake: Float[Tensor, "m *shape"]) -> Float[Tensor, ""]:
    """Return ``|E f(x) - E f(G(z))|_2^2``, the paper's distance.

    Args:
        real: features of real samples.
        fake: features of generated samples.

    Example:
        >>> float(match_mean_l2(torch.tensor([[0.0], [2.0]]), torch.tensor([[4.0], [4.0]])))
        9.0
    """
    return _mean_difference(real, fake).square().sum()


def match_mean_l1(real: Float[Tensor, "n *shape"], fake: Float[Tensor, "m *shape"]) -> Float[Tensor, ""]:
    """Return ``|E f(x) - E f(G(z))|_1``, which the authors' CIFAR-10 code uses; its pull does not fade near the goal.

    Args:
        real: features of real samples.
        fake: features of generated samples.

    Example:
        >>> float(match_mean_l1(torch.tensor([[0.0], [2.0]]), torch.tensor([[4.0], [4.0]])))
        3.0
    """
    return _mean_difference(real, fake).abs().sum()


def match_moments(real: Float[Tensor, "n *shape"], fake: Float[Tensor, "m *shape"]) -> Float[Tensor, ""]:
    """Return ``|E f(x) - E f(G(z))|_2^2 + |Var f(x) - Var f(G(z))|_2^2``, each feature on its own.

    The variances are those of the batch, divided by its size.

    Args:
        real: features of real samples.
        fake: features of generated samples.

    Example:
        >>> float(match_moments(torch.tensor([[0.0], [2.0]]), torch.tensor([[4.0], [4.0]])))  # 9 + (1 - 0)^2
        10.0
    """
    real, fake = _wide(real), _wide(fake)
    means = mean_over_ranks(torch.stack([real.mean(0), fake.mean(0)]))
    spread = (real - means[0]).square().mean(0) - (fake - means[1]).square().mean(0)
    return (means[0] - means[1]).square().sum() + mean_over_ranks(spread).square().sum()


def match_mmd(real: Float[Tensor, "n *shape"], fake: Float[Tensor, "m *shape"]) -> Float[Tensor, ""]:
    """Return the unbiased estimate of the squared maximum mean discrepancy, ``E k(x,x') + E k(y,y') - 2 E k(x,y)``.

    The kernel is the mean of five Gaussians ``exp(-|a - b|^2 / (w s))``, with w from 1/4 to 4 and s the mean squared
    distance within the joined sample, through which no gradient flows. It compares whole distributions, and no sample
    with itself, so the estimate is about zero, and may be negative, where the distributions agree.

    Args:
        real: features of real samples, two at least over all ranks.
        fake: features of generated samples, two at least over all ranks.

    Raises:
        ValueError: if there are fewer.

    Example:
        >>> x = torch.randn(64, 3)
        >>> bool(match_mmd(x, torch.randn(64, 3)) < match_mmd(x, 1 + torch.randn(64, 3)))
        True
    """
    real, fake = gather_over_ranks(_wide(real)), gather_over_ranks(_wide(fake))
    n, m = len(real), len(fake)
    if min(n, m) < 2:
        raise ValueError(
            f"the MMD needs at least two samples of each kind, got {n} real and {m} generated: enlarge the batch"
        )
    kernel = _kernel(torch.cat([real, fake]))
    within_real = (kernel[:n, :n].sum() - n) / (n * (n - 1))
    within_fake = (kernel[n:, n:].sum() - m) / (m * (m - 1))
    return within_real + within_fake - 2 * kernel[:n, n:].mean()


MATCHINGS: dict[str, Matching] = {
    "mean_l2": match_mean_l2, "mean_l1": match_mean_l1, "moments": match_moments, "mmd": match_mmd,
}  # fmt: skip
"""The distances by name."""


def _wide(features: Tensor) -> Tensor:
    """Return the features as (N, F), in float32 at least: sums of half-precision squares overflow."""
    return features.flatten(1).to(torch.promote_types(features.dtype, torch.float32))


def _mean_difference(real: Tensor, fake: Tensor) -> Tensor:
    return mean_over_ranks(_wide(real).mean(0) - _wide(fake).mean(0))


def _kernel(x: Tensor) -> Tensor:
    """Return k(x_i, x_j), (N, N), with ones on the diagonal."""
    x = x - x.detach().mean(0)  # a product of numbers far from zero would drown their differences
    with torch.autocast(x.device.type, enabled=False):
        product = x @ x.mT
    norms = product.diagonal()
    distance = (norms[:, None] + norms[None, :] - 2 * product).clamp(min=0)
    n = len(x)
    scale = (distance.detach().sum() / (n * (n - 1))).clamp(min=torch.finfo(x.dtype).tiny ** 0.5)
    kernels = [(-distance / (width * scale)).exp() for width in WIDTHS]
    return torch.stack(kernels).mean(0)
