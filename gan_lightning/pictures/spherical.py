"""The way from one latent to another that stays where the prior has its mass.

Paper: White 2016, "Sampling generative networks", section 2.1, https://arxiv.org/abs/1609.04468
"""

import torch
from jaxtyping import Float
from torch import Tensor


def spherical(
    start: Float[Tensor, "n z"], end: Float[Tensor, "n z"], share: Float[Tensor, " t"]
) -> Float[Tensor, "n t z"]:
    """Return the latents at each share of the way, ``(sin((1 - t) w) start + sin(t w) end) / sin(w)``.

    ``w`` is the angle between them. Between Gaussian latents a straight line passes through lengths that the generator
    has never seen; this way keeps them. Where the two point the same or the opposite way it is the straight line.

    Args:
        start: where each way begins.
        end: where it ends.
        share: in [0, 1]; 0 is the start, 1 the end.

    Example:
        >>> spherical(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), torch.tensor([0.5])).norm(dim=2)
        tensor([[1.0000]])
    """
    angle = torch.nn.functional.cosine_similarity(start, end, 1).clamp(-1, 1).acos()[:, None, None]
    t, a, b = share.to(start)[None, :, None], start[:, None], end[:, None]
    is_flat = angle.sin() < 1e-3
    sine = torch.where(is_flat, 1.0, angle.sin())
    way: Tensor = (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / sine
    return torch.where(is_flat, (1 - t) * a + t * b, way)
