"""AddInstanceNoise and AddDiffAugment: everything that the discriminator sees in training goes through them."""

from pathlib import Path
from typing import Any

import pytest
import torch
from callbacks_resuming import straight_and_resumed
from foreign_modules import FOREIGN, PLAYERS, HiddenJudge, Official, batches_for, players
from helpers import Batches, fit, make, points, trainer, weights
from torch import nn

from gan_lightning import AddDiffAugment, AddInstanceNoise
from gan_lightning.mixins import DiffAugment, InstanceNoise


def trained(cls: type, *callbacks: Any, **arguments: Any) -> torch.Tensor:
    torch.manual_seed(1)
    module = cls()
    fit(module, Batches(*batches_for(cls)), callbacks=list(callbacks), **arguments)
    return weights(module)


class Shift(AddInstanceNoise):
    """Noise without chance, so that a module can do the same by hand."""

    def change(self, x):
        return x + self.std


def shifted(cls: type, std: float) -> type:
    def build(self):
        cls.__init__(self)
        judge, _ = players(self)
        whole, name = judge.forward, PLAYERS[cls][0]
        self.get_submodule(name).forward = lambda x, *args, **kwargs: whole(x + std, *args, **kwargs)

    return type("Shifted", (cls,), {"__init__": build})


@pytest.mark.parametrize("cls", FOREIGN)
def test_it_is_the_change_within_the_module(cls: type) -> None:
    expected = trained(shifted(cls, 0.5))
    torch.testing.assert_close(trained(cls, Shift(std=0.5)), expected, rtol=0, atol=1e-6)
    assert not torch.allclose(expected, trained(cls), atol=1e-4)


@pytest.mark.parametrize("cls", FOREIGN)
def test_neutral_settings_change_nothing(cls: type) -> None:
    plain = trained(cls)
    assert torch.equal(trained(cls, AddInstanceNoise(std=0.0)), plain)
    assert torch.equal(trained(cls, AddDiffAugment(policy=())), plain)


def test_noise_has_the_deviation_and_is_fresh_for_each_call() -> None:
    seen = []

    class Watch(nn.Linear):
        def forward(self, x):
            seen.append(x.detach())
            return super().forward(x)

    module = Official()
    module.discriminator = Watch(2, 1)
    fit(module, Batches(torch.zeros(5000, 2)), callbacks=[AddInstanceNoise(std=0.3)])
    on_real = seen[1]
    assert float(on_real.std()) == pytest.approx(0.3, rel=0.05)
    assert abs(float(on_real.mean())) < 0.02
    assert len(seen) == 3


def test_validation_and_evaluation_see_clean_samples() -> None:
    class Validated(Official):
        def validation_step(self, batch, batch_idx):
            on_clean.append(torch.equal(self.discriminator(batch), self.discriminator(batch)))

    on_clean = []
    module = Validated()
    data = Batches(*batches_for(Official))
    trainer(callbacks=[AddInstanceNoise(std=1.0)]).fit(module, data, data)
    assert on_clean
    assert all(on_clean)
    assert not module.discriminator._forward_pre_hooks


def test_it_is_annealed_in_a_straight_line_and_resumes(tmp_path: Path) -> None:
    noise = AddInstanceNoise(std=0.4, end=0.1, over=4)
    stds = []

    class Watched(Official):
        def training_step(self, batch, batch_idx):
            stds.append(noise.std)
            super().training_step(batch, batch_idx)

    trained(Watched, noise)
    assert stds == pytest.approx([0.4, 0.325, 0.25, 0.175, 0.1, 0.1])
    straight, resumed = straight_and_resumed(
        Official, lambda: AddInstanceNoise(std=0.4, over=20), batches_for(Official), tmp_path
    )
    assert torch.equal(weights(straight[0]), weights(resumed[0]))
    assert resumed[1].std == straight[1].std == pytest.approx(0.4 * (1 - 11 / 20))


def test_augmentation_changes_vectors_and_images() -> None:
    assert not torch.equal(trained(Official, AddDiffAugment()), trained(Official))

    class Images(Official):
        def __init__(self) -> None:
            super().__init__()
            self.generator = nn.Sequential(nn.Linear(4, 48), nn.Unflatten(1, (3, 4, 4)))
            self.discriminator = nn.Sequential(nn.Flatten(), nn.Linear(48, 1))

    def run(*callbacks):
        torch.manual_seed(1)
        module = Images()
        fit(module, Batches(*torch.rand(3, 8, 3, 4, 4)), callbacks=list(callbacks))
        return weights(module)

    torch.manual_seed(0)
    plain = run()
    torch.manual_seed(0)
    augmented = run(AddDiffAugment())
    assert augmented.isfinite().all()
    assert not torch.equal(plain, augmented)


