"""The recipes that are timed on a GPU, and the plain PyTorch loop with the same mathematics for each of them."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from raw_loops import Judge, _forget, _require_grad, in_one_pass, in_two_passes
from torch import Tensor, nn
from torch.optim import Adam

from gan_lightning import GAN
from gan_lightning.gans import DCGAN, R3GAN, SNGAN
from gan_lightning.layout import lay_channels_last
from gan_lightning.losses import AdversarialLoss, Hinge, NonSaturating, RelativisticPaired


@dataclass(frozen=True)
class Recipe:
    """A recipe of the package, and what a raw loop must know to do the same.

    Args:
        cls: the recipe.
        size: pixels per side of its images.
        width: channels, of both networks.
        loss: what both players minimise.
        betas: of both players' Adam.
        d_steps: discriminator updates per turn of the generator.
        gamma: strength of R1 and R2; 0 takes no slope.
        has_batch_norm: whether the discriminator has, so that real and fake are judged apart.
    """

    cls: type[GAN]
    size: int
    width: int
    loss: AdversarialLoss
    betas: tuple[float, float]
    d_steps: int = 1
    gamma: float = 0.0
    has_batch_norm: bool = False

    def build(self, **arguments: Any) -> GAN:
        """Return the GAN, with the same first weights each time."""
        torch.manual_seed(0)
        arguments |= {"shape": (3, self.size, self.size), "width_d": self.width, "width_g": self.width}
        return self.cls(d_steps=self.d_steps, **arguments)

    def judge(self, device: torch.device) -> Judge:
        """Return how the package judges real and fake on this device, with its defaults."""
        apart = self.has_batch_norm or self.gamma or device.type == "cpu"
        return in_two_passes if apart else in_one_pass


RECIPES: dict[str, Recipe] = {
    "dcgan64": Recipe(DCGAN, 64, 64, NonSaturating(), (0.5, 0.999), has_batch_norm=True),
    "sngan32": Recipe(SNGAN, 32, 128, Hinge(), (0.0, 0.9), d_steps=5),
    "r3gan32": Recipe(R3GAN, 32, 64, RelativisticPaired(), (0.0, 0.99), gamma=1.0),
    "r3gan64": Recipe(R3GAN, 64, 64, RelativisticPaired(), (0.0, 0.99), gamma=1.0),
}


def raw(recipe: Recipe, gan: GAN, batches: Iterable[Tensor], device: torch.device) -> None:
    """Train the networks of ``gan`` with everything that is known: the loop to compare with."""
    networks = gan.generator.to(device), gan.discriminator.to(device)
    lay_channels_last(*networks)
    generator, discriminator = (_logits_of(network) for network in networks)
    params_g, params_d = (tuple(network.parameters()) for network in networks)
    adam_g, adam_d = (Adam(params, 2e-4, recipe.betas, fused=True) for params in (params_g, params_d))
    judge, loss = recipe.judge(device), recipe.loss
    for count, batch in enumerate(batches, 1):
        real = batch.contiguous(memory_format=torch.channels_last)
        is_due = count % recipe.d_steps == 0
        with nullcontext() if is_due else torch.no_grad():
            fake = generator(torch.randn(len(real), gan.latent_dim, device=device, dtype=real.dtype))
        _forget(params_d)
        _d_loss(recipe, judge, discriminator, real, fake.detach()).backward()  # type: ignore[no-untyped-call]
        adam_d.step()
        if is_due:
            _require_grad(params_d, False)
            _forget(params_g)
            on_real = discriminator(real) if loss.relativistic else None
            loss.g_loss(discriminator(fake), on_real).backward()  # type: ignore[no-untyped-call]
            adam_g.step()
            _require_grad(params_d, True)


def _d_loss(recipe: Recipe, judge: Judge, discriminator: Any, real: Tensor, fake: Tensor) -> Tensor:
    if not recipe.gamma:
        return recipe.loss.d_loss(*judge(discriminator, real, fake))
    real, fake = real.detach().requires_grad_(), fake.requires_grad_()
    on_real, on_fake = judge(discriminator, real, fake)
    total = recipe.loss.d_loss(on_real, on_fake)
    for logits, x in ((on_real, real), (on_fake, fake)):
        (slope,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
        total = total + 0.5 * recipe.gamma * slope.square().sum() / len(x)
    return total


def _logits_of(network: nn.Module) -> Callable[[Tensor], Tensor]:
    def judged(x: Tensor) -> Tensor:
        output = network(x)
        logits: Tensor = getattr(output, "logits", output)
        return logits

    return judged
