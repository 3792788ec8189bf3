"""Random changes of samples that are vectors; the published sets are for images."""

import torch
from jaxtyping import Float
from torch import Tensor


def rotate_in_plane(
    x: Float[Tensor, "n f"], directions: Float[Tensor, "n 2 f"], angle: Float[Tensor, " n"]
) -> Float[Tensor, "n f"]:
    """Rotate each vector about the origin, in the plane of two directions of its own; lengths stay.

    Standard normal directions make all planes alike. Vectors of one number have no plane: they stay as they are.

    Args:
        x: vectors; centre the data, or a rotation moves it as a whole.
        directions: two for each sample, not parallel.
        angle: radians; at 0 the vector stays, bit for bit.

    Example:
        >>> rotate_in_plane(torch.tensor([[1.0, 0.0]]), torch.eye(2)[None], torch.tensor([torch.pi])).round().tolist()
        [[-1.0, -0.0]]
    """
    if x.shape[1] < 2:
        return x
    first, second = directions.unbind(1)
    first = torch.nn.functional.normalize(first)
    second = torch.nn.functional.normalize(second - (first * second).sum(1, keepdim=True) * first)
    along, aside = ((x * d).sum(1, keepdim=True) for d in (first, second))
    cos, sin = angle.cos()[:, None] - 1, angle.sin()[:, None]
    return x + (cos * along - sin * aside) * first + (sin * along + cos * aside) * second
