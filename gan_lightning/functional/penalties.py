"""Penalties on the slope of a discriminator.

Paper: Mescheder et al. 2018, "Which training methods for GANs do actually converge?", section 4.1, eq. 9 (R1) and
    eq. 10 (R2), https://arxiv.org/abs/1801.04406. Gulrajani et al. 2017, "Improved training of Wasserstein GANs",
    eq. 3, https://arxiv.org/abs/1704.00028.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def input_gradient(logits: Float[Tensor, " m"], x: Float[Tensor, "n *shape"]) -> Float[Tensor, "n *shape"]:
    """Return the discriminator's gradient at each sample, ``d(sum_j logits_j) / dx_i``, in float32 at least.

    With samples that are judged one by one, the i-th gradient is that of the i-th logit. The result can be
    differentiated again, by the discriminator's parameters. What would train nothing is an error, never a zero.

    Args:
        logits: the discriminator's judgement of ``x``; fewer than ``x`` where several samples share one (PacGAN).
        x: the samples, with ``requires_grad`` set before the discriminator saw them.

    Returns:
        The gradient in the shape of ``x``; float64 for float64 samples, else float32, because the squares of
        half-precision gradients over- and underflow.

    Raises:
        RuntimeError: if ``x`` does not require grad, the logits do not depend on it, or the gradient cannot be
            differentiated again, in which case a penalty on it would train nothing.

    Example:
        >>> x = torch.randn(8, 2, requires_grad=True)
        >>> weight = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> input_gradient(x @ weight, x)[0].tolist()  # a linear discriminator: its weight, everywhere
        [3.0, 4.0]
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
    return gradient.to(torch.promote_types(gradient.dtype, torch.float32))


def input_gradient_penalty(logits: Float[Tensor, " m"], x: Float[Tensor, "n *shape"]) -> Float[Tensor, ""]:
    """Return the mean squared norm of the discriminator's gradient, ``1/n sum_i |d(sum_j logits_j) / dx_i|^2``.

    R1 is ``gamma / 2`` times this at real samples, R2 at generated ones.

    Args:
        logits: the discriminator's judgement of ``x``; fewer than ``x`` where several samples share one (PacGAN).
        x: the samples, with ``requires_grad`` set before the discriminator saw them.

    Raises:
        RuntimeError: as ``input_gradient``.

    Example:
        >>> x = torch.randn(8, 2, requires_grad=True)
        >>> weight = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> input_gradient_penalty(x @ weight, x).item()  # a linear discriminator: |weight|^2, everywhere
        25.0
    """
    return input_gradient(logits, x).square().sum() / len(x)


def gradient_norm_penalty(
    logits: Float[Tensor, " m"], x: Float[Tensor, "n *shape"], target: float
) -> Float[Tensor, ""]:
    """Return how far the norms of the discriminator's gradients are from a target, ``1/m sum_j (|g_j| - target)^2``.

    ``g_j`` is the gradient of the j-th logit by all that it judges: one sample, or a pack of n / m consecutive ones
    (PacGAN). Where a gradient vanishes, its norm has no derivative; torch's ``vector_norm`` takes 0 there, so this
    penalty is finite at every point and does not push a logit that is flat.

    Args:
        logits: the discriminator's judgement of ``x``; a divisor of n where several samples share one.
        x: the samples, with ``requires_grad`` set before the discriminator saw them.
        target: the norm that costs nothing, 0 or more; 1 in WGAN-GP and DRAGAN.

    Raises:
        RuntimeError: as ``input_gradient``.
        ValueError: if the samples cannot be shared out evenly among the logits.

    Example:
        >>> x = torch.randn(8, 2, requires_grad=True)
        >>> weight = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> gradient_norm_penalty(x @ weight, x, target=1.0).item()  # (5 - 1)^2
        16.0
    """
    gradient = input_gradient(logits, x)
    if len(x) % len(logits):
        raise ValueError(
            f"{len(logits)} logits cannot share {len(x)} samples evenly: pack the samples in equal numbers"
        )
    norms: Tensor = torch.linalg.vector_norm(gradient.reshape(len(logits), -1), dim=1)
    return (norms - target).square().mean()


def _slope(logits: Tensor, x: Tensor) -> tuple[Tensor | None, ...]:
    if not logits.requires_grad:  # torch's own error speaks of "element 0 of tensors"
        return (None,)
    with torch.autocast(x.device.type, enabled=False):  # it would round the products of a float32 network's backward
        return torch.autograd.grad(logits.sum(), x, create_graph=True, allow_unused=True)
