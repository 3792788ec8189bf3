"""Techniques that add a term to the discriminator's loss, written by hand."""

import torch
from raw_loop import Raw, d_loss
from torch import Tensor

from gan_lightning.critique import halves
from gan_lightning.functional.augment import flip_and_shift

GAMMA = 10.0


class R1(Raw):
    """The slope at real samples."""

    one_pass_pays = False

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        real = real.requires_grad_()
        on_real, on_fake = self.judge_both(real, fake)
        (slope,) = torch.autograd.grad(on_real.logits.sum(), real, create_graph=True)
        return d_loss(on_real, on_fake) + 0.5 * GAMMA * (slope.square().sum() / len(real))


class R2(Raw):
    """The slope at generated samples."""

    one_pass_pays = False

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        fake = fake.requires_grad_()
        on_real, on_fake = self.judge_both(real, fake)
        (slope,) = torch.autograd.grad(on_fake.logits.sum(), fake, create_graph=True)
        return d_loss(on_real, on_fake) + 0.5 * GAMMA * (slope.square().sum() / len(fake))


class R1R2(Raw):
    """Both slopes."""

    one_pass_pays = False

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        real, fake = real.requires_grad_(), fake.requires_grad_()
        on_real, on_fake = self.judge_both(real, fake)
        (at_real,) = torch.autograd.grad(on_real.logits.sum(), real, create_graph=True)
        (at_fake,) = torch.autograd.grad(on_fake.logits.sum(), fake, create_graph=True)
        squares = at_real.square().sum() + at_fake.square().sum()
        return d_loss(on_real, on_fake) + 0.5 * GAMMA * squares / len(real)


class GradientPenalty(Raw):
    """Slope 1 on the lines between real and generated samples."""

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        on_real, on_fake = self.judge_both(real, fake)
        points = self.points(real, fake).requires_grad_()
        (slope,) = torch.autograd.grad(self.judge(points).logits.sum(), points, create_graph=True)
        return d_loss(on_real, on_fake) + 10.0 * self.penalty(slope)

    def points(self, real: Tensor, fake: Tensor) -> Tensor:
        share = torch.rand(len(real)).view(-1, *[1] * (real.ndim - 1))
        return torch.lerp(fake, real, share)

    def penalty(self, slope: Tensor) -> Tensor:
        norms: Tensor = torch.linalg.vector_norm(slope.flatten(1), dim=1)
        return (norms - 1).square().mean()


class DRAGAN(GradientPenalty):
    """Slope 1 around real samples."""

    def points(self, real: Tensor, fake: Tensor) -> Tensor:
        return real + 0.5 * real.std(correction=0) * torch.randn_like(real)


class ZeroCenteredPenalty(GradientPenalty):
    """Slope 0 on the lines."""

    def penalty(self, slope: Tensor) -> Tensor:
        return slope.square().sum() / len(slope)


class FiniteDifferencePenalty(Raw):
    """The slope at real samples, from two forwards."""

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        on_real, on_fake = self.judge_both(real, fake)
        moved = torch.add(real, torch.randn_like(real), alpha=0.01)
        on_here, on_moved = halves(self.discriminator(torch.cat([real, moved])))
        slope = (on_moved.logits - on_here.logits) / 0.01
        return d_loss(on_real, on_fake) + 0.5 * GAMMA * slope.square().mean()


class LeCam(Raw):
    """Outputs near the running means of the other kind."""

    def prepare(self) -> None:
        self.means = torch.zeros(3)

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        on_real, on_fake = self.judge_both(real, fake)
        with torch.no_grad():
            now = torch.stack([on_real.logits.mean(), on_fake.logits.mean(), torch.ones(())])
            self.means.lerp_(now, 0.01)
            means = self.means / self.means[2]
        distance = (on_real.logits - means[1]).square().mean() + (on_fake.logits - means[0]).square().mean()
        return d_loss(on_real, on_fake) + 0.3 * distance


class ConsistencyRegularization(Raw):
    """The same opinion of a real sample and of a changed one; images are flipped and shifted."""

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        on_real, on_fake = self.judge_both(real, fake)
        changed = flip_and_shift(real, torch.rand(len(real), 3)) if real.ndim == 4 else self.moved(real)
        change = on_real.logits - self.judge(changed).logits
        return d_loss(on_real, on_fake) + 10.0 * change.square().mean()

    def moved(self, real: Tensor) -> Tensor:
        return real + 0.1 * torch.randn_like(real)
