"""Batch norm over all ranks for the CPU, where torch has no ``SyncBatchNorm``: the same mathematics."""

import torch
from torch import Tensor, nn

from gan_lightning.distributed import mean_over_ranks


class BatchNormOverRanks(nn.modules.batchnorm._BatchNorm):
    """Normalise by the mean and variance of the joined batch."""

    def _check_input_dim(self, input: Tensor) -> None:
        """Take any."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        dims, shape = [0, *range(2, x.ndim)], (1, -1, *[1] * (x.ndim - 2))
        mean = mean_over_ranks(x.mean(dims))
        centred = x - mean.view(shape)
        variance = mean_over_ranks(centred.square().mean(dims))
        with torch.no_grad():
            n = x[:, 0].numel() * torch.distributed.get_world_size()
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * n / (n - 1), self.momentum)
            self.num_batches_tracked += 1
        normal = centred * (variance + self.eps).rsqrt().view(shape)
        return normal * self.weight.view(shape) + self.bias.view(shape) if self.affine else normal


def synchronise_batch_norm(module: nn.Module) -> None:
    """Do in place what ``Trainer(sync_batchnorm=True)`` does on GPUs."""
    for layer in module.modules():
        if type(layer) in (nn.BatchNorm1d, nn.BatchNorm2d):
            layer.__class__ = BatchNormOverRanks