@pytest.mark.parametrize(
    ("callback", "mixin", "arguments"),
    [
        (AddInstanceNoise(std=0.3), InstanceNoise, {"noise_std": 0.3}),
        (AddDiffAugment(), DiffAugment, {}),
    ],
)
def test_on_a_gan_of_this_package_it_is_the_mixin(callback: Any, mixin: type, arguments: dict) -> None:
    outside, inside = make(), make(mixin, **arguments)
    fit(outside, points(), callbacks=[callback])
    fit(inside, points())
    torch.testing.assert_close(weights(outside), weights(inside), rtol=0, atol=1e-6)


def test_generated_samples_are_changed_differentiably() -> None:
    """With everything else switched off, the generator still moves: the gradient passes through the changes."""
    torch.manual_seed(1)
    module = Official()
    before = weights(module.generator)
    fit(module, Batches(*batches_for(Official)), callbacks=[AddDiffAugment()])
    assert not torch.equal(before, weights(module.generator))


class Pair(nn.Module):
    """Judges a sample under a condition of the same shape, in the order that is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Linear(4, 1)
        self.seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def forward(self, first, second):
        self.seen.append((first.detach(), second.detach()))
        return self.net(torch.cat([first, second], 1))


class Paired(Official):
    """As pix2pix with two arguments: the condition first."""

    def __init__(self) -> None:
        super().__init__()
        self.discriminator = Pair()

    def training_step(self, batch, batch_idx):
        self.manual_backward(self.discriminator(-batch, second=batch).mean())
        self.optimizers()[1].step()


def test_of_two_tensors_that_may_be_samples_one_must_be_named() -> None:
    with pytest.raises(RuntimeError, match=r"shapes \(8, 2\) and \(8, 2\): count the arguments from 0 .* samples=1"):
        trained(Paired, AddInstanceNoise())
    module, data = Paired(), batches_for(Paired)
    fit(module, Batches(*data), callbacks=[AddInstanceNoise(std=1.0, samples=1)])
    assert all(torch.equal(seen[0], -x) for seen, x in zip(module.discriminator.seen, data, strict=True))
    assert not any(torch.equal(seen[1], x) for seen, x in zip(module.discriminator.seen, data, strict=True))
    with pytest.raises(ValueError, match="expected samples, the place of an argument"):
        AddDiffAugment(samples=-1)
    with pytest.raises(RuntimeError, match="AddDiffAugment changed nothing"):
        trained(Paired, AddDiffAugment(samples=2))


def test_steps_before_the_discriminator_trains_are_no_updates() -> None:
    class Late(Official):
        def training_step(self, batch, batch_idx):
            if batch_idx > 2:
                self.manual_backward(self.discriminator(batch).mean())
            self.optimizers()[1].step()

    assert not torch.equal(trained(Late, AddInstanceNoise()), trained(Late))


def test_settings_are_the_constructors_also_after_a_checkpoint(tmp_path: Path) -> None:
    data = Batches(*batches_for(Official))
    fit(Official(), data, callbacks=[AddInstanceNoise(std=0.5)]).save_checkpoint(tmp_path / "x.ckpt")
    noise = AddInstanceNoise(std=0.05)
    fit(Official(), data, callbacks=[noise], max_epochs=2, ckpt_path=tmp_path / "x.ckpt")
    assert noise.std == 0.05
    assert noise.state_dict() == {"batches": 12}


def test_what_cannot_work_is_an_error() -> None:
    class CallsForward(Official):
        def training_step(self, batch, batch_idx):
            self.manual_backward(self.discriminator.forward(batch).mean())
            self.optimizers()[1].step()

    class Evaluates(Official):
        def training_step(self, batch, batch_idx):
            self.discriminator.eval()
            super().training_step(batch, batch_idx)

    for cls in (CallsForward, Evaluates):
        with pytest.raises(RuntimeError, match="AddInstanceNoise changed nothing: the discriminator discriminator"):
            trained(cls, AddInstanceNoise())
    with pytest.raises(ValueError, match=r"images .* or vectors .*, got samples of shape \(8, 2, 1\)"):
        AddDiffAugment().change(torch.zeros(8, 2, 1))
    with pytest.raises(ValueError, match="expected a policy of"):
        AddDiffAugment(policy=["colour"])
    with pytest.raises(ValueError, match="expected std and end >= 0"):
        AddInstanceNoise(std=-1.0)
    with pytest.raises(ValueError, match="none of the 2 optimizers updates the discriminator Embedding"):
        trained(WithUnused, AddInstanceNoise(discriminator="unused"))


class WithUnused(HiddenJudge):
    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Embedding(2, 2)
