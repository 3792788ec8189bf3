"""Techniques that change what the generator minimises, or both players' parameters, written by hand."""

import torch
import torch.nn.functional as F
from raw_loop import BETAS, LR, Raw, d_loss, g_loss
from torch import Tensor, nn
from torch.func import functional_call

from gan_lightning.critique import halves
from gan_lightning.functional import rank_accuracy


class FeatureMatching(Raw):
    """Means of features."""

    def g_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        on_real, on_fake = self.judge(real), self.judge(fake)
        assert on_real.features is not None
        assert on_fake.features is not None
        return (on_real.features.mean(0) - on_fake.features.mean(0)).square().sum()


class ModeSeeking(Raw):
    """Samples as far apart as latents."""

    def g_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        adversarial = g_loss(self.judge(fake))
        other_z = self.latents(len(z))
        ratio = (fake - self.generate(other_z, label)).abs().mean() / (z - other_z).abs().mean()
        return adversarial + 1 / (ratio + 1e-5)


class TopK(Raw):
    """The better half of the samples."""

    def g_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        logits = self.judge(fake).logits
        return F.softplus(-logits.topk(len(logits) // 2, sorted=False).values).mean()


class PathLength(Raw):
    """Even steps in the latent space."""

    def prepare(self) -> None:
        self.mean = torch.zeros(())

    def g_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        adversarial = g_loss(self.judge(fake))
        if self.iteration % 4:
            return adversarial
        part = z[::2].detach().requires_grad_()
        there = self.generate(part, label)
        y = torch.randn_like(there) / there[0, 0].numel() ** 0.5
        (slope,) = torch.autograd.grad((there * y).sum(), part, create_graph=True)
        lengths: Tensor = torch.linalg.vector_norm(slope, dim=1)
        self.mean.lerp_(lengths.detach().mean(), 0.01)
        return adversarial + 2.0 * 4 * (lengths - self.mean).square().mean()


class UnrolledGAN(Raw):
    """Against the discriminator five steps of Adam ahead."""

    def g_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        names = [name for name, _ in self.discriminator.named_parameters()]
        params = [p.detach().requires_grad_() for p in self.params_d]
        states = [dict(self.adam_d.state[p]) for p in self.params_d]
        for _ in range(5):
            both = functional_call(self.discriminator, dict(zip(names, params, strict=True)), torch.cat([real, fake]))
            gradients = torch.autograd.grad(d_loss(*halves(both)), params, create_graph=True)
            params = [_adam(*each) for each in zip(params, gradients, states, strict=True)]
        return g_loss(functional_call(self.discriminator, dict(zip(names, params, strict=True)), fake))


def _adam(param: Tensor, gradient: Tensor, state: dict[str, Tensor]) -> Tensor:
    beta1, beta2 = BETAS
    mean = state["exp_avg"] = state["exp_avg"].lerp(gradient, 1 - beta1)
    square = state["exp_avg_sq"] = beta2 * state["exp_avg_sq"] + (1 - beta2) * gradient.square()
    step = state["step"] = state["step"] + 1
    used = square > 0
    root = torch.where(used, torch.where(used, square, 1.0).sqrt(), 0.0)
    return param - LR / (1 - beta1**step) * mean / (root / (1 - beta2**step).sqrt() + 1e-8)


class HistoricalAveraging(Raw):
    """Near the mean of all past parameters."""

    def prepare(self) -> None:
        self.count = 0
        self.past_d, self.past_g = (torch.zeros_like(_flat(params)) for params in (self.params_d, self.params_g))

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        self.count += 1
        return d_loss(*self.judge_both(real, fake)) + 0.05 * self.distance(self.params_d, self.past_d)

    def g_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        return g_loss(self.judge(fake)) + 0.05 * self.distance(self.params_g, self.past_g)

    def distance(self, params: tuple[nn.Parameter, ...], past: Tensor) -> Tensor:
        flat = _flat(params)
        with torch.no_grad():
            past += (flat - past) / self.count
        return (flat - past).square().sum()


def _flat(params: tuple[nn.Parameter, ...]) -> Tensor:
    return torch.cat([p.view(-1) for p in params])


class OrthogonalRegularization(Raw):
    """Filters of G orthogonal to each other."""

    def prepare(self) -> None:
        self.weights = [p for p in self.params_g if p.ndim == 2]

    def g_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        return g_loss(self.judge(fake)) + 1e-4 * sum((_overlap(weight) for weight in self.weights), torch.zeros(()))


def _overlap(weight: Tensor) -> Tensor:
    gram = weight @ weight.T
    return gram.square().sum() - gram.diagonal().square().sum()


class WeightClipping(Raw):
    """Weights of D in a box."""

    def step_d(self) -> None:
        super().step_d()
        with torch.no_grad():
            for p in self.params_d:
                p.clamp_(-0.01, 0.01)


class AdaptiveBalance(Raw):
    """The accuracy is measured, and looked at every ten iterations; at the bounds of the comparison nothing follows."""

    def prepare(self) -> None:
        self.means = torch.zeros(2)

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        if self.iteration % 10 == 0:
            self.accuracy = self.means.tolist()
        on_real, on_fake = self.judge_both(real, fake)
        with torch.no_grad():
            accuracy = rank_accuracy(on_real.logits, on_fake.logits)
            self.means.lerp_(torch.stack([accuracy, torch.ones(())]), 0.1)
        return d_loss(on_real, on_fake)


class GapAwareLearningRate(Raw):
    """D's learning rate by its loss."""

    def prepare(self) -> None:
        self.ideal = 2 * torch.tensor(2.0).log().item()
        self.running = torch.tensor(self.ideal)

    def d_loss(self, real: Tensor, fake: Tensor, z: Tensor, label: Tensor | None) -> Tensor:
        loss = d_loss(*self.judge_both(real, fake))
        self.running.lerp_(loss.detach(), 0.05)
        return loss

    def step_d(self) -> None:
        running = self.running.item()
        share = min(abs(running - self.ideal) / (self.ideal / 10), 1.0)
        self.adam_d.param_groups[0]["lr"] = LR * (2.0 if running > self.ideal else 0.1) ** share
        super().step_d()
