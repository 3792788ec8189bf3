"""The loops to compare with: one update of D and one of G per batch, in plain PyTorch, from careless to careful."""

from collections.abc import Callable, Iterable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Adam
from workloads import Networks

LR, BETAS = 2e-4, (0.5, 0.999)

Judge = Callable[[nn.Module, Tensor, Tensor], tuple[Tensor, Tensor]]


def d_loss(real: Tensor, fake: Tensor) -> Tensor:
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def g_loss(fake: Tensor) -> Tensor:
    return F.softplus(-fake).mean()


class Permuted:
    """Batches of one epoch per pass, by the cheapest way there is for data in memory."""

    def __init__(self, data: Tensor, batch_size: int, shuffle: bool) -> None:
        self.data, self.batch_size, self.shuffle = data, batch_size, shuffle

    def __iter__(self) -> Iterator[Tensor]:
        """Yield one epoch."""
        length = len(self.data)
        order = torch.randperm(length) if self.shuffle else torch.arange(length)
        for begin in range(0, length - self.batch_size + 1, self.batch_size):
            yield self.data.index_select(0, order[begin : begin + self.batch_size])


def naive(networks: Networks, latent_dim: int, batches: Iterable[list[Tensor]]) -> None:
    """As in most tutorials: D's gradients are computed in G's update too, and both losses are read at each step."""
    generator, discriminator = networks
    adam_g, adam_d = (Adam(network.parameters(), LR, BETAS) for network in networks)
    history: list[tuple[float, float]] = []
    while True:
        for (real,) in batches:
            fake = generator(torch.randn(len(real), latent_dim))
            loss_d = d_loss(discriminator(real), discriminator(fake.detach()))
            adam_d.zero_grad()
            loss_d.backward()  # type: ignore[no-untyped-call]
            adam_d.step()

            loss_g = g_loss(discriminator(generator(torch.randn(len(real), latent_dim))))
            adam_g.zero_grad()
            loss_g.backward()  # type: ignore[no-untyped-call]
            adam_g.step()
            history.append((loss_d.item(), loss_g.item()))


def frozen(networks: Networks, latent_dim: int, batches: Iterable[Tensor]) -> None:
    """With care: no graph of G in D's update, no gradients of D in G's, and nothing is read."""
    generator, discriminator = networks
    adam_g, adam_d = (Adam(network.parameters(), LR, BETAS) for network in networks)
    while True:
        for real in batches:
            with torch.no_grad():
                fake = generator(torch.randn(len(real), latent_dim))
            adam_d.zero_grad()
            d_loss(discriminator(real), discriminator(fake)).backward()  # type: ignore[no-untyped-call]
            adam_d.step()

            discriminator.requires_grad_(False)
            adam_g.zero_grad()
            g_loss(discriminator(generator(torch.randn(len(real), latent_dim)))).backward()  # type: ignore[no-untyped-call]
            adam_g.step()
            discriminator.requires_grad_(True)


def best(networks: Networks, latent_dim: int, batches: Iterable[Tensor], judge: Judge) -> None:
    """With everything that is known: one fake for both players, fused Adam, channels_last, cached parameters."""
    generator, discriminator = networks
    for network in networks:
        network.to(memory_format=torch.channels_last)
    params_g, params_d = (tuple(network.parameters()) for network in networks)
    adam_g, adam_d = (Adam(params, LR, BETAS, fused=True) for params in (params_g, params_d))
    while True:
        for real in batches:
            if real.ndim == 4:
                real = real.contiguous(memory_format=torch.channels_last)
            fake = generator(torch.randn(len(real), latent_dim))
            _forget(params_d)
            d_loss(*judge(discriminator, real, fake.detach())).backward()  # type: ignore[no-untyped-call]
            adam_d.step()

            _require_grad(params_d, False)
            _forget(params_g)
            g_loss(discriminator(fake)).backward()  # type: ignore[no-untyped-call]
            adam_g.step()
            _require_grad(params_d, True)


def in_two_passes(discriminator: nn.Module, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    return discriminator(real), discriminator(fake)


def in_one_pass(discriminator: nn.Module, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    on_real, on_fake = discriminator(torch.cat([real, fake])).chunk(2)
    return on_real, on_fake


def _forget(params: tuple[nn.Parameter, ...]) -> None:
    for param in params:
        param.grad = None


def _require_grad(params: tuple[nn.Parameter, ...], wanted: bool) -> None:
    for param in params:
        param.requires_grad = wanted
