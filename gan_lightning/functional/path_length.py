"""How far a sample moves with its latent.

Paper: Karras, Laine, Aittala, Hellsten, Lehtinen, Aila 2020, "Analyzing and improving the image quality of StyleGAN",
    equation 4, https://arxiv.org/abs/1912.04958.
"""

from math import prod

import torch
from jaxtyping import Float
from torch import Tensor


def path_lengths(
    fake: Float[Tensor, "n *shape"], z: Float[Tensor, "n *latent"], noise: Float[Tensor, "n *shape"]
) -> Float[Tensor, " n"]:
    """Return ``|J^T y|`` of each sample, where J is its Jacobian by its latent and y the noise per root of a pixel.

    E |J^T y|^2 over standard normal noise is the squared Frobenius norm of J (per pixel). No Jacobian is built: the
    product is the gradient of ``sum fake * y``. The result can be differentiated again.

    Args:
        fake: samples (N, C, H, W) or (N, F), with a graph to ``z``.
        z: their latents, with ``requires_grad`` set before the generator saw them.
        noise: standard normal, like ``fake``; it is divided by sqrt(H W) here.

    Raises:
        RuntimeError: if the samples do not depend on ``z``.

    Example:
        >>> z = torch.randn(4, 2, requires_grad=True)
        >>> path_lengths(3 * z, z, torch.tensor([1.0, 0.0]).expand(4, 2))
        tensor([3., 3., 3., 3.])
    """
    y = noise / prod(fake.shape[2:]) ** 0.5
    if not (z.requires_grad and fake.requires_grad):
        raise RuntimeError(
            f"the samples of shape {tuple(fake.shape)} have no graph to the latents of shape {tuple(z.shape)}: call "
            "z.requires_grad_() before the generator's forward, and run it with gradients on"
        )
    (slope,) = torch.autograd.grad((fake * y).sum(), z, create_graph=True)
    lengths: Tensor = torch.linalg.vector_norm(slope.flatten(1), dim=1)
    return lengths
