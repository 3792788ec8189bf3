"""R1 against the paper: a hand-written double backward, and the Dirac-GAN of section 2."""

import pytest
import torch
from helpers import Batches, fit, make, points, weights
from torch import nn
from torch.nn.functional import softplus

from gan_lightning import R1, AdamGAN


def test_the_term_is_half_gamma_times_the_squared_gradient() -> None:
    """A linear discriminator has the gradient w everywhere, so r1 = gamma / 2 * |w|^2."""
    linear = nn.Linear(2, 1)
    nn.init.constant_(linear.weight, 3.0)
    seen = []

    class Spy(R1):
        def d_terms(self, step):
            terms = super().d_terms(step)
            seen.append(float(terms["r1"].detach()))
            return terms

    fit(make(Spy, discriminator=linear, r1_gamma=4.0), points(batches=1))
    assert seen == pytest.approx([0.5 * 4.0 * 18.0])


def test_the_gradient_is_the_double_backward_by_hand() -> None:
    gan = make(R1, r1_gamma=2.0, joint_pass=False)
    twin = make(R1)
    data = points(batches=3)
    fit(gan, data)

    optimizer_d, optimizer_g = AdamGAN(twin.discriminator.parameters()), AdamGAN(twin.generator.parameters())
    torch.manual_seed(2)
    for batch in data:
        real = batch.clone().requires_grad_()
        fake = twin.generator(torch.randn(8, 4))
        logits = twin.discriminator(real)
        (gradient,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
        loss = softplus(-logits).mean() + softplus(twin.discriminator(fake.detach())).mean()
        optimizer_d.zero_grad()
        (loss + gradient.square().sum(1).mean()).backward()
        optimizer_d.step()
        optimizer_g.zero_grad()
        softplus(-twin.discriminator(fake)).mean().backward()
        optimizer_g.step()
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)


def test_it_is_due_each_kth_iteration_and_k_times_as_strong() -> None:
    strengths = []

    class Spy(R1):
        def d_terms(self, step):
            terms = super().d_terms(step)
            strengths.append("r1" in terms and float(terms["r1"].detach()))
            return terms

    linear = nn.Linear(2, 1)
    fit(make(Spy, discriminator=linear, r1_gamma=1e-9, r1_every=3), points(batches=5))
    assert [bool(s) for s in strengths] == [True, False, False, True, False]


@pytest.mark.parametrize("arguments", [{"r1_gamma": -1.0}, {"r1_every": 0}])
def test_bad_arguments(arguments: dict) -> None:
    with pytest.raises(ValueError, match="expected r1_gamma >= 0 and r1_every >= 1"):
        make(R1, **arguments)


class Constant(nn.Module):
    """Dirac-GAN's generator: one point, wherever the latent lies."""

    def __init__(self) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([[1.0]]))

    def forward(self, z):
        return self.theta.expand(len(z), 1)


def test_dirac_gan_converges_with_r1_and_orbits_without() -> None:
    """Section 2 and 4: reals at 0, D(x) = psi x; gradient descent circles the equilibrium, R1 damps it."""

    def distance(gamma: float) -> float:
        discriminator = nn.Linear(1, 1, bias=False)
        nn.init.ones_(discriminator.weight)
        sgd = {"optimizer_d": descend, "optimizer_g": descend}
        gan = make(R1, generator=Constant(), discriminator=discriminator, r1_gamma=gamma, **sgd)
        fit(gan, Batches(*torch.zeros(500, 2, 1)))
        return float(weights(gan).norm())

    assert distance(gamma=1.0) < 1e-3
    assert distance(gamma=0.0) > 0.1


def descend(params):
    return torch.optim.SGD(params, lr=0.1)
