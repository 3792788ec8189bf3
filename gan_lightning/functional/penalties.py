"""Penalties on the slope of a discriminator.

Paper: Mescheder et al. 2018, "Which training methods for GANs do actually converge?", section 4.1, eq. 9 (R1) and
    eq. 10 (R2), https://arxiv.org/abs/1801.04406.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def input_gradient_penalty(logits: Float[Tensor, " m"], x: Float[Tensor, "n *shape"]) -> Float[Tensor, ""]:
    """Return the mean squared norm of the discriminator's gradient, ``1/n sum_i |d(sum_j logits_j) / dx_i|^2``.

    With samples that are judged one by one, the i-th gradient is that of the i-th logit. R1 is ``gamma / 2`` times this
    at real samples, R2 at generated ones. The result can be differentiated again, by the discriminator's parameters.
    It is reduced in float32 (float64 for float64 samples): the squares of half-precision gradients over- and underflow.

    Args:
        logits: the discriminator's judgement of ``x``; fewer than ``x`` where several samples share one (PacGAN).
        x: the samples, with ``requires_grad`` set before the discriminator saw them.

    Raises:
        RuntimeError: if ``x`` does not require grad, the logits do not depend on it, or the gradient cannot be
            differentiated again, in which case the penalty would train nothing.

    Example:
        >>> x = torch.randn(8, 2, requires_grad=True)
        >>> weight = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> input_gradient_penalty(x @ weight, x).item()  # a linear discriminator: |weight|^2, everywhere
        25.0
    """
    if not x.requires_grad:
        raise RuntimeError(
            f"the gradient penalty got samples of shape {tuple(x.shape)} that do not require grad: "
            "call x.requires_grad_() before the discriminator's forward"
        )
    (gradient,) = _slope(logits, x)
    if gradient is None:
        raise RuntimeError(
            f"the logits of shape {tuple(logits.shape)} do not depend on the samples of shape {tuple(x.shape)}: pass "
            "the very tensor that the discriminator saw, not a copy or a part of it, and run it with gradients on"
        )
    if not gradient.requires_grad:
        raise RuntimeError(
            "the discriminator's input gradient does not require grad, so this penalty would silently train nothing: "
            "run the discriminator uncompiled and with gradients on, and do not freeze its parameters (a linear "
            "discriminator with all its parameters frozen has a constant gradient: there is nothing to penalise)"
        )
    wide = gradient.to(torch.promote_types(gradient.dtype, torch.float32))
    return wide.square().sum() / len(x)


def _slope(logits: Tensor, x: Tensor) -> tuple[Tensor | None, ...]:
    if not logits.requires_grad:  # torch's own error speaks of "element 0 of tensors"
        return (None,)
    return torch.autograd.grad(logits.sum(), x, create_graph=True, allow_unused=True)
