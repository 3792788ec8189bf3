"""Instance noise: what the discriminator sees, its deviation, and that it can be annealed."""

import pytest
import torch
from helpers import Batches, fit, make
from torch import nn

from gan_lightning.callbacks import AnnealAttribute
from gan_lightning.mixins import InstanceNoise


class Witness(nn.Module):
    """A discriminator that keeps what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.seen = nn.Linear(2, 1), []

    def forward(self, x):
        self.seen.append(x.detach().clone())
        return self.linear(x)


def test_real_and_fake_are_seen_through_noise_of_that_deviation() -> None:
    witness = Witness()
    gan = make(InstanceNoise, discriminator=witness, noise_std=0.5, joint_pass=True)
    nn.init.zeros_(gan.generator[-1].weight)
    nn.init.zeros_(gan.generator[-1].bias)
    fit(gan, Batches(torch.zeros(4000, 2)))
    both, generated = witness.seen[-2:]
    assert both.shape == (8000, 2)
    for shown in (*both.chunk(2), generated - generated.mean(0)):
        assert float(shown.std()) == pytest.approx(0.5, rel=0.05)
    assert not torch.equal(*both.chunk(2))


def test_it_is_annealed_by_the_callback_and_then_gone() -> None:
    gan = make(InstanceNoise, noise_std=1)
    stds = []

    class Spy(AnnealAttribute):
        def on_train_batch_end(self, *_):
            stds.append(gan.noise_std)

    fit(gan, Batches(*torch.randn(4, 8, 2)), callbacks=[Spy("noise_std", 1.0, 0.0, over=2)])
    assert stds == [1.0, 0.5, 0.0, 0.0]
    x = torch.randn(8, 2)
    assert gan.augment(x) is x


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="expected noise_std >= 0, got -1"):
        make(InstanceNoise, noise_std=-1.0)
