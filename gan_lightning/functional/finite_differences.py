"""The slope of a discriminator from two forwards, for networks that cannot be differentiated twice.

Paper: Lin et al. 2025, "Diffusion adversarial post-training for one-step video generation", the approximated R1
    loss, https://arxiv.org/abs/2501.08316.
Differs: the paper does not divide by the step; here the result estimates ``|grad D|^2`` whatever the step is.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def finite_difference_penalty(
    logits: Float[Tensor, " m"], moved: Float[Tensor, " m"], step: float, num_samples: int
) -> Float[Tensor, ""]:
    """Return ``1/n sum_j ((moved_j - logits_j) / step)^2``, an estimate of ``input_gradient_penalty``.

    With ``moved = D(x + step v)`` and v standard normal, each summand is ``(v . grad D)^2`` up to the step. It is
    unbiased for ``|grad D|^2`` up to O(step^2), since the odd powers of v have no mean. Its standard deviation is
    ``sqrt(2) |grad D|^2``, in any dimension, so that of the mean over a batch is ``sqrt(2 / n)`` of the result.

    Args:
        logits: the discriminator's judgement of the samples x.
        moved: its judgement of ``x + step v``, by the same weights and with the same dropout.
        step: how far the samples moved along v, above 0. Rounding errors of the logits are divided by it.
        num_samples: n, the number of samples; more than there are logits where several share one (PacGAN).

    Raises:
        RuntimeError: if the difference does not require grad, so that the penalty would train nothing.

    Example:
        >>> x, v = torch.zeros(1, 2), torch.tensor([[1.0, 2.0]])
        >>> weight = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> finite_difference_penalty(x @ weight, (x + 0.5 * v) @ weight, step=0.5, num_samples=1).item()  # (3 + 8)^2
        121.0
    """
    difference = moved - logits
    if not difference.requires_grad:
        raise RuntimeError(
            "the discriminator's logits do not require grad, so this penalty would silently train nothing: run the "
            "discriminator with gradients on, and do not freeze all its parameters"
        )
    wide = difference.to(torch.promote_types(difference.dtype, torch.float32))
    return (wide / step).square().sum() / num_samples
