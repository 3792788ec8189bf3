"""How much the samples of a batch vary, so that the discriminator sees when the generator's do not.

Paper: Karras et al. 2018, "Progressive growing of GANs for improved quality, stability, and variation", section 3,
    https://arxiv.org/abs/1710.10196.
Differs: groups are consecutive samples, where the authors' code takes every (N / group)-th, so that groups lie within
    a rank and within the half of a joint batch.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

EPSILON = 1e-8
"""Added to variances, as in the authors' code; it keeps the root's slope finite where samples are the same."""


class MinibatchStdDev(nn.Module):
    """Append one constant feature, the batch's mean standard deviation: (N, C, ...) -> (N, C + 1, ...).

    Within each group of samples, the standard deviation of every feature at every location is taken (divided by the
    group's size, not by one less), and their average over features and locations becomes one more channel of these
    samples. It has no parameters.

    For the discriminator, towards its end. In whole groups, W ranks with batch n equal one process with batch W n, and
    real and generated samples may pass in one batch. A single sample varies by nothing: batches of 1 get about 0. As
    with all minibatch layers, gradient penalties are no longer those of single samples.

    Args:
        group_size: samples per group, at least 2; the authors' code uses 4. None takes the whole batch, as the paper
            writes. A batch that does not divide into groups is one group.

    Raises:
        ValueError: if ``group_size < 2``; in ``forward``, if there is no dimension for features.

    Example:
        >>> MinibatchStdDev()(torch.tensor([[1.0], [3.0], [1.0], [3.0]]))[:, 1]  # they are 1 from their mean
        tensor([1., 1., 1., 1.])
    """

    def __init__(self, group_size: int | None = 4) -> None:
        super().__init__()
        if group_size is not None and group_size < 2:
            raise ValueError(
                f"group_size is {group_size}, expected at least 2, or None for the whole batch: one sample varies by "
                "nothing"
            )
        self.group_size = group_size

    def forward(self, x: Float[Tensor, "n *shape"]) -> Float[Tensor, "n *grown"]:
        """Return features (N, C, ...) with the standard deviation as the last channel, (N, C + 1, ...)."""
        if x.ndim < 2:
            raise ValueError(
                f"the minibatch standard deviation got shape {tuple(x.shape)}, expected (N, C) or (N, C, H, W)"
            )
        n = len(x)
        size = n if self.group_size is None or n % self.group_size else self.group_size
        wide = torch.promote_types(x.dtype, torch.float32)
        groups = x.to(wide).reshape(-1, size, x[0].numel())
        variance = (groups - groups.mean(1, keepdim=True)).square().mean(1)  # ten times as fast as var on the CPU
        std = (variance + EPSILON).sqrt().mean(1).repeat_interleave(size)
        plane = std.to(x.dtype).view(n, 1, *[1] * (x.ndim - 2)).expand(n, 1, *x.shape[2:])
        if x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last):
            plane = plane.contiguous(memory_format=torch.channels_last)  # the result is then laid out as x is
        return torch.cat([x, plane], 1)

    def extra_repr(self) -> str:
        return f"group_size={self.group_size}"
