"""Virtual batch normalisation: samples are normalised by a fixed reference batch instead of their batch mates.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3.5, https://arxiv.org/abs/1606.03498. The
    weight 1/(N + 1) of the sample itself: the authors' code for ImageNet, https://github.com/openai/improved-gan.
Differs: the variance is put together from the variances and the distance of the means, which is the same number as the
    mean square minus the squared mean, and never negative.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


class _VirtualBatchNorm(nn.Module):
    """What the layers share; ``layers.Referenced`` leads each forward through the three states.

    While ``reads_reference`` is on, the layer keeps the statistics of what it sees, with their graph, and normalises it
    by them alone. Afterwards it normalises other samples, until ``forget``.
    """

    num_dims: tuple[int, ...] = ()

    def __init__(self, num_features: int, eps: float = 1e-5, affine: bool = True) -> None:
        super().__init__()
        self.num_features, self.eps = num_features, eps
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        self.reads_reference = False
        self._reference: tuple[Tensor, Tensor, int] | None = None

    def forward(self, x: Float[Tensor, "n c *space"]) -> Float[Tensor, "n c *space"]:
        if x.ndim not in self.num_dims or x.shape[1] != self.num_features:
            raise ValueError(
                f"{type(self).__name__}({self.num_features}) got {tuple(x.shape)}, expected {self.num_features} "
                f"channels in the second of {' or '.join(map(str, self.num_dims))} dimensions"
            )
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        mean, variance = self._read(wide) if self.reads_reference else self._join(wide)
        normal = (wide - mean) * (variance + self.eps).rsqrt()
        if self.weight is not None and self.bias is not None:
            shape = (1, -1) + (1,) * (x.ndim - 2)
            normal = normal * self.weight.view(shape) + self.bias.view(shape)
        return normal.to(x.dtype)

    def forget(self) -> None:
        """Leave the reference of this forward, and the graph to it."""
        self.reads_reference, self._reference = False, None

    def extra_repr(self) -> str:
        return f"{self.num_features}, eps={self.eps}, affine={self.weight is not None}"

    def _read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return and keep the mean and variance of the reference, (1, C, 1...)."""
        if self._reference is not None:
            raise RuntimeError(
                f"one {type(self).__name__} is called twice in a forward of its network, and holds one reference: give "
                "each place a layer of its own"
            )
        variance, mean = torch.var_mean(x, (0, *range(2, x.ndim)), correction=0, keepdim=True)
        self._reference = mean, variance, len(x)
        return mean, variance

    def _join(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return each sample's mean and variance together with the reference, (N, C, 1...)."""
        if self._reference is None:
            raise RuntimeError(
                f"{type(self).__name__} has no reference batch: wrap the network that holds it, as in "
                "gan_lightning.layers.Referenced(network), and call the wrapper"
            )
        mean, variance, count = self._reference
        share = 1 / (count + 1)
        own_mean, joint_variance = x, (1 - share) * variance
        if x.ndim > 2:
            own_variance, own_mean = torch.var_mean(x, tuple(range(2, x.ndim)), correction=0, keepdim=True)
            joint_variance = joint_variance + share * own_variance
        apart = own_mean - mean
        return mean + share * apart, joint_variance + share * (1 - share) * apart.square()


class VirtualBatchNorm1d(_VirtualBatchNorm):
    """Normalise (N, C) or (N, C, L) by the reference batch and the sample itself, channel by channel.

    With the N samples of the reference, sample i has the mean ``c mean(x_i) + (1 - c) mean(reference)``,
    ``c = 1 / (N + 1)``, and its mean square likewise. The reference itself is normalised by its own statistics. So what
    becomes of a sample does not depend on the others in its batch, in training and evaluation alike. The layer works
    inside of ``layers.Referenced``. Statistics are taken in float32 at least.

    Args:
        num_features: C.
        eps: added to the variance.
        affine: multiply by a gain and add a bias, which are trained.

    Raises:
        ValueError: from ``forward``, for another shape.
        RuntimeError: from ``forward``, outside of ``Referenced``, or at a second call within one forward.

    Example:
        >>> from gan_lightning.layers import Referenced
        >>> network = Referenced(nn.Sequential(nn.Linear(4, 8), VirtualBatchNorm1d(8)))
        >>> network.set_reference(torch.randn(64, 4))
        >>> network(torch.randn(2, 4)).shape
        torch.Size([2, 8])
    """

    num_dims = (2, 3)


class VirtualBatchNorm2d(_VirtualBatchNorm):
    """Normalise (N, C, H, W) by the reference batch and the sample itself; see ``VirtualBatchNorm1d``.

    Args:
        num_features: C.
        eps: added to the variance.
        affine: multiply by a gain and add a bias, which are trained.

    Raises:
        ValueError: from ``forward``, for another shape.
        RuntimeError: from ``forward``, outside of ``Referenced``, or at a second call within one forward.

    Example:
        >>> from gan_lightning.layers import Referenced
        >>> network = Referenced(nn.Sequential(nn.Conv2d(3, 8, 3), VirtualBatchNorm2d(8)))
        >>> network.set_reference(torch.randn(64, 3, 5, 5))
        >>> network(torch.randn(2, 3, 5, 5)).shape
        torch.Size([2, 8, 3, 3])
    """

    num_dims = (4,)


VIRTUAL: dict[type[nn.Module], type[_VirtualBatchNorm]] = {
    nn.BatchNorm1d: VirtualBatchNorm1d,
    nn.BatchNorm2d: VirtualBatchNorm2d,
}


def convert_batchnorm_to_virtual(module: nn.Module) -> nn.Module:
    """Put virtual batch normalisation in the place of all batch normalisation, in place.

    Gains and biases stay the same parameters, under the same names; running statistics are gone.

    Args:
        module: a network, or one layer.

    Returns:
        ``module``, or the new layer if it is batch normalisation itself.

    Raises:
        ValueError: for batch normalisation that has no virtual counterpart here.

    Example:
        >>> convert_batchnorm_to_virtual(nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8)))[1]
        VirtualBatchNorm1d(8, eps=1e-05, affine=True)
    """
    if isinstance(module, _BatchNorm):
        if type(module) not in VIRTUAL:
            raise ValueError(
                f"{type(module).__name__} has no virtual counterpart: use one of "
                f"{', '.join(cls.__name__ for cls in VIRTUAL)}"
            )
        layer = VIRTUAL[type(module)](module.num_features, module.eps, module.affine)
        layer.weight, layer.bias = module.weight, module.bias
        layer._forward_hooks = module._forward_hooks  # such as those of Taps
        return layer.train(module.training)
    for name, child in module.named_children():
        setattr(module, name, convert_batchnorm_to_virtual(child))
    return module
