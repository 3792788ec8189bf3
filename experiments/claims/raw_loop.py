"""A training loop in plain PyTorch whose losses are written by hand, in two qualities.

- ``careful``: what a good engineer writes: no graph of G in D's update, no gradients of D in G's, nothing is read.
- ``best``: with everything that is known: one fake for both players, real and fake in one pass of D where no layer
  mixes samples and it pays, fused Adam, cached parameters. It computes the same numbers as this package.

A technique is a subclass that writes down its losses in full.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Adam

from gan_lightning import Critique
from gan_lightning.critique import halves

LR, BETAS = 2e-4, (0.5, 0.999)


class Raw:
    """The plain GAN.

    Args:
        generator: a copy of the network to train.
        discriminator: likewise; it returns a ``Critique``.
        latent_dim: size of the generator's input.
        jointly: judge real and fake in one pass.
        fused: use the fused kernel of Adam.
    """

    told = False
    """Whether the generator is told the class."""
    one_pass_pays = True
    """Whether D's judgement of real and fake is cheaper in one pass."""

    def __init__(
        self, generator: nn.Module, discriminator: nn.Module, latent_dim: int, *, jointly: bool, fused: bool
    ) -> None:
        self.generator, self.discriminator, self.latent_dim = generator, discriminator, latent_dim
        self.jointly = jointly
        self.params_g, self.params_d = (tuple(network.parameters()) for network in (generator, discriminator))
        self.adam_g, self.adam_d = (Adam(params, LR, BETAS, fused=fused) for params in (self.params_g, self.params_d))
        self.iteration = 0
        self.prepare()

    def prepare(self) -> None:
        """Make what the technique needs."""

    def latents(self, n: int) -> Tensor:
        return torch.randn(n, self.latent_dim)

    def generate(self, z: Tensor, label: Tensor | None) -> Tensor:
        fake: Tensor = self.generator(z, label) if self.told else self.generator(z)
        return fake

    def augment(self, x: Tensor) -> Tensor:
        return x

    def judge(self, x: Tensor) -> Critique:
        critique: Critique = self.discriminator(self.augment(x))
        return critique

    def judge_both(self, real: Tensor, fake: Tensor) -> tuple[Critique, Critique]:
        if self.jointly:
            return halves(self.discriminator(torch.cat([self.augment(real), self.augment(fake)])))
        return self.judge(real), self.judge(fake)

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        return d_loss(*self.judge_both(real, fake))

    def g_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        return g_loss(self.judge(fake))

    def step_d(self) -> None:
        self.adam_d.step()


def careful(raw: Raw, batches: Iterable[Any]) -> None:
    """Train without end, with care."""
    while True:
        for batch in batches:
            real, label = batch if isinstance(batch, list) else (batch, None)
            z = raw.latents(len(real))
            with torch.no_grad():
                fake = raw.generate(z, label)
            raw.adam_d.zero_grad()
            raw.d_loss(real, fake, z, label).backward()  # type: ignore[no-untyped-call]
            raw.step_d()

            raw.discriminator.requires_grad_(False)
            raw.adam_g.zero_grad()
            z = raw.latents(len(real))
            raw.g_loss(real, raw.generate(z, label), z, label).backward()  # type: ignore[no-untyped-call]
            raw.adam_g.step()
            raw.discriminator.requires_grad_(True)
            raw.iteration += 1


def best(raw: Raw, batches: Iterable[Any]) -> None:
    """Train without end, with everything that is known."""
    while True:
        for batch in batches:
            real, label = batch if isinstance(batch, list) else (batch, None)
            z = raw.latents(len(real))
            fake = raw.generate(z, label)
            _forget(raw.params_d)
            raw.d_loss(real, fake.detach(), z, label).backward()  # type: ignore[no-untyped-call]
            raw.step_d()

            _require_grad(raw.params_d, False)
            _forget(raw.params_g)
            raw.g_loss(real, fake, z, label).backward()  # type: ignore[no-untyped-call]
            raw.adam_g.step()
            _require_grad(raw.params_d, True)
            raw.iteration += 1


STYLES: dict[str, Callable[[Raw, Iterable[Any]], None]] = {"careful": careful, "best": best}


def d_loss(on_real: Critique, on_fake: Critique) -> Tensor:
    return F.softplus(-on_real.logits).mean() + F.softplus(on_fake.logits).mean()


def g_loss(on_fake: Critique) -> Tensor:
    return F.softplus(-on_fake.logits).mean()


def _forget(params: tuple[nn.Parameter, ...]) -> None:
    for param in params:
        param.grad = None


def _require_grad(params: tuple[nn.Parameter, ...], wanted: bool) -> None:
    for param in params:
        param.requires_grad = wanted
