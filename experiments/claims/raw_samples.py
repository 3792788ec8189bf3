"""Techniques that change what the discriminator is shown or told, written by hand.

The augmentations themselves are this package's pure functions; what is written by hand is the loop around them.
"""

import torch
import torch.nn.functional as F
from raw_loop import Raw, d_loss, g_loss
from torch import Tensor

from gan_lightning import Critique
from gan_lightning.functional.augment import CATEGORIES, augment_images, cut_half, jitter_color, translate


class PacGAN(Raw):
    """Pairs of samples."""

    def judge(self, x: Tensor) -> Critique:
        critique: Critique = self.discriminator(x.view(len(x) // 2, -1))
        return critique

    def judge_both(self, real: Tensor, fake: Tensor) -> tuple[Critique, Critique]:
        if not self.jointly:
            return self.judge(real), self.judge(fake)
        on_real, on_fake = self.judge(torch.cat([real, fake])).logits.chunk(2)
        return Critique(on_real), Critique(on_fake)


class OneSidedLabelSmoothing(Raw):
    """A target of 0.9 for real samples."""

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        on_real, on_fake = self.judge_both(real, fake)
        return d_loss(on_real, on_fake) + 0.1 * on_real.logits.mean()


class LabelFlipping(Raw):
    """The wrong target for a third of the real samples."""

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        on_real, on_fake = self.judge_both(real, fake)
        flipped = (torch.randperm(len(real)) < int(0.35 * len(real))).to(real.dtype)
        return d_loss(on_real, on_fake) + (flipped * on_real.logits).mean()


class InstanceNoise(Raw):
    """Noise on all that D sees."""

    def augment(self, x: Tensor) -> Tensor:
        return x + 0.1 * torch.randn_like(x)


class DiffAugment(Raw):
    """Colour, translation and cutout."""

    def augment(self, x: Tensor) -> Tensor:
        x = jitter_color(x, torch.rand(len(x), 3))
        x = translate(x, torch.rand(len(x), 2))
        return cut_half(x, torch.rand(len(x), 2))


class ADA(Raw):
    """Augmentation whose probability follows the signs of the logits."""

    policy = ("blit", "geometry", "color")

    def prepare(self) -> None:
        self.num_uniform = sum(CATEGORIES[name] for name in self.policy)
        self.p, self.signs, self.judged = torch.zeros(()), torch.zeros(()), 0

    def augment(self, x: Tensor) -> Tensor:
        return augment_images(x, self.p, torch.rand(len(x), self.num_uniform), self.policy)

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        on_real, on_fake = self.judge_both(real, fake)
        self.signs += on_real.logits.detach().sign().sum()
        self.judged += len(real)
        return d_loss(on_real, on_fake)

    def step_d(self) -> None:
        super().step_d()
        if (self.iteration + 1) % 4 == 0:
            rise = (self.signs / self.judged - 0.6).sign() * self.judged / 500_000
            self.p = (self.p + rise).clamp(0.0, 1.0)
            self.signs, self.judged = torch.zeros(()), 0


class AuxiliaryClassifier(Raw):
    """Both players want the class to be recognised."""

    told = True

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        assert label is not None
        on_real, on_fake = self.judge_both(real, fake)
        classes = (F.cross_entropy(critique.heads["classes"], label) for critique in (on_real, on_fake))
        return d_loss(on_real, on_fake) + sum(classes)

    def g_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        assert label is not None
        on_fake = self.judge(fake)
        return g_loss(on_fake) + F.cross_entropy(on_fake.heads["classes"], label)


class SemiSupervised(Raw):
    """D is a classifier."""

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        assert label is not None
        on_real, on_fake = self.judge_both(real, fake)
        return d_loss(on_real, on_fake) + F.cross_entropy(on_real.heads["classes"], label, ignore_index=-1)


class InfoGAN(Raw):
    """A readable code in the latent: one of 5 classes, and 2 numbers."""

    def latents(self, n: int) -> Tensor:
        z = torch.randn(n, self.latent_dim)
        z[:, -7:-2] = F.one_hot(torch.randint(5, (n,)), 5)
        z[:, -2:] = 2 * torch.rand(n, 2) - 1
        return z

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        on_real, on_fake = self.judge_both(real, fake)
        return d_loss(on_real, on_fake) + self.unread(on_fake, z)

    def g_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        on_fake = self.judge(fake)
        return g_loss(on_fake) + self.unread(on_fake, z)

    def unread(self, critique: Critique, z: Tensor) -> Tensor:
        codes = critique.heads["codes"]
        missed: Tensor = 0.5 * (codes[:, 5:] - z[:, -2:]).square().sum(1).mean()
        return missed + F.cross_entropy(codes[:, :5], z[:, -7:-2])
