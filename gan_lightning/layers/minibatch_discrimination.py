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
            own = own.transpose(0, 1).contiguous()
            every = self._every(own)
            distance: Tensor = _Distance.apply(own, every)
            closeness = distance.neg().exp().mean(2).T
        return torch.cat([x, closeness.to(x.dtype)], 1)

    def _every(self, own: Tensor) -> Tensor | None:
        """Return the rows (B, N, C) of all ranks; None where there is one."""
        rows = own.transpose(0, 1)
        every = gather_over_ranks(rows) if self.training else rows
        return None if every is rows else every.transpose(0, 1).contiguous()

    def extra_repr(self) -> str:
        return f"{self.in_features}, num_kernels={self.num_kernels}, kernel_dim={self.kernel_dim}"


class _Distance(torch.autograd.Function):
    """``|x_i - y_j|_1`` for x (B, n, C) and y (B, N, C), as (B, n, N); y is x where it is None.

    torch's ``cdist`` cannot be differentiated twice, and broadcasting keeps (B, n, N, C) for the backward.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, y)
        return torch.cdist(x, x if y is None else y, p=1.0)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor | None]:
        (gradient,), (x, y) = gradients, ctx.saved_tensors
        if y is None:  # both ends of a distance are x, and one pass serves them
            return _Slope.apply(gradient + gradient.transpose(1, 2), x, None), None
        return _Slope.apply(gradient, x, y), _Slope.apply(gradient.transpose(1, 2), y, x)


class _Slope(torch.autograd.Function):
    """``sum_j g_ij sign(x_i - y_j)``, (B, n, C): what a gradient g (B, n, N) of the distances sends to x.

    Linear in g, and constant in x and y almost everywhere.
    """

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, x: Tensor, y: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, y)
        gradient = gradient.contiguous()  # also in the place of the distances, which this norm does not need
        slope: Tensor = torch.ops.aten._cdist_backward(gradient, x, x if y is None else y, 1.0, gradient)
        return slope

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (gradient,), (x, y) = gradients, ctx.saved_tensors
        columns = zip(gradient.unbind(2), x.unbind(2), (x if y is None else y).unbind(2), strict=True)
        parts = [g.unsqueeze(2) * (a.unsqueeze(2) - b.unsqueeze(1)).sign() for g, a, b in columns]
        return torch.stack(parts).sum(0), None, None
