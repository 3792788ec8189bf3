"""What the tests of the penalties share: the terms that a fit sees, and the same training written out by hand."""

from collections.abc import Callable
from typing import Any

import torch
from helpers import fit, make
from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_lightning import GAN, AdamGAN


def d_terms_seen(cls: type[GAN], data: Any = None, **arguments: Any) -> list[dict[str, float]]:
    """Train and return the discriminator's loss terms at each iteration."""
    seen = []

    class Spy(cls):
        def d_terms(self, step):
            terms = super().d_terms(step)
            seen.append({name: float(term.detach()) for name, term in terms.items()})
            return terms

    fit(make(Spy, **arguments), data)
    return seen


def linear(*weight: float) -> nn.Linear:
    """A discriminator with the same slope everywhere."""
    layer = nn.Linear(len(weight), 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([weight]))
    return layer


def train_by_hand(gan: GAN, data: Any, penalty: Callable[[nn.Module, Tensor, Tensor], Tensor], seed: int = 2) -> None:
    """Train a non-saturating GAN as ``fit`` does, adding ``penalty(D, real, fake)`` to the discriminator's loss."""
    discriminator, generator = gan.discriminator, gan.generator
    optimizer_d, optimizer_g = AdamGAN(discriminator.parameters()), AdamGAN(generator.parameters())
    torch.manual_seed(seed)
    for real in data:
        fake = generator(torch.randn(len(real), gan.latent_dim))
        loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean()
        optimizer_d.zero_grad()
        (loss + penalty(discriminator, real, fake.detach())).backward()
        optimizer_d.step()
        optimizer_g.zero_grad()
        softplus(-discriminator(fake)).mean().backward()
        optimizer_g.step()


def slope(discriminator: nn.Module, x: Tensor) -> Tensor:
    """Return the gradients of single logits by their samples, (N, D), by a loop."""
    rows = []
    for sample in x:
        leaf = sample.clone().requires_grad_()
        rows.append(torch.autograd.grad(discriminator(leaf[None]).squeeze(), leaf, create_graph=True)[0])
    return torch.stack(rows)
