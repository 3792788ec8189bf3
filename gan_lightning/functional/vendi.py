"""How many different samples there are among many.

Paper: Friedman, Dieng 2022, "The Vendi score", definition 3.1, https://arxiv.org/abs/2210.02410. Other orders:
Pasarkar, Dieng 2023, "Cousins of the Vendi score", section 3, https://arxiv.org/abs/2310.12952
"""

import torch
from jaxtyping import Float
from torch import Tensor


def vendi_score(
    apart: Float[Tensor, "n n"], bandwidth: Float[Tensor, ""] | float, order: int | float = 1
) -> Float[Tensor, ""]:
    """Return the effective number of different samples, from 1, all alike, to N, all unlike.

    The exponential of the Renyi entropy of the eigenvalues of ``K / N``, with the Gaussian kernel
    ``K_ij = exp(-|x_i - x_j|^2 / (2 bandwidth^2))``. NaN if a point or the bandwidth is not finite.

    Args:
        apart: distances between the samples, of which there is at least one.
        bandwidth: of the kernel, above 0, in the unit of the distances. A quarter of the median distance tells many
            modes apart; the median itself does not.
        order: of the entropy, more than 0; 1 is the Vendi score. Order 2 needs no eigenvalues and does not
            synchronise with the device.

    Raises:
        ValueError: if ``order <= 0``.

    Example:
        >>> from gan_lightning.functional import distances
        >>> two_kinds = torch.tensor([[0.0], [0.0], [9.0], [9.0]])
        >>> apart = distances(two_kinds, two_kinds)
        >>> [round(float(vendi_score(apart, bandwidth=1.0, order=order)), 4) for order in (1.0, 2.0)]
        [2.0, 2.0]
    """
    if not order > 0:
        raise ValueError(f"expected an order above 0, got {order}")
    kernel = (-0.5 * (apart / bandwidth) ** 2).exp().nan_to_num() / len(apart)
    unknown = 0 * (apart.sum() + bandwidth)
    if order == 2:
        score: Tensor = 1 / kernel.square().sum()
        return score + unknown
    eigenvalues = _eigenvalues(kernel)
    eigenvalues = eigenvalues.clamp(min=0) / eigenvalues.clamp(min=0).sum()
    if order == 1:
        score = torch.special.entr(eigenvalues).sum().exp()
    else:
        score = (eigenvalues**order).sum() ** (1 / (1 - order))
    return score + unknown


def _eigenvalues(kernel: Float[Tensor, "n n"]) -> Float[Tensor, " n"]:
    """Where the decomposition fails, which samples that are all alike have been seen to do: those of such samples."""
    try:
        eigenvalues: Tensor = torch.linalg.eigvalsh(kernel.double())
    except torch.linalg.LinAlgError:  # type: ignore[attr-defined]
        alike = torch.zeros_like(kernel[0])
        alike[0] = 1
        return alike
    return eigenvalues.to(kernel.dtype)
