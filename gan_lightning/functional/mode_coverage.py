"""How many modes of a known mixture a generator has found, and how evenly it serves them.

Paper: Srivastava et al. 2017 (VEEGAN), section 5.1, https://arxiv.org/abs/1705.07761: modes and good samples. Lin et
    al. 2018 (PacGAN), section 4.1, https://arxiv.org/abs/1712.04086: the reverse divergence. The total variation and
    the rule of 1 %: the reports of https://github.com/brycesandlund/paired-discriminator.

Counts of papers differ in the rule by which a mode is found, in the number of samples and in the mixture: compare only
like with like. Perfect samples in the plane have ``1 - exp(-9 / 2)``, 98.89 %, within three sigma.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor


class ModeShares(NamedTuple):
    """How the samples are spread over the modes, in shares of all samples.

    Args:
        nearest: (K,), of samples whose nearest centre is the k-th; sums to 1 where all samples are finite.
        valid: (K,), of those among them that are close enough to it.
    """

    nearest: Tensor
    valid: Tensor


def mode_shares(
    samples: Float[Tensor, "n d"], centers: Float[Tensor, "k d"], sigma: float, within: float = 3.0
) -> ModeShares:
    """Assign each sample to its nearest centre; it is valid within ``within * sigma`` of it.

    Samples that are not finite belong to no mode. Shares are in float64.

    Args:
        samples: generated samples, at least one.
        centers: means of the modes.
        sigma: standard deviation of each mode.
        within: how many of them are close enough; 3 in the papers.

    Raises:
        ValueError: if there are no samples or no centres.

    Example:
        >>> samples, centers = torch.tensor([[0.0], [0.4], [0.9], [2.0]]), torch.tensor([[0.0], [1.0]])
        >>> shares = mode_shares(samples, centers, sigma=0.1)
        >>> shares.nearest.tolist(), shares.valid.tolist()
        ([0.5, 0.5], [0.25, 0.25])
    """
    if not len(samples) or not len(centers):
        raise ValueError(f"cannot share {len(samples)} samples among {len(centers)} modes: give at least one of each")
    distances = torch.cdist(samples, centers, compute_mode="donot_use_mm_for_euclid_dist")
    distance, mode = distances.min(1)
    return ModeShares(
        _shares(mode, distance.isfinite(), len(centers)), _shares(mode, distance <= within * sigma, len(centers))
    )


def modes_covered(valid: Float[Tensor, " k"], at_least: float = 0.01) -> int:
    """Return how many modes are found: those that hold a share of the samples, valid ones, of ``at_least``.

    Args:
        valid: ``ModeShares.valid``.
        at_least: 0.01 asks for 1 % of all samples; 0 for one sample, as VEEGAN and PacGAN do.

    Example:
        >>> shares = torch.tensor([0.5, 0.49, 0.005, 0.0])
        >>> modes_covered(shares), modes_covered(shares, at_least=0.0)
        (2, 3)
    """
    return int(((valid >= at_least) & (valid > 0)).sum())


def mode_total_variation(valid: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """Return ``1/2 (sum_k |p_k - 1/K| + p_invalid)``, in [0, 1], with p_invalid the share of samples in no mode.

    The total variation distance to the uniform distribution over the modes, with one more place for invalid samples.
    Perfect samples are not at 0 but at about 0.011, because 1.11 % of them are invalid.

    Args:
        valid: ``ModeShares.valid``.

    Example:
        >>> mode_total_variation(torch.tensor([0.5, 0.25]))  # a quarter moved out of a mode
        tensor(0.2500)
    """
    return 0.5 * ((valid - 1 / len(valid)).abs().sum() + 1 - valid.sum())


def reverse_kl(nearest: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """Return ``sum_k q_k log(K q_k)``, the divergence of the shares from uniform ones in nats, in [0, log K].

    It falls with the number of samples: for perfect ones it is about ``(K - 1) / 2N``, .0012 for 25 modes and 10,000.

    Args:
        nearest: ``ModeShares.nearest``.

    Example:
        >>> reverse_kl(torch.tensor([1.0, 0.0]))  # log 2
        tensor(0.6931)
    """
    terms: Tensor = torch.special.xlogy(nearest, len(nearest) * nearest)
    return terms.sum()


def _shares(mode: Tensor, counted: Tensor, num_modes: int) -> Tensor:
    return torch.bincount(mode, counted.to(torch.float64), num_modes) / len(mode)
