"""How similar a sample is to the others of its batch, so that the discriminator sees a collapse.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3.2, https://arxiv.org/abs/1606.03498.
Differs: the mean over the batch in the place of the sum, so that the numbers are on the scale of the features and do
    not hang on the batch size; the weights are drawn in proportion to the width, where unit normals would make every
    distance so large that exp(-distance) is zero, with no gradient.
"""

from math import pi, sqrt
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lightning.distributed import gather_over_ranks


class MinibatchDiscrimination(nn.Module):
    """Append to each sample's features how close it is to the batch: (N, A) -> (N, A + B).

    With M_i = f(x_i) T, a matrix (B, C) per sample, the b-th number appended to sample i is
    ``o_b(x_i) = 1/N sum_j exp(-|M_ib - M_jb|_1)``. As in the paper the sum has j = i in it, so o lies in [1/N, 1], and
    is 1 where all samples are the same. Real and generated samples should pass in batches of their own.

    For the discriminator, before its last layer, against a generator that makes one sample over and over. In training
    the batch is that of all ranks; in evaluation, where ranks may have batches of several sizes, it is the rank's own.
    Distances are taken in float32 at least, and can be differentiated twice. Memory grows with N^2 B. It breaks what
    assumes that samples are judged one by one: gradient penalties are no longer those of the papers, and a spectrally
    normalised discriminator has no Lipschitz bound with it.

    Args:
        in_features: A, size of the features.
        num_kernels: B, numbers appended; the authors' code uses 100 for CIFAR-10.
        kernel_dim: C, dimensions in which a distance is taken; the authors' code uses 5.

    Raises:
        ValueError: if a size is not positive; in ``forward``, if the features are not (N, in_features).

    Example:
        >>> layer = MinibatchDiscrimination(16, num_kernels=3)
        >>> layer(torch.ones(4, 16))[:, 16:]  # four times the same
        tensor([[1., 1., 1.],
                [1., 1., 1.],
                [1., 1., 1.],
                [1., 1., 1.]], grad_fn=<SliceBackward0>)
    """

    def __init__(self, in_features: int, num_kernels: int = 100, kernel_dim: int = 5) -> None:
        super().__init__()
        for name, size in {"in_features": in_features, "num_kernels": num_kernels, "kernel_dim": kernel_dim}.items():
            if size < 1:
                raise ValueError(f"{name} is {size}, expected at least 1: choose a larger {name}")
        self.in_features, self.num_kernels, self.kernel_dim = in_features, num_kernels, kernel_dim
        self.out_features = in_features + num_kernels
        self.weight = nn.Parameter(torch.empty(in_features, num_kernels, kernel_dim))
        """T of the paper, (A, B, C)."""
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw T so that independent features of variance 1 are at distance 1 from each other on average.

        A component of M_i - M_j has variance 2 A std^2, so its mean size is std * 2 sqrt(A / pi), and C of them add up.
        """
        nn.init.normal_(self.weight, 0.0, sqrt(pi / self.in_features) / (2 * self.kernel_dim))

    def forward(self, x: Float[Tensor, "n *shape"]) -> Float[Tensor, "n b"]:
        """Return features (N, A) with the B closenesses behind them, (N, A + B), in the features' dtype."""
        if x.ndim != 2 or x.shape[1] != self.in_features:
            raise ValueError(
                f"minibatch discrimination got features of shape {tuple(x.shape)}, expected (N, {self.in_features}): "
                "flatten feature maps first, as in nn.Flatten()"
            )
        wide = torch.promote_types(x.dtype, torch.float32)
        with torch.autocast(x.device.type, enabled=False):
            own = (x.to(wide) @ self.weight.flatten(1).to(wide)).view(len(x), self.num_kernels, self.kernel_dim)
            every = gather_over_ranks(own) if self.training else own
            distance: Tensor = _Distance.apply(own.transpose(0, 1).contiguous(), every.transpose(0, 1).contiguous())
            closeness = distance.neg().exp().mean(2).T
        return torch.cat([x, closeness.to(x.dtype)], 1)

    def extra_repr(self) -> str:
        return f"{self.in_features}, num_kernels={self.num_kernels}, kernel_dim={self.kernel_dim}"


class _Distance(torch.autograd.Function):
    """``|x_i - y_j|_1`` for x (B, n, C) and y (B, N, C), as (B, n, N).

    torch's ``cdist`` cannot be differentiated twice, and broadcasting keeps (B, n, N, C) for the backward.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor) -> Tensor:
        ctx.save_for_backward(x, y)
        return torch.cdist(x, y, p=1.0)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        x, y = ctx.saved_tensors
        by_x, by_y = [], []
        for column, other in zip(x.unbind(2), y.unbind(2), strict=True):
            slope = gradients[0] * (column.unsqueeze(2) - other.unsqueeze(1)).sign()
            by_x.append(slope.sum(2))
            by_y.append(slope.sum(1))
        return torch.stack(by_x, 2), -torch.stack(by_y, 2)
